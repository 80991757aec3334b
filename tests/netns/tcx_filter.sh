#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Programs in the lists of tcx: added, ordered, replaced, added again, shown and removed, each
# read back from the kernel.
#
# differs: tcx
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

LIST=$BUILD/tests/netns/tcx_list
LINKS=$BUILD/tests/netns/bpf_links
IN=46 OUT=47

own_objects tcx_seen
dev_add v0 w0
"$LIST" v0 $IN >"$TMP/list" 2>&1 || t_skip tcx 'this kernel has no tcx (Linux 6.6)'

# add WORDS…: tcx_count at ingress of v0.
add() {
	tc_loader filter add dev v0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
		"$@"
}

list() {
	"$LIST" "${1:-v0}" "${2:-$IN}"
}

# refused STATUS CMD…: the list and the pins stay as they are.
refused() {
	refused_status=$1
	shift
	before=$(list) pins=$(find "$BPFFS" | sort)
	t_run "$refused_status" "$@"
	t_is "$(list)" "$before" 'the list'
	t_is "$(find "$BPFFS" | sort)" "$pins" 'the pins'
}

t_begin 'one program, with no qdisc; the same line again changes nothing'
t_run 0 add
one=$(list)
t_ok [ "$one" -gt 0 ]
t_is "$(tc qdisc show dev v0 | t_count clsact)" 0
revision=$("$LIST" revision v0 $IN)
t_run 0 add
t_err_is "tc_loader: already attached (id $one)"
t_run 0 add replace
t_err_is "tc_loader: already attached (id $one)"
t_is "$(list)" "$one"
t_is "$("$LIST" revision v0 $IN)" "$revision" 'revision'

t_begin 'another build: refused, and put in its place by replace'
refused 2 add set build=2
t_err_has "program id $one 'tcx_count' already, but not the same"
t_err_has "'replace' puts this one in its place"
t_run 0 add set build=2 replace
two=$(list)
t_isnt "$two" "$one"
t_run 0 tc_loader filter replace dev v0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_isnt "$(list)" "$two"
one=$(list)

t_begin 'order: before, after, by program, link and pin'
other() {
	tc_loader filter add dev v0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_other tcx "$@"
}
t_run 0 other before
first=$(list | cut -d' ' -f1)
t_is "$(list)" "$first $one"
t_run 0 tc_loader filter del dev v0 ingress bpf id "$first" tcx
t_run 0 other after id "$one"
t_is "$(list | cut -d' ' -f1)" "$one"
last=$(list | cut -d' ' -f2)
t_run 0 tc_loader filter del dev v0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_other tcx
t_is "$(list)" "$one"
t_run 0 other before id "$one" link pinned "$BPFFS/other"
t_is "$(list | cut -d' ' -f2)" "$one"
link=$(bpftool -j link show pinned "$BPFFS/other" | t_json .id)
t_is "$(list | cut -d' ' -f1 | cut -d/ -f2)" "$link"
bpftool prog loadall "$OBJ/tcx_count.o" "$BPFFS/loaded" type classifier
t_run 0 tc_loader filter add dev v0 ingress bpf object-pinned "$BPFFS/loaded/tcx_count" tcx \
	before pinned "$BPFFS/other"
t_is "$(list | cut -d' ' -f2,3)" "$(list | cut -d' ' -f2 | cut -d/ -f1)/$link $one"
loaded=$(list | cut -d' ' -f1)
t_is "$loaded" "$(bpftool -j prog show pinned "$BPFFS/loaded/tcx_count" | t_json .id)"
t_run 0 tc_loader filter del dev v0 ingress bpf object-pinned "$BPFFS/loaded/tcx_count" tcx
t_run 0 tc_loader filter add dev v0 ingress bpf object-pinned "$BPFFS/loaded/tcx_count" tcx \
	after link "$link"
