#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow and whoever may make cgroups: limits that are said, and said once; a path of many
# levels with a small limit; a line for each change, until they are counted.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair

cat >"$FILE" <<END
name: acct
objects: { cg: { file: $OBJ/pair_btf_none.o } }
cgroups:
  - { object: cg, type: egress, cgroups: "$CG/few*", limit: 2 }
  - { object: cg, type: egress, cgroups: "$CG/a/b/c/deep", limit: 1 }
  - { object: cg, type: egress, cgroups: "$CG/d*/e*/leaf", limit: 4 }
  - { object: cg, type: egress, cgroups: "$CG/way*/leaf", limit: 2 }
  - { object: cg, type: egress, cgroups: "$CG/many*" }
  - { object: cg, type: egress, units: "twice$$" }
END
# makes NAME N: that many cgroups, one after the other, each removed again.
makes() {
	local i
	for ((i = 0; i < $2; i++)); do
		mkdir "$CG/$1"
		rmdir "$CG/$1"
	done
}
follow

t_begin 'a small limit is one of places, not of what is above them'
mkdir -p "$CG/a/b/c/deep"
t_ok wait_for 20 has a/b/c/deep 1
for i in 1 2 3 4; do
	mkdir -p "$CG/d$i/e$i/leaf"
done
for i in 1 2 3 4; do
	t_ok wait_for 20 has d$i/e$i/leaf 1
done
t_is "$(t_count 'names more than' "$TMP/err")" 0

t_begin 'a limit is said once, however often it is reached'
mkdir "$CG/few1" "$CG/few2" "$CG/few3"
t_ok wait_for 20 is full 1
makes few4 100
t_ok wait_for 20 is waiting 0
t_is "$(t_count 'names more than 2 cgroups' "$TMP/err")" 1
t_is "$(($(cg_progs "$CG/few1") + $(cg_progs "$CG/few2") + $(cg_progs "$CG/few3")))" 2

t_begin 'directories that lead to nothing have one, too'
before=$(state_of .memory_kib)
for ((i = 0; i < 100; i++)); do
	mkdir "$CG/way$i"
done
t_ok wait_for 20 is full 2
makes waynot 50
t_ok wait_for 20 is waiting 0
t_is "$(t_count "way.* names more than" "$TMP/err")" 1
t_ok test "$(($(state_of .memory_kib) - before))" -lt 2048

t_begin 'beyond a hundred lines they are counted'
old=$(t_count ' attach ' "$TMP/err")
kill -STOP $PID
for ((i = 0; i < 150; i++)); do
	mkdir "$CG/many$i"
done
kill -CONT $PID
t_ok wait_for 30 is cgroup_programs 157
t_ok wait_for 30 grep -q 'more changes, which are not listed' "$TMP/err"
all() {
	local lines
	lines=$(awk -v old="$old" '/ attach / { n++ }
		/more changes, which are not listed/ { n += $2 } END { print n - old }' "$TMP/err")
	[ "$lines" = 150 ]
}
t_ok wait_for 30 all
t_ok test "$(($(t_count ' attach ' "$TMP/err") - old))" -le 130

t_begin 'a unit of which there are two'
root=${CG%/*}
on_exit "rmdir '$root/x$$.slice/twice$$.service' '$root/x$$.slice' '$root/twice$$.service' 2>/dev/null || :"
mkdir "$root/twice$$.service"
t_ok wait_for 20 has "../twice$$.service" 1
mkdir -p "$root/x$$.slice/twice$$.service"
t_ok wait_for 20 grep -q "several cgroups are called 'twice$$'" "$TMP/err"
t_is "$(cg_progs "$root/x$$.slice/twice$$.service")" 0
t_ok wait_for 20 rmdir "$root/twice$$.service"
t_ok wait_for 20 has "../x$$.slice/twice$$.service" 1

kill -TERM $PID
t_run 0 wait $PID
