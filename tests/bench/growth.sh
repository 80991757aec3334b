#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# How the looks grow: ten times the maps, programs, cgroups, filters of one hook, interfaces. The
# factor is of the least processor time of RUNS runs; linear growth stays below 12, since ids of
# others and the process itself are in both. Loads say what maps of others cost one: 1.1 at most.
# Peaks in MiB, of the larger scene. tc and bpftool are measured where they do the same. Times are
# never asserted.
#
#	tests/bench/growth.sh [PERCENT]	100: of 20000 maps, 5000 programs, 10000 cgroups,
#					10000 filters, 4000 interfaces
#	RUNS=3
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"

PERCENT=${1:-100}
RUNS=${RUNS:-3}
scene=$BUILD/tests/bench/bench_scene
MANY=$BPFFS/many

# least SCENE NR WHAT WHO CMD…: RUNS of them. A verdict or a lack of one is no failure here.
look() {
	local cell="$1 $2 $3" who=$4 i
	shift 4
	for ((i = 0; i < RUNS; i++)); do
		bench_run "$cell" "$who" "$@" || :
	done
}

# factor SCENE NR WHAT WHO
factor() {
	awk -v what="$1: $3" -v who="$4" -v nr="$2" \
		-v a="$(bench_least "$1 $(($2 / 10)) $3" "$4" cpu_ms)" \
		-v b="$(bench_least "$1 $2 $3" "$4" cpu_ms)" \
		-v kib="$(bench_least "$1 $2 $3" "$4" KiB)" 'BEGIN {
		printf "%-36s %-8s %7d %9.1f %9.1f %8.2f %8.1f\n", what, who, nr, a, b,
			(a > 0 ? b / a : 0), kib / 1024 }'
}

looks() {
	look "$1" "$2" 'share show' ours tc_loader share show
	look "$1" "$2" 'share check' ours tc_loader share check "$3"
	look "$1" "$2" 'share gc' ours tc_loader share gc
}

# factors SCENE NR WHAT…
factors() {
	local scene=$1 nr=$2 what
	shift 2
	for what in 'share show' 'share check' 'share gc' "$@"; do
		factor "$scene" "$nr" "$what" ours
	done
}

# loads SCENE NR: an object whose map is new each time.
loads() {
	local i
	look "$1" "$2" 'object show' ours tc_loader object show "$OBJ/by_name.o"
	for ((i = 0; i < RUNS; i++)); do
		rm -rf "$BPFFS/tc"
		bench_run "$1 $2 load" ours tc_loader filter replace dev v0 ingress pref 1 \
			handle 1 bpf da obj "$OBJ/by_name.o" sec tc
		tc filter del dev v0 ingress
	done
}

part() {
	echo $(($1 * PERCENT / 100))
}

t_begin 'growth'
mkdir "$MANY"
on_exit 'rm -rf "$MANY"'
"$scene" maps "$MANY" 0 1
mv "$MANY/bench_0" "$MANY/map"
dev_add v0
tc qdisc add dev v0 clsact
printf '%-36s %-8s %7s %9s %9s %8s %8s\n' scene who N 'N/10 ms' 'N ms' factor 'peak MiB'

# objects SCENE NR NAME: maps or programs, pinned, ten times as many; NAME is one of theirs.
objects() {
	local from=0 nr
	for nr in $(($2 / 10)) "$2"; do
		"$scene" "$1" "$MANY" "$from" "$nr"
		from=$nr
		looks "$1" "$nr" "$3"
		loads "$1" "$nr"
	done
	factors "$1" "$2" 'object show' load
}

objects maps "$(part 20000)" bench_1
find "$MANY" -name 'bench_*' -delete
objects programs "$(part 5000)" bench_0
find "$MANY" -name 'bench_[1-9]*' -delete

big=$(part 10000)
from=0
mkdir "$CG/many"
on_exit 'find "$CG/many" -depth -type d -exec rmdir {} + 2>/dev/null'
bpftool prog load "$OBJ/no_maps.o" "$BPFFS/skb" type cgroup_skb/egress
for nr in $((big / 10)) "$big"; do
	"$scene" cgroups "$CG/many" "$from" "$nr"
	from=$nr
	for ((i = 0; i < nr; i++)); do
		echo "cgroup attach $CG/many/bench_$i egress pinned $BPFFS/skb multi"
	done >"$TMP/attach"
	sed 's/ attach / detach /; s/ multi$//' "$TMP/attach" >"$TMP/detach"
	bench_run "cgroups $nr attach, batch" ours cgroup_loader batch file "$TMP/attach"
	bench_run "cgroups $nr detach, batch" ours cgroup_loader batch file "$TMP/detach"
	bench_run "cgroups $nr attach, batch" bpftool bpftool batch file "$TMP/attach"
	looks cgroups "$nr" bench_0
	look cgroups "$nr" 'cgroup tree' ours cgroup_loader cgroup tree "$CG"
	bench_run "cgroups $nr detach, batch" bpftool bpftool batch file "$TMP/detach"
done
factors cgroups "$big" 'cgroup tree' 'attach, batch' 'detach, batch'
factor cgroups "$big" 'attach, batch' bpftool
factor cgroups "$big" 'detach, batch' bpftool
find "$CG/many" -depth -type d -exec rmdir {} +

# The kernel searches a hook's list for each filter that is added: the peer grows the same way.
big=$(part 10000)
for nr in $((big / 10)) "$big"; do
	for ((i = 1; i <= nr; i++)); do
		echo "filter add dev v0 ingress pref 1 handle $i bpf da object-pinned $MANY/bench_0"
	done >"$TMP/filters"
	for who in tc ours; do
		command=tc_loader
		[ $who = ours ] || command=tc
		tc qdisc del dev v0 clsact
		tc qdisc add dev v0 clsact
		bench_run "filters $nr batch" $who "$command" -batch "$TMP/filters"
		look filters "$nr" 'filter show' $who "$command" filter show dev v0 ingress
	done
	looks filters "$nr" map
done
factors filters "$big" 'filter show' batch
factor filters "$big" 'filter show' tc
factor filters "$big" batch tc
tc qdisc del dev v0 clsact
tc qdisc add dev v0 clsact

big=$(part 4000)
from=0
for nr in $((big / 10)) "$big"; do
	for ((i = from; i < nr; i += 2)); do
		echo "link add e$i type veth peer name e$((i + 1))"
	done >"$TMP/links"
	for ((i = from; i < nr; i++)); do
		echo "qdisc add dev e$i clsact"
	done >"$TMP/qdiscs"
	for ((i = 0; i < nr; i++)); do
		echo "filter replace dev e$i ingress pref 2 handle 1 bpf da object-pinned $MANY/bench_0"
	done >"$TMP/filters"
	ip -batch "$TMP/links"
	tc -batch "$TMP/qdiscs"
	from=$nr
	look interfaces "$nr" devs ours tc_loader filter replace devs 'e*' ingress pref 1 \
		handle 1 bpf da obj "$OBJ/no_maps.o"
	look interfaces "$nr" batch ours tc_loader -batch "$TMP/filters"
	look interfaces "$nr" batch tc tc -batch "$TMP/filters"
	looks interfaces "$nr" map
	look interfaces "$nr" 'filter show' ours tc_loader filter show dev e1 ingress
done
factors interfaces "$big" 'filter show' devs batch
factor interfaces "$big" batch tc
