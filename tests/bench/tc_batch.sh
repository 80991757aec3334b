#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# One filter on each of many interfaces: tc -batch, tc_loader -batch, tc_loader's devs and a
# bare libmnl loop (bare_attach.c) in the same run, medians. Once with a program of two
# instructions, once with one that the verifier takes tens of milliseconds for. What is
# attached is counted; times are never asserted.
#
#	tests/bench/tc_batch.sh [INTERFACES]	1000
#	RUNS=5			of each; of tc with the slow program SLOW_RUNS=1
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"

NR=${1:-1000}
RUNS=${RUNS:-5}
SLOW_RUNS=${SLOW_RUNS:-1}

bare=$BUILD/tests/bench/bare_attach

t_begin "$NR interfaces"
mapfile -t names < <(for ((i = 0; i < NR / 2; i++)); do printf 'b%d\nc%d\n' $i $i; done)
for ((i = 0; i < NR / 2; i++)); do
	echo "link add b$i type veth peer name c$i"
done >"$TMP/links"
ip -batch "$TMP/links"
printf 'qdisc add dev %s clsact\n' "${names[@]}" >"$TMP/make"
printf 'qdisc del dev %s clsact\n' "${names[@]}" >"$TMP/remove"
tc -batch "$TMP/make"

# measure NAME CMD…: one run more on clean interfaces, its milliseconds into $TMP/NAME.
measure() {
	local name=$1 from to status=0
	shift
	tc -batch "$TMP/remove"
	tc -batch "$TMP/make"
	from=${EPOCHREALTIME//[.,]/}
	"$@" || status=$?
	to=${EPOCHREALTIME//[.,]/}
	[ $status -eq 0 ] || t_fail "status $status: $*"
	awk -v us=$((to - from)) 'BEGIN { print us / 1000 }' >>"$TMP/$name"
}

median() {
	sort -n "$TMP/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# Every interface has its filter; how many programs serve them.
programs() {
	local dev
	for dev in "${names[@]}"; do
		echo "filter show dev $dev ingress"
	done >"$TMP/show"
	tc -batch "$TMP/show" | sed -n 's/.* id \([0-9]*\) .*/\1/p' >"$TMP/ids"
	t_is "$(wc -l <"$TMP/ids")" "${#names[@]}" filters
	sort -u "$TMP/ids" | wc -l
}

# row NAME OBJECT RUNS_OF_TC
row() {
	local object=$2 i
	rm -f "$TMP"/ms.*
	printf "filter add dev %s ingress pref 1 handle 1 bpf da obj $object\n" "${names[@]}" \
		>"$TMP/batch"
	for ((i = 0; i < RUNS; i++)); do
		((i >= $3)) || measure ms.tc tc -batch "$TMP/batch"
		measure ms.bare "$bare" "$object" "${names[@]}"
		measure ms.devs tc_loader filter add devs '[bc][0-9]*' ingress pref 1 handle 1 \
			bpf da obj "$object"
		measure ms.ours tc_loader -batch "$TMP/batch"
	done
	bench_file "$NR filters, $1, batch" ours "$TMP/ms.ours"
	bench_file "$NR filters, $1, batch" tc "$TMP/ms.tc"
	bench_file "$NR filters, $1, batch" bare "$TMP/ms.bare"
	bench_file "$NR filters, $1, devs" ours "$TMP/ms.devs"
	bench_file "$NR filters, $1, devs" tc "$TMP/ms.tc"
	echo "$1 $(programs) $(median ms.tc) $(median ms.bare) $(median ms.ours) $(median ms.devs)" |
		awk '{ printf "%-12s %8d %10.1f %9.1f %9.1f %9.1f %8.1f %8.2f\n",
			$1, $2, $3, $4, $5, $6, $3 / $5, $5 / $4 }'
}

printf '%-12s %8s %10s %9s %9s %9s %8s %8s\n' program programs 'tc ms' 'bare ms' 'ours ms' \
	'devs ms' 'x tc' '/ bare'
row simple "$OBJ/no_maps.o" "$RUNS"
row slow_verify "$OBJ/slow_verify.o" "$SLOW_RUNS"
