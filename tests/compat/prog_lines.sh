#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# prog lines, and the words in front of every object, through bpftool and cgroup_loader: the
# same bytes in text and JSON, the same pins.
#
# alone: programs are looked up by name and tag, which are the whole machine's
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
. "$TOP/tests/lines.sh"
lib_private "$@"

# cg_types.o as far as the installed bpftool knows the types: without the unix sockets'.
tracers=$OBJ/tracers.o
modern=$OBJ/modern.o
theirs=$BPFFS/theirs
ours=$BPFFS/ours

# loads WORDS…: the same line by both, OBJ and PATH first, leaves the same pins below PATH.
# Programs and maps are compared less their ids and times.
shape() {
	find "$1" -type f | sort | sed "s|^$1||"
	find "$1" -type f | sort | while read -r shape_pin; do
		bpftool -j prog show pinned "$shape_pin" 2>"$TMP/shape_err" ||
			bpftool -j map show pinned "$shape_pin" || :
	done | sed -E 's/"(id|loaded_at|btf_id)":[0-9]+//g; s/"map_ids":\[[0-9,]*\]//g'
}

loads() {
	LINES_SAME=$((LINES_SAME + 1))
	loads_verb=$1 loads_object=$2
	shift 2
	mkdir "$theirs" "$ours"
	loads_path=''
	[ "$loads_verb" = loadall ] || loads_path=/one
	bpftool prog "$loads_verb" "$loads_object" "$theirs$loads_path" "$@" \
		>"$TMP/theirs" 2>"$TMP/t_err" || t_fail "bpftool refuses: $*"
	t_run 0 cgroup_loader prog "$loads_verb" "$loads_object" "$ours$loads_path" "$@"
	t_ok cmp "$TMP/theirs" "$TMP/t_out"
	shape "$theirs" >"$TMP/theirs"
	shape "$ours" >"$TMP/ours"
	t_ok diff -u "$TMP/theirs" "$TMP/ours"
	rm -r "$theirs" "$ours"
}

t_begin 'load and loadall, with types'
loads load "$tracers"
loads loadall "$tracers"
loads loadall "$OBJ/no_maps.o"
for type in cgroup_skb/ingress cgroup_skb/egress cgroup/skb cgroup/sock sockops cgroup/dev \
	cgroup/bind4 cgroup/connect6 cgroup/post_bind4 cgroup/sendmsg4 \
	cgroup/getsockopt cgroup/setsockopt cgroup/sock_release \
	cgroup/sysctl classifier action socket xdp sk_skb lwt_in; do
	loads load "$OBJ/no_maps.o" type "$type" 2>"$TMP/err"
done

t_begin 'show: by id, tag, name and pin, in every form'
bpftool prog loadall "$tracers" "$BPFFS/t"
t_run 0 cgroup_loader prog pin pinned "$BPFFS/t/on_socket" "$BPFFS/again"
# newer: bpftool 7.4 adds "orphaned" behind uid.
same_all prog show pinned "$BPFFS/t/on_sys_enter"
same_all prog show name on_sys_enter
id=$(bpftool -j prog show pinned "$BPFFS/t/on_socket" | t_json .id)
tag=$(bpftool -j prog show id "$id" | t_json .tag)
same_all prog show id "$id"
same_all prog list id "$id"
same prog show tag "$(bpftool -j prog show name on_sys_enter | t_json .tag)"
same p s i "$(printf '0%o' "$id")"
same pro li pinn "$BPFFS/again" -f
same -f -p prog
same prog
same -j prog show -- id "$id"
same --json --bpffs prog show id "$id"
same --pretty prog show id "$id"
t_ok [ -n "$tag" ]

# told WORDS…: where the kernel says this of it, OFFSET=VALUE,… in its struct bpf_prog_info.
told() {
	local said=$1
	for options in '' -j; do
		LINES_SAME=$((LINES_SAME + 1))
		"$BUILD/tests/netns/told" info-prog "$id" "$said" bpftool $options prog show id "$id" \
			>"$TMP/theirs" 2>"$TMP/theirs_err" || t_fail "bpftool refuses: $said"
		t_run 0 "$BUILD/tests/netns/told" info-prog "$id" "$said" \
			cgroup_loader $options prog show id "$id"
		t_ok cmp "$TMP/theirs" "$TMP/t_out"
	done
}

t_begin 'show: no name, not jited, no time, counted, missed, of a kind that is newer'
told 64=0,68=0,72=0,76=0,128=0,144=0
told 16=0
told 40=0,44=0
told 192=12345,200=7
told 208=3
told 0=200
told 84=0,16=0,40=0,44=0,192=1,208=9

