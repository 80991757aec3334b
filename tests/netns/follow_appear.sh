#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow: what appears is served, by name and pattern, and forgotten when it goes;
# renamed, made again under its name, in a namespace that is made again, in cgroups made all at
# once with their parents.
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
  - { object: tc, hook: ingress, interfaces: [ "fol*", plain ] }
  - { object: ns, hook: egress, netns: "fol_*", interfaces: "in*", preference: 7, handle: 3 }
cgroups:
  - { object: cg, type: egress, cgroups: [ "$CG/app*", "$CG/deep/*/leaf" ] }
END

bare() {
	[ "$(filters "$1" ingress)" = 0 ]
}
served_in() {
	tc -n "$1" filter show dev "$2" egress pref 7 2>/dev/null | grep 'handle 0x3' >/dev/null
}

t_begin 'it begins with nothing, and waits'
tc_loader apply --follow --state-dir "$STATE" "$FILE" >"$TMP/out" 2>"$TMP/err" &
PID=$!
on_exit "kill $PID 2>/dev/null || :; wait $PID 2>/dev/null || :"
t_ok wait_for 10 grep -q 'followed' "$TMP/err"

t_begin 'an interface that appears'
dev_add fol0
t_ok wait_for 10 served fol0
id=$(prog_at fol0 ingress)
dev_add other0
dev_add fol1
t_ok wait_for 10 served fol1
t_is "$(prog_at fol1 ingress)" "$id" 'loaded once'
t_is "$(tc qdisc show dev other0 clsact)" ''

t_begin 'what is so is in sync for everybody else, and is not changed by hand'
t_run 0 tc_loader check --state-dir "$STATE" "$FILE"
t_out_has 'in sync'
t_run 255 cgroup_loader apply --state-dir "$STATE" "$FILE"
t_err_has "'acct' is followed by process $PID"
t_run 255 tc_loader remove --state-dir "$STATE" "$FILE"
t_run 255 cgroup_loader apply --follow --state-dir "$STATE" "$FILE"
t_err_has "'acct' is followed by process $PID"

t_begin 'renamed: by its new name'
ip link set other0 down
ip link set other0 name fol2
t_ok wait_for 10 served fol2
ip link set fol2 down
ip link set fol2 name other0
t_ok wait_for 10 bare other0

t_begin 'an alternative name'
ip link set other0 up # the kernel tells of one that is down as it comes up
ip link property add dev other0 altname plain
t_ok wait_for 10 served other0

t_begin 'made again under its name'
ip link del fol1
dev_add fol1
t_ok wait_for 10 served fol1
t_is "$(prog_at fol1 ingress)" "$id"

t_begin 'a namespace, its interfaces, and both once more'
for _ in 1 2; do
	ip netns add fol_a
	on_exit 'ip netns del fol_a 2>/dev/null || :'
	ip -n fol_a link add in0 type veth peer name pe0
	t_ok wait_for 10 served_in fol_a in0
	ip netns del fol_a
done

t_begin 'cgroups: below each other, all at once'
cg_add app_one
t_ok wait_for 10 has app_one 1
cg=$(prog_in "$CG/app_one")
mkdir -p "$CG/deep/a/leaf" "$CG/deep/b/leaf/further"
on_exit "rmdir $CG/deep/a/leaf $CG/deep/b/leaf/further $CG/deep/b/leaf $CG/deep/a $CG/deep/b $CG/deep 2>/dev/null || :"
t_ok wait_for 10 has deep/a/leaf 1
t_ok wait_for 10 has deep/b/leaf 1
t_is "$(prog_in "$CG/deep/b/leaf")" "$cg"
t_is "$(cg_progs "$CG/deep/b/leaf/further") $(cg_progs "$CG/deep")" '0 0' 'only what is named'
rmdir "$CG/deep/a/leaf" "$CG/deep/a"
mkdir -p "$CG/deep/a/leaf"
t_ok wait_for 10 has deep/a/leaf 1
cg_del "$CG/app_one"

t_begin 'the state, as text'
kill -USR1 $PID
t_ok wait_for 10 grep -q 'memory:' "$TMP/out"
t_is "$(cut -d, -f1-3 "$TMP/out" | sed -n 1p)" 'acct: 3 filters, 2 cgroup programs, 0 refused'
t_is "$(sed 's/[0-9][0-9]*/N/g' "$TMP/out")" 'acct: N filters, N cgroup programs, N refused, N waiting, N patterns at their limit, N namespaces, N interfaces, N directories watched, N attached so far, N gone so far, N times events were lost, N runs of the whole file
memory: N KiB'

t_begin 'killed: the next one goes on from there'
kill -9 $PID
wait $PID || :
dev_add fol3
tc_loader apply --follow -j --state-dir "$STATE" "$FILE" >"$TMP/out" 2>"$TMP/err" &
PID=$!
on_exit "kill $PID 2>/dev/null || :; wait $PID 2>/dev/null || :"
t_ok wait_for 10 grep -q 'followed' "$TMP/err"
t_is "$(prog_at fol0 ingress)" "$id"
t_ok served fol3

t_begin 'asked to end: all of it stays'
kill -TERM $PID
t_run 0 wait $PID
t_is "$(prog_at fol0 ingress)" "$id"
t_is "$(find "$STATE" -name '*.more' -o -name '*.journal')" ''
t_run 0 tc_loader check --state-dir "$STATE" "$FILE"
t_out_has 'in sync'
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
t_is "$(filters fol0 ingress)$(filters fol3 ingress)$(cg_progs "$CG/deep/b/leaf")" 000
