#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow and signals that come while a file is read again or is applied at first, readers
# that end, a manager that is started anew.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair

# file PATTERN
file() {
	cat >"$FILE" <<END
name: acct
objects: { tc: { file: $OBJ/pair_btf_none.o } }
tc: [ { object: tc, hook: ingress, interfaces: "$1", preference: 5, handle: 1 } ]
END
}
is_gone() {
	! kill -0 "$1" 2>"$TMP/t_gone"
}
t_begin 'a manager that is started anew, and no watchdog'
file 'sig*'
listen "$TMP/notify"
NOTIFY_SOCKET=$TMP/notify WATCHDOG_USEC=0 \
	tc_loader apply --follow --state-dir "$STATE" "$FILE" >>"$TMP/out" 2>"$TMP/err" &
PID=$!
on_exit "kill -CONT $PID 2>/dev/null || :; kill $PID 2>/dev/null || :"
t_ok wait_for 10 heard '^READY=1'
t_is "$(t_count '^WATCHDOG' "$TMP/told")" 0
kill "$EAR"
t_ok wait_for 10 is_gone "$EAR"
dev_add sig0
t_ok wait_for 10 served sig0
listen "$TMP/notify"
dev_add sig1
t_ok wait_for 10 heard '^STATUS=2 filters'
ip link del sig1
t_ok wait_for 10 heard '^STATUS=1 filters'

t_begin 'the state is asked for while a file is read again'
dev_add new0
file '[sn]*0'
kill -STOP $PID
kill -HUP $PID
kill -USR1 $PID
kill -CONT $PID
t_ok wait_for 10 grep -q memory "$TMP/out"
t_ok wait_for 10 served new0
t_is "$(t_count interrupted "$TMP/err")" 0

t_begin 'a file of another name is followed beside: what was stays, and is followed again with its own'
cp "$FILE" "$TMP/followed.yaml"
sed -i 's/name: acct/name: other/' "$FILE"
kill -HUP $PID
t_ok wait_for 10 grep -q 'acct: no longer in the files; it is not followed, and stays attached' "$TMP/err"
t_ok wait_for 10 grep -q "belongs to the name 'acct'" "$TMP/err"
t_ok served new0
cp "$TMP/followed.yaml" "$FILE"
kill -HUP $PID
dev_add sig20
t_ok wait_for 10 served sig20
ip link del sig20

t_begin 'each: the cgroups below one, also those that come'
cg_add each/one
cat >>"$FILE" <<END
cgroups: [ { object: tc, type: egress, each: $CG/each } ]
END
kill -HUP $PID
t_ok wait_for 10 has each/one 1
cg_add each/two
t_ok wait_for 10 has each/two 1
t_is "$(cg_progs "$CG/each")" 0
cp "$TMP/followed.yaml" "$FILE"
kill -HUP $PID
t_ok wait_for 10 has each/one 0
t_ok wait_for 10 has each/two 0

t_begin 'asked to end while a file is read again: the old one stays'
cp "$FILE" "$TMP/before.yaml"
file 'sig*'
kill -STOP $PID
kill -HUP $PID
kill -TERM $PID
kill -CONT $PID
t_run 0 wait $PID
t_ok served new0
t_run 0 tc_loader check --state-dir "$STATE" "$TMP/before.yaml"

t_begin 'asked to end before it follows'
lock=$(find "$STATE" -name '*.lock')
exec 7>"$lock"
flock 7
tc_loader apply --follow --state-dir "$STATE" "$FILE" >"$TMP/out" 2>"$TMP/err" 7>&- &
PID=$!
on_exit "kill $PID 2>/dev/null || :"
t_ok wait_for 10 grep -q 'waiting for another run' "$TMP/err"
kill -TERM $PID
t_run 143 wait $PID
exec 7>&-

t_begin 'whoever reads its remarks ends'
mkfifo "$TMP/remarks"
head -n 1 "$TMP/remarks" >"$TMP/first" &
READER=$!
on_exit "kill $READER 2>/dev/null || :"
tc_loader apply --follow --state-dir "$STATE" "$FILE" >"$TMP/out" 2>"$TMP/remarks" &
PID=$!
on_exit "kill $PID 2>/dev/null || :"
t_run 0 wait $READER
for i in 2 3 4; do
	dev_add sig$i
	t_ok wait_for 10 served sig$i
done
kill -TERM $PID
t_run 0 wait $PID
