#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# N filters with kept prog arrays on one hook, each replaced once by a batch; beside it the
# same object replaced N times on a hook that has nothing else, and the machine's tc, which
# keeps nothing. What a line touches should decide what it costs, so the first ratio should
# stay near 1. Medians. Prints a table; times are never asserted.
#
#	tests/bench/keep_replace.sh [N]	250
#	RUNS=5
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"

N=${1:-250}
RUNS=${RUNS:-5}
run=$BUILD/tests/bench/bare_dump

# measure NAME CMD…: one run more, noted in $TMP/NAME.ms.
measure() {
	local name=$1
	shift
	"$run" run "$@" >>"$TMP/$name.ms"
}

median() {
	sort -n -k 1 "$TMP/$1.ms" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# lines DEV LAST: N lines that replace handles 1 to LAST in turn.
lines() {
	local i
	for ((i = 0; i < N; i++)); do
		echo "filter replace dev $1 ingress pref 1 handle $((i % $2 + 1)) bpf da obj $OBJ/kept_values.o sec classifier"
	done
}

dev_add k0 k1 k2
for dev in k0 k1 k2; do
	tc qdisc add dev "$dev" clsact
done
lines k0 "$N" >"$TMP/many"
lines k1 1 >"$TMP/one"
lines k2 "$N" >"$TMP/tc"

tc_loader -batch "$TMP/many" 2>"$TMP/err" || die "$(tail -1 "$TMP/err")"
[ "$(find "$BPFFS/tc/keep" -type f | wc -l)" -eq "$N" ] || die 'the arrays are not kept'
for ((i = 0; i < RUNS; i++)); do
	measure many tc_loader -batch "$TMP/many"
	measure one tc_loader -batch "$TMP/one"
	measure tc tc -batch "$TMP/tc" || : >"$TMP/no_tc"
done 2>"$TMP/err"
[ "$(find "$BPFFS/tc/keep" -type f | wc -l)" -eq $((N + 1)) ] || die 'too much is kept'

bench_file "$N kept arrays, replaced" ours "$TMP/many.ms"
[ -e "$TMP/no_tc" ] || bench_file "$N kept arrays, replaced" tc "$TMP/tc.ms"
many=$(median many)
one=$(median one)
printf '%-44s %9s ms\n' "$N kept filters on the hook, each replaced" "$many"
printf '%-44s %9s ms   ratio %s\n' "one filter replaced $N times" "$one" \
	"$(awk -v a="$many" -v b="$one" 'BEGIN { printf "%.2f", a / b }')"
[ -e "$TMP/no_tc" ] || printf '%-44s %9s ms\n' 'tc, which keeps none' "$(median tc)"
