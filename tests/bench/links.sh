#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A link to each of N cgroups, pinned: `attach each` beside a bare loop that only makes and pins
# them (bench_scene.c), in turns. The least and the median of the processor time. Prints a line;
# times are never asserted, the links are counted.
#
#	tests/bench/links.sh [N]	1000
#	RUNS=5
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"

N=${1:-1000}
RUNS=${RUNS:-5}
scene=$BUILD/tests/bench/bench_scene
PINS=$BPFFS/links
program=$BPFFS/program

# made CELL WHO CMD…: N links, which are removed again.
made() {
	mkdir -m 0700 "$PINS"
	bench_run "$@"
	t_is "$(find "$PINS" -type f | wc -l)" "$N" links
	rm -r "$PINS"
}

t_begin "$N links"
mkdir "$CG/many"
on_exit 'find "$CG/many" -depth -type d -exec rmdir {} + 2>/dev/null'
"$scene" cgroups "$CG/many" 0 "$N"
bpftool prog load "$OBJ/no_maps.o" "$program" type cgroup_skb/egress
# The first program of a type switches code in the kernel.
bpftool cgroup attach "$CG" egress pinned "$program" multi
for ((i = 0; i < RUNS; i++)); do
	made "$N links" ours cgroup_loader cgroup attach each "$CG/many" egress pinned "$program" \
		link pinned "$PINS"
	made "$N links" bare "$scene" links "$CG/many" "$program" "$PINS"
done
echo "$(bench_least "$N links" ours cpu_ms) $(bench_least "$N links" bare cpu_ms)" |
	awk '{ printf "%.1f ms, bare %.1f ms: %.2f\n", $1, $2, $2 ? $1 / $2 : 0 }'
