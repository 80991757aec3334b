#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A migration against a bare copy of the elements in batches, in turns in the same run: 1 000 000 of
# each type. The migration includes the search for programs, which grows with the machine. Prints a
# line each; times are never asserted.
#
# Processor time as a multiple of the bare copy's, medians of six pairs, on two CPUs of an AMD EPYC with
# a load of 4 to 11 (Linux 6.18, libbpf 1.1.2); single pairs are up to a fifth off: hash 1.6, array 1.8,
# per-CPU hash 1.2, per-CPU array 1.4, LRU 1.8, per-CPU LRU 1.6, trie 1.4; no more than 45 MiB.
# README.md here has the figures.
#
#	RUNS=5 TYPES='hash array percpu_hash percpu_array lru percpu_lru trie'
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"
own_objects moved

RUNS=${RUNS:-5}
bare=$BUILD/tests/bench/bare_migrate
PIN=$BPFFS/tc/globals/$(own_word moved)_hit_00000
dev_add v0
tc qdisc add dev v0 clsact

# median WHO UNIT: of the cell.
median() {
	awk -F '\t' -v cell="$cell" -v who="$1" -v unit="$2" \
		'$1 == "migrate" && $2 == cell && $3 == who && $4 == unit { print $5 }' "$BENCH_RUNS" |
		sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

for TYPE in ${TYPES:-hash array percpu_hash percpu_array lru percpu_lru trie}; do
	elements=${ELEMENTS:-1000000} objects=moved_lot_$TYPE
	[ "$TYPE" != hash ] || objects=moved_many
	cell="$TYPE, $elements"
	t_begin "a migration of $elements elements: $TYPE"
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/${objects}_old.o"
	"$bare" fill "$PIN" "$elements"
	for ((i = 0; i < RUNS; i++)); do
		for to in new old; do
			bench_run "$cell" bare "$bare" copy "$PIN"
			bench_run "$cell" ours tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/${objects}_$to.o"
		done
	done
	echo "$(median bare ms) $(median ours ms) $(median bare cpu_ms) $(median ours cpu_ms) $(median ours KiB)" |
		awk '{ printf "bare copy %.0f ms, migration %.0f ms: %.2f times; CPU %.0f ms, %.0f ms: %.2f times; peak %.1f MiB\n",
			$1, $2, $2 / $1, $3, $4, $4 / $3, $5 / 1024 }'
	tc filter del dev v0 egress
	rm "$PIN"
done
