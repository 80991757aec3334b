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
cg_add two
t_run 0 cgroup_loader cgroup attach "$CG/one" egress obj "$OBJ/by_name.o" multi
t_run 0 cgroup_loader prog load "$OBJ/by_name.o" "$BPFFS/prog"

# failing CALL ERRNO PATTERN CMD…: CMD, with that call failing where its line has PATTERN.
failing() {
	local call=$1 errno=$2 pattern=$3 n
	shift 3
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -y -e signal=none -e trace="$call" -o "$TMP/trace" "$@" >"$TMP/null"
	n=$(sed 's/^[0-9]* *//' "$TMP/trace" | grep -n -- "$pattern" | sed -n '1s/:.*//p')
	t_isnt "$n" ''
	t_run any env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace="$call" -e inject="$call:error=$errno:when=$n" \
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

t_begin 'nor is one that cannot be looked at gone'
t_run 2 env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/trace" -P "$CG/one" -e trace=?fstat,?newfstatat \
	-e inject=?fstat,?newfstatat:error=ENOMEM cgroup_loader share check "$(own_word by_name)_hits"
t_out_has "not seen: cgroup '$CG/one' and the others: Cannot allocate memory"

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

t_begin 'a slot that cannot be read is not taken for an empty one'
# Programs and maps of others that come or go meanwhile move the calls, and make it look again:
# many calls are ours, and what is asked for is the last look.
bpftool map create "$BPFFS/jumps" type prog_array key 4 value 4 entries 2000 name half_slots
for ((try = 0; try < 10; try++)); do
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e signal=none -e trace=bpf -o "$TMP/trace" \
		tc_loader share check half_lists >"$TMP/null" 2>&1 || true
	n=$(awk '/BPF_MAP_LOOKUP_ELEM/ { if (++run == 1000) print NR; next } { run = 0 }' \
		"$TMP/trace" | tail -n 1)
	t_run any env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=bpf -e inject="bpf:error=EIO:when=$n" \
		-o "$TMP/trace" tc_loader share check half_lists
	! grep -q 'slots of map id' "$TMP/t_out" || break
done
t_ok grep -q 'BPF_MAP_LOOKUP_ELEM.*INJECTED' "$TMP/trace"
t_is "$T_STATUS" 2
t_out_has 'slots of map id'

t_begin 'a pin, or the list of mounts, that cannot be opened'
failing bpf EPERM "BPF_OBJ_GET, .*\"$BPFFS/map\"" cgroup_loader -f prog show pinned "$BPFFS/prog"
t_err_has "not all pins below '$BPFFS' can be seen: Operation not permitted"
failing openat EIO /mountinfo cgroup_loader -f prog show pinned "$BPFFS/prog"
t_err_has 'not all pins can be seen: mounts cannot be read: Input/output error'

t_begin 'a pin of which it cannot be seen what it is of is none of a map'
t_run 0 cgroup_loader cgroup attach "$CG/two" egress obj "$OBJ/by_name.o" link pinned "$BPFFS/link"
of=()
for ((n = 3; n < 64; n++)); do
	of+=(-P "/proc/self/fd/$n")
done
for line in "map show pinned $BPFFS/link" "prog load $OBJ/by_name.o $BPFFS/other map name $(own_word by_name)_hits pinned $BPFFS/link"; do
	# shellcheck disable=SC2086 # words of a command
	t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/trace" "${of[@]}" \
		-e trace=?readlink,readlinkat -e inject=?readlink,readlinkat:error=ENOMEM cgroup_loader $line
	t_err_has 'Cannot allocate memory'
done

t_begin 'a file system that cannot be asked is not taken for another one'
failing statfs ENOMEM "\"$BPFFS/" cgroup_loader object show "$OBJ/by_name.o"
t_out_has "'$BPFFS/tc/globals"
t_out_has 'Cannot allocate memory'

t_begin 'open files of a process that cannot be read are told apart from refused ones'
sleep 60 &
holder=$!
on_exit "kill $holder 2>/dev/null"
# not_opening CMD…: by its path, since how many are opened before depends on who else runs.
not_opening() {
	t_run any env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -P "/proc/$holder/fd" -e trace=openat -e inject=openat:error=ENOMEM \
		-o "$TMP/trace" "$@"
	t_ok grep -q INJECTED "$TMP/trace"
}
not_opening tc_loader -j share show pinned "$BPFFS/map"
t_ok grep -q '"open files of [0-9]* process[es]*: Cannot allocate memory"' <(t_out)

t_begin 'and then nothing is removed'
mkdir -p "$BPFFS/tc/globals"
chmod 0700 "$BPFFS/tc" "$BPFFS/tc/globals"
bpftool map create "$BPFFS/tc/globals/idle" type array key 4 value 4 entries 1 name half_idle
not_opening tc_loader share gc --delete "$BPFFS/tc/globals/idle"
t_is "$T_STATUS" 255
t_err_has 'open files'
t_ok test -e "$BPFFS/tc/globals/idle"
t_run 0 tc_loader share gc --delete "$BPFFS/tc/globals/idle"
