#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow while file systems are not mounted, an object cannot be read, or a namespace not
# be opened: what has nothing to do with it is served, and all of it once it can be.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair

cp "$OBJ/pair_btf_none.o" "$TMP/late.o"
cat >"$FILE" <<END
name: acct
objects:
  tc: { file: $OBJ/pair_btf_none.o }
  ns: { file: $OBJ/pair_btf_none.o }
  late: { file: $TMP/late.o }
tc:
  - { object: tc, hook: ingress, interfaces: "mo*", preference: 5, handle: 1 }
  - { object: ns, hook: ingress, netns: "fom_*", interfaces: "in*", preference: 5, handle: 1 }
  - { object: late, hook: egress, interfaces: "[mn]o1", preference: 5, handle: 1 }
cgroups:
  - { object: late, type: egress, cgroups: "$CG/box*" }
END
served_in() {
	tc -n "$1" filter show dev "$2" ingress 2>/dev/null | grep 'handle 0x1' >/dev/null
}
dev_add mo0
follow

t_begin 'an object that cannot be loaded holds up nobody else'
echo nonsense >"$TMP/late.o"
cg_add box0
t_ok wait_for 20 grep -q 'tried again later' "$TMP/err"
dev_add no1
t_ok wait_for 20 grep -q 'no1.*could not be loaded yet' "$TMP/err"
dev_add mo1
t_ok wait_for 20 served mo1
t_is "$(filters mo1 egress) $(tc qdisc show dev no1 | grep -c clsact || :)" '0 0'
cp "$OBJ/pair_btf_none.o" "$TMP/late.o"
t_ok wait_for 60 has box0 1
t_is "$(filters mo1 egress) $(filters no1 egress)" '1 1'

t_begin 'a namespace that cannot be opened, for want of descriptors'
hard=$(prlimit --pid "$PID" --nofile --noheadings --output HARD)
used=$(find "/proc/$PID/fd" -mindepth 1 | wc -l)
prlimit --pid "$PID" --nofile="$((used + 2)):$hard"
ip netns add fom_a
on_exit 'ip netns del fom_a 2>/dev/null || :'
ip -n fom_a link add in0 type veth peer name pe0
t_ok wait_for 20 grep -q 'Too many open files.*tried again later' "$TMP/err"
prlimit --pid "$PID" --nofile="$hard:$hard"
t_ok wait_for 60 served_in fom_a in0

t_begin 'the cgroup tree is unmounted: interfaces are served, nothing is forgotten'
root=${CG%/*}
umount -l "$root"
dev_add mo2
t_ok wait_for 20 served mo2
t_is "$(state filters) $(state cgroup_programs)" '6 1'
mount -t cgroup2 none "$root"
mkdir "$CG/box1"
t_ok wait_for 60 has box1 1
t_ok has box0 1

t_begin 'the BPF file system is unmounted: what is loaded is attached'
umount -l "$BPFFS"
t_ok wait_for 20 grep -q 'another BPF file system is mounted' "$TMP/err"
dev_add mo3
t_ok wait_for 20 served mo3
mount -t bpf bpf "$BPFFS"
kill -HUP "$PID"
dev_add mo4
t_ok wait_for 20 served mo4
t_is "$(state filters) $(state cgroup_programs)" '8 2'
kill -TERM "$PID"
t_run 0 wait "$PID"
t_run 0 tc_loader check --state-dir "$STATE" "$FILE"
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
