#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Killed anywhere, run again: the end is that of an undisturbed run, and in between the old
# or the new program is attached, never none. The kill falls on system calls that change
# something, from the first to the last; half of them at least must have hit.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"

ROUNDS=20
dev_add v0
tc qdisc add dev v0 clsact

# places CMD…: runs it; the numbers of ROUNDS of its calls, the last one among them.
places() {
	calls_of "$@" >"$TMP/places_out" 2>&1
	awk -v rounds=$ROUNDS 'END {
		for (i = 1; i <= rounds; i++) {
			place = int(i * NR / rounds)
			if (place > last)
				print place
			last = place
		}
	}' "$TMP/calls"
}

# hit N CMD…: a kill, counted. enough: that many hit since the last time.
KILLS=0
hit() {
	if killed_at "$@"; then
		KILLS=$((KILLS + 1))
	fi
}

enough() {
	echo "  killed $KILLS times"
	t_ok [ "$KILLS" -ge 10 ]
	KILLS=0
}

# Names of their own: which hooks are looked at does not depend on what others have loaded.
REFUSED=r$(printf %06d $(($$ % 1000000)))
LAYOUT=l$(printf %05d $(($$ % 100000)))
sed "s/refused/$REFUSED/g" "$OBJ/refused.o" >"$TMP/refused.o"
sed "s/layout/$LAYOUT/g" "$OBJ/layout_u64.o" >"$TMP/layout_u64.o"
TC=(tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da obj "$TMP/refused.o"
	section fine)
CGROUP=(cgroup_loader cgroup attach "$CG" egress obj "$TMP/layout_u64.o" replace)
LOADALL=(cgroup_loader prog loadall "$TMP/layout_u64.o" "$BPFFS/all")

t_begin 'filter replace: one filter at all times, one map in the end'
t_run 0 "${TC[@]}"
id=$(map_id "$BPFFS/tc/globals/${REFUSED}_global")
places "${TC[@]}" >"$TMP/places"
while read -r place; do
	hit "$place" "${TC[@]}"
	t_is "$(filters v0 ingress)" 1 "filters after a kill at call $place"
done <"$TMP/places"
enough
t_run 0 "${TC[@]}"
t_is "$(filters v0 ingress)" 1
t_is "$(map_id "$BPFFS/tc/globals/${REFUSED}_global")" "$id"

t_begin 'the same from nothing: pins half made do not stand in the way'
# The kernel frees a map a moment later; until then a load has more to look at, since there is
# another one of that name.
no_map() {
	! bpftool map show name "${REFUSED}_global" >"$TMP/null" 2>&1
}
nothing() {
	tc filter del dev v0 ingress
	rm -rf "$BPFFS/tc" "$BPFFS/ip" "$BPFFS/xdp"
	t_ok wait_for 20 no_map
}
nothing
places "${TC[@]}" >"$TMP/places"
while read -r place; do
	nothing
	hit "$place" "${TC[@]}"
	t_run 0 "${TC[@]}"
	t_is "$(filters v0 ingress)" 1 "filters after a kill at call $place"
	case ,$(maps_of "$(prog_at v0 ingress)"), in
	*,$(map_id "$BPFFS/tc/globals/${REFUSED}_global"),*) ;;
	*) t_fail 'the filter uses another map than the pinned one' ;;
	esac
done <"$TMP/places"
enough

t_begin 'cgroup attach … replace: one program at all times'
t_run 0 "${CGROUP[@]}"
id=$(map_id "$BPFFS/tc/globals/${LAYOUT}_stats")
places "${CGROUP[@]}" >"$TMP/places"
while read -r place; do
	hit "$place" "${CGROUP[@]}"
	t_is "$(cg_progs "$CG")" 1 "programs after a kill at call $place"
done <"$TMP/places"
enough
t_run 0 "${CGROUP[@]}"
t_is "$(maps_of "$(prog_in "$CG")")" "$id"

t_begin 'loadall killed midway says what is already there, and loads once that is gone'
places "${LOADALL[@]}" >"$TMP/places"
rm -rf "$BPFFS/all"
while read -r place; do
	hit "$place" "${LOADALL[@]}"
	t_run any "${LOADALL[@]}"
	[ "$T_STATUS" -eq 0 ] || t_err_has "$BPFFS/all"
	rm -rf "$BPFFS/all"
done <"$TMP/places"
enough
t_run 0 "${LOADALL[@]}"
