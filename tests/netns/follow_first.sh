#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# One object on both hooks, with a map that nobody pins: the first cgroup appears long after the
# first interface, and gets the program that was loaded beside the other one. The map is the same,
# what it counts goes on, and the filter is not replaced.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair

cat >"$FILE" <<END
name: acct
objects: { o: { file: $OBJ/pair_btf_none.o } }
tc: [ { object: o, hook: ingress, interfaces: "fi*", preference: 5, handle: 1 } ]
cgroups: [ { object: o, type: egress, cgroups: "$CG/first*" } ]
END
follow

t_begin 'an interface, and then a cgroup'
dev_add fi0
t_ok wait_for 20 served fi0
t_ok wait_for 20 is waiting 0
prog=$(prog_at fi0 ingress)
map=$(maps_of "$prog")
cg_add first0
t_ok wait_for 20 has first0 1
t_is "$(prog_at fi0 ingress)" "$prog"
t_is "$(maps_of "$(bpftool -j cgroup show "$CG/first0" | t_json '[0].id')")" "$map"

t_begin 'and the next ones'
dev_add fi1
cg_add first1
t_ok wait_for 20 served fi1
t_ok wait_for 20 has first1 1
t_is "$(maps_of "$(prog_at fi1 ingress)")" "$map"
kill -TERM "$PID"
t_run 0 wait "$PID"
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