t_is "$(list | cut -d' ' -f2)" "$loaded"
t_run 0 tc_loader filter add dev v0 ingress bpf object-pinned "$BPFFS/loaded/tcx_count" tcx
t_err_is "tc_loader: already attached (id $loaded)"
refused 2 add set build=3 replace
t_err_has 'several programs of that function name'
t_run 0 tc_loader filter del dev v0 ingress bpf id "$loaded" tcx

t_begin 'an anchor that is not there is refused before anything is loaded'
refused 2 add set build=4 after id "$last"
t_err_has "program id $last is not attached to tcx ingress, which has program id"
refused 2 add before pinned "$BPFFS/loaded/tcx_count"
refused 2 tc_loader filter add dev w0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
	before link "$link"
t_err_has 'which has no program'

t_begin 'a pinned link: again, another build, deleted with its pin'
byl() {
	tc_loader filter add dev w0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
		link pinned "$BPFFS/wl" "$@"
}
t_run 0 byl
held=$(list w0 $OUT)
t_is "${held#*/}" "$(bpftool -j link show pinned "$BPFFS/wl" | t_json .id)"
t_run 0 byl
t_err_is "tc_loader: already attached (id ${held%/*})"
t_run 2 byl set build=2
t_err_has "'replace' swaps it in place"
t_run 0 byl set build=2 replace
t_is "$(list w0 $OUT | cut -d/ -f2)" "${held#*/}"
t_isnt "$(list w0 $OUT)" "$held"
t_run 2 tc_loader filter add dev w0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
	set build=2
t_err_has "held by link id ${held#*/}"
t_run 2 tc_loader filter add dev w0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
	set build=3 replace
t_err_has "held by link id ${held#*/}"
t_run 2 tc_loader filter add dev w0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
	link pinned "$BPFFS/wl"
t_err_has 'choose another path'
t_run 0 tc_loader filter del dev w0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
	set build=2
t_is "$(list w0 $OUT)" ''
t_ok [ ! -e "$BPFFS/wl" ]
t_run 0 byl
cg_add linked
t_run 255 cgroup_loader cgroup attach "$CG/linked" egress obj "$OBJ/cg_events.o" link pinned "$BPFFS/wl"
t_err_has "which is not a cgroup's"
t_run 0 tc_loader filter del dev w0 egress bpf link pinned "$BPFFS/wl" tcx
t_ok [ ! -e "$BPFFS/wl" ]
t_is "$(list w0 $OUT)" ''
t_run 0 cgroup_loader cgroup attach "$CG/linked" egress obj "$OBJ/cg_events.o" link pinned "$BPFFS/wl"
t_run 2 byl
t_err_has "which is not a device's"
t_is "$(cg_progs "$CG/linked")" 1
rm "$BPFFS/wl"
t_run 0 tc_loader filter add dev w0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_run 2 byl
t_err_has "without a link; leave 'link' out"
t_run 2 byl set build=2 replace
t_err_has "without a link; leave 'link' out"
t_run 0 tc_loader filter del dev w0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_run 2 tc_loader filter del dev w0 egress bpf link pinned "$BPFFS/wl" tcx
t_run 2 tc_loader filter del dev w0 egress bpf id 1 tcx
t_err_has 'tcx egress does not have that program, but none'

t_begin 'a link whose device is gone: replaced, or its pin removed'
dev_add x0
xl() {
	tc_loader filter "$1" dev x0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
		link pinned "$BPFFS/xl"
}
t_run 0 xl add
link=$(bpftool -j link show pinned "$BPFFS/xl" | t_json .id)
ip link del x0
dev_add x0
t_run 0 xl add
t_err_has "link id $link had lost its device and is replaced"
t_is "$(list x0 | cut -d/ -f2)" "$(bpftool -j link show pinned "$BPFFS/xl" | t_json .id)"
ip link del x0
dev_add x0
t_run 0 tc_loader filter del dev x0 ingress bpf link pinned "$BPFFS/xl" tcx
t_err_has 'had lost its device; the pin is removed'
t_ok [ ! -e "$BPFFS/xl" ]

