#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A directory or a list that can be read in part only is not taken for a whole one.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"

own_objects by_name
cg_add one
t_run 0 cgroup_loader cgroup attach "$CG/one" egress obj "$OBJ/by_name.o" multi
t_run 0 cgroup_loader prog load "$OBJ/by_name.o" "$BPFFS/prog"

# failing CALL ERRNO PATTERN CMD…: CMD, with that call failing where its line has PATTERN.
failing() {
	local call=$1 errno=$2 pattern=$3 n
	shift 3
	strace -f -qq -y -e signal=none -e trace="$call" -o "$TMP/trace" "$@" >"$TMP/null"
	n=$(sed 's/^[0-9]* *//' "$TMP/trace" | grep -n -- "$pattern" | sed -n '1s/:.*//p')
	t_isnt "$n" ''
	t_run any strace -f -qq -e trace="$call" -e inject="$call:error=$errno:when=$n" \
		-o "$TMP/trace" "$@"
	t_is "$(grep -c INJECTED "$TMP/trace")" 1
}

t_begin 'a cgroup below which cannot be read ends cgroup tree'
failing getdents64 ENOMEM "<$CG>" cgroup_loader cgroup tree "$CG"
t_is "$T_STATUS" 255
t_err_has 'Cannot allocate memory'
failing newfstatat EIO '"one"' cgroup_loader cgroup tree "$CG"
t_is "$T_STATUS" 255
t_err_has 'Input/output error'

t_begin 'names of programs that cannot be asked are said to be missing'
failing bpf EFAULT BPF_OBJ_GET_INFO_BY_FD cgroup_loader cgroup show "$CG/one"
t_is "$T_STATUS" 0
t_err_has 'program names cannot be read: Bad address'

t_begin 'and so are pins, a list of mounts, memory'
failing getdents64 EIO "<$BPFFS>" cgroup_loader -f prog show pinned "$BPFFS/prog"
t_err_has "not all pins below '$BPFFS' can be seen: Input/output error"
failing newfstatat EACCES '"prog"' cgroup_loader -f prog show pinned "$BPFFS/prog"
t_err_has "not all pins below '$BPFFS' can be seen: Permission denied"
failing openat ENOMEM /fdinfo/ cgroup_loader prog show pinned "$BPFFS/prog"
t_err_has 'memory of a program cannot be read: Cannot allocate memory'
bpftool map create "$BPFFS/map" type array key 4 value 4 entries 1 name half_lists
failing openat ENFILE /fdinfo/ cgroup_loader map show pinned "$BPFFS/map"
t_err_has 'memory and state of a map cannot be read: Too many open files in system'
