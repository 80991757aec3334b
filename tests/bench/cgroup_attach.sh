#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# N cgroups, one program each: attached by `batch file` of both tools and by our `attach each`,
# detached by both batches, listed by `cgroup tree`; and one load and attach, which takes
# bpftool two commands. Both tools in turn, medians. Prints a table; times are never asserted.
#
#	tests/bench/cgroup_attach.sh [N]	1000
#	RUNS=5
#
# `bpftool cgroup tree` needs gigabytes and many seconds at 1000 cgroups, so it runs once, and
# above 100 only where 8 GiB are free.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"

N=${1:-1000}
RUNS=${RUNS:-5}
run=$BUILD/tests/bench/bare_dump
types=$OBJ/cg_types.o
counter=$BPF/counter_cgroup.o

# measure NAME CMD…: one run more, noted in $TMP/NAME.
measure() {
	local name=$1
	shift
	"$run" run "$@" >>"$TMP/$name"
}

# median NAME COLUMN: wall 1, CPU 2, peak memory 3.
median() {
	sort -n -k "$2" "$TMP/$1" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}

attached() {
	find "$CG" -mindepth 1 -type d | wc -l
}

quiet() {
	"$@" >"$TMP/out" 2>"$TMP/err" || die "$*: $(tail -1 "$TMP/err")"
}

dirs=()
for ((i = 0; i < N; i++)); do
	dirs+=("$CG/c$i")
done
mkdir "${dirs[@]}"
[ "$(attached)" -eq "$N" ] || die 'the cgroups are not there'
# The first program of a type switches code in the kernel, which takes ten times as long as an
# attach: one stays attached throughout.
quiet bpftool prog load "$OBJ/no_maps.o" "$BPFFS/program" type cgroup_skb/egress
quiet cgroup_loader cgroup attach "$CG" egress obj "$types" multi
for verb in attach detach; do
	mode=
	[ "$verb" = detach ] || mode=' multi'
	for ((i = 0; i < N; i++)); do
		echo "cgroup $verb $CG/c$i egress pinned $BPFFS/program$mode"
	done >"$TMP/$verb.lines"
done

# Two commands, the least that bpftool needs with a program of one type.
two_steps='bpftool prog load "$1" "$2" &&
	bpftool cgroup attach "$3" egress pinned "$2" multi'
for ((round = 0; round < RUNS; round++)); do
	measure ours_batch cgroup_loader batch file "$TMP/attach.lines"
	measure ours_detach cgroup_loader batch file "$TMP/detach.lines"
	measure theirs_batch bpftool batch file "$TMP/attach.lines"
	measure theirs_detach bpftool batch file "$TMP/detach.lines"
	measure ours_each cgroup_loader cgroup attach each "$CG" egress \
		pinned "$BPFFS/program" multi 2>"$TMP/err"
	quiet bpftool batch file "$TMP/detach.lines"
	measure ours_one cgroup_loader --pin-root "$BPFFS" cgroup attach "$CG/c0" egress \
		obj "$counter" multi 2>"$TMP/err"
	rm -f "$BPFFS/one"
	measure theirs_one sh -c "$two_steps" sh "$counter" "$BPFFS/one" "$CG/c0"
done
quiet cgroup_loader cgroup attach each "$CG" connect4 obj "$types" multi
for ((round = 0; round < RUNS; round++)); do
	measure ours_tree cgroup_loader cgroup tree "$CG"
done
if [ "$N" -le 100 ] ||
	awk '/^MemAvailable/ { exit !($2 > 8 * 1024 * 1024) }' /proc/meminfo; then
	measure theirs_tree bpftool cgroup tree "$CG"
fi

row() {
	local theirs=-
	[ ! -s "$TMP/$3" ] || theirs=$(median "$3" 1)
	bench_file "$N: $1" ours "$TMP/$2"
	[ "$theirs" = - ] || bench_file "$N: $1" bpftool "$TMP/$3"
	awk -v what="$1" -v a="$(median "$2" 1)" -v b="$theirs" -v mem="$(median "$2" 3)" 'BEGIN {
		ratio = b == "-" ? "-" : sprintf("%.1f", b / a)
		printf "%-34s %10s %10s %8s %9s\n", what, a, b, ratio, mem }'
}

printf '%-34s %10s %10s %8s %9s\n' "$N cgroups, median of $RUNS" ours bpftool 'x' 'our KiB'
row 'attach, batch file' ours_batch theirs_batch
row 'attach each | batch file' ours_each theirs_batch
row 'detach, batch file' ours_detach theirs_detach
row 'load and attach one' ours_one theirs_one
row 'cgroup tree' ours_tree theirs_tree
