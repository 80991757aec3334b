#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A map whose definition changes in a file of apply: migrated first, then applied; nothing is lost.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects moved

MAP=$(own_word moved)_hit_00000
PIN=$BPFFS/tc/globals/$MAP
dev_add v0
cg_add a
cp "$OBJ/moved_hash_old.o" "$TMP/moved.o"
cat >"$TMP/acct.yaml" <<END
name: acct
objects:
  tc: { file: moved.o }
  cg: { file: moved.o }
maps:
  $MAP: { shared: yes }
tc:
  - { object: tc, interfaces: [ v0 ], hook: egress, adopt: yes }
cgroups:
  - { object: cg, type: egress, cgroups: [ $CG/a ], adopt: yes }
END
FILE=(--state-dir "$TMP/state" "$TMP/acct.yaml")

t_begin "a file whose map has another definition is refused, and the map is migrated"
t_run 0 tc_loader apply "${FILE[@]}"
tc_loader map update pinned "$PIN" key 1 value '{packets:5,quota:6,bytes:7}'
cp "$OBJ/moved_hash_new.o" "$TMP/moved.o"
t_run 255 tc_loader apply "${FILE[@]}"
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$TMP/moved.o"
new=$(map_id "$PIN")

t_begin "then the file applies, and the map stays the one"
t_run 0 tc_loader apply "${FILE[@]}"
t_run 0 tc_loader check "${FILE[@]}"
t_is "$(map_id "$PIN")" "$new"
t_is "$(maps_of "$(prog_at v0 egress)") $(maps_of "$(prog_in "$CG/a")")" "$new $new"
t_run 0 bpftool -j map lookup pinned "$PIN" key 1 0 0 0
t_is "$(t_out | t_json .formatted.value.quota)" 6
t_run 0 tc_loader remove "${FILE[@]}"
rm "$PIN"