t_begin "a stranger's program is never removed"
"$LINKS" attach "$BPFFS/loaded/tcx_other" x0 $IN
t_run 0 tc_loader filter add dev x0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_run 0 tc_loader filter replace dev x0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
	set build=5
t_run 0 tc_loader filter del dev x0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
	set build=5
t_is "$(list x0)" "$(bpftool -j prog show pinned "$BPFFS/loaded/tcx_other" | t_json .id)"
start "$LINKS" hold "$BPFFS/loaded/tcx_other" -- sleep 60
holder=$("$LINKS" link "$BPFFS/loaded/tcx_count" x0 $IN "$BPFFS/held")
start "$LINKS" hold "$BPFFS/held" -- sleep 60
t_ok wait_for 5 [ "$(cat "/proc/$STARTED/comm")" != '' ]
wait_held() { [ "$(cat "/proc/$STARTED/comm")" = sleep ]; }
t_ok wait_for 5 wait_held
rm "$BPFFS/held"
t_run 2 tc_loader filter del dev x0 ingress bpf object-pinned "$BPFFS/loaded/tcx_count" tcx
t_err_has "link id $holder, which has no pin here"

t_begin 'devs: one load, all or none'
t_run 0 tc_loader filter add devs '[vw]0' egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_is "$(list v0 $OUT)" "$(list w0 $OUT)"
t_run 0 tc_loader filter add devs '[vwx]0' egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_err_has 'attached to 1 interfaces, already attached to 2'
t_run 0 tc_loader filter del devs '[vwx]0' egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
for dev in v0 w0 x0; do
	t_is "$(list $dev $OUT)" ''
done
t_run 0 tc_loader filter add dev x0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_run 2 tc_loader filter add devs '[vwx]0' egress bpf obj "$OBJ/tcx_count.o" program tcx_count \
	tcx set build=7
t_is "$(list v0 $OUT)" ''
t_run 0 tc_loader filter add devs '[vw]0' egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
	link pinned "$BPFFS/many"
t_is "$(list v0 $OUT | cut -d/ -f2)" "$(bpftool -j link show pinned "$BPFFS/many/v0" | t_json .id)"
t_run 0 tc_loader filter del devs '[vw]0' egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_is "$(find "$BPFFS/many" -type f | wc -l)" 0

t_begin 'show: tcx only where it is asked for'
tc qdisc add dev v0 clsact
tc filter add dev v0 ingress bpf da object-pinned "$BPFFS/loaded/tcx_other"
tc filter show dev v0 ingress >"$TMP/theirs"
t_run 0 tc_loader filter show dev v0 ingress
t_ok cmp "$TMP/theirs" "$TMP/t_out"
tc -j filter show dev v0 ingress >"$TMP/theirs"
t_run 0 tc_loader -j filter show dev v0 ingress
t_ok cmp "$TMP/theirs" "$TMP/t_out"
t_err_has "2 programs of tcx ingress are not listed; add 'tcx'"
t_run 0 tc_loader filter show dev v0 egress
t_err_is ''
t_run 0 tc_loader filter show dev v0 ingress tcx
t_is "$(t_count '^filter tcx order [12] of 2 id [0-9]* name tcx_[a-z]* tag ' "$TMP/t_out")" 2
t_out_has " link_id $(list | cut -d' ' -f1 | cut -d/ -f2) "
t_run 0 tc_loader -j filter show dev v0 tcx
t_is "$(t_out | t_json '.[options.prog.id]')" "[$(list | sed 's,/[0-9]*,,; s/ /,/')]"
t_is "$(t_out | t_json '.[0].ingress') $(t_out | t_json '.[0].kind')" 'true tcx'

