#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What share check cannot see, made on purpose: each makes the verdict unknown and is named;
# none makes a split look shared.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

HIDE=$BUILD/tests/netns/hide
NAME=hide$$

# load DIR: a program of each kind in DIR, with the map pinned at DIR/map.
load() {
	mkdir "$1"
	bpftool map create "$1/map" type array key 4 value 8 entries 1 name $NAME
	bpftool prog loadall "$OBJ/truth.o" "$1" map name truth_hits pinned "$1/map"
	rm "$1/truth_socket"
}

# check STATUS ARG…: both tools answer alike.
check() {
	want=$1
	shift
	t_run "$want" tc_loader share check $NAME "$@"
	cp "$TMP/t_out" "$TMP/other"
	t_run "$want" cgroup_loader share check $NAME "$@"
	cmp -s "$TMP/other" "$TMP/t_out" || t_fail 'the tools differ on stdout'
}

id_of() {
	bpftool -j prog show pinned "$1" | t_json .id
}

dev_add v0 v1
cg_add c
load "$BPFFS/a"
load "$BPFFS/b"
a=$(map_id "$BPFFS/a/map") b=$(map_id "$BPFFS/b/map")
tc qdisc add dev v0 clsact
tc filter add dev v0 ingress bpf da object-pinned "$BPFFS/a/truth_tc"
bpftool cgroup attach "$CG/c" egress pinned "$BPFFS/a/truth_cgroup"

t_begin 'all is seen: shared'
check 0
t_err_lacks 'open files'

t_begin 'a socket filter that uses the other map: unknown, with its id'
bpftool prog loadall "$OBJ/truth.o" "$BPFFS/s" map name truth_hits pinned "$BPFFS/b/map"
socket=$(id_of "$BPFFS/s/truth_socket")
start "$HIDE" socket "$BPFFS/s/truth_socket" "$TMP/ready"
holder=$STARTED
t_ok wait_for 5 [ -e "$TMP/ready" ]
check 2
t_out_has "$socket 'truth_socket'"
rm -r "$BPFFS/s"
check 2
t_out_has "unknown: map '$NAME', id $a, 2 attached programs"
t_out_has "attachment not found: id $b: program $socket 'truth_socket' socket_filter"
check 2 -j
t_is "$(t_json '.verdicts[0].not_found[0].program' <"$TMP/t_out")" "$socket"
t_is "$(t_json '.verdicts[0].verdict' <"$TMP/t_out")" unknown
t_run 0 tc_loader share show id "$b"
t_out_has 'attachment not found'
t_out_lacks 'attached nowhere'
check 0 dev v0 cgroup "$CG/c"
t_err_has "attachment not found: id $b: program $socket"
kill "$holder"
gone() {
	! bpftool prog show id "$1" >/dev/null 2>&1
}
t_ok wait_for 10 gone "$socket"
check 0
