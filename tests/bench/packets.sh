#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a shared map costs a packet: a classifier and a cgroup program that count in one element
# each of a map of their own, or both in one; on one CPU, and on two at once. ns a packet, the least
# and the median of RUNS, by BPF_PROG_TEST_RUN; "none" is the run without a map. Prints a table;
# times are never asserted.
#
#	tests/bench/packets.sh [PACKETS]	1000000
#	RUNS=5
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"

NR=${1:-1000000}
RUNS=${RUNS:-5}
packets=$BUILD/tests/bench/bench_packets

# median CELL WHO
median() {
	awk -F '\t' -v cell="$1" -v who="$2" '$1 == "packets" && $2 == cell && $3 == who { print $5 }' \
		"$BENCH_RUNS" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

t_begin 'ns a packet'
printf '%-14s %5s %9s %9s %9s %9s %7s\n' map CPUs private median shared median ratio
for kind in none array hash lru_hash percpu_array percpu_hash; do
	for cpus in 1 2; do
		[ "$cpus" -le "$(nproc)" ] || continue
		cell="$kind, $cpus CPU"
		for ((i = 0; i < RUNS; i++)); do
			bench_note "$cell" ours ns "$("$packets" $kind shared "$cpus" "$NR")"
			bench_note "$cell" private ns "$("$packets" $kind private "$cpus" "$NR")"
		done
		awk -v kind=$kind -v cpus="$cpus" -v a="$(bench_least "$cell" private ns)" \
			-v b="$(median "$cell" private)" -v c="$(bench_least "$cell" ours ns)" \
			-v d="$(median "$cell" ours)" 'BEGIN {
			printf "%-14s %5d %9d %9d %9d %9d %7.2f\n", kind, cpus, a, b, c, d,
				(a ? c / a : 0) }'
	done
done