t_begin 'show: either direction, and nothing where nothing is'
t_run 0 tc_loader filter add dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_run 0 tc_loader filter show dev v0 egress
t_err_has "1 program of tcx egress is not listed; add 'tcx'"
t_run 0 tc_loader filter show dev v0 egress tcx
t_is "$(t_count '^filter tcx order 1 of 1 ' "$TMP/t_out")" 1
t_run 0 tc_loader filter show dev v0 tcx
t_is "$(t_count '^filter .*egress tcx order 1 of 1 ' "$TMP/t_out")" 1
t_is "$(t_count '^filter .*tcx order ' "$TMP/t_out")" 3
t_run 0 tc_loader filter show dev w0 tcx
t_out_is ''
t_run 0 tc_loader filter show dev v0 parent 1:
t_err_is ''
t_run 1 tc_loader filter show dev nosuch tcx
t_run 0 tc_loader filter del dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx

t_begin '-echo: what the list has of it now'
t_run 0 tc_loader -echo filter add devs '[vw]0' egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_is "$(t_count '^added filter dev [vw]0 egress tcx order 1 of 1 id [0-9]* name tcx_count ' "$TMP/t_out")" 2
t_run 0 tc_loader -echo filter add dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_out_is ''
t_run 0 tc_loader -j -echo filter replace dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx set build=9
t_is "$(t_out | t_json '.[0].replaced') $(t_out | t_json '.[0].dev')" 'true v0'
t_run 2 tc_loader filter del devs '[vwx]0' egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_err_has '1 of 3 interfaces failed'
t_is "$(list w0 $OUT)" ''
t_run 0 tc_loader filter del dev v0 egress bpf id "$(list v0 $OUT)" tcx

t_begin 'pins that are something else'
t_run 0 bpftool map create "$BPFFS/a_map" type array key 4 value 4 entries 1 name "tcx_$$"
t_run 0 cgroup_loader cgroup attach "$CG" ingress obj "$OBJ/only_cgroup.o" link pinned "$BPFFS/cg_link"
refused 2 add before pinned "$BPFFS/a_map"
t_err_has "pin '$BPFFS/a_map': neither a program nor a link"
refused 2 add before pinned "$BPFFS/none"
t_err_has "pin '$BPFFS/none': No such file or directory"
refused 2 tc_loader filter del dev v0 ingress bpf link pinned "$BPFFS/a_map" tcx
t_err_has "pin '$BPFFS/a_map' is not a link"
refused 2 tc_loader filter del dev v0 ingress bpf link pinned "$BPFFS/cg_link" tcx
t_err_has "is not a device's"

t_begin 'a program that cannot be compared is not taken for ours, nor for another'
PROG_GET_FD_BY_ID=13
refused 2 "$BUILD/tests/netns/told" call $PROG_GET_FD_BY_ID 1 \
	tc_loader filter del dev v0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_err_has "cannot be determined: "

t_begin 'what a filter has and a list has not is refused in words'
for words in 'handle 1' 'protocol ip' 'chain 1'; do
	# shellcheck disable=SC2086 # words
	refused 1 tc_loader filter add dev v0 ingress $words bpf obj "$OBJ/tcx_count.o" tcx
	t_err_has "'${words% *}' has no meaning for tcx"
done
refused 1 tc_loader filter add dev v0 ingress pref 1 bpf obj "$OBJ/tcx_count.o" tcx
t_err_has "'before' and 'after' order it"
refused 1 add classid 1:1
refused 1 add skip_sw
refused 1 add before after
refused 1 tc_loader filter change dev v0 ingress bpf obj "$OBJ/tcx_count.o" tcx
refused 1 tc_loader filter add dev v0 parent 1: bpf obj "$OBJ/tcx_count.o" tcx
refused 1 tc_loader filter add dev v0 ingress bpf obj "$OBJ/tcx_count.o" replace
t_err_has "add the word 'tcx'"
refused 1 tc_loader filter add dev v0 ingress bpf bytecode '1,6 0 0 0' tcx
refused 1 tc_loader filter del dev v0 ingress bpf tcx
refused 1 tc_loader filter add dev v0 ingress bpf obj "$OBJ/tcx_count.o" netkit primary
