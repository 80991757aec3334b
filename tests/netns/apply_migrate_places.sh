#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# on-change: migrate of two maps of one file, where a link leaves the file, and in a file that is
# followed.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"
. "$TOP/tests/follow.sh"

dev_add v0
cg_add a
cg_add b

# write_file OBJECT MAPS LINE…: MAPS that may migrate, and what follows.
write_file() {
	local map
	{
		echo 'name: more'
		echo "objects: { o: { file: $1 } }"
		echo 'maps:'
		for map in $2; do
			echo "  $map: { shared: yes, on-change: migrate }"
		done
		printf '%s\n' "${@:3}"
	} >"$FILE"
}

apply() {
	tc_loader "$1" --state-dir "$STATE" "$FILE"
}

# counted: an element of the old definition; still: it is there under the new one.
counted() {
	tc_loader map update pinned "$PIN" key 1 value '{packets:5,quota:6,bytes:7}'
	old=$(map_id "$PIN")
}

still() {
	t_isnt "$(map_id "$PIN")" "$old"
	t_is "$(is_one)" '5 6 7'
	t_is "$(find "$BPFFS" -name 'mapshare_migrates_*')" ''
}

is_one() {
	bpftool -j map lookup pinned "$PIN" key 1 0 0 0 >"$TMP/element"
	for member in packets quota bytes; do
		t_json ".formatted.value.$member" <"$TMP/element"
	done | xargs
}

t_begin 'a link that leaves the file as its map migrates: refused, with the way out'
ENTRY="  - { object: o, type: egress, cgroups: [ $CG/a ] }"
LINK="  - { object: o, type: egress, cgroups: [ $CG/b ], mode: link }"
write_file "$OBJ/moved_hash_old.o" "$MAP" cgroups: "$ENTRY" "$LINK"
t_run 0 apply apply
counted
progs="$(prog_in "$CG/a") $(prog_in "$CG/b")"
write_file "$OBJ/moved_hash_new.o" "$MAP" cgroups: "$ENTRY"
t_run 255 apply apply
t_err_has 'its link would be closed too late; take it out of the file in a run of its own'
t_is "$(prog_in "$CG/a") $(prog_in "$CG/b") $(map_id "$PIN") $(is_one)" "$progs $old 5 6 7"
write_file "$OBJ/moved_hash_old.o" "$MAP" cgroups: "$ENTRY"
t_run 0 apply apply
t_is "$(cg_progs "$CG/b") $(map_id "$PIN")" "0 $old"
write_file "$OBJ/moved_hash_new.o" "$MAP" cgroups: "$ENTRY"
t_run 0 apply apply
still
t_is "$(maps_of "$(prog_in "$CG/a")")" "$(map_id "$PIN")"
t_run 0 apply remove
rm "$PIN"

t_begin 'two maps of one file'
BY=$BPFFS/tc/globals/$(own_word moved)_by_00000
AT=$BPFFS/tc/globals/$(own_word moved)_at_00000
TC='  - { object: o, hook: egress, interfaces: [ v0 ] }'
write_file "$OBJ/moved_outer_old.o" "${BY##*/} ${AT##*/}" tc: "$TC"
t_run 0 apply apply
for pin in "$BY" "$AT"; do
	bpftool map create "$BPFFS/inner" type array key 4 value 8 entries 1 name moved_inner
	bpftool map update pinned "$pin" key 2 0 0 0 value pinned "$BPFFS/inner"
	rm "$BPFFS/inner"
done
inner() {
	bpftool map lookup pinned "$1" key 2 0 0 0
}
by=$(inner "$BY") at=$(inner "$AT") ids="$(map_id "$BY") $(map_id "$AT")"
write_file "$OBJ/moved_outer_both.o" "${BY##*/} ${AT##*/}" tc: "$TC"
t_run 0 tc_loader -j plan --state-dir "$STATE" "$FILE"
t_is "$(t_out | jq -c '[.files[0].steps[] | select(.step == "migrate") | .pin] | sort')" "[\"$AT\",\"$BY\"]"
t_run 0 apply apply
t_is "$(inner "$BY") $(inner "$AT")" "$by $at"
t_isnt "$(map_id "$BY")" "${ids% *}"
t_isnt "$(map_id "$AT")" "${ids#* }"
maps_of "$(prog_at v0 egress)" | tr , "\n" | sort -n | xargs >"$TMP/maps"
t_is "$(cat "$TMP/maps")" "$(printf '%s\n' "$(map_id "$BY")" "$(map_id "$AT")" | sort -n | xargs)"
t_is "$(find "$BPFFS" -name 'mapshare_migrates_*')" ''
t_run 0 apply check
t_run 0 apply remove
rm "$BY" "$AT"

t_begin 'in a file that is followed, read again by SIGHUP'
cp "$OBJ/moved_hash_old.o" "$TMP/moved.o"
write_file "$TMP/moved.o" "$MAP" tc: "$TC"
follow
counted
cp "$OBJ/moved_hash_new.o" "$TMP/new.o"
mv "$TMP/new.o" "$TMP/moved.o"
kill -HUP "$PID"
has_moved() {
	[ "$(map_id "$PIN")" != "$old" ] && [ ! -e "$ASIDE" ]
}
t_ok wait_for 60 has_moved
still
t_is "$(maps_of "$(prog_at v0 egress)")" "$(map_id "$PIN")"
kill "$PID"
t_run 0 wait "$PID"
t_run 0 apply remove
rm "$PIN"
