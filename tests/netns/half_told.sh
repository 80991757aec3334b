#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What an answer lacks because a call failed is said, with the kernel's reason; and with -j there is
# one answer, whatever fails behind it.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'
own_objects again

# counted CALL CMD…: how often it makes that call; its output is in $TMP/usual.
counted() {
	ASAN_OPTIONS=detect_leaks=0 strace -qq -e signal=none -e "trace=$1" -o "$TMP/trace" "${@:2}" >"$TMP/usual"
	grep -c "^$1(" "$TMP/trace"
}

# failing CALL N ERRNO CMD…
failing() {
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/failed" -e "trace=$1" \
		-e "inject=$1:error=$3:when=$2" "${@:4}"
}

# told CALL ERRNO WORDS CMD…: wherever it fails the answer is the usual one, or the reason is said.
told() {
	local call=$1 errno=$2 words=$3 n said=0 last
	shift 3
	last=$(counted "$call" "$@")
	for ((n = 1; n <= last; n++)); do
		t_run any failing "$call" "$n" "$errno" "$@"
		[ "$T_STATUS" -eq 0 ] || continue
		if ! cmp -s "$TMP/t_out" "$TMP/usual"; then
			t_err_has "$words"
			said=$((said + 1))
		fi
	done
	t_ok [ $said -gt 0 ]
}

t_begin 'which cgroup a program comes from'
cg_add in/below
cgroup_loader cgroup attach "$CG/in" egress obj "$OBJ/again.o" multi 2>/dev/null
FROM=(cgroup_loader -v cgroup show "$CG/in/below" effective)
told fstatfs EIO 'where programs come from may be left out: Input/output error' "${FROM[@]}"
told openat EMFILE 'Too many open files' "${FROM[@]}"
told bpf EPERM 'Operation not permitted' "${FROM[@]}"

t_begin 'names of hooks that the kernel has'
if [ -e /sys/kernel/btf/vmlinux ]; then
	told access EACCES "the kernel's BTF: Permission denied; names of LSM hooks are not shown" \
		cgroup_loader cgroup show "$CG/in"
fi

t_begin 'the program of a filter that -echo shows'
dev_add v0
tc qdisc add dev v0 clsact
cgroup_loader prog load "$BPF/counter_tc.o" "$BPFFS/cls" type classifier
tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da object-pinned "$BPFFS/cls"
told bpf EMFILE 'name and state of 1 program are not shown: Too many open files' \
	tc_loader -echo filter replace dev v0 ingress pref 1 handle 1 bpf da object-pinned "$BPFFS/cls"

t_begin 'where a link is pinned'
cgroup_loader cgroup attach "$CG/in" egress obj "$OBJ/again.o" link pinned "$BPFFS/link" 2>/dev/null
told readlink ENOMEM 'Cannot allocate memory' cgroup_loader -f link show pinned "$BPFFS/link"

t_begin 'one answer in JSON, and it is the error where the disk is full at the end'
CONVERT=(cgroup_loader -j object convert "$LEGACY/counter_def.o" "$TMP/out.o")
for at in linkat:ENOSPC fsync:EDQUOT; do
	t_run 255 failing "${at%:*}" 1+ "${at#*:}" "${CONVERT[@]}"
	t_is "$(wc -l <"$TMP/t_out")" 1
	t_out | t_json . >"$TMP/document"
	[ "$at" = linkat:ENOSPC ] || t_ok [ -n "$(t_json .error <"$TMP/document")" ]
	[ "$at" != linkat:ENOSPC ] || t_err_has "write '$TMP/out.o': No space left on device"
	t_is "$(find "$TMP" -name '*out.o*')" ''
done

t_begin 'nor is anything beside the file where nobody reads the answer'
last=$(counted write "${CONVERT[@]}")
rm "$TMP/out.o"
t_run any env ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=write -e "inject=write:signal=PIPE:when=$last" "${CONVERT[@]}"
t_is "$T_STATUS" 141
t_is "$(find "$TMP" -name '*out.o.*')" ''

t_begin 'the lock of a record that is there stays with it'
printf 'name: held\nobjects: { tc: { file: %s } }\ntc: [ { object: tc, interfaces: v0, hook: egress } ]\n' \
	"$BPF/counter_tc.o" >"$TMP/held.yaml"
HELD=(tc_loader apply --state-dir "$TMP/state" "$TMP/held.yaml")
last=$(counted access "${HELD[@]}")
for ((n = 1; n <= last; n++)); do
	tc_loader remove --state-dir "$TMP/state" "$TMP/held.yaml" >/dev/null
	rm -r "$TMP/state"
	t_run 0 failing access "$n" EACCES "${HELD[@]}"
	t_is "$(find "$TMP/state" -name '*.json' | wc -l)" 1
	t_is "$(find "$TMP/state" -name '*.lock' | wc -l)" 1
done

t_begin 'a lock that is made and not taken is said to stay'
tc_loader remove --state-dir "$TMP/state" "$TMP/held.yaml" >/dev/null
rm -r "$TMP/state"
t_run 255 failing flock 1 ENOLCK "${HELD[@]}"
t_err_has ".lock': No locks available; the file stays, the next run of that name takes it"
t_run 0 "${HELD[@]}"

t_begin 'an element that is taken and not shown is said to be lost'
bpftool map create "$BPFFS/queue" type queue key 0 value 4 entries 4 name "q_$$"
for errno in ENOSPC EPIPE; do
	bpftool map push pinned "$BPFFS/queue" value 1 0 0 0
	t_run 255 failing write 1 $errno cgroup_loader map pop pinned "$BPFFS/queue"
	t_err_has 'the element is taken from the map, and lost: '
done

t_begin 'what a killed loader left is listed, or why not'
KEPT=$BPFFS/tc/keep/4000000000
mkdir -p "$KEPT"
said=0
for ((n = 1; n < 5; n++)); do
	t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/failed" -P "${KEPT%/*}" -P "$KEPT" -e trace=openat \
		-e "inject=openat:error=EMFILE:when=$n" tc_loader share gc
	! grep -q INJECTED "$TMP/failed" || said=$((said + 1))
	grep -q "$KEPT" "$TMP/t_out" || t_err_has ': Too many open files'
done
t_ok [ $said -gt 1 ]
rmdir "$KEPT"

# A user who is not of group 0 sees with hidepid=1 that a process is there, and nothing of it.
t_begin 'processes that may not be looked at are not gone'
mount -t proc -o hidepid=1 proc /proc
t_run any setpriv --reuid 65534 --regid 65534 --clear-groups \
	--inh-caps +sys_admin,+bpf,+net_admin,+dac_read_search,+dac_override \
	--ambient-caps +sys_admin,+bpf,+net_admin,+dac_read_search,+dac_override \
	cgroup_loader share show traffic
umount /proc
t_err_has 'network namespaces of processes: '
