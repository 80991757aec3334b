#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow as a service: what it tells its manager, a reload with a good and with a bad
# file, the state as JSON, limits that are said, a refusal that holds up nobody else.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair

# file PATTERN LIMIT
file() {
	cat >"$FILE" <<END
name: acct
objects:
  tc: { file: $OBJ/pair_btf_none.o }
  cg: { file: $OBJ/pair_btf_none.o }
tc:
  - { object: tc, hook: ingress, interfaces: "$1", preference: 5, handle: 1 }
cgroups:
  - { object: cg, type: egress, cgroups: "$CG/lim*", limit: $2 }
END
}
still_foreign() {
	tc filter show dev ser0 ingress | grep count_tc >/dev/null
}
programs() {
	local sum=0 cg
	for cg in "$CG"/lim*; do
		sum=$((sum + $(cg_progs "$cg")))
	done
	[ "$sum" = "$1" ]
}

t_begin 'ready, with a watchdog'
listen "@mapshare_$$"
file 'ser*' 2
NOTIFY_SOCKET=@mapshare_$$ WATCHDOG_USEC=400000 \
	tc_loader apply --follow -j --state-dir "$STATE" "$FILE" >"$TMP/out" 2>"$TMP/err" &
PID=$!
on_exit "kill $PID 2>/dev/null || :"
t_ok wait_for 10 heard '^READY=1'
t_ok wait_for 10 heard '^STATUS=0 filters, 0 cgroup programs, 0 refused'
t_ok wait_for 10 heard '^WATCHDOG=1'

t_begin 'one that is refused is said, and the others are served'
dev_add other0
tc qdisc add dev other0 clsact
tc filter add dev other0 ingress pref 5 handle 1 bpf da obj "$BPF/counter_tc.o"
ip link set other0 down
ip link set other0 name ser0
dev_add ser1
t_ok wait_for 10 served ser1
t_ok wait_for 10 grep -q 'refuse .*ser0 .* of somebody else is in the way' "$TMP/err"
t_ok wait_for 10 heard '1 refused'
t_ok still_foreign

t_begin 'a limit is said, and has room again'
for name in lim_a lim_b lim_c; do
	cg_add $name
done
t_ok wait_for 10 programs 2
t_ok wait_for 10 grep -q 'names more than 2 cgroups' "$TMP/err"
gone=
for cg in "$CG"/lim*; do
	[ "$(cg_progs "$cg")" = 0 ] || gone=$cg
done
cg_del "$gone"
t_ok wait_for 10 programs 2

t_begin 'a bad file keeps the old one'
dev_add net0
echo 'nonsense: yes' >>"$FILE"
kill -HUP $PID
t_ok wait_for 10 grep -q 'followed as they were read before' "$TMP/err"
t_ok heard '^RELOADING=1'
t_ok heard '^MONOTONIC_USEC='
dev_add ser2
t_ok wait_for 10 served ser2

t_begin 'a good one takes its place'
tc filter del dev ser0 ingress
file 'net*' 2
kill -HUP $PID
t_ok wait_for 10 served net0
t_is "$(filters ser1 ingress) $(filters ser2 ingress)" '0 0'
dev_add net1
t_ok wait_for 10 served net1

t_begin 'the state, as JSON'
kill -USR1 $PID
t_ok wait_for 10 grep -q memory_kib "$TMP/out"
t_is "$(t_json .following[0].filters <"$TMP/out")" 2
t_is "$(t_json .following[0].full <"$TMP/out")" 0

t_begin 'the end'
kill -TERM $PID
t_run 0 wait $PID
t_ok wait_for 10 heard '^STOPPING=1'
t_ok served net1
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
