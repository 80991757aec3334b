#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# share check while one of two users is exchanged all the time: both use one map throughout,
# so that no answer may miss either of them.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

NAME=swap$$
ROUNDS=40

dev_add v0 v1
cg_add c
bpftool map create "$BPFFS/map" type array key 4 value 8 entries 1 name $NAME
tc qdisc add dev v0 clsact
tc qdisc add dev v1 clsact
load() {
	tc_loader filter replace dev "$1" ingress pref 1 handle 1 bpf da obj "$OBJ/truth.o" \
		sec tc map name truth_hits pinned "$BPFFS/map"
}
load v0
load v1
t_run 0 tc_loader share check $NAME

# exchange WORDS CMD…: CMD again and again; then every check is shared.
exchange() {
	title=$1
	shift
	t_begin "$title"
	: >"$TMP/go"
	start sh -c 'while [ -e "$0" ]; do "$@" >/dev/null 2>&1; echo >>"$0.rounds"; done' \
		"$TMP/go" "$@"
	loop=$STARTED
	i=0
	while [ $i -lt $ROUNDS ]; do
		t_run 0 cgroup_loader share check $NAME
		i=$((i + 1))
	done
	rm "$TMP/go"
	wait "$loop" || :
	t_ok [ "$(wc -l <"$TMP/go.rounds")" -gt 10 ]
	rm "$TMP/go.rounds"
}

exchange 'a filter, by another load' tc_loader filter replace dev v1 ingress pref 1 handle 1 \
	bpf da obj "$OBJ/truth.o" sec tc map name truth_hits pinned "$BPFFS/map"

tc filter del dev v1 ingress
cgroup_loader cgroup attach "$CG/c" egress obj "$OBJ/truth.o" program truth_cgroup \
	map name truth_hits pinned "$BPFFS/map"
exchange 'a cgroup program, by another load' cgroup_loader cgroup attach "$CG/c" egress replace \
	obj "$OBJ/truth.o" program truth_cgroup map name truth_hits pinned "$BPFFS/map"
