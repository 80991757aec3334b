#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# `object show` of an object with 500 maps and with 5000, beside bpf_object__open() of the same
# file alone, in turns: the least processor time of each, their ratio, and how either grows. A
# process that is confined opens it once before ours does. Times are never asserted, rows are counted.
#
#	tests/bench/object_show.sh [FEW MANY]	500 5000
#	RUNS=5
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"

FEW=${1:-500}
MANY=${2:-5000}
RUNS=${RUNS:-5}

# object DIALECT NR: an object with that many maps, which is in $object.
object() {
	object=$TMP/$1.$2.o
	awk -v dialect="$1" -v nr="$2" 'BEGIN {
		print "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>"
		print "struct old { __u32 type, key_size, value_size, max_entries, map_flags; };"
		for (i = 0; i < nr; i++)
			if (dialect == "btf")
				printf "struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, __u32);" \
					" __type(value, __u64); __uint(max_entries, 1); } m%d SEC(\".maps\");\n", i
			else
				printf "struct old SEC(\"maps\") m%d = {2, 4, 8, 1, 0};\n", i
		print "SEC(\"classifier\") int f(void *c) { __u32 k = 0; return !bpf_map_lookup_elem(&m0, &k); }"
		print "char L[] SEC(\"license\") = \"GPL\";"
	}' >"$TMP/many.c"
	# shellcheck disable=SC2086 # a compiler cache may stand before it
	${CLANG:-clang} -O2 -g -target bpf -idirafter "/usr/include/$(uname -m)-linux-gnu" \
		-c "$TMP/many.c" -o "$object"
}

t_begin 'object show'
for dialect in btf old; do
	for nr in "$FEW" "$MANY"; do
		object $dialect "$nr"
		t_is "$(tc_loader -j object show "$object" | t_json '.[0].maps|length')" "$nr" rows
		for ((i = 0; i < RUNS; i++)); do
			# No libbpf since 1.0 opens the old dialect.
			[ $dialect = old ] || bench_run "$dialect $nr" libbpf \
				"$BUILD/tests/bench/bare_open" "$object"
			bench_run "$dialect $nr" ours tc_loader object show "$object"
		done
	done
done

least() {
	bench_least "$1" "$2" cpu_ms
}

printf '%-8s %7s %11s %11s %8s\n' maps number libbpf,ms ours,ms ratio
for dialect in btf old; do
	for nr in "$FEW" "$MANY"; do
		echo "$dialect $nr $(least "$dialect $nr" libbpf) $(least "$dialect $nr" ours)"
	done
done | awk '
	{ printf "%-8s %7d %11s %11.1f %8s\n", $1, $2, $3 == "nan" ? "-" : sprintf("%.1f", $3), $4,
		$3 == "nan" || !$3 ? "-" : sprintf("%.2f", $4 / $3) }
	$1 == "btf" { lib[++n] = $3; ours[n] = $4 }
	END { if (lib[1] && ours[1])
		printf "growth: libbpf %.1f times, ours %.1f times: %.2f of it\n", lib[2] / lib[1],
			ours[2] / ours[1], (ours[2] / ours[1]) / (lib[2] / lib[1]) }'
