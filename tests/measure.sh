# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# What benches have in common; sourced behind netns_scripts/lib.sh, not run by itself. Runs are
# noted one a line in $BENCH_RUNS, tabs between: bench, cell, who, unit, value. report.py makes
# tables, the JSON and the picture of them.

BENCH_NAME=$(basename "$0" .sh)
BENCH_RUNS=${BENCH_RUNS:-$TMP/runs}

# bench_note CELL WHO UNIT VALUE…
bench_note() {
	local cell=$1 who=$2 unit=$3 value
	shift 3
	for value; do
		printf '%s\t%s\t%s\t%s\t%s\n' "$BENCH_NAME" "$cell" "$who" "$unit" "$value"
	done >>"$BENCH_RUNS"
}

# bench_run CELL WHO CMD…: stdout goes to /dev/null, stderr to $TMP/err. Wall and processor time
# (user and system) in ms, peak memory in KiB. Its status.
bench_run() {
	local cell=$1 who=$2 status=0 wall cpu kib
	shift 2
	"$BUILD/tests/bench/bare_dump" run "$@" >"$TMP/run" 2>"$TMP/err" || status=$?
	read -r wall cpu kib <"$TMP/run"
	bench_note "$cell" "$who" ms "$wall"
	bench_note "$cell" "$who" cpu_ms "$cpu"
	bench_note "$cell" "$who" KiB "$kib"
	return $status
}

# bench_file CELL WHO FILE: what bare_dump wrote there, a run a line.
bench_file() {
	local wall cpu kib
	while read -r wall cpu kib; do
		bench_note "$1" "$2" ms "$wall"
		[ -z "$cpu" ] || bench_note "$1" "$2" cpu_ms "$cpu"
		[ -z "$kib" ] || bench_note "$1" "$2" KiB "$kib"
	done <"$3"
}

# bench_least CELL WHO UNIT: the smallest value noted.
bench_least() {
	awk -F '\t' -v bench="$BENCH_NAME" -v cell="$1" -v who="$2" -v unit="$3" '
		$1 == bench && $2 == cell && $3 == who && $4 == unit && (!n++ || $5 < least) {
			least = $5 }
		END { print n ? least : "nan" }' "$BENCH_RUNS"
}

# bench_median CELL WHO UNIT: of the values noted.
bench_median() {
	awk -F '\t' -v bench="$BENCH_NAME" -v cell="$1" -v who="$2" -v unit="$3" '
		$1 == bench && $2 == cell && $3 == who && $4 == unit { print $5 }' "$BENCH_RUNS" |
		sort -n | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "nan" }'
}

# bench_values CELL WHO UNIT FILE: the first word of each line.
bench_values() {
	local value
	while read -r value _; do
		bench_note "$1" "$2" "$3" "$value"
	done <"$4"
}
