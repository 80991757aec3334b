#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The second program of a migration cannot be replaced: where it is refused, the first one is put
# back, and that what it wrote is lost is said; for want of memory it is tried again.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

TOLD=$BUILD/tests/netns/told
MIGRATE=(cgroup_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o")
EPERM=1 ENOMEM=12
cg_add a
cg_add b
for cgroup in a b; do
	t_run 0 cgroup_loader cgroup attach "$CG/$cgroup" egress obj "$OBJ/moved_hash_old.o" multi
done
put "$(map_id "$PIN")" 1 5 6 7
map=$(map_id "$PIN") programs="$(prog_in "$CG/a") $(prog_in "$CG/b")"

t_begin 'it is refused: as before'
t_run 255 "$TOLD" attach 2 $EPERM "${MIGRATE[@]}"
t_err_has 'the programs that were replaced are put back, and what the new ones wrote in that moment is lost'
t_is "$(prog_in "$CG/a") $(prog_in "$CG/b") $(map_id "$PIN") $(is 1)" "$programs $map 5 6 7"

t_begin 'there is no memory for it, and then there is'
t_run 0 "$TOLD" attach 2 $ENOMEM "${MIGRATE[@]}"
t_isnt "$(map_id "$PIN")" "$map"
t_is "$(maps_of "$(prog_in "$CG/a")") $(maps_of "$(prog_in "$CG/b")")" "$(map_id "$PIN") $(map_id "$PIN")"
t_is "$(is 1)" '5 6 7'
