#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a list of tcx cannot hold: more programs than the kernel takes, and the program of a
# filter of clsact that gives no verdict. Without the right to look at programs, that is said.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

LIST=$BUILD/tests/netns/tcx_list
LINKS=$BUILD/tests/netns/bpf_links
IN=46 OUT=47

own_objects tcx_seen
dev_add v0 w0
"$LIST" v0 $IN >"$TMP/list" 2>&1 || t_skip tcx 'this kernel has no tcx (Linux 6.6)'
bpftool prog loadall "$OBJ/tcx_count.o" "$BPFFS/loaded" type classifier
tc qdisc add dev v0 clsact

# stays WORDS…: replace to tcx is refused, and the filter stays as it is.
stays() {
	before=$(tc filter show dev v0 ingress)
	t_run 2 tc_loader filter replace dev v0 ingress bpf obj "$OBJ/tcx_count.o" \
		program tcx_count tcx
	t_err_has "clsact's filter pref 5 handle 0x1 (id "
	t_err_has ") has $1, and in a list of tcx its program would give the verdict"
	t_is "$(tc filter show dev v0 ingress)" "$before"
	t_is "$("$LIST" v0 $IN)" ''
	tc filter del dev v0 ingress
}

t_begin 'a filter whose program gives no verdict is not moved'
tc filter add dev v0 ingress pref 5 handle 1 bpf object-pinned "$BPFFS/loaded/tcx_count" \
	classid 1:1
stays 'no direct-action'

t_begin 'without the right to look at programs, what clsact has is not known, and that is said'
tc filter add dev v0 ingress pref 5 handle 1 bpf da object-pinned "$BPFFS/loaded/tcx_count"
id=$(bpftool -j prog show pinned "$BPFFS/loaded/tcx_count" | t_json .id)
PROG_GET_FD_BY_ID=13 EMFILE=24
t_run 2 "$BUILD/tests/netns/told" call $PROG_GET_FD_BY_ID $EMFILE tc_loader filter replace \
	dev v0 ingress bpf object-pinned "$BPFFS/loaded/tcx_count" tcx
t_err_has "cannot be determined: program id $id: Too many open files"
t_is "$("$LIST" v0 $IN)" ''
t_run 0 setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin tc_loader filter replace \
	dev v0 ingress bpf object-pinned "$BPFFS/loaded/tcx_count" tcx
t_err_has "whether clsact runs this program too cannot be determined: program id $id: "
t_is "$("$LIST" v0 $IN)" "$id"
t_run 0 tc_loader filter del dev v0 ingress bpf id "$id" tcx

t_begin 'a full list, without and with a link: nothing is left'
full=0
while [ "$full" -lt 65 ]; do
	bpftool prog load "$OBJ/tcx_count.o" "$BPFFS/one" type classifier
	"$LINKS" attach "$BPFFS/one" w0 $IN 2>"$TMP/full" || break
	rm "$BPFFS/one"
	full=$((full + 1))
done
for words in '' "link pinned $BPFFS/full"; do
	# shellcheck disable=SC2086 # words
	t_run 2 tc_loader filter add devs '[vw]0' ingress bpf obj "$OBJ/tcx_count.o" \
		program tcx_other tcx $words
	t_err_has "'w0': tcx ingress is full: the kernel takes 64 programs in a list"
	t_is "$(t_err | wc -l)" 1 "one line: $(t_err)"
	t_is "$("$LIST" v0 $IN)" ''
	t_is "$("$LIST" w0 $IN | wc -w)" "$full"
	t_ok [ ! -e "$BPFFS/full" ]
done

t_begin 'of two that are to go one belongs to a process: both stay'
t_run 0 tc_loader filter add dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
bpftool prog pin id "$("$LIST" v0 $OUT)" "$BPFFS/first"
tc_loader filter del dev v0 egress bpf id "$("$LIST" v0 $OUT)" tcx
t_run 0 tc_loader filter add dev w0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
bpftool prog pin id "$("$LIST" w0 $OUT)" "$BPFFS/second"
"$LINKS" attach "$BPFFS/first" v0 $OUT
mkdir "$BPFFS/far"
link=$("$LINKS" link "$BPFFS/second" v0 $OUT "$BPFFS/far/held")
both=$("$LIST" v0 $OUT)
WITHOUT_FAR=(env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/calls" -P "$BPFFS/far"
	-e trace=openat -e inject=openat:error=EMFILE)
t_run 2 "${WITHOUT_FAR[@]}" tc_loader filter del dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_err_has "whether link id $link has a pin cannot be seen: Too many open files"
t_is "$("$LIST" v0 $OUT)" "$both"
mv "$BPFFS/far/held" "$BPFFS/held"
start "$LINKS" hold "$BPFFS/held" -- sleep 60
is_held() { [ "$(cat "/proc/$STARTED/comm")" = sleep ]; }
t_ok wait_for 5 is_held
rm "$BPFFS/held"
both=$("$LIST" v0 $OUT)
t_is "$(echo "$both" | wc -w)" 2
t_run 2 tc_loader filter del dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_err_has "link id $link, which has no pin here"
t_is "$("$LIST" v0 $OUT)" "$both"

t_begin 'a dead pin that may not be removed: the program stays in tcx'
tc filter del dev v0 ingress
dev_add x0
mkdir "$BPFFS/theirs"
"$LINKS" link "$BPFFS/loaded/tcx_count" x0 $IN "$BPFFS/theirs/dead" >"$TMP/dead"
chown 1000 "$BPFFS/theirs"
ip link del x0
t_run 0 tc_loader filter add dev v0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
one=$("$LIST" v0 $IN)
t_run 2 tc_loader filter replace dev v0 ingress pref 5 handle 1 bpf da \
	obj "$OBJ/tcx_count.o" program tcx_count clsact link pinned "$BPFFS/theirs/dead"
t_is "$("$LIST" v0 $IN) $(filters v0 ingress)" "$one 0"
t_ok [ -e "$BPFFS/theirs/dead" ]

t_begin 'one of its pins is seen, and others may be out of sight: it is detached, and this is said'
tc_loader filter del dev w0 egress bpf id "$("$LIST" w0 $OUT)" tcx
link=$("$LINKS" link "$BPFFS/second" w0 $OUT "$BPFFS/near")
t_run 0 "${WITHOUT_FAR[@]}" tc_loader filter del dev w0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_err_has "link id $link is detached; whether it has more pins cannot be seen (Too many open files), and they would stay: 'share gc' lists"
t_ok [ ! -e "$BPFFS/near" ]
t_is "$("$LIST" w0 $OUT)" ''
