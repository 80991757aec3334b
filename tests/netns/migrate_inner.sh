#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Maps that only user space writes to, such as maps of maps, while a migration of theirs is
# stopped between its copy and its end: what was written to the old one meanwhile comes over,
# unless the new one was given another inner map for it.
# shellcheck disable=SC2046,SC2154 # keys are four words; inner() sets a to e
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
. "$TOP/tests/moved.sh"

dev_add v0
tc qdisc add dev v0 clsact
CALLS_CHANGING=membarrier
echo '1 membarrier(' >"$TMP/calls"

# inner NAME: one more inner map, pinned; its id is $NAME.
inner() {
	bpftool map create "$BPFFS/$1" type array key 4 value 8 entries 1 name moved_inner
	printf -v "$1" %s "$(map_id "$BPFFS/$1")"
}

# put_inner MAP-ID KEY NAME: that inner map into the slot.
put_inner() {
	bpftool map update id "$1" key $(u32_bytes "$2") value pinned "$BPFFS/$3"
}

# holds PIN KEY: the id of the inner map there; nothing: none.
holds() {
	map_inner "$1" "$2" 2>/dev/null || :
}

for name in a b c d e; do
	inner $name
done

# outer_begin NAME FROM TO: slots 0, 1 and 2 have a, b and c; the migration between these objects
# has copied them, and waits.
outer_begin() {
	PIN=$BPFFS/tc/globals/$(own_word moved)_$1_00000
	ASIDE=$BPFFS/tc/globals/mapshare_migrates_${PIN##*/}
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_outer_$2.o"
	old=$(map_id "$PIN")
	put_inner "$old" 0 a
	put_inner "$old" 1 b
	put_inner "$old" 2 c
	stopped_after 1 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_outer_$3.o" --drop ||
		t_fail 'it ended before'
	new=$(map_id "$ASIDE/new")
}

for kind in by at; do
	t_begin "maps of maps, $kind: changed, made, deleted, changed on both sides"
	case $kind in
	by) outer_begin by old by ;;
	at) outer_begin at by both ;;
	esac
	put_inner "$old" 0 d
	put_inner "$old" 3 e
	bpftool map delete id "$old" key $(u32_bytes 1)
	put_inner "$old" 2 d
	put_inner "$new" 2 e
	goes_on 0
	t_is "$(map_id "$PIN")" "$new"
	t_is "$(holds "$PIN" 0) $(holds "$PIN" 1) $(holds "$PIN" 2) $(holds "$PIN" 3)" "$d  $e $e"
	t_is "$(t_json .raced <"$TMP/stopped_out")" 1
	rm -rf "$BPFFS/tc"
	tc filter del dev v0 egress
done

t_begin 'what came meanwhile, and has no room in a smaller one, is counted'
outer_begin by old small
put_inner "$old" 3 e
goes_on 0
t_is "$(t_json .dropped <"$TMP/stopped_out")" 2
t_is "$(bpftool -j map dump pinned "$PIN" 2>/dev/null | t_json '.|length')" 2
t_is "$(holds "$PIN" 3)" ''
