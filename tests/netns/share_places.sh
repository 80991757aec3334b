#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Which device, which cgroup, which maps of a name are meant: what is ambiguous is refused, what
# was never meant to be one is not called split.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

HIDE=$BUILD/tests/netns/hide
NAME=place$$

# check STATUS ARG…: both tools answer alike.
check() {
	want=$1
	shift
	t_run "$want" tc_loader share check "$@"
	cp "$TMP/t_out" "$TMP/other"
	t_run "$want" cgroup_loader share check "$@"
	cmp -s "$TMP/other" "$TMP/t_out" || t_fail 'the tools differ on stdout'
}

# load DIR TYPE [KEY]: programs in DIR that use a map of our name there, of that type.
load() {
	mkdir "$1"
	bpftool map create "$1/$NAME" type "$2" key 4 value 8 entries 1 name $NAME
	bpftool prog loadall "$OBJ/truth.o" "$1" map name truth_hits pinned "$1/$NAME"
	rm "$1/truth_socket"
}

# attach NS DEV PIN: a filter there.
attach() {
	ns_run "$1" tc qdisc add dev "$2" clsact
	ns_run "$1" tc filter add dev "$2" ingress bpf da object-pinned "$3"
}

cg_add c
ns_add a
ns_add b
ip -n a link add e0 type veth peer name e1
ip -n b link add e0 type veth peer name e2
load "$BPFFS/one" array
attach a e0 "$BPFFS/one/truth_tc"
bpftool cgroup attach "$CG/c" egress pinned "$BPFFS/one/truth_cgroup"

t_begin 'a device of one namespace is found; of several it is refused'
check 0 $NAME
check 1 $NAME dev e1
check 255 $NAME dev e0
t_err_has "device 'e0' is in several network namespaces (a, b): add 'netns NAME'"
check 0 $NAME dev e0 netns a cgroup "$CG/c"
check 1 $NAME dev e0 netns b cgroup "$CG/c"
t_out_has 'no program uses it at dev e0 netns b'
check 255 $NAME dev e1 netns b
t_err_has "no device 'e1' in network namespace 'b'"
check 255 $NAME dev e0 netns nowhere
check 255 $NAME dev nowhere
t_err_lacks 'looked into'
t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/calls" -P /run/netns/a -e trace=openat \
	-e inject=openat:error=EMFILE tc_loader share check $NAME dev e1
t_err_has "device 'e1' is in no network namespace that could be looked into; not looked into: network namespace 'a': Too many open files"

t_begin 'a namespace without a name is told by its path, and taken so'
# A name of our own: the namespaces of others are looked into as well.
start "$HIDE" thread "$TMP/ready" sh -e -c 'ip link add "$2" type veth peer name "peer-$2"
	tc qdisc add dev "$2" clsact
	tc filter add dev "$2" ingress bpf da object-pinned "$1"' sh "$BPFFS/one/truth_tc" h$$
t_ok wait_for 5 [ -e "$TMP/ready" ]
check 255 $NAME dev h$$
t_err_has "device 'h$$' is in a network namespace without a name: add 'netns /proc/"
path=$(sed -n "s/.*add 'netns \(.*\)'.*/\1/p" "$TMP/t_err")
check 0 $NAME dev h$$ netns "$path" cgroup "$CG/c"
kill "$STARTED"

t_begin 'two places: each has to have a program'
tc_loader filter replace dev e1 ingress pref 1 handle 1 bpf da object-pinned "$BPFFS/one/truth_tc" \
	2>/dev/null || :
check 1 $NAME dev e1 netns a cgroup "$CG/c" -j
t_is "$(t_json '.verdicts[0].missing' <"$TMP/t_out")" '["dev e1 netns a"]'

t_begin 'order of tcx programs'
if "$BUILD/tests/netns/bpf_links" attach "$BPFFS/one/truth_tc" lo 46 2>/dev/null; then
	load "$BPFFS/tcx" array
	"$BUILD/tests/netns/bpf_links" attach "$BPFFS/tcx/truth_tc" lo 46
	t_run 0 tc_loader share show $NAME
	t_out_has 'tcx ingress dev lo 1 of 2'
	t_out_has 'tcx ingress dev lo 2 of 2'
	t_run 0 tc_loader share show $NAME --dot
	t_out_has '\n2 of 2"]'
	bpftool net detach tcx_ingress dev lo 2>/dev/null || :
fi

t_begin '--all: two types, or two directories of their own, are not one map'
NAME=other$$
load "$BPFFS/app1" array
load "$BPFFS/app2" hash
load "$BPFFS/app3" array
attach b e0 "$BPFFS/app1/truth_tc"
attach b e2 "$BPFFS/app2/truth_tc"
attach a e1 "$BPFFS/app3/truth_tc"
t_run any tc_loader share check --all
t_out_lacks "'$NAME'"
t_err_has "map '$NAME': 3 maps of this name are in use, of different types or pinned in different directories: not taken for one"
check 1 $NAME
t_out_has split
t_run 0 tc_loader share show $NAME
t_out_lacks TWIN

t_begin 'a pin where loaders look for it is everybodys'
bpftool map pin pinned "$BPFFS/app1/$NAME" "$BPFFS/$NAME"
t_run 1 tc_loader share check --all
t_out_has "split: map '$NAME'"
t_run 0 tc_loader share show $NAME
t_is "$(grep -c TWIN "$TMP/t_out")" 2

t_begin 'many of one name are counted'
NAME=many$$
i=0
while [ $i -lt 30 ]; do
	echo "map create $BPFFS/m$i type array key 4 value 8 entries 1 name $NAME"
	i=$((i + 1))
done >"$TMP/maps"
bpftool batch file "$TMP/maps" >"$TMP/made"
t_run 0 tc_loader share show $NAME
t_is "$(grep -c ' and 21 more;' "$TMP/t_out")" 30
t_run 0 tc_loader share show $NAME -j
t_is "$(t_json '.maps[0].twins|length' <"$TMP/t_out")" 8
t_is "$(t_json '.maps[0].more_twins' <"$TMP/t_out")" 21

t_begin '-v says what was looked at'
t_run any tc_loader share check $NAME -v
t_err_has 'looked at: '
t_err_has ' network namespaces, '
