#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A map migrated by an embedding program (library_migrate.c).
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects moved

MAP=$(own_word moved)_hit_00000
PIN=$BPFFS/tc/globals/$MAP
dev_add v0
tc qdisc add dev v0 clsact
tc_loader filter add dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_hash_old.o"
tc_loader map update pinned "$PIN" key 1 value '{packets:5,quota:6,bytes:7}'
old=$(map_id "$PIN") prog=$(prog_at v0 egress)

t_begin 'a plan is data, and changes nothing'
t_run 0 "$BUILD/tests/netns/library_migrate" plan "$PIN" "$OBJ/moved_hash_new.o"
t_out_is "$old 0 same 0 elements 1 replaced 1"
t_err_is ''
t_is "$(map_id "$PIN") $(prog_at v0 egress)" "$old $prog"

t_begin 'a migration, quietly'
t_run 0 "$BUILD/tests/netns/library_migrate" run "$PIN" "$OBJ/moved_hash_new.o"
new=$(map_id "$PIN")
t_out_is "$old $new same 0 elements 1 replaced 1"
t_err_is ''
t_is "$(maps_of "$(prog_at v0 egress)")" "$new"
t_run 0 bpftool -j map lookup pinned "$PIN" key 1 0 0 0
t_is "$(t_out | t_json .formatted.value.quota)" 6
t_run 0 "$BUILD/tests/netns/library_migrate" run "$PIN" "$OBJ/moved_hash_new.o"
t_out_is "$new 0 same 1 elements 0 replaced 0"

t_begin 'what cannot be done is an error in words'
t_run 1 "$BUILD/tests/netns/library_migrate" run "$PIN" "$OBJ/moved_hash_old.o" nosuch=add
t_out_has 'nosuch'
t_run 1 "$BUILD/tests/netns/library_migrate" run "$PIN" "$OBJ/moved_array_old.o"
t_out_has 'a migration keeps the type'
t_is "$(map_id "$PIN")" "$new"
tc filter del dev v0 egress
rm "$PIN"