t_begin 'what no program is'
for options in '' -j -p; do
	for line in 'show id 4294967294' 'show id x' 'show id' 'show tag 12' 'show nosuch 1' \
		"show pinned $BPFFS/nosuch" "show pinned /proc/version" 'show pinned' \
		'show tag 0000000000000000' 'show name nosuchprogramanywhere' 'nosuch' 'pin' \
		"pin id $id" "pin id $id $BPFFS/again" "pin id $id $BPFFS/a.b" 'load' \
		"load $tracers" "load $tracers $BPFFS/again" "load $TMP/nosuch.o $BPFFS/x" \
		"load $tracers $BPFFS/x type bogus" "load $tracers $BPFFS/x nosuch" \
		"load $tracers $BPFFS/x type xdp type xdp" \
		"load $tracers $BPFFS/x map idx 99 id 1" \
		"load $tracers $BPFFS/x map name nosuch id 4294967294" \
		"loadall $tracers $BPFFS/t"; do
		# shellcheck disable=SC2086 # words
		both_refuse $options prog $line
	done
done
t_ok [ ! -e "$BPFFS/x" ]

t_begin 'words in front of the object'
# bpftool has a libbpf of its own in it, and so have we, of the same package; where ours is a
# shared object it may be another one, which its file names.
theirs=$(bpftool -j version | t_json .libbpf_version)
ours=$theirs
library=$(ldd "$BUILD/bin/cgroup_loader" | sed -n 's/.*libbpf.*=> \(.*\) (.*/\1/p')
[ -z "$library" ] || ours=$(readlink -f "$library" | sed -n 's/.*libbpf\.so\.\([0-9]*\.[0-9]*\)\..*/\1/p')
for line in version -V --version 'v' 'prog -V'; do
	# shellcheck disable=SC2086 # words
	bpftool $line >"$TMP/theirs"
	# shellcheck disable=SC2086
	t_run 0 cgroup_loader $line
	t_is "$(t_out | sed "1d;s/^using libbpf v$ours\$/using libbpf v$theirs/")" "$(sed 1d "$TMP/theirs")"
	t_is "$(t_out | sed -n '1s/ v.*//p')" cgroup_loader
done
bpftool -j version >"$TMP/theirs"
t_run 0 cgroup_loader -j version
t_is "$(t_out | t_json .libbpf_version)" "$ours"
t_is "$(t_out | t_json .features)" "$(t_json .features <"$TMP/theirs")"
for line in '-j help' '-p help' '-j prog help' '-j cgroup help' '-j link help' '-j h' \
	'-j prog h'; do
	# shellcheck disable=SC2086 # words
	same $line
done
for line in bogus '-j bogus' cgroup '-j cgroup' '--bogus prog' 'prog show -1'; do
	# shellcheck disable=SC2086 # words
	both_refuse $line
done

t_begin 'autoattach pins links; cgroup programs need to be told the cgroup'
t_run 0 cgroup_loader prog loadall "$tracers" "$BPFFS/auto" autoattach cgroup "$CG"
t_err_has "program 'on_socket'"
t_err_has 'pinned without being attached'
t_is "$(find "$BPFFS/auto" -type f | wc -l)" 4
same_all link show
same_all link show pinned "$BPFFS/auto/on_sys_enter"
t_is "$(bpftool -j link show pinned "$BPFFS/auto/on_sys_enter" | t_json .tp_name)" sys_enter
t_is "$(bpftool -j cgroup show "$CG" | t_json '.[attach_type]')" \
	'["cgroup_sock_ops","cgroup_inet4_connect"]'
t_is "$(bpftool -j prog show pinned "$BPFFS/auto/on_socket" | t_json .name)" on_socket
t_run 0 cgroup_loader prog load "$tracers" "$BPFFS/one" autoattach
t_is "$(bpftool -j link show pinned "$BPFFS/one" | t_json .type)" raw_tracepoint
both_refuse link detach pinned "$BPFFS/one"
t_run 255 cgroup_loader link detach pinned "$BPFFS/one"
t_err_has 'the kernel cannot detach this kind of link: remove its pins and end who holds it'
t_run 0 cgroup_loader prog loadall "$tracers" "$BPFFS/no_cgroup" autoattach
t_err_has "'on_connect4' is for a cgroup, and none was given: pinned without being attached"
t_run 255 cgroup_loader prog load "$tracers" "$BPFFS/x" cgroup "$CG"
t_err_has "goes with 'autoattach'"
t_run 255 cgroup_loader prog loadall "$tracers" "$BPFFS/x" autoattach cgroup "$CG/nosuch"
t_ok [ ! -e "$BPFFS/x" ]

t_begin 'different on purpose: what is refused leaves nothing, and is refused before loading'
find "$BPFFS" >"$TMP/before"
t_run 255 cgroup_loader prog loadall "$modern" "$BPFFS/t2/a.b" pinmaps "$BPFFS/maps"
t_run 255 cgroup_loader prog load "$OBJ/rejected.o" "$BPFFS/deep/down"
find "$BPFFS" >"$TMP/after"
t_ok cmp "$TMP/before" "$TMP/after"
lines_report
