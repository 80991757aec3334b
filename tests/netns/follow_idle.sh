#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow, once all is served: it waits for ever, and no timer is set, so that nothing but
# a change or a signal wakes it.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair

cat >"$FILE" <<END
name: acct
objects: { o: { file: $OBJ/pair_btf_none.o } }
tc: [ { object: o, hook: ingress, interfaces: "id*", preference: 5, handle: 1 } ]
cgroups: [ { object: o, type: egress, cgroups: "$CG/idle*" } ]
END
no_timer() {
	cat "/proc/$PID/fdinfo/"* 2>/dev/null | grep '^it_value' >"$TMP/timers" || return 1
	[ "$(cat "$TMP/timers")" = 'it_value: (0, 0)' ]
}
sleeps() {
	waits_for_ever && no_timer
}
follow

t_begin 'at the beginning'
t_ok wait_for 20 sleeps

t_begin 'after something came, and went'
dev_add id0
cg_add idle0
t_ok wait_for 20 served id0
t_ok wait_for 20 has idle0 1
t_ok wait_for 20 sleeps
ip link del id0
rmdir "$CG/idle0"
t_ok wait_for 20 is filters 0
t_ok wait_for 20 is cgroup_programs 0
t_ok wait_for 20 sleeps

kill -TERM "$PID"
t_run 0 wait "$PID"
