#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A migration that is killed anywhere leaves a pin that is valid, and programs in every place;
# run again it is finished, and everything that was counted before, between and after is there.
# A sample of what `make check-migrate` does, of each of TYPES.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
own_objects moved

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

# finished AT: run again it ends with everything that was counted.
finished() {
	local id
	t_is "$(filters v0 egress) $(cg_progs "$CG/a")" '1 1' "programs after a kill at $1"
	map_id "$PIN" >"$TMP/id"
	some
	t_run 0 "${MIGRATE[@]}"
	some
	t_is "$(total)" "$SENT" "packets after a kill at $1"
	t_is "$(ls "$BPFFS/tc/globals")" "$MAP" "pins after a kill at $1"
	id=$(map_id "$PIN")
	t_is "$(maps_of "$(prog_at v0 egress)") $(maps_of "$(prog_in "$CG/a")")" "$id $id" \
		"maps of programs after a kill at $1"
}

# kill_at CALL: SIGKILL as it enters that call, "NAME:N".
kill_at() {
	local status=0
	{
		ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e trace="${1%:*}" \
			-e "inject=${1%:*}:signal=KILL:when=${1#*:}" \
			"${MIGRATE[@]}" >"$TMP/out" 2>&1 || status=$?
	} 2>"$TMP/word"
	t_is "$status" 137 "status of a command killed at $1 ($(tail -n 1 "$TMP/out"))"
}

# kills CALL…: whose number is the same whatever the machine holds; the others are tried by
# `make check-migrate`.
kills() {
	local at
	for at; do
		begin
		kill_at "$at"
		finished "$at"
	done
}

# Its programs are replaced, and it waits for those that still run.
twice() {
	local at
	for at; do
		begin
		kill_at membarrier:1
		t_ok [ -e "$BPFFS/tc/globals/mapshare_migrates_$MAP/switched" ]
		some
		kill_at "$at"
		finished "$at"
	done
}

begins() {
	TYPE=$1
	MIGRATE=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_${TYPE}_new.o")
	t_begin "$TYPE: $2"
}

for type in ${TYPES:-hash}; do
	begins "$type" 'killed, and run again'
	kills mkdirat:1 membarrier:1 unlinkat:1
done
for type in ${TYPES:-percpu_array}; do
	begins "$type" 'killed once, and again while it brings over what was counted'
	twice membarrier:1 renameat2:1
done

t_begin 'what is over and cannot be removed is said, and goes with the next run'
begin
t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e trace=unlinkat -e inject=unlinkat:error=EPERM "${MIGRATE[@]}"
t_err_has "directory '$BPFFS/tc/globals/mapshare_migrates_$MAP' of a finished migration cannot be removed"
t_is "$(total)" "$SENT"
t_run 0 "${MIGRATE[@]}"
t_is "$(ls "$BPFFS/tc/globals")" "$MAP"

t_begin 'one of the things in it: why is said, not only that the directory is not empty'
begin
t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/trace" -e trace=unlinkat "${MIGRATE[@]}"
number=$(grep unlinkat "$TMP/trace" | grep -n '"switched"' | cut -d : -f 1)
begin
t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e trace=unlinkat -e "inject=unlinkat:error=EROFS:when=$number" "${MIGRATE[@]}"
t_err_has "of a finished migration cannot be removed: Read-only file system"
