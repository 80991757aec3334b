#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Who goes on reading the old map is listed: processes that have it open or in their memory,
# iterators, other pins; a map in a slot of another one is refused.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

MIGRATE=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_mapped_new.o")
dev_add v0
tc qdisc add dev v0 clsact
t_run 0 tc_loader filter add dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_mapped_old.o"
id=$(map_id "$PIN")

# held HOW: in $STARTED.
held() {
	start "$BUILD/tests/netns/hold" "$1" "$PIN" >"$TMP/$1"
	t_ok wait_for 60 grep -q ready "$TMP/$1"
}

t_begin 'open, mapped, in an iterator, pinned'
held open
opened=$STARTED
held memory
mapped=$STARTED
bpftool iter pin "$OBJ/iter_map_elem.o" "$BPFFS/iter" map pinned "$PIN"
link=$(bpftool -j link show pinned "$BPFFS/iter" | t_json .id)
bpftool map pin pinned "$PIN" "$BPFFS/second"
t_run 0 "${MIGRATE[@]}" --plan
t_out_has "process $opened 'hold' has the old map open"
t_out_has ' has an array mapped, which may be the old map'
t_out_has "link $link iterates over the old map"
t_out_has "pin $BPFFS/second is of the old map, and stays"
t_run 0 tc_loader -j "${MIGRATE[@]:1}"
t_out_has "{\"pid\":$opened,\"comm\":\"hold\"}"
t_out_has ',"mapped":true}'
t_out_has "{\"link\":$link}"
t_out_has "{\"pinned\":\"$BPFFS/second\"}"
t_isnt "$(map_id "$PIN")" "$id"
kill "$opened" "$mapped"
rm "$BPFFS/iter" "$BPFFS/second"

t_begin 'nobody any more: nobody is listed'
tc_loader filter del dev v0 egress
rm "$PIN"
t_run 0 tc_loader filter add dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_hash_old.o"
t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o"
t_out_has '"holders":[]'

t_begin 'in a slot of a map of maps: refused, nothing is done'
id=$(map_id "$PIN")
bpftool map create "$BPFFS/outer" type array_of_maps key 4 value 4 entries 1 name outer inner_map pinned "$PIN"
bpftool map update pinned "$BPFFS/outer" key 0 0 0 0 value pinned "$PIN"
outer=$(map_id "$BPFFS/outer")
t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_old.o"
t_err_has "map id $id is in a slot of map of maps id $outer, through which programs reach it; an inner map cannot be migrated"
t_is "$(map_id "$PIN")" "$id"
