#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Five upgrades, one after the other, end byte for byte as one, for each type of map: members
# added, removed, widened and in another order, structs, arrays, an enum and bit-fields in them, a
# wider key where the type allows one, more room. SEED=N: the elements; TYPES: some types.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects moved

SEED=${SEED:-$RANDOM}
TYPES=${TYPES:-hash percpu_hash lru_hash lru_percpu_hash lpm_trie array percpu_array hash_of_maps array_of_maps}
CPUS=$(($(sed 's/.*[-,]//' /sys/devices/system/cpu/possible) + 1))
PIN=$BPFFS/tc/globals/$(own_word moved)_hit_00000
dev_add v0
tc qdisc add dev v0 clsact
echo "  SEED=$SEED"

# lines VALUE-SIZE CPUS: 60 elements of random bytes, on each CPU others, as map load reads them.
lines() {
	$LIB_PYTHON - "$SEED" "$TYPE" "$@" <<'END'
import random, struct, sys
dice = random.Random(int(sys.argv[1]))
kind, size, cpus = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
keys = set()
while len(keys) < 60:
	if kind.endswith("array"):
		keys.add(struct.pack("=I", len(keys)))
	elif kind == "lpm_trie":
		length = dice.randrange(8, 33)
		network = dice.randrange(2 ** 32) >> 32 - length << 32 - length
		keys.add(struct.pack("=I", length) + struct.pack(">I", network))
	else:
		keys.add(struct.pack("=I", dice.randrange(2 ** 32)))
for key in sorted(keys):
	print(key.hex(), *(bytes(dice.randrange(256) for _ in range(size)).hex() for _ in range(cpus)))
END
}

# hold: the same maps, in some slots.
hold() {
	local slot
	for slot in 0 1 2 3 63; do
		t_run 0 bpftool map update pinned "$PIN" key "$slot" 0 0 0 value pinned "$BPFFS/held_$slot"
	done
}
for slot in 0 1 2 3 63; do
	bpftool map create "$BPFFS/held_$slot" type array key 4 value 8 entries 1 name held
done

# begin: the first map, with elements.
begin() {
	local cpus=1
	rm -rf "$BPFFS/tc"
	t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/moved_chain.$TYPE.1.o"
	tc filter del dev v0 ingress
	t_is "$(bpftool -j map show pinned "$PIN" | t_json .type)" "$TYPE"
	case $TYPE in
	*_of_maps)
		hold
		return
		;;
	*percpu*) cpus=$CPUS ;;
	esac
	lines "$(bpftool -j map show pinned "$PIN" | t_json .bytes_value)" "$cpus" >"$TMP/lines"
	t_run 0 tc_loader map load pinned "$PIN" "$TMP/lines"
}

# elements: as bytes; of a map of maps, their ids.
elements() {
	bpftool -j map dump pinned "$PIN" | jq -c 'map([.key, .value, .values]) | sort | .[]'
}

# numbers: what is in the members that each build has, as bpftool reads them by the map's BTF.
numbers() {
	case $TYPE in
	*_of_maps) bpftool -j map dump pinned "$PIN" | jq -c 'map(select(.value | type == "array")) | .[]' ;;
	*) bpftool -j map dump pinned "$PIN" | jq -c '.[].formatted | [.key] + ([.value // .values[].value] |
		map({packets, state, tag, low, high, inner: .inner | map({hits, level})}))' ;;
	esac | sort
}

# are_all FILE: none is missing, and an array has all of its slots.
are_all() {
	case $TYPE in
	hash_of_maps) t_is "$(t_count . "$1")" 5 ;;
	array_of_maps) t_is "$(t_count '\["0x..","0x..","0x..","0x.."\],null\]' "$1")" 5 ;;
	*array) t_is "$(t_count . "$1")" 200 ;;
	*) t_is "$(t_count . "$1")" 60 ;;
	esac
}

migrate() {
	t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_chain.$TYPE.$1.o"
}

for TYPE in $TYPES; do
	t_begin "$TYPE: five upgrades"
	begin
	for step in 2 3 4 5 6; do
		migrate "$step"
	done
	elements >"$TMP/chain"

	t_begin "$TYPE: and one"
	begin
	numbers >"$TMP/before"
	migrate 6
	numbers >"$TMP/after"
	t_is "$(comm -23 "$TMP/before" "$TMP/after")" ''
	elements >"$TMP/once"
	are_all "$TMP/once"
	t_ok cmp "$TMP/chain" "$TMP/once"
done
