#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# In a PID namespace of its own share check sees no network namespace that only a process
# outside holds: a program that is pinned may be attached there, so its pin explains nothing.
# From outside everything inside is seen.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

HIDE=$BUILD/tests/netns/hide
NAME=jail$$
OUTSIDE='network namespaces of processes outside of this PID namespace cannot be seen'

# load DIR: a program of each kind in DIR, with the map pinned at DIR/map.
load() {
	mkdir "$1"
	bpftool map create "$1/map" type array key 4 value 8 entries 1 name $NAME
	bpftool prog loadall "$OBJ/truth.o" "$1" map name truth_hits pinned "$1/map"
	rm "$1/truth_socket"
}

within() {
	unshare --pid --fork --mount-proc "$@"
}

id_of() {
	bpftool -j prog show pinned "$1" | t_json .id
}

dev_add v0
cg_add c
load "$BPFFS/a"
a=$(map_id "$BPFFS/a/map")
tc qdisc add dev v0 clsact
tc filter add dev v0 ingress bpf da object-pinned "$BPFFS/a/truth_tc"
bpftool cgroup attach "$CG/c" egress pinned "$BPFFS/a/truth_cgroup"

t_begin 'nothing uses another map: shared, wherever the others of its programs may be'
t_run 0 within tc_loader share check $NAME
t_out_has "shared: map '$NAME', id $a"

t_begin 'another map, attached in a namespace that a process outside holds'
load "$BPFFS/b"
rm "$BPFFS/b/truth_xdp" "$BPFFS/b/truth_cgroup"
b=$(map_id "$BPFFS/b/map")
program=$(id_of "$BPFFS/b/truth_tc")
cat >"$TMP/filter" <<'END'
ip link add h0 type veth peer name h1
tc qdisc add dev h0 clsact
tc filter add dev h0 ingress bpf da object-pinned "$1/truth_tc"
END
start "$HIDE" fd "$TMP/ready" sh -e "$TMP/filter" "$BPFFS/b"
holder=$STARTED
t_ok wait_for 5 [ -e "$TMP/ready" ]
t_run 1 tc_loader share check $NAME
t_run 2 within tc_loader share check $NAME
t_out_has "unknown: map '$NAME', id $a, 2 attached programs"
t_out_has "attachment not found: id $b: program $program 'truth_tc' sched_cls ($OUTSIDE)"
t_run 2 within cgroup_loader share check $NAME -j
t_is "$(t_json '.verdicts[0].not_found[0].reason' <"$TMP/t_out")" "$OUTSIDE"

t_begin 'a place that is named is seen'
t_run 0 within tc_loader share check $NAME dev v0 cgroup "$CG/c"

t_begin 'a /proc of the outside, asked from inside, shows what is there'
t_run 1 unshare --pid --fork tc_loader share check $NAME
t_out_has "id $b: program $program 'truth_tc' sched_cls, tc ingress dev h0"

t_begin 'outside, pinned and attached nowhere: not counted, and said'
kill "$holder"
is_shared() {
	tc_loader share check $NAME >"$TMP/shared" 2>&1
}
t_ok wait_for 10 is_shared
t_run 0 tc_loader share check $NAME
t_err_has "not counted: id $b: program $program 'truth_tc' sched_cls, attached nowhere that can be seen"
t_run 0 tc_loader share check $NAME -j
t_is "$(t_json '.verdicts[0].not_attached[0].program' <"$TMP/t_out")" "$program"

t_begin 'the other way round: what a process inside holds is seen from outside, and not by a sibling'
rm "$TMP/ready"
start unshare --pid --fork --mount-proc "$HIDE" fd "$TMP/ready" sh -e "$TMP/filter" "$BPFFS/b"
# unshare hears no SIGTERM; it ends with its child, which is the first of its namespace.
on_exit "kill -KILL \$(pgrep -P $STARTED)"
t_ok wait_for 10 [ -e "$TMP/ready" ]
t_run 1 tc_loader share check $NAME
t_out_has "id $b: program $program 'truth_tc' sched_cls, tc ingress dev h0"
t_run 1 cgroup_loader share check $NAME
t_run 2 within tc_loader share check $NAME
t_out_has "attachment not found: id $b: program $program 'truth_tc' sched_cls ($OUTSIDE)"
