#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A migration replaces programs in the lists of tcx, behind a link and without one, in another
# network namespace too; the lists keep their order.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects moved tcx_seen

LIST=$BUILD/tests/netns/tcx_list
IN=46 OUT=47
PIN=$BPFFS/tc/globals/$(own_word moved)_hit_00000
CLS=$(own_word moved)_cls
OLD=$OBJ/moved_hash_old.o NEW=$OBJ/moved_hash_new.o
dev_add v0
"$LIST" v0 $IN >"$TMP/list" 2>&1 || t_skip tcx 'this kernel has no tcx (Linux 6.6)'

t_begin 'without a link, between two others, and behind a link'
tc_loader filter add dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
tc_loader filter add dev v0 egress bpf obj "$OLD" program "$CLS" tcx
tc_loader filter add dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_other tcx
tc_loader filter add dev v0 ingress bpf obj "$OLD" program "$CLS" tcx link pinned "$BPFFS/link"
link=$(bpftool -j link show pinned "$BPFFS/link" | t_json .id)
before=$("$LIST" v0 $OUT)
t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$NEW"
t_is "$(t_out | t_json '.programs.[state]')" '["replaced","replaced"]'
# shellcheck disable=SC2086 # numbers
set -- $before
first=$1 old=$2 last=$3
# shellcheck disable=SC2046 # numbers
set -- $("$LIST" v0 $OUT)
t_is "$# $1 $3" "3 $first $last" 'the list'
t_isnt "$2" "$old"
t_is "$(maps_of "$2")" "$(map_id "$PIN")"
t_is "$(bpftool -j link show pinned "$BPFFS/link" | t_json .id)" "$link"
behind=$("$LIST" v0 $IN)
t_is "$(maps_of "${behind%/*}")" "$(map_id "$PIN")"

t_begin 'in another network namespace'
ns_add tcx$$
ip link set v0 netns tcx$$
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OLD"
# shellcheck disable=SC2046 # numbers
set -- $(ns_run tcx$$ "$LIST" v0 $OUT)
t_is "$(maps_of "$2")" "$(map_id "$PIN")"

t_begin 'a namespace that cannot be entered on the way back: said'
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'
dev_add v1
ip link set v1 netns tcx$$
ns_run tcx$$ tc_loader filter add dev v1 egress bpf obj "$OLD" program "$CLS" tcx
ours() {
	ns_run tcx$$ "$LIST" v0 $OUT
	ns_run tcx$$ "$LIST" v1 $OUT
}
said=0
# By its name, and as seen through us.
place=/run/netns/tcx$$
for nth in $(seq 40); do
	before=$(ours)
	t_run any env ASAN_OPTIONS=detect_leaks=0 strace -f -qq --seccomp-bpf -o "$TMP/trace" -P "$place" \
		-P "/proc/$$/root$place" -e trace=openat -e "inject=openat:error=ENOENT:when=$nth+" \
		tc_loader map migrate pinned "$PIN" to obj "$NEW"
	[ "$T_STATUS" -ne 0 ] || break
	[ "$(ours)" = "$before" ] || {
		t_err_has 'put the program back'
		said=$((said + 1))
		t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OLD"
	}
done
t_ok [ "$said" -gt 0 ]
rm -f "$BPFFS/link" "$PIN"
