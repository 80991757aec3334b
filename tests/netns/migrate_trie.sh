#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The walk of a trie begins anew where the key that it told last is deleted: what is told twice is
# copied once, whatever the lengths of the prefixes.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

dev_add v0
tc qdisc add dev v0 clsact

# elements: "LENGTH NUMBER PACKETS" of each, sorted.
elements() {
	bpftool -j map dump pinned "$PIN" | $LIB_PYTHON -c '
import json, sys
for e in json.load(sys.stdin):
	e = e["formatted"]
	print(e["key"]["prefixlen"], e["key"]["number"], e["value"]["packets"])' | sort
}

t_begin "20 000 prefixes of 1 to 32 bits"
tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_lot_trie_old.o"
$LIB_PYTHON -c '
import struct
for i in range(20000):
	bits = 32 if i % 3 else 1 + i % 32
	data = int.to_bytes((i * 2654435761 & 0xffffffff) >> (32 - bits) << (32 - bits), 4, "big")
	print((struct.pack("=I", bits) + data).hex(), struct.pack("=QQQ", i, 0, i).hex())' >"$TMP/lines"
t_run 0 tc_loader map load pinned "$PIN" "$TMP/lines"
elements >"$TMP/before"
nr=$(wc -l <"$TMP/before")
t_ok [ "$nr" -gt 15000 ]
old=$(map_id "$PIN")
t_run 0 "$BUILD/tests/netns/trie_again" tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_lot_trie_new.o"
t_out >"$TMP/out"
t_is "$(t_json .copied <"$TMP/out") $(t_json .deleted <"$TMP/out") $(t_json .born <"$TMP/out") $(t_json .added <"$TMP/out")" "$nr 1 0 0"
t_isnt "$(map_id "$PIN")" "$old"
elements >"$TMP/after"
t_is "$(comm -13 "$TMP/before" "$TMP/after")" ''
t_is "$(comm -23 "$TMP/before" "$TMP/after" | wc -l)" 1
tc filter del dev v0 egress
rm "$PIN"
