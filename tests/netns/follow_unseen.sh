#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow, where a namespace or the hook of an interface cannot be looked at for a moment:
# what is attached there is not forgotten, and what is not wanted any more is detached.
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
tc:
  - { object: tc, hook: ingress, interfaces: "fun*", preference: 5, handle: 1 }
  - { object: ns, hook: ingress, netns: "fun_*", interfaces: "in*", preference: 5, handle: 1 }
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
kill -TERM "$PID"
t_run 0 wait "$PID"
t_run 0 tc_loader check --state-dir "$STATE" "$FILE"
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
t_is "$(program_in fun_a in0)" ''
