# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by the tests
#
# The map that tests of map migrate begin with, and its elements; sourced by tests that have
# sourced netns_scripts/lib.sh and called lib_private.

own_objects moved
MAP=$(own_word moved)_hit_00000
PIN=$BPFFS/tc/globals/$MAP
ASIDE=$BPFFS/tc/globals/mapshare_migrates_$MAP

# put MAP-ID KEY PACKETS QUOTA BYTES; per-CPU: on each CPU.
put() {
	tc_loader map update id "$1" key "$2" value "{packets:$3,quota:$4,bytes:$5}"
}

# is KEY: "PACKETS QUOTA BYTES" of it in the map that is pinned, per-CPU: on the first one;
# nothing: there is none.
is() {
	bpftool -j map dump pinned "$PIN" | python3 -c '
import json, sys
for e in json.load(sys.stdin):
	e = e["formatted"]
	v = e["value"] if "value" in e else e["values"][0]["value"]
	if e["key"] == int(sys.argv[1]):
		print(v["packets"], v["quota"], v["bytes"])' "$1"
}

# hash_begin: the hash's old object at v0, anew; its program is $old, its map $map.
hash_begin() {
	rm -rf "$BPFFS/tc"
	t_run 0 tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_hash_old.o"
	old=$(prog_at v0 egress) map=$(map_id "$PIN")
}
