#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# `map watch` of large hashes: processor time of a look at the map, by the difference between a
# watch of few looks and one of many, beside a bare loop that reads and prints the map once
# (bare_dump.c), in turns. Medians. Prints a line each; times are never asserted.
#
#	tests/bench/map_watch.sh [ENTRIES…]	10000 100000
#	RUNS=5
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"

[ $# -gt 0 ] || set -- 10000 100000
RUNS=${RUNS:-5}
FEW=2
MANY=6
bare=$BUILD/tests/bench/bare_dump
pin=$BPFFS/bench

# watched LOOKS: processor time of that many, in ms.
watched() {
	local wall kib
	"$bare" run cgroup_loader map watch pinned "$pin" interval 0.1 count "$1" >"$TMP/run"
	read -r wall cpu kib <"$TMP/run"
	bench_note "$entries, $1 looks" ours ms "$wall"
	bench_note "$entries, $1 looks" ours cpu_ms "$cpu"
	bench_note "$entries, $1 looks" ours KiB "$kib"
}

t_begin 'map watch, a look'
for entries; do
	cell="$entries, a look"
	"$bare" make "$pin" flow typed "$entries"
	t_is "$(cgroup_loader map watch pinned "$pin" interval 0.1 count 1 top 3 | wc -l)" 4 lines
	for ((i = 0; i < RUNS; i++)); do
		bench_run "$cell" bare "$bare" dump "$pin" flow typed text
		watched $FEW
		few=$cpu
		watched $MANY
		bench_note "$cell" ours cpu_ms "$(echo "$few $cpu" |
			awk -v looks=$((MANY - FEW)) '{ printf "%.3f", ($2 - $1) / looks }')"
	done
	rm "$pin"
	echo "$(bench_median "$cell" ours cpu_ms) $(bench_median "$cell" bare cpu_ms)" \
		"$(bench_median "$entries, $MANY looks" ours KiB)" |
		awk -v n="$entries" '{ printf "%d entries: a look %.1f ms, a bare dump %.1f ms: %.2f; peak %.1f MiB\n",
			n, $1, $2, $2 ? $1 / $2 : 0, $3 / 1024 }'
done
