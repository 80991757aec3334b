#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow, where what the kernel tells is not all, or not what it seems: events that were
# dropped, a port that leaves its bridge, a namespace whose name is removed, an answer that is lost.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair

cat >"$FILE" <<END
name: acct
objects:
  tc: { file: $OBJ/pair_btf_none.o }
  ns: { file: $OBJ/pair_btf_none.o }
  cg: { file: $OBJ/pair_btf_none.o }
tc:
  - { object: tc, hook: ingress, interfaces: [ "po*", alias ], preference: 5, handle: 1 }
  - { object: ns, hook: ingress, netns: "fol_*", interfaces: "in*", preference: 5, handle: 1 }
cgroups:
  - { object: cg, type: egress, cgroups: "$CG/box*" }
END
has_lost() {
	[ "$(state events_lost)" -gt "$1" ]
}
is_gone() {
	! ip link show dev "$1" >"$TMP/t_gone" 2>&1
}
# drops: how many events the kernel dropped on the sockets of the process.
drops() {
	find "/proc/$PID/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n' >"$TMP/sockets"
	awk 'NR == FNR { ours[$1]; next } $10 in ours { sum += $9 } END { print sum + 0 }' \
		"$TMP/sockets" /proc/net/netlink
}
alias_lines() {
	seq "$1" | sed 's/.*/link set dev noise alias &/'
}

ip netns add fol_early
on_exit 'ip netns del fol_early 2>/dev/null || :'
ip link add peer_early type veth peer name in0 netns fol_early
on_exit 'ip link del peer_early 2>/dev/null || :'
dev_add noise
follow

t_begin 'a namespace that was there at the beginning goes with its name'
ip netns del fol_early
t_ok wait_for 10 is_gone peer_early

t_begin 'a port leaves its bridge, and is still there'
dev_add po0
dev_add other0
ip link set other0 up
ip link property add dev other0 altname alias
t_ok wait_for 10 served po0
ip link add br0 type bridge
on_exit 'ip link del br0'
for dev in po0 other0; do
	ip link set $dev master br0
	ip link set $dev nomaster
done
dev_add po1
t_ok wait_for 10 served po1
t_is "$(state filters)" 3
t_is "$(filters po0 ingress)$(filters other0 ingress)" 11

t_begin 'interfaces, the end of which was dropped'
t_is "$(drops) $(state events_lost)" '0 0'
kill -STOP "$PID"
{
	alias_lines 400
	for i in 1 2 3 4; do
		echo "link add po_ghost$i type veth peer name pe_ghost$i"
	done
	alias_lines 12000
	for i in 1 2 3; do
		echo "link del po_ghost$i"
	done
} >"$TMP/links"
t_run 0 ip -batch "$TMP/links"
on_exit 'ip link del po_ghost4'
t_isnt "$(drops)" 0
kill -CONT "$PID"
t_ok wait_for 20 served po_ghost4
t_ok wait_for 20 is waiting 0
t_isnt "$(state events_lost)" 0
t_is "$(state filters) $(state interfaces)" "4 $(ip -o link | wc -l)"

t_begin 'cgroups, more than a queue of inotify has'
lost=$(state events_lost)
kill -STOP "$PID"
cg_add box_before
# As many as are queued, and the first of what is then dropped.
"$LIB_PYTHON" - "$CG" "$(cat /proc/sys/fs/inotify/max_queued_events)" <<'END'
import os, sys
for i in range(int(sys.argv[2]) // 2 + 10):
    os.mkdir(sys.argv[1] + "/noise")
    os.rmdir(sys.argv[1] + "/noise")
END
cg_add box_after
rmdir "$CG/box_before"
kill -CONT "$PID"
t_ok wait_for 20 has box_after 1
t_ok wait_for 20 has_lost "$lost"
t_is "$(state cgroup_programs) $(state waiting)" '1 0'

t_begin 'and nothing is left over'
kill -TERM "$PID"
t_run 0 wait "$PID"
t_run 0 tc_loader check --state-dir "$STATE" "$FILE"
t_out_has 'in sync'

t_begin 'an answer that is lost as an interface comes, and what it did cannot be looked at: it is ours'
command -v strace >/dev/null || t_skip strace 'it makes answers disappear'
tried() {
	grep -q 'unknown whether the filter' "$TMP/err" "$TMP/out" || served po_lost
}
unknown=0
for nth in 1 2 3 4 5 6; do
	follow
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e signal=none -o "$TMP/calls" -e trace=recvmsg,ioctl \
		-e inject=ioctl:error=ENFILE -e "inject=recvmsg:error=ENOBUFS:when=$nth..$((nth + 3))" -p "$PID" 2>"$TMP/strace" &
	tracer=$!
	on_exit "kill $tracer 2>/dev/null || :"
	t_ok wait_for 5 grep -q "TracerPid:.*[1-9]" "/proc/$PID/status"
	dev_add po_lost
	wait_for 5 tried || :
	kill "$tracer" 2>/dev/null || :
	wait "$tracer" || :
	t_ok wait_for 10 served po_lost
	kill -TERM "$PID"
	t_run 0 wait "$PID"
	! grep -q 'unknown whether the filter' "$TMP/err" "$TMP/out" || unknown=$((unknown + 1))
	t_run any tc_loader remove --state-dir "$STATE" "$FILE"
	t_is "$(filters po_lost ingress 2>/dev/null || echo 0)" 0
	ip link del po_lost
	[ $unknown -eq 0 ] || break
done
t_ok [ $unknown -gt 0 ]
