#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow without room for watches: said once, the others are served, and all of it as soon
# as there is room; a namespace that loses one of its two names is found by the other.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair
command -v strace >/dev/null || t_skip strace 'calls are made to fail by it'

cat >"$FILE" <<END
name: acct
objects:
  ns: { file: $OBJ/pair_btf_none.o }
  cg: { file: $OBJ/pair_btf_none.o }
tc:
  - { object: ns, hook: ingress, netns: "fro_*", interfaces: "in*", preference: 5, handle: 1 }
cgroups:
  - { object: cg, type: egress, cgroups: [ "$CG/top*", "$CG/box*/in*" ] }
END
watched_again() {
	grep -q 'all directories are watched again' "$TMP/err"
}
served_in() {
	tc -n "$1" filter show dev "$2" ingress 2>/dev/null | grep 'handle 0x1' >/dev/null
}

t_begin 'no room for a watcher'
t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/calls" \
	-e trace=inotify_init1 -e inject=inotify_init1:error=EMFILE \
	tc_loader apply --follow --state-dir "$STATE" "$FILE"
t_err_has 'watch directories: Too many open files'
t_err_has 'fs.inotify.max_user_instances'
t_ok [ ! -e "$STATE" ]

# no_room WORD…: followed, with calls that fail as they tell strace.
no_room() {
	follow_by env ASAN_OPTIONS=detect_leaks=0 strace -D -f --seccomp-bpf -qq -o "$TMP/calls" \
		-e trace=inotify_add_watch "$@"
}

t_begin 'no room for the watch of namespaces'
no_room -P /run/netns -e inject=inotify_add_watch:error=ENOSPC:when=1..3
t_ok grep -q "'/run/netns' cannot be watched, and what appears there is served later" "$TMP/err"
t_ok wait_for 60 watched_again
ip netns add fro_late
on_exit 'ip netns del fro_late 2>/dev/null || :'
ip -n fro_late link add in0 type veth peer name pe0
t_ok wait_for 20 served_in fro_late in0
t_is "$(t_count 'cannot be watched' "$TMP/err")" 1
kill -TERM "$PID"
t_run 0 wait "$PID"
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
ip netns del fro_late

t_begin 'no room for watches'
# Those of boxes: of the first one, and of what is looked at again until there is room.
no_room -P "$CG/box_a" -P "$CG/box_b" -e inject=inotify_add_watch:error=ENOSPC:when=1..5
mkdir -p "$CG/box_a/in0" "$CG/box_b/in0"
t_ok wait_for 20 grep -q "box_.' cannot be watched, and what appears there is served later" "$TMP/err"
cg_add top0
t_ok wait_for 20 has top0 1
t_ok wait_for 60 watched_again
t_ok wait_for 20 has box_a/in0 1
t_ok wait_for 20 has box_b/in0 1
mkdir "$CG/box_a/in1"
t_ok wait_for 20 has box_a/in1 1
t_is "$(t_count 'cannot be watched' "$TMP/err")" 1
t_ok grep -q INJECTED "$TMP/calls"

t_begin 'a namespace keeps the name by which it was found, whatever others it gets'
ip netns add fro_one
on_exit 'ip netns del fro_one 2>/dev/null || :'
ip -n fro_one link add in0 type veth peer name pe0
t_ok wait_for 20 served_in fro_one in0
# Before the other one in every list.
touch /run/netns/fro_also
mount --bind /run/netns/fro_one /run/netns/fro_also
on_exit 'ip netns del fro_also 2>/dev/null || :'
t_ok wait_for 20 is waiting 0
ip -n fro_one link add in2 type veth peer name pe2
t_ok wait_for 20 served_in fro_one in2
t_ok wait_for 20 grep -q 'netns fro_one dev in2 ' "$TMP/err"
ip -n fro_one link del in2
ip netns del fro_also
t_ok wait_for 20 is filters 1

t_begin 'a namespace loses the name by which it was found'
touch /run/netns/fro_two
mount --bind /run/netns/fro_one /run/netns/fro_two
on_exit 'ip netns del fro_two 2>/dev/null || :'
ip netns del fro_one
ip -n fro_two link add in1 type veth peer name pe1
t_ok wait_for 20 served_in fro_two in1
t_ok wait_for 20 is waiting 0
t_is "$(state namespaces) $(state filters)" '2 2'
kill -TERM "$PID"
t_run 0 wait "$PID"
t_run 0 tc_loader check --state-dir "$STATE" "$FILE"
t_out_has 'in sync'
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
t_is "$(tc -n fro_two filter show dev in0 ingress)$(tc -n fro_two filter show dev in1 ingress)" ''
