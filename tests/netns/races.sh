#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Many loaders started together, both tools and failing loads among them: one map, no
# failure, whatever the order; a load that fails takes no pin away from the others.
# alone: share check looks at every attached program of the machine
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

ROUNDS=6
LOADERS=12
PIN=$BPFFS/tc/globals/layout_stats
i=0
while [ $i -lt $LOADERS ]; do
	dev_add "v$i"
	tc qdisc add dev "v$i" clsact
	cg_add "c$i"
	i=$((i + 1))
done

# one N: what the Nth loader does; its status ends in a file.
one() {
	case $(($1 % 4)) in
	0) set -- "$1" 0 tc_loader filter add dev "v$1" ingress bpf da obj "$OBJ/layout_u64.o" section tc ;;
	1) set -- "$1" 0 cgroup_loader cgroup attach "$CG/c$1" egress obj "$OBJ/layout_u64.o" ;;
	2) set -- "$1" 2 tc_loader filter add dev lo ingress bpf da obj "$OBJ/layout_u64.o" section tc ;;
	3) set -- "$1" 255 cgroup_loader cgroup attach "$CG/c$1" egress obj "$OBJ/layout_u64.o" multi override ;;
	esac
	n=$1
	want=$2
	shift 2
	status=0
	"$@" >"$TMP/one.$n" 2>&1 || status=$?
	[ "$status" -eq "$want" ] || echo "status $status of: $*" >>"$TMP/one.$n"
	[ "$status" -eq "$want" ] || touch "$TMP/wrong.$n"
}

round=0
while [ $round -lt $ROUNDS ]; do
	t_begin "round $round: $LOADERS loaders at once"
	i=0
	pids=
	while [ $i -lt $LOADERS ]; do
		one $i &
		pids="$pids $!"
		i=$((i + 1))
	done
	for pid in $pids; do
		wait "$pid"
	done
	for wrong in "$TMP"/wrong.*; do
		[ -e "$wrong" ] || continue
		t_fail "$(cat "$TMP/one.${wrong##*.}")"
	done
	id=$(map_id "$PIN")
	i=0
	while [ $i -lt $LOADERS ]; do
		case $((i % 4)) in
		0) t_is "$(maps_of "$(prog_at "v$i" ingress)")" "$id" "map of v$i" ;;
		1) t_is "$(maps_of "$(prog_in "$CG/c$i")")" "$id" "map of c$i" ;;
		3) t_is "$(cg_progs "$CG/c$i")" 0 "programs in c$i" ;;
		esac
		i=$((i + 1))
	done
	t_run 0 tc_loader share check layout_stats
	t_out_has "shared: map 'layout_stats', id $id"
	# The next round starts from nothing.
	i=0
	while [ $i -lt $LOADERS ]; do
		tc filter del dev "v$i" ingress
		[ $((i % 4)) -ne 1 ] || bpftool cgroup detach "$CG/c$i" egress id "$(prog_in "$CG/c$i")"
		i=$((i + 1))
	done
	rm -r "$BPFFS/tc" "$BPFFS/ip" "$BPFFS/xdp"
	round=$((round + 1))
done
