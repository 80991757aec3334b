#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A classifier on each of many interfaces and a program on each of many cgroups: applied, beside
# a bare loop that sends the same messages and writes the same record (bare_apply.c), and beside
# tc -batch with bpftool batch; then checked while all is in sync, beside bare queries. Medians of
# the same run; what is attached is counted, times are never asserted.
#
#	tests/bench/apply.sh [PLACES]	1000 of each
#	RUNS=5
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"
own_objects pair

NR=${1:-1000}
RUNS=${RUNS:-5}
OBJECT=$OBJ/pair_btf_name.o
STATE=$TMP/state
BARE=$BUILD/tests/bench/bare_apply

t_begin "$NR interfaces, $NR cgroups"
mapfile -t names < <(for ((i = 0; i < NR / 2; i++)); do printf 'b%d\nc%d\n' $i $i; done)
for ((i = 0; i < NR / 2; i++)); do
	echo "link add b$i type veth peer name c$i"
done >"$TMP/links"
ip -batch "$TMP/links"
for ((i = 0; i < NR; i++)); do
	cg_add "many/g$i"
done
cat >"$TMP/acct.yaml" <<END
name: acct
objects:
  pair: { file: $OBJECT }
tc:
  - { object: pair, interfaces: [ "[bc][0-9]*" ], hook: ingress }
cgroups:
  - { object: pair, type: egress, cgroups: [ "$CG/many/*" ] }
END
printf 'qdisc del dev %s clsact\n' "${names[@]}" >"$TMP/remove"
{
	printf 'qdisc add dev %s clsact\n' "${names[@]}"
	printf "filter add dev %s ingress pref 1 handle 1 bpf da pinned $BPFFS/peer/pair_cls\n" \
		"${names[@]}"
} | sed "s/pair_cls/$(own_word pair)_cls/" >"$TMP/tc_batch"
for ((i = 0; i < NR; i++)); do
	echo "cgroup attach $CG/many/g$i egress pinned $BPFFS/peer/$(own_word pair)_skb multi"
done >"$TMP/bpftool_batch"

clean() {
	tc -force -batch "$TMP/remove" >"$TMP/out" 2>&1 || :
	rm -rf "$STATE" "$BPFFS/peer" "$BPFFS/tc"
	find "$CG/many" -depth -mindepth 1 -type d -exec rmdir {} +
	for ((i = 0; i < NR; i++)); do
		cg_add "many/g$i"
	done
}

# measure NAME CMD…: its milliseconds into $TMP/NAME.
measure() {
	local name=$1 from to status=0
	shift
	from=${EPOCHREALTIME//[.,]/}
	"$@" >"$TMP/out" 2>&1 || status=$?
	to=${EPOCHREALTIME//[.,]/}
	[ $status -eq 0 ] || t_fail "status $status: $(tail -n 3 "$TMP/out")"
	awk -v us=$((to - from)) 'BEGIN { print us / 1000 }' >>"$TMP/$name"
}

median() {
	sort -n "$TMP/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

attached() {
	t_is "$(filters "${names[0]}" ingress) $(filters "${names[-1]}" ingress)" '1 1'
	t_is "$(cg_progs "$CG/many/g0") $(cg_progs "$CG/many/g$((NR - 1))")" '1 1'
}

peers() {
	bpftool prog loadall "$OBJECT" "$BPFFS/peer"
	tc -batch "$TMP/tc_batch"
	bpftool batch file "$TMP/bpftool_batch"
}

cd "$TMP"
for ((run = 0; run < RUNS; run++)); do
	clean
	measure ms.apply tc_loader apply --state-dir "$STATE" "$TMP/acct.yaml"
	attached
	record=$(find "$STATE" -name '*.json')
	cp "$record" "$TMP/record"
	measure ms.again tc_loader apply --state-dir "$STATE" "$TMP/acct.yaml"
	measure ms.check tc_loader check --state-dir "$STATE" "$TMP/acct.yaml"
	measure ms.bare_check "$BARE" check "$OBJECT" "$TMP/record" "$CG/many" "${names[@]}"
	clean
	measure ms.bare "$BARE" apply "$OBJECT" "$TMP/record" "$CG/many" "${names[@]}"
	attached
	clean
	measure ms.peers peers
	attached
done
for what in apply check; do
	bare=ms.bare
	[ $what = apply ] || bare=ms.bare_check
	bench_file "$what, $NR and $NR" ours "$TMP/ms.$what"
	bench_file "$what, $NR and $NR" bare "$TMP/$bare"
done
echo "$(median ms.apply) $(median ms.bare) $(median ms.peers)" | awk '{
	printf "apply   %8.1f ms   bare %8.1f ms   tc + bpftool batch %8.1f ms   %.2f / bare   %.1f x peers\n",
		$1, $2, $3, $1 / $2, $3 / $1 }'
echo "$(median ms.check) $(median ms.again) $(median ms.bare_check)" | awk '{
	printf "check   %8.1f ms   again %7.1f ms   bare queries %8.1f ms   %.2f / bare\n", $1, $2, $3, $1 / $3 }'
