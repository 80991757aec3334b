#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A storm of interfaces and cgroups while apply --follow does not look: the kernel has to drop
# events, and in the end everything is what the file says, with nothing kept. FOLLOW_STORM=N is
# how many of each come, and mostly go again (300).
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair

STORM=${FOLLOW_STORM:-300}
cat >"$FILE" <<END
name: acct
objects:
  tc: { file: $OBJ/pair_btf_none.o }
  cg: { file: $OBJ/pair_btf_none.o }
tc:
  - { object: tc, hook: ingress, interfaces: "st*", preference: 5, handle: 1 }
cgroups:
  - { object: cg, type: egress, cgroups: "$CG/box*/in*", limit: 100000 }
END

fds() {
	find "/proc/$PID/fd" -mindepth 1 | wc -l
}
watches() {
	cat "/proc/$PID/fdinfo/"* 2>/dev/null | grep -c '^inotify' || :
}
# As many descriptors and watches as before: the last directories go when the kernel lets them.
back() {
	[ "$(fds) $(watches)" = "$before $known" ]
}
settled() {
	tc_loader check --state-dir "$STATE" "$FILE" >"$TMP/check" && grep -q 'in sync' "$TMP/check"
}

dev_add st_first
cg_add box
mkdir "$CG/box/in"
on_exit "rmdir $CG/box/in"
tc_loader apply --follow --state-dir "$STATE" "$FILE" >"$TMP/out" 2>"$TMP/err" &
PID=$!
on_exit "kill -CONT $PID 2>/dev/null || :; kill $PID 2>/dev/null || :"
t_ok wait_for 20 grep -q followed "$TMP/err"
dev_add foreign0
tc qdisc add dev foreign0 clsact
tc filter add dev foreign0 ingress pref 5 handle 1 bpf da obj "$BPF/counter_tc.o"
foreign=$(prog_at foreign0 ingress)
# What is loaded is opened as the first one appears.
dev_add st_warm
mkdir "$CG/box/in_warm"
on_exit "rmdir $CG/box/in_warm 2>/dev/null || :"
warm() {
	[ "$(filters st_warm ingress)$(cg_progs "$CG/box/in_warm")" = 11 ]
}
t_ok wait_for 20 warm
ip link del st_warm
rmdir "$CG/box/in_warm"
before=$(fds) known=$(watches)

t_begin 'while it stands still'
kill -STOP $PID
for ((i = 0; i < STORM; i++)); do
	echo "link add st$i type veth peer name pe$i"
	[ $((i % 10)) = 0 ] || echo "link del st$i"
done >"$TMP/links"
t_run 0 ip -batch "$TMP/links"
for ((i = 0; i < STORM; i++)); do
	mkdir -p "$CG/box$i/in"
	[ $((i % 10)) = 0 ] || rmdir "$CG/box$i/in" "$CG/box$i"
done
on_exit "rmdir $CG/box[0-9]*/in $CG/box[0-9]* 2>/dev/null || :"
kill -CONT $PID
t_ok wait_for 60 settled
t_is "$(prog_at st0 ingress)" "$(prog_at st_first ingress)"
t_is "$(prog_in "$CG/box0/in")" "$(prog_in "$CG/box/in")"

t_begin 'while it looks'
for ((i = 0; i < STORM; i++)); do
	[ $((i % 10)) = 0 ] && echo "link del st$i" || echo "link add st$i type veth peer name pe$i
link del st$i"
done >"$TMP/links"
t_run 0 ip -batch "$TMP/links"
for ((i = 0; i < STORM; i++)); do
	mkdir -p "$CG/box$i/in"
	rmdir "$CG/box$i/in" "$CG/box$i"
done
t_ok wait_for 60 settled

t_begin 'nothing is kept of it, nobody else was touched'
kill -USR1 $PID
t_ok wait_for 20 grep -q memory "$TMP/out"
t_is "$(cut -d, -f1-3 "$TMP/out" | sed -n 1p)" 'acct: 1 filters, 1 cgroup programs, 0 refused'
t_ok wait_for 20 back
t_is "$(prog_at foreign0 ingress)" "$foreign"
kill -TERM $PID
t_run 0 wait $PID
