#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow, where a namespace, the hook of an interface or a cgroup cannot be looked at for a
# moment: what is attached there is not forgotten, what is not wanted any more is detached, and what
# came is served.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair
command -v strace >/dev/null || t_skip strace 'calls are made to fail by it'

cat >"$FILE" <<END
name: acct
objects:
  tc: { file: $OBJ/pair_btf_none.o }
  ns: { file: $OBJ/pair_btf_none.o }
  cg: { file: $OBJ/pair_btf_none.o }
tc:
  - { object: tc, hook: ingress, interfaces: "fun*", preference: 5, handle: 1 }
  - { object: ns, hook: ingress, netns: "fun_*", interfaces: "in*", preference: 5, handle: 1 }
cgroups:
  - { object: cg, type: egress, cgroups: "$CG/fun*" }
END
program_in() {
	tc -n "$1" filter show dev "$2" ingress 2>/dev/null | sed -n 's/.* handle 0x1 .* id \([0-9]*\) .*/\1/p'
}

# failing CALL:ERRNO OPTION…: the next such call of what follows fails, once.
failing() {
	strace -f -qq -p "$PID" -o "$TMP/calls" -e "trace=${1%:*}" -e "inject=${1%:*}:error=${1#*:}:when=1" "${@:2}" 2>"$TMP/strace" &
	STRACE=$!
	on_exit "kill $STRACE 2>/dev/null || :"
	t_ok wait_for 20 grep -q "TracerPid:.$STRACE" "/proc/$PID/status"
}

failed() {
	t_ok wait_for 20 grep -q INJECTED "$TMP/calls"
	kill "$STRACE"
	wait "$STRACE" || :
	: >"$TMP/calls"
}

ip netns add fun_a
on_exit 'ip netns del fun_a 2>/dev/null || :'
ip -n fun_a link add in0 type veth peer name pe0
dev_add fun0
follow
there=$(program_in fun_a in0)
t_ok [ -n "$there" ]

t_begin 'a namespace'
failing newfstatat:ENOMEM -P /run/netns/fun_a
ip netns add other
on_exit 'ip netns del other 2>/dev/null || :'
failed
t_ok wait_for 20 is waiting 0
t_is "$(state filters) $(state refused) $(program_in fun_a in0)" "2 0 $there"
t_ok wait_for 20 grep -q "'fun_a'.*tried again later" "$TMP/err"
ip -n fun_a link add in1 type veth peer name pe1
t_ok wait_for 20 is filters 3

t_begin 'the hook of an interface that has another name by now'
failing sendto:ENOBUFS
ip link set fun0 down
ip link set fun0 name none0
failed
t_ok wait_for 20 is filters 2
t_ok wait_for 20 is waiting 0
t_is "$(filters none0 ingress)" 0

t_begin 'a cgroup that comes'
failing newfstatat:ENOMEM -e trace=newfstatat,openat -e inject=openat:error=ENFILE:when=1 -P "$CG/fun0" -P fun0
mkdir "$CG/fun0"
failed
t_ok wait_for 20 has fun0 1
t_ok wait_for 20 is waiting 0

t_begin 'one that is known, while all of them are looked at'
there=$(prog_in "$CG/fun0")
root=${CG%/*}
failing newfstatat:ENOMEM -e trace=newfstatat,openat -e inject=openat:error=ENFILE:when=1 \
	-e inject=newfstatat:error=ENOMEM:when=1..2 -P "$CG/fun0" -P fun0
umount -l "$root"
mount -t cgroup2 none "$root"
failed
mkdir "$CG/fun1"
t_ok wait_for 60 has fun1 1
t_ok wait_for 20 is waiting 0
t_is "$(prog_in "$CG/fun0") $(state cgroup_programs) $(state refused)" "$there 2 0"

kill -TERM "$PID"
t_run 0 wait "$PID"
t_run 0 tc_loader check --state-dir "$STATE" "$FILE"
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
t_is "$(program_in fun_a in0)" ''
