#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A loader that takes no lock puts another map at the pin while a map is migrated, in the last
# moment: that one stays there, whether the migration is killed then or not, and with the old
# map back at its pin it is finished.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
. "$TOP/tests/moved.sh"

dev_add v0
tc qdisc add dev v0 clsact
MIGRATE=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o")

t_begin 'what else is where the old values would be stays, and so does the map'
hash_begin
put "$map" 1 5 6 7
mkdir -p "$ASIDE/copied_0"
find "$BPFFS" | sort >"$TMP/before"
t_run 255 "${MIGRATE[@]}"
t_err_has "pin '$ASIDE/copied_0': File exists"
t_is "$(find "$BPFFS" | sort)" "$(cat "$TMP/before")"
t_is "$(map_id "$PIN") $(prog_at v0 egress)" "$map $old"
rmdir "$ASIDE/copied_0"
t_run 0 "${MIGRATE[@]}"
t_is "$(is 1)" '5 6 7'

packets() {
	bpftool -j map lookup pinned "$PIN" key 1 0 0 0 | sed -n 's/.*"packets":\([0-9]*\).*/\1/p'
}

# foreign: another map at the pin.
foreign() {
	bpftool map create "$BPFFS/tc/globals/foreign" type hash key 4 value 24 entries 64 name foreign$$
	mv "$BPFFS/tc/globals/foreign" "$PIN"
	other=$(map_id "$PIN")
}

# before_the_end: a migration that is stopped after its last look at the pin: it dresses the new
# one, once.
before_the_end() {
	tc filter del dev v0 egress 2>/dev/null || :
	rm -rf "$BPFFS/tc"
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_hash_old.o"
	tc_loader map update pinned "$PIN" key 1 value '{packets:5,quota:6,bytes:7}'
	bpftool map pin pinned "$PIN" "$BPFFS/old"
	on_exit "rm -f '$BPFFS/old'"
	old=$(map_id "$PIN")
	CALLS_CHANGING=fchownat
	echo '1 fchownat(' >"$TMP/calls"
	stopped_after 1 "${MIGRATE[@]}"
	new=$(map_id "$ASIDE/new")
}

killed() {
	{
		kill -9 "$STOPPED"
		wait "$STOPPED_BY" || :
	} 2>"$TMP/word"
}

# finished: it is, with the old map back at its pin.
finished() {
	t_is "$(map_id "$ASIDE/new") $(map_id "$ASIDE/switched")" "$new $new"
	t_run 255 "${MIGRATE[@]}"
	t_err_has "is map id $other now, but the interrupted migration is of map id"
	mv "$BPFFS/old" "$PIN"
	t_run 0 "${MIGRATE[@]}"
	t_is "$(map_id "$PIN") $(packets) $(ls "$BPFFS/tc/globals")" "$new 5 $MAP"
}

t_begin "another map comes to the pin after the last look at it"
before_the_end
foreign
goes_on 255
t_ok grep -q "pin '$PIN' was exchanged for map id $other meanwhile" "$TMP/stopped_err"
t_is "$(map_id "$PIN")" "$other"
finished

t_begin "killed before it saw that"
before_the_end
foreign
killed
mv "$ASIDE/new" "$ASIDE/kept"
mv "$PIN" "$ASIDE/new"
mv "$ASIDE/kept" "$PIN"
t_run 255 "${MIGRATE[@]}"
t_err_has "pin '$PIN' was exchanged for map id $other meanwhile"
t_is "$(map_id "$PIN")" "$other"
finished

t_begin "killed after its exchange: what is left goes"
before_the_end
killed
mv "$ASIDE/new" "$ASIDE/kept"
mv "$PIN" "$ASIDE/new"
mv "$ASIDE/kept" "$PIN"
t_run 0 "${MIGRATE[@]}"
t_out_has 'an interrupted migration was finished'
t_is "$(map_id "$PIN") $(map_id "$BPFFS/old") $(ls "$BPFFS/tc/globals")" "$new $old $MAP"

t_begin "the pin is removed after the last look at it"
rm "$BPFFS/old"
before_the_end
rm "$PIN"
goes_on 255
t_is "$(ls "$BPFFS/tc/globals")" "mapshare_migrates_$MAP"
mv "$BPFFS/old" "$PIN"
t_run 0 "${MIGRATE[@]}"
t_is "$(map_id "$PIN") $(packets)" "$new 5"
tc filter del dev v0 egress
rm "$PIN"
