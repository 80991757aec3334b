#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A map is read whole where batch lookups stop at an empty slot, as kernels before 6.15 do.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

old_batch=$BUILD/tests/netns/old_batch
bpftool map create "$BPFFS/inner" type array key 4 value 4 entries 1 name "mb_in_$$"
bpftool map create "$BPFFS/outer" type array_of_maps key 4 value 4 entries 900 \
	inner_map pinned "$BPFFS/inner" name "mb_out_$$"
for slot in 0 2 5 255; do
	bpftool map update pinned "$BPFFS/outer" key $slot 0 0 0 value pinned "$BPFFS/inner"
done
bpftool map create "$BPFFS/hash" type hash key 4 value 4 entries 64 name "mb_hash_$$"
bpftool map create "$BPFFS/array" type array key 4 value 4 entries 64 name "mb_arr_$$"
for key in 1 2 3 4 5 6 7; do
	bpftool map update pinned "$BPFFS/hash" key $key 0 0 0 value $key 0 0 0
	bpftool map update pinned "$BPFFS/array" key $key 0 0 0 value $key 0 0 0
done

for map in outer hash array; do
	t_begin "$map: every element, once"
	bpftool -j map dump pinned "$BPFFS/$map" >"$TMP/want"
	t_run 0 "$old_batch" cgroup_loader -j map dump pinned "$BPFFS/$map"
	t_is "$(t_out)" "$(cat "$TMP/want")"
done

t_begin 'share show sees every slot of an outer map'
t_run 0 "$old_batch" cgroup_loader -j share show id "$(map_id "$BPFFS/outer")"
t_is "$(t_out | t_json '.maps[0].entries')" 4
