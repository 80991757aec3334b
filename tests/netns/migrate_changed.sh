#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Others change a place after a migration has looked at it and before it replaces the program
# there: it is refused, what they did stands, and every other place has its old program again.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
. "$TOP/tests/moved.sh"

OLD=$OBJ/moved_hash_old.o NEW=$OBJ/moved_hash_new.o
CLS=$(own_word moved)_cls
MIGRATE=(tc_loader map migrate pinned "$PIN" to obj "$NEW")
dev_add v0
tc qdisc add dev v0 clsact
for name in a b c; do
	cg_add $name
done
if "$BUILD/tests/netns/tcx_list" v0 47 >"$TMP/list" 2>&1; then
	tc_loader filter add dev v0 egress bpf obj "$OLD" program "$CLS" tcx
fi
cgroup_loader cgroup attach "$CG/a" egress obj "$OLD" link pinned "$BPFFS/link"
cgroup_loader cgroup attach "$CG/b" egress obj "$OLD"
cgroup_loader cgroup attach "$CG/c" egress obj "$OLD" multi
tc_loader filter add dev v0 ingress pref 7 handle 3 bpf da obj "$OLD"
t_run 0 cgroup_loader prog loadall "$OBJ/moved_hash_old.o" "$BPFFS/theirs"
tc_loader map update pinned "$PIN" key 1 value '{packets:5,quota:6,bytes:7}'
map=$(map_id "$PIN")

# places: the program of each, by id.
places() {
	bpftool -j net show dev v0 | tr -d ' '
	for name in a b c; do
		bpftool cgroup show "$CG/$name"
	done
}

# refused WORD CHANGE…: it has looked at the places and makes its directory; CHANGE.
refused() {
	CALLS_CHANGING=mkdirat
	echo '1 mkdirat(' >"$TMP/calls"
	stopped_after 1 "${MIGRATE[@]}" || t_fail 'it ended before'
	"${@:2}"
	places >"$TMP/before"
	goes_on 255
	t_ok grep -q "$1" "$TMP/stopped_err"
	places | t_ok cmp - "$TMP/before"
	t_is "$(map_id "$PIN") $(is 1)" "$map 5 6 7"
	t_is "$(ls "$BPFFS/tc/globals")" "$MAP"
}

t_begin 'a filter has another program, or is gone'
refused 'is not attached there any more' \
	tc filter replace dev v0 ingress pref 7 handle 3 bpf da object-pinned "$BPFFS/theirs/$CLS"
refused 'replace program' tc filter del dev v0 ingress pref 7

t_begin 'an entry of a cgroup is gone'
detached() {
	bpftool cgroup detach "$CG/$1" egress id "$(prog_in "$CG/$1")"
}
refused 'is not attached there any more' detached c
refused 'is not attached there any more' detached b

t_begin 'a link has another program'
exchanged() {
	cgroup_loader cgroup attach "$CG/a" egress pinned "$BPFFS/theirs/$(own_word moved)_skb" \
		link pinned "$BPFFS/link" replace
}
refused 'link' exchanged

t_begin 'what is left is migrated'
t_run 0 "${MIGRATE[@]}" --leave-behind
t_is "$(is 1)" '5 6 7'
t_isnt "$(map_id "$PIN")" "$map"

t_begin 'a classifier in two places, and a program of a cgroup that was loaded between: each is of its type'
tc filter del dev v0 egress
tc_loader filter add dev v0 egress pref 1 bpf da obj "$NEW"
cgroup_loader cgroup attach "$CG/b" egress obj "$NEW"
tc_loader filter add dev v0 egress pref 2 bpf da obj "$NEW"
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OLD"
t_err_is ''

t_begin 'objects of both definitions are refused'
t_run 255 tc_loader map migrate pinned "$PIN" to obj "$NEW" obj "$OLD"
t_err_has "the objects define map '$MAP' differently"
t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OLD" obj "$NEW"
t_err_has "the objects define map '$MAP' differently"

t_begin 'a link that lost its cgroup is nowhere, its program stays with the old map'
t_run 0 cgroup_loader prog loadall "$OLD" "$BPFFS/later"
later=$BPFFS/later/$(own_word moved)_skb
map=$(map_id "$PIN") stays=$(bpftool -j prog show pinned "$later" | t_json .id)
cgroup_loader cgroup attach "$CG/c" ingress pinned "$later" link pinned "$BPFFS/lost"
bpftool link detach pinned "$BPFFS/lost"
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$NEW"
t_out_has "program $stays '$(own_word moved)_skb' cgroup_skb: "
t_isnt "$(map_id "$PIN")" "$map"
t_is "$(maps_of "$stays")" "$map"
t_is "$(is 1)" '5 6 7'
