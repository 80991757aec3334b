#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Small differences from bpftool that the page lists.
#
# differs: given-map
# differs: words-behind-detach
# differs: checked-first
# differs: vanishing-cgroup
# differs: tree-headline
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

cg_add c
mkdir "$BPFFS/truth"
bpftool prog loadall "$OBJ/truth.o" "$BPFFS/truth"

t_begin 'a map put in the place of another is compared first'
bpftool map create "$BPFFS/narrow" type array key 4 value 4 entries 1 name narrow
t_run 255 cgroup_loader prog load "$OBJ/truth.o" "$BPFFS/p" map name truth_hits pinned "$BPFFS/narrow"
t_err_has 'value_size'
t_ok [ ! -e "$BPFFS/p" ]

t_begin 'words behind PROG of detach have no meaning, and that is said'
bpftool cgroup attach "$CG/c" egress pinned "$BPFFS/truth/truth_cgroup" multi
t_run 0 cgroup_loader cgroup detach "$CG/c" egress pinned "$BPFFS/truth/truth_cgroup" multi
t_err_has "'multi' and what follows has no meaning for detach"
t_is "$(cg_progs "$CG/c")" 0

t_begin 'PATH is checked before loading, directories that were made go again'
: >"$TMP/plain"
t_run 255 cgroup_loader prog load "$OBJ/rejected.o" "$TMP/plain"
t_err_has "$TMP/plain"
t_err_lacks rejected
t_run 255 cgroup_loader prog load "$OBJ/rejected.o" "$BPFFS/made/deep/p"
t_ok [ ! -e "$BPFFS/made" ]

command -v strace >/dev/null || t_skip strace 'strace lets a cgroup vanish at a counted point'

t_begin 'a cgroup that vanishes does not end the tree'
cg_add gone
cg_add last
bpftool cgroup attach "$CG/last" egress pinned "$BPFFS/truth/truth_cgroup"
t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -o /dev/null -P "$CG/gone" -e trace=openat -e inject=openat:error=ENOENT \
	cgroup_loader cgroup tree "$CG"
t_out_has truth_cgroup

t_begin 'a tree that cannot be listed has no headline, and its error is no array'
t_run 255 bpftool cgroup tree "$CG/nosuch"
t_out_has CgroupPath
t_run 255 cgroup_loader cgroup tree "$CG/nosuch"
t_out_is ''
t_err_is "cgroup_loader: cgroup '$CG/nosuch': No such file or directory"
t_run 255 cgroup_loader -j cgroup tree "$CG/nosuch"
t_is "$(t_out | t_json .error)" "cgroup '$CG/nosuch': No such file or directory"
