#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# on-change: migrate of a map that a program in a prog array uses: refused by name, and nothing is
# done. A slot that was emptied is filled again.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

WORD=$(own_word moved)
FILE=$TMP/slots.yaml
dev_add v0

write_file() {
	cat >"$FILE" <<-END
		name: sl.ots
		objects:
		  tc: { file: $OBJ/moved_$1.o }
		maps:
		  $MAP: { shared: yes, on-change: migrate }
		tc:
		  - { object: tc, program: ${WORD}_cls, hook: egress, interfaces: [ v0 ] }
	END
}

apply() {
	tc_loader "$1" --state-dir "$TMP/state" "$FILE"
}

t_begin 'refused by the slot, in the plan and when it is applied'
write_file jumps_old
t_run 0 apply apply
standing="$(prog_at v0 egress) $(map_id "$PIN")"
write_file jumps_new
t_run 1 apply plan
t_out_has "'${WORD}_target' (id "
t_out_has "slot 1 of prog array id "
t_run 255 apply apply
t_err_has "would stay on the old map: 'apply' does not move programs that are reached by tail calls; 'map migrate' does"
t_is "$(prog_at v0 egress) $(map_id "$PIN")" "$standing"
t_ok [ ! -e "$ASIDE" ]

t_begin 'a slot that somebody emptied: the object is loaded again, and the slot filled'
write_file jumps_old
t_run 0 apply apply
t_run 0 apply check
array=$(for id in $(maps_of "$(prog_at v0 egress)"); do
	bpftool -j map show id "$id"
	echo
done | sed -n 's/.*"id":\([0-9]*\),"type":"prog_array".*/\1/p')
bpftool map delete id "$array" key 1 0 0 0
t_run 1 apply check
t_out_has "slot 1 of prog array id $array does not hold program id "
t_run 0 apply apply
t_run 0 apply check
