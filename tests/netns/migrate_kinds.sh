#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every type of map that can be migrated has all of its elements afterwards, under the members'
# names; what does not fit is counted and refused; the other types are refused in words.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects moved

MAP=$(own_word moved)_hit_00000
PIN=$BPFFS/tc/globals/$MAP
dev_add v0
tc qdisc add dev v0 clsact
TMP_PIN=$BPFFS/kinds$$

load() {
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_$1.o"
}

unload() {
	tc filter del dev v0 egress
	rm "$PIN"
}

le32() {
	printf '%02x%02x0000' $(($1 & 255)) $(($1 >> 8))
}

# lines KEY-PREFIX: 64 elements of the old definition, as hex.
lines() {
	local i value
	for ((i = 0; i < 64; i++)); do
		value=$(le32 "$i")00000000$(le32 $((i + 1000)))00000000$(le32 $((i * 2)))00000000
		echo "$1$(le32 "$i") $value"
	done
}

# elements: "KEY PACKETS QUOTA BYTES" of each, sorted; of per-CPU maps the values of CPU 0.
elements() {
	bpftool -j map dump pinned "$PIN" | python3 -c '
import json, sys
for e in json.load(sys.stdin):
	e = e["formatted"]
	key, value = e["key"], e.get("value")
	if value is None:
		value = e["values"][0]["value"]
	if isinstance(key, dict):
		key = key["number"]
	print(key, value["packets"], value["quota"], value["bytes"])' | sort -n
}

wanted() {
	local i
	for ((i = 0; i < ${1:-64}; i++)); do
		echo "$i $i $((i + 1000)) $((i * 2))"
	done
}

for TYPE in hash array percpu_hash percpu_array lru trie; do
	t_begin "$TYPE: all of it is there afterwards"
	load "${TYPE}_old"
	prefix=
	[ "$TYPE" != trie ] || prefix=$(le32 32)
	lines "$prefix" >"$TMP/lines"
	t_run 0 tc_loader map load pinned "$PIN" "$TMP/lines"
	old=$(map_id "$PIN")
	t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_${TYPE}_new.o"
	t_is "$(t_out | t_json .id)" "$old"
	t_is "$(t_out | t_json .copied)" 64
	t_is "$(t_out | t_json .new_id)" "$(map_id "$PIN")"
	t_is "$(elements)" "$(wanted)"
	prog=$(prog_at v0 egress)
	t_is "$(maps_of "$prog")" "$(map_id "$PIN")"
	t_is "$(ls "$BPFFS/tc/globals")" "$MAP"
	t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_${TYPE}_new.o"
	t_out_has 'nothing to do'
	unload
done

t_begin "a smaller map: what does not fit is counted and refused"
load hash_old
lines '' >"$TMP/lines"
t_run 0 tc_loader map load pinned "$PIN" "$TMP/lines"
old=$(map_id "$PIN") prog=$(prog_at v0 egress)
t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_wide.o"
t_err_has '32 elements do not fit in the new map (max_entries 32); --drop leaves them out'
t_is "$(map_id "$PIN") $(prog_at v0 egress) $(ls "$BPFFS/tc/globals")" "$old $prog $MAP"
t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_hash_wide.o" --drop
t_is "$(t_out | t_json .dropped)" 32
t_is "$(elements | grep -c .)" 32
t_is "$(elements | grep -vxF "$(wanted)" | grep -c . || :)" 0
unload

t_begin "a shorter array: elements that were never written are nothing"
load array_old
lines '' | sed -n 1,32p >"$TMP/lines"
t_run 0 tc_loader map load pinned "$PIN" "$TMP/lines"
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_array_short.o"
t_is "$(elements)" "$(wanted 32)"
unload

t_begin 'a frozen map is frozen afterwards'
load hash_old
lines '' >"$TMP/lines"
t_run 0 tc_loader map load pinned "$PIN" "$TMP/lines"
bpftool map freeze pinned "$PIN"
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o"
t_is "$(elements)" "$(wanted)"
t_is "$(bpftool -j map show pinned "$PIN" | t_json .frozen)" 1
unload

t_begin 'a pin by its name alone, and one whose name leaves no room beside it'
load hash_old
old=$(map_id "$PIN")
long=$BPFFS/$(printf '%0250d' 0)
bpftool map pin pinned "$PIN" "$long"
t_run 255 tc_loader map migrate pinned "$long" to obj "$OBJ/moved_hash_new.o" map "$MAP"
t_err_has 'File name too long'
rm "$long"
here() {
	cd "$BPFFS/tc/globals"
	tc_loader map migrate pinned "$MAP" to obj "$OBJ/moved_hash_new.o"
}
t_run 0 here
t_isnt "$(map_id "$PIN")" "$old"
unload

t_begin "maps of maps: their inner maps move"
tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_outer_old.o"
BY=$BPFFS/tc/globals/$(own_word moved)_by_00000
AT=$BPFFS/tc/globals/$(own_word moved)_at_00000
for pin in "$BY" "$AT"; do
	bpftool map create "$TMP_PIN" type array key 4 value 8 entries 1 name moved_inner
	bpftool map update pinned "$TMP_PIN" key 0 0 0 0 value 7 0 0 0 0 0 0 0
	bpftool map update pinned "$pin" key 2 0 0 0 value pinned "$TMP_PIN"
	rm "$TMP_PIN"
done
inner() {
	bpftool map lookup pinned "$1" key 2 0 0 0
}
by=$(inner "$BY") at=$(inner "$AT")
t_run 0 tc_loader map migrate pinned "$BY" to obj "$OBJ/moved_outer_by.o"
t_is "$(inner "$BY") $(inner "$AT")" "$by $at"
t_run 0 tc_loader map migrate pinned "$AT" to obj "$OBJ/moved_outer_both.o"
t_is "$(inner "$BY") $(inner "$AT")" "$by $at"
t_run 255 tc_loader map migrate pinned "$AT" to obj "$OBJ/moved_outer_inner.o"
t_is "$(inner "$BY") $(inner "$AT")" "$by $at"
tc filter del dev v0 egress
rm "$BY" "$AT"

t_begin "what holds no data, or not its own, is refused in words"
while read -r type key value entries; do
	bpftool map create "$TMP_PIN" type "$type" key "$key" value "$value" entries "$entries" name kinds
	t_run 255 tc_loader -j map migrate pinned "$TMP_PIN" to obj "$OBJ/moved_hash_new.o" map "$MAP"
	t_out_has "of type $type cannot be migrated: "
	rm "$TMP_PIN"
done <<-END
	queue 0 4 4
	stack 0 4 4
	ringbuf 0 0 4096
	perf_event_array 4 4 1
	prog_array 4 4 1
	sockmap 4 4 1
	devmap 4 4 1
	cgroup_array 4 4 1
END
bpftool map create "$TMP_PIN" type array key 4 value 24 entries 64 name kinds
t_run 255 tc_loader map migrate pinned "$TMP_PIN" to obj "$OBJ/moved_hash_new.o" map "$MAP"
t_err_has 'type array in the pin, hash in the object; a migration keeps the type'
rm "$TMP_PIN"
