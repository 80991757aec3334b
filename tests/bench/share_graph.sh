#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The whole sharing graph of N filters on N interfaces, N attachments in N cgroups and N/2
# maps: ours (tree and JSON), a bare loop that only issues the same queries (bare_graph.c),
# and what bpftool offers in place of it: net, cgroup tree, map, prog. One run, medians.
# Prints a table; times are never asserted.
#
#	tests/bench/share_graph.sh [N…]		100 1000
#	RUNS=7
#
# `bpftool cgroup tree` needs gigabytes and many seconds at 1000 cgroups, so it runs once, and
# above 100 only where 8 GiB are free.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"

[ $# -gt 0 ] || set -- 100 1000
RUNS=${RUNS:-7}
bare=$BUILD/tests/bench/bare_graph
run=$BUILD/tests/bench/bare_dump

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

# scene FROM TO: adds what is missing up to TO.
scene() {
	local i
	for ((i = $1; i < $2; i += 2)); do
		echo "link add e$i type veth peer name e$((i + 1))"
	done >"$TMP/links"
	ip -batch "$TMP/links"
	for ((i = $1; i < $2; i++)); do
		echo "qdisc add dev e$i clsact"
		echo "filter add dev e$i ingress pref 1 handle 1 bpf da object-pinned $BPFFS/set/graph_caller"
	done >"$TMP/filters"
	tc -batch "$TMP/filters"
	local dirs=()
	for ((i = $1; i < $2; i++)); do
		dirs+=("$CG/b$i")
	done
	mkdir "${dirs[@]}"
	"$bare" attach "$BPFFS/set/graph_egress" "${dirs[@]}"
	mkdir "$BPFFS/from$1"
	"$bare" maps "$BPFFS/from$1" $((($2 - $1) / 2))
}

has_room() {
	awk '/^MemAvailable/ { exit !($2 > 8 * 1024 * 1024) }' /proc/meminfo
}

t_begin 'the graph of everything'
bpftool prog loadall "$OBJ/graph.o" "$BPFFS/set" pinmaps "$BPFFS"
printf '%-6s %9s %9s %9s %7s %9s %9s %12s %9s %9s %11s\n' N 'bare ms' 'tree ms' 'JSON ms' \
	'/ bare' 'tree MiB' 'JSON MiB' 'bpftool ms' 'of tree' 'tree MiB' 'x bpftool'
before=0
for n; do
	scene "$before" "$n"
	before=$n
	rm -f "$TMP"/time.*
	for _ in $(seq "$RUNS"); do
		measure time.bare "$bare" query "$CGROUP2" "$BPFFS"
		measure time.text tc_loader share show
		measure time.json tc_loader -j share show
		measure time.net bpftool net
		measure time.map bpftool map
		measure time.prog bpftool prog
	done 2>/dev/null
	if [ "$n" -le 100 ] || has_room; then
		measure time.tree bpftool cgroup tree "$CGROUP2"
	else
		echo 'nan nan nan' >"$TMP/time.tree"
	fi
	bench_file "share show of $n" ours "$TMP/time.text"
	bench_file "share show of $n" bare "$TMP/time.bare"
	bench_file "share show -j of $n" ours "$TMP/time.json"
	bench_file "share show -j of $n" bare "$TMP/time.bare"
	"$bare" query "$CGROUP2" "$BPFFS" >"$TMP/counts"
	echo "$n $(median time.bare 1) $(median time.text 1) $(median time.json 1)" \
		"$(median time.text 3) $(median time.json 3) $(median time.net 1)" \
		"$(median time.map 1) $(median time.prog 1) $(cat "$TMP/time.tree")" |
		awk '{ worst = $3 > $4 ? $3 : $4; peer = $7 + $8 + $9 + $10
			printf "%-6s %9.1f %9.1f %9.1f %7.2f %9.1f %9.1f %12.1f %9.1f %9.0f %11.1f\n",
			$1, $2, $3, $4, worst / $2, $5 / 1024, $6 / 1024, peer, $10, $12 / 1024,
			peer / worst }'
	sed 's/^/       bare: /' "$TMP/counts"
done
