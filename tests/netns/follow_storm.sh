#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A storm of interfaces, namespaces and cgroups that come, go, are renamed, moved and made again
# while apply --follow looks, while it is stopped, and while it is stopped and goes on, with so
# little room for events that the kernel has to drop some. In the end each place is what the file
# says, as tc and bpftool tell it; nothing is kept, and nobody else's is touched. STORM=N is how
# many acts there are (300), SEED=N which ones; both are printed.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair
command -v strace >/dev/null || t_skip strace 'it leaves the sockets of events little room'

STORM=${STORM:-300}
SEED=${SEED:-$RANDOM}
echo "STORM=$STORM SEED=$SEED"
cat >"$FILE" <<END
name: acct
objects:
  tc: { file: $OBJ/pair_btf_none.o }
  ns: { file: $OBJ/pair_btf_none.o }
  cg: { file: $OBJ/pair_btf_none.o }
tc:
  - { object: tc, hook: ingress, interfaces: "st*", preference: 5, handle: 1 }
  - { object: ns, hook: ingress, netns: "fos*", interfaces: "in*", preference: 5, handle: 1 }
cgroups:
  - { object: cg, type: egress, cgroups: "$CG/box*/in*", limit: 100000 }
  - { object: cg, type: egress, mode: link, cgroups: "$CG/lnk*", limit: 100000 }
END

storm() {
	"$LIB_PYTHON" "$TOP/tests/storm.py" "$1" "$CG" "${@:2}"
}
# What is there beside the three places that stay.
held() {
	echo "$(find "/proc/$PID/fd" -mindepth 1 | wc -l) descriptors," \
		"$(cat "/proc/$PID/fdinfo/"* 2>/dev/null | t_count '^inotify') watches," \
		"$(find "$BPFFS" -mindepth 1 | wc -l) pins, $(programs) programs"
}
# programs: ours, anywhere on the machine. A filter that is deleted lets go of its own a while later.
programs() {
	bpftool prog show >"$TMP/progs"
	t_count "name $(own_word pair)" "$TMP/progs"
}
holds() {
	[ "$(held)" = "$1" ]
}
wrong() {
	storm judge >"$TMP/wrong" 2>"$TMP/places" && [ ! -s "$TMP/wrong" ]
}
# What somebody else has beside ours, and where he has nothing to do with us.
others() {
	tc filter show dev st_first ingress pref 9
	tc filter show dev foreign0 ingress
	bpftool cgroup show "$CG/theirs/in"
	find "$BPFFS/theirs" -printf '%p %i\n'
	find "$STATE/../foreign" -printf '%p %i %c\n'
}
settled() {
	is waiting 0 && wrong
}
judged() {
	t_ok wait_for "$((60 + STORM / 20))" settled || {
		echo "STORM=$STORM SEED=$SEED"
		cat "$TMP/wrong"
		tail -n 5 "$TMP/err"
	}
	t_is "$(cat "$TMP/wrong")" ''
	t_is "$(others)" "$before"
	echo "$1: $(cat "$TMP/places"), lost $(state events_lost), attached $(state attached), $(state_of .memory_kib) KiB"
}
# noise: more events than are queued.
noise() {
	seq 2000 | sed 's/.*/link set dev foreign0 alias &/' | ip -batch -
	"$LIB_PYTHON" - "$CG" "$(cat /proc/sys/fs/inotify/max_queued_events)" <<'END'
import os, sys
for i in range(int(sys.argv[2]) // 2 + 10):
    os.mkdir(sys.argv[1] + "/noise")
    os.rmdir(sys.argv[1] + "/noise")
END
}

dev_add st_first foreign0
cg_add box_first/in
cg_add lnk_first
cg_add theirs/in
mkdir "$BPFFS/theirs" "$TMP/foreign"
tc qdisc add dev foreign0 clsact
tc filter add dev foreign0 ingress pref 5 handle 1 bpf da obj "$BPF/counter_tc.o"
bpftool prog load "$BPF/counter_cgroup.o" "$BPFFS/theirs/prog" type cgroup/skb
bpftool cgroup attach "$CG/theirs/in" egress pinned "$BPFFS/theirs/prog" multi
on_exit "storm clean"
follow_by env ASAN_OPTIONS=detect_leaks=0 strace -D -f --seccomp-bpf -qq -o "$TMP/calls" -e trace=setsockopt \
	-e inject=setsockopt:error=EPERM
# What is loaded is opened as the first one appears.
ip netns add fos_warm
ip link add in_warm netns fos_warm type veth peer name st_warm
cg_add box_first/in_warm
cg_add lnk_warm
served_warm() {
	[ -n "$(tc -n fos_warm filter show dev in_warm ingress pref 5)" ] && served st_warm &&
		has box_first/in_warm 1 && has lnk_warm 1
}
t_ok wait_for 20 served_warm
ip netns del fos_warm
rmdir "$CG/box_first/in_warm" "$CG/lnk_warm"
tc filter add dev st_first ingress pref 9 handle 1 bpf da obj "$BPF/counter_tc.o"
before=$(others)
t_ok wait_for 20 is interfaces "$(ip -o link | wc -l)"
t_ok wait_for 20 is waiting 0
known=$(held)
echo "before: $known"

t_begin 'while it is stopped'
kill -STOP "$PID"
noise
storm make $((STORM / 3)) "$SEED"
kill -CONT "$PID"
judged stopped
t_isnt "$(state events_lost)" 0

t_begin 'while it looks'
storm make $((STORM / 3)) "$((SEED + 1))"
judged looks

t_begin 'while it is stopped and goes on'
storm make $((STORM / 3)) "$((SEED + 2))" "$PID"
judged stutters

t_begin 'nothing is kept of it'
storm clean
t_ok wait_for 60 is waiting 0
t_ok wait_for 60 holds "$known"
t_is "$(held)" "$known"
t_is "$(others)" "$before"
peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$PID/status")
echo "peak: $peak KiB"
t_ok test "$peak" -le 65536
kill -TERM "$PID"
t_run 0 wait "$PID"
t_run 0 tc_loader check --state-dir "$STATE" "$FILE"
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
none() {
	[ "$(programs)" = 0 ]
}
t_ok wait_for 60 none
