#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Five upgrades, one after the other, end byte for byte as one: members added, removed, widened
# and in another order, structs, arrays, an enum and bit-fields in them, a wider key, more room.
# SEED=N: the elements.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects moved

SEED=${SEED:-$RANDOM}
PIN=$BPFFS/tc/globals/$(own_word moved)_hit_00000
dev_add v0
tc qdisc add dev v0 clsact
echo "  SEED=$SEED"

# begin: the first map, with elements of random bytes.
begin() {
	rm -rf "$BPFFS/tc"
	t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/moved_chain_1.o"
	tc filter del dev v0 ingress
	size=$(bpftool -j map show pinned "$PIN" | t_json .bytes_value)
	$LIB_PYTHON -c '
import random, struct, sys
dice = random.Random(int(sys.argv[1]))
for i in range(60):
	value = bytes(dice.randrange(256) for _ in range(int(sys.argv[2])))
	print(struct.pack("=I", dice.randrange(2 ** 32)).hex(), value.hex())' "$SEED" "$size" >"$TMP/lines"
	t_run 0 tc_loader map load pinned "$PIN" "$TMP/lines"
}

# elements: as bytes.
elements() {
	bpftool -j map dump pinned "$PIN" | jq -c 'map([.key, .value]) | sort | .[]'
}

t_begin 'five upgrades'
begin
for step in 2 3 4 5 6; do
	t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_chain_$step.o"
	t_out_has '60 elements copied'
done
elements >"$TMP/chain"
t_is "$(t_count . "$TMP/chain")" 60

t_begin 'and one'
begin
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_chain_6.o"
t_is "$(bpftool -j map show pinned "$PIN" | t_json .max_entries)" 200
elements >"$TMP/once"
t_ok cmp "$TMP/chain" "$TMP/once"
