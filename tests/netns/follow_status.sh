#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow and a manager that does not listen: nothing waits for it, and it hears the last
# status once it listens again, though nothing changes then. One that is gone is no reason to wake.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair

cat >"$FILE" <<END
name: acct
objects: { o: { file: $OBJ/pair_btf_none.o } }
tc: [ { object: o, hook: ingress, interfaces: "st*", preference: 5, handle: 1 } ]
END

t_begin 'a manager that does not listen'
echo 1 >/proc/sys/net/unix/max_dgram_qlen
listen "$TMP/notify"
NOTIFY_SOCKET=$TMP/notify follow
t_ok wait_for 20 heard '^STATUS=0 filters'
kill -STOP "$EAR"
on_exit "kill -CONT $EAR 2>/dev/null || :"
for dev in st0 st1 st2 st3 st4; do
	dev_add "$dev"
	t_ok wait_for 20 served "$dev"
done

t_begin 'it listens again'
kill -CONT "$EAR"
t_ok wait_for 20 heard '^STATUS=5 filters'

t_begin 'one that is gone'
kill "$EAR"
wait "$EAR" 2>/dev/null || :
dev_add st5
t_ok wait_for 20 served st5
t_ok wait_for 20 waits_for_ever
kill -TERM "$PID"
t_run 0 wait "$PID"
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
