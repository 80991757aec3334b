#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A migration that is killed anywhere leaves a pin that is valid, and programs in every place;
# run again it is finished, and everything that was counted before, between and after is there.
# ROUNDS=N kills for each type of map and state.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
own_objects moved

ROUNDS=${ROUNDS:-5}
MAP=$(own_word moved)_hit_00000
PIN=$BPFFS/tc/globals/$MAP
dev_add v0
ip link set peer-v0 up
addr_add v0 10.9.0.1/24
ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0
cg_add a

total() {
	bpftool -j map dump pinned "$PIN" >"$TMP/dump"
	grep -o '"packets":[0-9]*' "$TMP/dump" | awk -F: '{ sum += $2 } END { printf "%d\n", sum }'
}

# some: 300 more packets, which each program counts.
some() {
	t_run 0 cg_run "$CG/a" "$BUILD/tests/netns/packets" 10.9.0.2 1 300
	t_is "$(t_out | tail -1)" 300
	SENT=$((SENT + 600))
}

begin() {
	tc qdisc del dev v0 clsact 2>/dev/null || :
	bpftool cgroup detach "$CG/a" egress id "$(prog_in "$CG/a")" 2>/dev/null || :
	rm -rf "$BPFFS/tc"
	SENT=0
	tc_loader qdisc replace dev v0 clsact
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_${TYPE}_old.o"
	cgroup_loader cgroup attach "$CG/a" egress obj "$OBJ/moved_${TYPE}_old.o" multi
	some
}

# traced: one undisturbed run. How many calls it makes depends on what others have loaded, and
# strace counts those of each thread by themselves: the first one is who is killed.
traced() {
	begin
	trace_again
}

trace_again() {
	calls_of "${MIGRATE[@]}" >"$TMP/out" 2>&1
	awk 'NR == 1 { first = $1 } $1 == first' "$TMP/calls" >"$TMP/first"
	mv "$TMP/first" "$TMP/calls"
	t_is "$(total)" "$SENT"
}

# place I N PATTERN: the number of the Ith of N calls, from the first one that matches on.
place() {
	local first last
	last=$(wc -l <"$TMP/calls")
	first=$(grep -n -- "$3" "$TMP/calls" | sed -n '1s/:.*//p')
	echo $((first + ($1 - 1) * (last - first) / ($2 - 1)))
}

# killed_there N: SIGKILL as it enters its call N; status 1: it never got that far.
killed_there() {
	local status=0 spec
	spec=$(call_spec "$1")
	{
		strace -f -qq -o /dev/null -e trace="$CALLS_CHANGING" \
			-e "inject=${spec% *}:signal=KILL:when=${spec#* }" \
			"${MIGRATE[@]}" >"$TMP/out" 2>&1 || status=$?
	} 2>"$TMP/word"
	[ "$status" -ne 0 ] || return 1
	t_is "$status" 137 "status of a command killed at its call $1 ($spec)"
}

# finished AT: run again it ends with everything that was counted.
finished() {
	local id
	t_is "$(filters v0 egress) $(cg_progs "$CG/a")" '1 1' "programs after a kill at call $1"
	map_id "$PIN" >"$TMP/id"
	some
	t_run 0 "${MIGRATE[@]}"
	some
	t_is "$(total)" "$SENT" "packets after a kill at call $1"
	t_is "$(ls "$BPFFS/tc/globals")" "$MAP" "pins after a kill at call $1"
	id=$(map_id "$PIN")
	t_is "$(maps_of "$(prog_at v0 egress)") $(maps_of "$(prog_in "$CG/a")")" "$id $id" \
		"maps of programs after a kill at call $1"
}

# Killed where it was to be: what it reads before differs with what others have loaded.
half_done() {
	[ -e "$BPFFS/tc/globals/mapshare_migrates_$MAP/switched" ] &&
		[ "$(maps_of "$(prog_at v0 egress)")" = "$(map_id "$PIN")" ]
}

# Killed once before its first program is replaced, so that there is much to bring over: it asks
# for each filter first, and is slow at that.
half_way() {
	local try tracer
	for try in 1 2 3 4; do
		begin
		strace -f -qq -o /dev/null -e trace=sendto -e inject=sendto:delay_enter=150000 \
			"${MIGRATE[@]}" >"$TMP/out" 2>&1 &
		tracer=$!
		wait_for 60 switched_or_over "$tracer" || :
		pkill -KILL -P "$tracer" || :
		wait "$tracer" 2>"$TMP/word" || :
		if half_done; then
			some
			return 0
		fi
	done
	return 1
}

switched_or_over() {
	[ -e "$BPFFS/tc/globals/mapshare_migrates_$MAP/switched" ] || ! kill -0 "$1" 2>/dev/null
}

traced_half_way() {
	half_way
	trace_again
}

# kills PREPARE PATTERN: ROUNDS of them, from the first call that matches on.
kills() {
	local i try hits=0 at
	for ((i = 1; i <= ROUNDS; i++)); do
		for try in 1 2 3 4; do
			at=$(place "$i" "$ROUNDS" "$2")
			cp "$TMP/calls" "$TMP/kept"
			"$1"
			mv "$TMP/kept" "$TMP/calls"
			if killed_there "$at"; then
				finished "$at"
				hits=$((hits + 1))
				break
			fi
			[ "$try" = 4 ] || "$3"
		done
	done
	echo "  killed $hits times"
	t_ok [ "$hits" -ge $((ROUNDS / 2)) ]
}

for TYPE in ${TYPES:-hash percpu_array}; do
	MIGRATE=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_${TYPE}_new.o")
	t_begin "$TYPE: killed anywhere, and run again"
	traced
	kills begin mapshare_migrates traced

	t_begin "$TYPE: killed once, and again while it brings over what was counted"
	traced_half_way
	kills half_way BPF_PROG_TEST_RUN traced_half_way
done
