#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# One command as a whole process, beside the real tool in turns: a filter replaced, of an object
# without maps and of one with a map that is pinned already; a cgroup program loaded and attached,
# by bpftool's two commands, by the same two of ours, and by the one that does both. Prints the
# medians of the processor time; times are never asserted.
#
#	tests/bench/one_command.sh [RUNS]	100
#	PATH=DIR:$PATH	other versions of tc and bpftool
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"

RUNS=${1:-100}
counter=$BPF/counter_cgroup.o

# both CELL WHO FIRST -- SECOND: two commands, noted as one.
both() {
	local cell=$1 who=$2 first=() one two
	shift 2
	while [ "$1" != -- ]; do
		first+=("$1")
		shift
	done
	shift
	one=$("$BUILD/tests/bench/bare_dump" run "${first[@]}" 2>"$TMP/err") || die "$(cat "$TMP/err")"
	two=$("$BUILD/tests/bench/bare_dump" run "$@" 2>"$TMP/err") || die "$(cat "$TMP/err")"
	echo "$one $two" | awk '{ print $1 + $4, $2 + $5, ($3 > $6 ? $3 : $6) }' >"$TMP/sum"
	bench_file "$cell" "$who" "$TMP/sum"
}

# fresh: nothing is attached, no program is pinned; the map stays.
fresh() {
	rmdir "$CG/one" 2>"$TMP/err" || :
	mkdir "$CG/one"
	rm -f "$BPFFS/one"
}

row() {
	local peer=$2
	echo "$(bench_median "$1" ours cpu_ms) $(bench_median "$1" "$peer" cpu_ms)" |
		awk -v what="$1" -v peer="$peer" '{
			printf "%-34s %8.2f ms, %s %8.2f: %.2f\n", what, $1, peer, $2, $2 ? $1 / $2 : 0 }'
}

dev_add v0
tc qdisc add dev v0 clsact
filter='filter replace dev v0 ingress pref 1 handle 1 bpf da obj'
for ((i = 0; i < RUNS; i++)); do
	for object in "no maps:$OBJ/no_maps.o" "a pinned map:$BPF/counter_tc.o"; do
		# shellcheck disable=SC2086 # words
		bench_run "filter, ${object%:*}" ours tc_loader $filter "${object#*:}"
		# shellcheck disable=SC2086
		bench_run "filter, ${object%:*}" tc tc $filter "${object#*:}"
	done
done
# The first program of a type switches code in the kernel.
bpftool prog load "$OBJ/no_maps.o" "$BPFFS/stays" type cgroup_skb/egress
bpftool cgroup attach "$CG" egress pinned "$BPFFS/stays" multi
for ((i = 0; i < RUNS; i++)); do
	fresh
	both 'cgroup, two commands' bpftool bpftool prog load "$counter" "$BPFFS/one" -- \
		bpftool cgroup attach "$CG/one" egress pinned "$BPFFS/one" multi
	tail -n 3 "$BENCH_RUNS" | sed 's/two commands/in one step/' >"$TMP/same"
	cat "$TMP/same" >>"$BENCH_RUNS"
	fresh
	both 'cgroup, two commands' ours cgroup_loader --pin-root "$BPFFS" prog load "$counter" "$BPFFS/one" -- \
		cgroup_loader cgroup attach "$CG/one" egress pinned "$BPFFS/one" multi
	fresh
	bench_run 'cgroup, in one step' ours cgroup_loader --pin-root "$BPFFS" cgroup attach "$CG/one" egress \
		obj "$counter" multi
done
row 'filter, no maps' tc
row 'filter, a pinned map' tc
row 'cgroup, two commands' bpftool
row 'cgroup, in one step' bpftool
