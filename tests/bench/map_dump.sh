#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Dumps of large maps: bpftool, ours, and a bare loop (bare_dump.c) in the same run, all into
# /dev/null, medians. Bytes are compared first, at the smaller size for all three. Prints a
# table; times are never asserted.
#
#	tests/bench/map_dump.sh [ENTRIES…]	100000 1000000
#	RUNS=5					of ours and the bare loop
#	PEER_RUNS=3				of bpftool up to 100000 entries; above, 1
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"

[ $# -gt 0 ] || set -- 100000 1000000
RUNS=${RUNS:-5}
PEER_RUNS=${PEER_RUNS:-3}

bare=$BUILD/tests/bench/bare_dump
pin=$BPFFS/bench

# measure NAME CMD…: one run more, noted in $TMP/NAME.
measure() {
	local name=$1
	shift
	"$bare" run "$@" >>"$TMP/$name"
}

# median NAME COLUMN: wall 1, CPU 2, peak memory 3.
median() {
	sort -n -k "$2" "$TMP/$1" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}

same_bytes() {
	bpftool "${option[@]}" map dump pinned "$pin" | cmp - "$TMP/ours" ||
		t_fail "bytes differ from bpftool's: $*"
	"$bare" dump "$pin" "$@" | cmp - "$TMP/ours" ||
		t_fail "bytes differ from the bare loop's: $*"
}

t_begin 'dumps of large hashes, keys u32'
printf '%-9s %-5s %-5s %-4s %11s %9s %9s %9s %7s %7s %9s\n' entries value types form \
	'bpftool ms' 'bare ms' 'ours ms' 'x bpftool' '/ bare' 'CPU' 'peak MiB'

row() {
	bench_file "dump $entries $*" ours "$TMP/time.ours"
	bench_file "dump $entries $*" bare "$TMP/time.bare"
	bench_file "dump $entries $*" bpftool "$TMP/time.peer"
	echo "$entries $* $(median time.peer 1) $(median time.bare 1) $(median time.ours 1)" \
		"$(median time.bare 2) $(median time.ours 2) $(median time.ours 3)" |
		awk '{ printf "%-9s %-5s %-5s %-4s %11.1f %9.1f %9.1f %9.1f %7.2f %7.2f %9.1f\n",
			$1, $2, $3, $4, $5, $6, $7, $5 / $7, $7 / $6, $9 / $8, $10 / 1024 }'
}

for entries; do
	for value in u64 flow; do
		for types in plain typed; do
			"$bare" make "$pin" $value $types "$entries"
			for form in text json; do
				option=()
				[ $form = text ] || option=(-j)
				if [ "$entries" = "$1" ]; then
					cgroup_loader "${option[@]}" map dump pinned "$pin" >"$TMP/ours"
					same_bytes $value $types $form
				fi
				peer=$PEER_RUNS
				[ "$entries" -le 100000 ] || peer=1
				rm -f "$TMP"/time.*
				for ((i = 0; i < peer; i++)); do
					measure time.peer bpftool "${option[@]}" map dump pinned "$pin"
				done
				# In turns: what else the machine does then meets both.
				for ((i = 0; i < RUNS; i++)); do
					measure time.bare "$bare" dump "$pin" $value $types $form
					measure time.ours cgroup_loader "${option[@]}" map dump pinned "$pin"
				done
				row $value $types $form
			done
			rm "$pin"
		done
	done
done
echo "flow is a struct of 64 bytes. Bytes of all three equal at $1 entries. Median of $RUNS runs" \
	"(bpftool: $PEER_RUNS up to 100000 entries, else 1), stdout /dev/null; CPU: ours / bare, user + system."
