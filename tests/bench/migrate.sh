#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A migration of 1 000 000 elements against a bare copy of them in batches, in turns in the same
# run, medians. The migration includes the search for programs, which grows with the machine.
# Prints a line; times are never asserted.
#
#	RUNS=5
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects moved

RUNS=${RUNS:-5}
bare=$BUILD/tests/bench/bare_migrate
PIN=$BPFFS/tc/globals/$(own_word moved)_hit_00000
dev_add v0
tc qdisc add dev v0 clsact

median() {
	sort -n "$1" | awk '{ v[NR] = $1; if ($2 > peak) peak = $2 } END { print v[int((NR + 1) / 2)], peak }'
}

t_begin 'a migration of 1000000 elements'
tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_many_old.o"
"$bare" fill "$PIN" 1000000
for ((i = 0; i < RUNS; i++)); do
	"$bare" run "$bare" copy "$PIN" 2>>"$TMP/bare"
	"$bare" run tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_many_new.o" \
		2>>"$TMP/ours" >/dev/null
	"$bare" run "$bare" copy "$PIN" 2>>"$TMP/bare"
	"$bare" run tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_many_old.o" \
		2>>"$TMP/ours" >/dev/null
done
read -r bare_ms _ < <(median "$TMP/bare")
read -r ours_ms peak < <(median "$TMP/ours")
echo "$bare_ms $ours_ms $peak" |
	awk '{ printf "bare copy %.0f ms, migration %.0f ms: %.2f times; peak %.1f MiB\n",
		$1, $2, $2 / $1, $3 / 1024 }'
