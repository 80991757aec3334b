#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Beside what a migration left that was killed once its programs were replaced: nothing uses the
# old map, which has the last counts, so gc keeps it and says why; loads of either object, another
# migration and on-change: fresh do what is right; then it is finished, with all that was there.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
. "$TOP/tests/moved.sh"

MIGRATE=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o")
dev_add v0 v1
tc qdisc add dev v0 clsact
tc qdisc add dev v1 clsact

load() {
	tc_loader filter replace dev "$1" egress pref 1 handle 1 bpf da obj "$OBJ/moved_$2.o"
}

state() {
	map_id "$PIN"
	prog_at v0 egress
	prog_at v1 egress
	ls -R "$BPFFS/tc"
}

is_gone() {
	! bpftool prog show id "$1" >/dev/null 2>&1
}

t_begin 'gc: the pin is kept, and why'
t_run 0 load v0 hash_old
put "$(map_id "$PIN")" 1 5 6 7
old=$(prog_at v0 egress)
{ ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e trace=membarrier -e inject=membarrier:signal=KILL "${MIGRATE[@]}" || :; } >/dev/null 2>&1
t_ok [ -e "$ASIDE/switched" ]
t_ok wait_for 60 is_gone "$old"
state >"$TMP/before"
t_run 0 tc_loader share gc
t_out_lacks "$PIN"
t_err_has "'$PIN': a 'map migrate' of it was interrupted; run it again to finish it"
t_run any tc_loader share gc --delete "$PIN"
t_err_has "an interrupted 'map migrate' needs it; run that again to finish it"
state | t_ok cmp - "$TMP/before"

t_begin 'another migration, and a load of the new object: refused'
t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_wide.o"
t_err_has 'has to be finished first; run it again with its objects'
t_run 1 load v1 hash_new
state | t_ok cmp - "$TMP/before"

t_begin 'on-change: fresh would lose what is left: refused'
cat >"$TMP/fresh.yaml" <<END
name: le.ft
objects:
  tc: { file: $OBJ/moved_hash_wide.o }
maps:
  $MAP: { shared: yes, on-change: fresh }
tc:
  - { object: tc, hook: ingress, interfaces: [ v1 ] }
END
t_run 255 tc_loader apply --state-dir "$TMP/state" "$TMP/fresh.yaml"
t_err_has 'an interrupted migration to another definition has to be finished first'
state | t_ok cmp - "$TMP/before"

t_begin 'a load of the old object joins, and goes over with the rest'
t_run 0 load v1 hash_old
# Of a run that was killed as it exchanged a prog array.
bpftool map create "$ASIDE/array" type prog_array key 4 value 4 entries 4 name left_array
t_run 0 "${MIGRATE[@]}"
t_is "$(maps_of "$(prog_at v0 egress)") $(maps_of "$(prog_at v1 egress)")" "$(map_id "$PIN") $(map_id "$PIN")"
t_is "$(is 1)" '5 6 7'
t_ok [ ! -e "$ASIDE" ]
t_run 0 tc_loader share gc
t_err_lacks 'interrupted'
