#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Killed anywhere, run again: the end is that of an undisturbed run, and in between the old
# or the new program is attached, never none. How long a run gets to live grows from round to
# round, so that the kill falls into every stage of it.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

ROUNDS=20
STEP=300 # microseconds
dev_add v0
tc qdisc add dev v0 clsact

# killed MICROSECONDS CMD…
killed() {
	kill_after=$1
	shift
	"$@" >/dev/null 2>&1 &
	kill_pid=$!
	usleep_for "$kill_after"
	kill -9 $kill_pid 2>/dev/null || true
	wait $kill_pid 2>/dev/null || true
}

usleep_for() {
	[ "$1" -eq 0 ] || sleep "$(printf '0.%06d' "$1")"
}

TC="tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da obj $OBJ/refused.o section fine"
CGROUP="cgroup_loader cgroup attach $CG egress obj $OBJ/layout_u64.o replace"

t_begin 'filter replace: one filter at all times, one map in the end'
# shellcheck disable=SC2086 # words of a command
t_run 0 $TC
id=$(map_id "$BPFFS/tc/globals/refused_global")
round=0
while [ $round -lt $ROUNDS ]; do
	# shellcheck disable=SC2086 # words of a command
	killed $((round * STEP)) $TC
	t_is "$(filters v0 ingress)" 1 "filters after round $round"
	round=$((round + 1))
done
# shellcheck disable=SC2086
t_run 0 $TC
t_is "$(filters v0 ingress)" 1
t_is "$(map_id "$BPFFS/tc/globals/refused_global")" "$id"

t_begin 'the same from nothing: pins half made do not stand in the way'
round=0
while [ $round -lt $ROUNDS ]; do
	tc filter del dev v0 ingress 2>/dev/null || true
	rm -rf "$BPFFS/tc" "$BPFFS/ip" "$BPFFS/xdp"
	# shellcheck disable=SC2086
	killed $((round * STEP)) $TC
	# shellcheck disable=SC2086
	t_run 0 $TC
	t_is "$(filters v0 ingress)" 1 "filters after round $round"
	case ,$(maps_of "$(prog_at v0 ingress)"), in
	*,$(map_id "$BPFFS/tc/globals/refused_global"),*) ;;
	*) t_fail 'the filter uses another map than the pinned one' ;;
	esac
	round=$((round + 1))
done

t_begin 'cgroup attach … replace: one program at all times'
# shellcheck disable=SC2086
t_run 0 $CGROUP
id=$(map_id "$BPFFS/tc/globals/layout_stats")
round=0
while [ $round -lt $ROUNDS ]; do
	# shellcheck disable=SC2086
	killed $((round * STEP)) $CGROUP
	t_is "$(cg_progs "$CG")" 1 "programs after round $round"
	round=$((round + 1))
done
# shellcheck disable=SC2086
t_run 0 $CGROUP
t_is "$(maps_of "$(prog_in "$CG")")" "$id"

t_begin 'loadall killed midway says what is already there, and loads once that is gone'
round=0
while [ $round -lt $ROUNDS ]; do
	killed $((round * STEP)) cgroup_loader prog loadall "$OBJ/layout_u64.o" "$BPFFS/all"
	t_run any cgroup_loader prog loadall "$OBJ/layout_u64.o" "$BPFFS/all"
	[ "$T_STATUS" -eq 0 ] || t_err_has "$BPFFS/all"
	rm -rf "$BPFFS/all"
	round=$((round + 1))
done
t_run 0 cgroup_loader prog loadall "$OBJ/layout_u64.o" "$BPFFS/all"
