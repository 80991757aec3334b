#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Options in their long form, and what they change.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

own_objects layout_ own_members
dev_add v0
tc qdisc add dev v0 clsact

t_begin '-Numeric is taken as tc takes it'
for word in -Numeric -N; do
	t_run 0 tc_loader $word qdisc show dev v0
	t_is "$(t_out)" "$(tc $word qdisc show dev v0)"
done

t_begin '--use-loader changes nothing'
t_run 0 cgroup_loader --use-loader prog load "$OBJ/layout_u64.o" "$BPFFS/prog"
t_is "$(bpftool -j prog show pinned "$BPFFS/prog" | t_json .type)" sched_cls

t_begin '--mapcompat loads maps with members that are not known'
t_run 255 cgroup_loader prog load "$OBJ/own_members.o" "$BPFFS/members"
t_err_has "map '$(own_word own_members)'"
t_run 0 cgroup_loader --mapcompat prog load "$OBJ/own_members.o" "$BPFFS/members"
t_ok [ -e "$BPFFS/members" ]

t_begin '--nomount mounts nothing'
mkdir "$TMP/plain"
sort /proc/self/mounts >"$TMP/before"
t_run 255 cgroup_loader --nomount prog load "$OBJ/layout_u64.o" "$TMP/plain/prog"
t_err_has 'is not on a BPF file system'
sort /proc/self/mounts >"$TMP/after"
t_ok cmp "$TMP/before" "$TMP/after"
t_ok [ ! -e "$TMP/plain/prog" ]

t_begin '--copy-prefix migrates a map without BTF, as many bytes as both have'
rm "$BPFFS/prog"
pin=$BPFFS/tc/globals/$(own_word layout_stats)
rm "$pin"
bpftool map create "$pin" type array key 4 value 4 entries 4 name "$(own_word layout_stats)"
bpftool map update pinned "$pin" key 1 0 0 0 value 1 2 3 4
t_run 255 tc_loader map migrate pinned "$pin" to obj "$OBJ/layout_u64.o"
t_err_has '--copy-prefix'
t_run 0 tc_loader map migrate pinned "$pin" to obj "$OBJ/layout_u64.o" --copy-prefix
t_is "$(bpftool -j map lookup pinned "$pin" key 1 0 0 0 | t_json .formatted.value)" $((0x04030201))
