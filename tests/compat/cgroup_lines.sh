#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# cgroup lines through bpftool and cgroup_loader: the same effect on the kernel, the same bytes
# in text and JSON.
#
# differs: empty-word
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
. "$TOP/tests/lines.sh"
lib_private "$@"

types=$OBJ/cg_types.o
P=$BPFFS/p
cg_add theirs/below
cg_add ours/below
cg_add none
t_run 0 cgroup_loader prog loadall "$types" "$P"

# Lists of a cgroup and of the one below it, as bpftool sees them.
list() {
	bpftool -j cgroup show "$1"
	bpftool -j cgroup show "$1/below"
	bpftool -j cgroup show "$1/below" effective
}

# does VERB TYPE WORDS…: by each tool in its own cgroup; same status, same lists.
does() {
	LINES_SAME=$((LINES_SAME + 1))
	does_verb=$1 does_below=
	shift
	case $1 in
	/*) does_below=$1 && shift ;;
	esac
	bpftool cgroup "$does_verb" "$CG/theirs$does_below" "$@" >"$TMP/theirs" 2>"$TMP/t_err" ||
		t_fail "bpftool refuses: $*"
	t_run 0 cgroup_loader cgroup "$does_verb" "$CG/ours$does_below" "$@"
	t_ok cmp "$TMP/theirs" "$TMP/t_out"
	list "$CG/theirs" >"$TMP/theirs"
	list "$CG/ours" >"$TMP/ours"
	t_ok diff -u "$TMP/theirs" "$TMP/ours"
}

# neither VERB TYPE WORDS…: both refuse, nothing changes.
neither() {
	LINES_REFUSED=$((LINES_REFUSED + 1))
	neither_verb=$1 neither_below=
	shift
	case $1 in
	/*) neither_below=$1 && shift ;;
	esac
	list "$CG/ours" >"$TMP/before"
	t_run 255 bpftool cgroup "$neither_verb" "$CG/theirs$neither_below" "$@"
	t_run 255 cgroup_loader cgroup "$neither_verb" "$CG/ours$neither_below" "$@"
	t_is "$(wc -l <"$TMP/t_err")" 1 'lines of the error'
	list "$CG/ours" >"$TMP/ours"
	t_ok cmp "$TMP/before" "$TMP/ours"
}

TYPES='ingress egress sock_create sock_ops device bind4 bind6 connect4 connect6 post_bind4
post_bind6 sendmsg4 sendmsg6 sysctl recvmsg4 recvmsg6 getsockopt setsockopt getpeername4
getpeername6 getsockname4 getsockname6 sock_release'
NEW='cgroup_inet_ingress cgroup_inet_egress cgroup_inet_sock_create cgroup_sock_ops
cgroup_device cgroup_inet4_bind cgroup_inet6_bind cgroup_inet4_connect cgroup_inet6_connect
cgroup_inet4_post_bind cgroup_inet6_post_bind cgroup_udp4_sendmsg cgroup_udp6_sendmsg
cgroup_sysctl cgroup_udp4_recvmsg cgroup_udp6_recvmsg cgroup_getsockopt cgroup_setsockopt
cgroup_inet4_getpeername cgroup_inet6_getpeername cgroup_inet4_getsockname
cgroup_inet6_getsockname cgroup_inet_sock_release'

t_begin 'a mode said twice is that mode, and words behind PROG of detach have no meaning'
for mode in 'multi multi' 'm m m' 'override override'; do
	# shellcheck disable=SC2086 # words
	does attach egress pinned "$P/cg_egress" $mode
	does detach egress pinned "$P/cg_egress" multi any word
done
neither attach egress pinned "$P/cg_egress" multi override
neither attach egress pinned "$P/cg_egress" multi word

t_begin 'old names attach, new names detach, and the other way round'
for type in $TYPES; do
	does attach "$type" pinned "$P/cg_$type"
done
# shellcheck disable=SC2086 # words
set -- $TYPES
for type in $NEW; do
	does detach "$type" pinned "$P/cg_$1"
	does attach "$type" pinned "$P/cg_$1" multi
	does detach "$1" pinned "$P/cg_$1"
	shift
done

t_begin 'prefixes mean the same'
does attach s id "$(bpftool -j prog show pinned "$P/cg_sock_create" | t_json .id)"
does attach c pinned "$P/cg_connect4" m
does attach b p "$P/cg_bind4" o
does attach g pinned "$P/cg_getsockopt" multi
does attach po pinned "$P/cg_post_bind4" mul
does a e pinned "$P/cg_egress" overr
does attach /below e pinned "$P/cg_egress"
for line in "s $P/cg_sock_create" "c $P/cg_connect4" "b $P/cg_bind4" "g $P/cg_getsockopt" \
	"po $P/cg_post_bind4"; do
	does detach "${line%% *}" pinned "${line#* }"
done
does detach /below eg pinned "$P/cg_egress"
does detach e pinned "$P/cg_egress"
neither attach cgroup_inet4_conn pinned "$P/cg_connect4"
neither attach nosuch pinned "$P/cg_connect4"
neither attach ingress
neither attach ingress pinned
neither attach ingress pinned "$P/nosuch"
neither attach ingress id 4294967294
neither attach ingress pinned "$P/cg_ingress" nosuch
neither attach ingress pinned "$P/cg_ingress" multi override
neither attach ingress pinned "$P/cg_connect4"
neither attach connect6 pinned "$P/cg_connect4"
neither detach ingress pinned "$P/cg_ingress"

t_begin 'modes'
does attach ingress pinned "$P/cg_ingress" override
does attach /below ingress pinned "$P/cg_egress"
neither attach ingress pinned "$P/cg_egress" multi
neither attach ingress pinned "$P/cg_egress"
does attach egress pinned "$P/cg_egress"
does attach egress pinned "$P/cg_egress"
neither attach /below egress pinned "$P/cg_ingress"
neither attach /below egress pinned "$P/cg_ingress" multi
does attach sysctl pinned "$P/cg_sysctl" multi
neither attach sysctl pinned "$P/cg_sysctl" multi
does attach /below sysctl pinned "$P/cg_sysctl" multi
does attach device pinned "$P/cg_device" multi
does attach /below device pinned "$P/cg_device" override

t_begin 'show, list, tree'
for dir in "$CG" "$CG/ours" "$CG/ours/below" "$CG/ours/"; do
	# newer: bpftool 7.5 lists types in an order of its own, 7.1 by number.
	same_all cgroup tree "$dir"
	same_all cgroup tree "$dir" effective
done
for dir in "$CG/ours" "$CG/ours/below"; do
	same_all cgroup show "$dir"
	same_all cgroup list "$dir"
	same_all cgroup show "$dir" effective
done
same cgroup tree
same -j cgroup tree
cd "$CG/ours"
same cgroup show .
same -p cgroup list below eff
same c l below/
same -j cgroup tree ..
same c t
cd "$TOP"
same cgroup show "$CG/none"
same cgroup tree "$CG/none"
same -j cgroup tree "$CG/none"
same -j cgroup show "$CG/ours" --
same cgroup -j show "$CG/ours" -p

t_begin 'what is no cgroup, and words too many'
for options in '' -j; do
	for line in show list 'attach' 'detach' 'nosuch' "show $CG/nosuch" 'show /proc' \
		"show $CG/ours nosuch" "show $CG/ours effective effective" \
		"show $CG/ours/cgroup.procs" "attach $CG/ours" "attach $CG/ours ingress" \
		"detach $CG/ours ingress" "attach /proc ingress pinned $P/cg_ingress" \
		"detach $CG/ours ingress id 4294967294"; do
		# shellcheck disable=SC2086 # words
		both_refuse $options cgroup $line
	done
done

t_begin 'different on purpose'
# An empty list is [] here and an empty line there.
t_run 0 cgroup_loader -j cgroup show "$CG/none"
t_out_is '[]'
# A tree of nothing is refused in text, too; bpftool prints its header first.
t_run 255 cgroup_loader cgroup tree "$CG/nosuch"
t_out_is ''
t_run 255 cgroup_loader -j cgroup tree "$CG/nosuch"
t_ok [ -n "$(t_out | t_json .error)" ]
# The empty word is a prefix of nothing.
t_run 255 cgroup_loader cgroup attach "$CG/none" '' pinned "$P/cg_ingress"
# Somebody else's exclusive program stays; detach compares.
t_run 255 cgroup_loader cgroup attach "$CG/ours" egress pinned "$P/cg_ingress"
t_err_has "'replace'"
t_run 255 cgroup_loader cgroup detach "$CG/ours" egress pinned "$P/cg_ingress"
t_err_has 'is not attached'
t_is "$(bpftool -j cgroup show "$CG/ours" | t_json '.[1].name')" cg_egress
t_run 0 cgroup_loader cgroup attach "$CG/ours" egress pinned "$P/cg_ingress" replace
t_is "$(bpftool -j cgroup show "$CG/ours" | t_json '.[1].name')" cg_ingress
# More words after PROG are ignored there too; here a remark says so.
t_run 0 cgroup_loader cgroup detach "$CG/ours" egress pinned "$P/cg_ingress" more
t_err_has "'more'"
lines_report
