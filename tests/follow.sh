# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# apply --follow, what it has attached and what it says; sourced by tests that have sourced
# netns_scripts/lib.sh and called lib_private. The file that is followed is $FILE.

STATE=$TMP/state
FILE=$TMP/acct.yaml

# follow: in the background, until all is followed; follow_by CMD…: run by CMD, which leaves it
# its process id. Its process is $PID, outputs are in $TMP/out, appended, and $TMP/err.
follow() {
	follow_by env
}

follow_by() {
	# What the one before said is not what this one says.
	: >"$TMP/err"
	"$@" tc_loader apply --follow -j --state-dir "$STATE" "$FILE" >>"$TMP/out" 2>"$TMP/err" &
	PID=$!
	on_exit "kill -CONT $PID 2>/dev/null || :; kill $PID 2>/dev/null || :; wait $PID 2>/dev/null || :"
	wait_for 20 grep -q followed "$TMP/err"
}

# served DEV: one filter. has CGROUP N: so many programs; CGROUP below ours.
served() {
	[ "$(filters "$1" ingress 2>/dev/null)" = 1 ]
}

has() {
	[ "$(cg_progs "$CG/$1")" = "$2" ]
}

# state_of PATH: picked from the JSON that SIGUSR1 prints. state MEMBER: of what is followed.
state_of() {
	: >"$TMP/out"
	kill -USR1 "$PID"
	wait_for 20 grep -q memory_kib "$TMP/out"
	t_json "$1" <"$TMP/out"
}

state() {
	state_of ".following[0].$1"
}

is() {
	[ "$(state "$1")" = "$2" ]
}

# waits_for_ever: the timeout is the third argument: -1 of poll(2), none of ppoll(2).
waits_for_ever() {
	local nr timeout
	read -r nr _ _ timeout _ <"/proc/$PID/syscall" || return 1
	case "$nr $timeout" in
	'7 0xffffffff' | '7 0xffffffffffffffff') return 0 ;;
	esac
	[ "$nr" != 7 ] && [ "$timeout" = 0x0 ]
}

# listen SOCKET: what is sent to it, a line each, into $TMP/told; $EAR. "@NAME" is abstract.
listen() {
	rm -f "$TMP/told"
	"$LIB_PYTHON" - "$1" "$TMP/told" <<'END' &
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
if os.path.exists(sys.argv[1]):
    os.unlink(sys.argv[1])
s.bind("\0" + sys.argv[1][1:] if sys.argv[1][0] == "@" else sys.argv[1])
with open(sys.argv[2], "w") as out:
    while True:
        print(s.recv(4096).decode(), file=out, flush=True)
END
	EAR=$!
	on_exit "kill $EAR 2>/dev/null || :"
	wait_for 10 test -e "$TMP/told"
}

heard() {
	grep -q "$1" "$TMP/told"
}
