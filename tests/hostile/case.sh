#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# case.sh NAME SECONDS: one case of tests/hostile/cases in a place of its own.
# shellcheck disable=SC2317 # a case calls what seems to be unreachable
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
NAME=$1
SECONDS_LEFT=$2
OWN=$TMP/own
WORK=$TMP/work
mkdir "$OWN" "$WORK"
on_exit "cg_del '$CG'"
CG=$CG/case
# Leaks cannot be looked for under ptrace.
export ASAN_OPTIONS=detect_leaks=0 BPFFS TMP OBJ CG OWN WORK OWN_NAME=h$$ TMPDIR=$WORK

# own_object FILE PREFIX: a copy below $OWN in which names with that prefix have one that no other
# map has, so that a run does not depend on what else the machine has loaded. It is in $NAMED.
own_object() {
	NAMED=$(printf 'h%0*d' $((${#2} - 1)) $(($$ % 10 ** (${#2} - 1))))
	sed "s/$2/$NAMED/g" "$1" >"$OWN/${1##*/}"
	export NAMED
}

fresh_devices() {
	local dev
	for dev in ${DEVS-}; do
		tc qdisc del dev "$dev" clsact 2>/dev/null || :
	done
}

DEVS=
IDEMPOTENT=no
READS=no
DRIVER=faults.py
before() {
	:
}
. "$TOP/tests/hostile/lines.sh"
if ! line_case "$NAME"; then
	# shellcheck disable=SC1090 # the case that was asked for
	. "$TOP/tests/hostile/cases/$NAME.sh"
fi
export DEVS READS
# Where packets are counted, and the name of those maps: faults.py.
# STANDS=yes: pins, filters and programs of cgroups that are there before and after are never gone.
# GONE_IS_DONE=yes: what the kernel says is gone need not be removed, and may stand all the same.
# FINISHED_BY_RERUN=WORDS: who is refused with these words has to run it again, and is done then.
# BEGINS_HALF=yes: an earlier run was killed, and traffic adds up once one has finished it.
# IMPOSSIBLE=CALL:ERRNO…: no kernel says that here.
# FOLLOWED="CGROUP NEW": the command stays; NEW is made once it serves CGROUP, and then it is ended.
# PROGRESS=REGEX: lines of stderr that tell what is done, and no more.
export PROGRESS=${PROGRESS-}
# OFFERS=yes: of what READS, it may be less, and nothing is said of it.
export OFFERS=${OFFERS-}
# PROMISED: the errors that a library documents; another one than these has to be the kernel's.
export IMPOSSIBLE=${IMPOSSIBLE-} PROMISED=${PROMISED-}
export BEGINS_HALF=${BEGINS_HALF-}
export GONE_IS_DONE=${GONE_IS_DONE-} FINISHED_BY_RERUN=${FINISHED_BY_RERUN-}
export TRAFFIC=${TRAFFIC-} TRAFFIC_MAP=${TRAFFIC_MAP-} TRAFFIC_LOST=${TRAFFIC_LOST-} TRAFFIC_DOUBT=${TRAFFIC_DOUBT-}
export TRAFFIC_MEMBERS=${TRAFFIC_MEMBERS-} TRAFFIC_SEND=${TRAFFIC_SEND:-traffic send udp 192.0.2.2 9 20}
export STANDS=${STANDS-} TRAFFIC_PAUSE=${TRAFFIC_PAUSE:-0} TRAFFIC_BASE=${TRAFFIC_BASE:-0}
PATH=$BUILD/tests/hostile:$BUILD/tests/netns:$PATH
export -f before fresh_devices
[ -z "$DEVS" ] || eval "dev_add $DEVS"
if [ -n "$TRAFFIC" ]; then
	mkfifo "$TMP/never"
	addr_add v0 192.0.2.1/24
	ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent
fi
status=0
"$LIB_PYTHON" "$TOP/tests/hostile/$DRIVER" "$NAME" "$SECONDS_LEFT" "$IDEMPOTENT" "${CMD[@]}" ||
	status=$?
exit "$status"
