#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Who maps are handed to: a receiver that does not read holds up the exporting command alone,
# and not for ever; a socket of another user's gets nothing; an importer that is ended removes
# its own socket only.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

SOCK=$TMP/sock
# A name that no other test's map has: a load looks at those, too.
NAME=ex$(printf %012d $$)
sed "s/refused_global/$NAME/g" "$OBJ/refused.o" >"$TMP/own.o"
PIN=$BPFFS/tc/globals/$NAME
FINE="bpf da obj $TMP/own.o section fine"
dev_add v0 v1
tc qdisc add dev v0 clsact
tc qdisc add dev v1 clsact

cat >"$TMP/deaf.py" <<'END'
import os, signal, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
if len(sys.argv) > 2:
    os.chown(sys.argv[1], int(sys.argv[2]), -1)
c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
c.connect(sys.argv[1])
c.setblocking(False)
try:
    while len(sys.argv) == 2:
        c.send(b'x')
except BlockingIOError:
    pass
open(sys.argv[1] + '.ready', 'w')
signal.pause()
END

is_there() {
	[ -e "$1" ]
}

t_begin 'a full receiver: no lock is held while it is waited for, and the wait ends'
start "$LIB_PYTHON" "$TMP/deaf.py" "$SOCK"
t_ok wait_for 20 is_there "$SOCK.ready"
# shellcheck disable=SC2086 # FINE is words
start tc_loader filter add dev v0 ingress pref 1 handle 1 $FINE export "$SOCK" 2>"$TMP/said"
t_ok wait_for 20 is_there "$PIN"
# shellcheck disable=SC2086
t_run 0 timeout 4 tc_loader filter add dev v1 ingress pref 1 handle 1 $FINE
status=0
wait "$STARTED" || status=$?
t_is "$status" 1
t_ok grep -q "export '$SOCK': send to '$SOCK': not read for 5 s" "$TMP/said"
t_is "$(filters v0 ingress)" 0
t_is "$(filters v1 ingress)" 1
# The other one uses it by now.
t_ok [ -e "$PIN" ]
tc filter del dev v1 ingress
rm "$PIN"

t_begin 'a signal ends the wait, and nothing is left'
# shellcheck disable=SC2086
t_run 143 timeout --preserve-status -s TERM 1 tc_loader filter add dev v0 ingress pref 1 \
	handle 1 $FINE export "$SOCK"
t_is "$(filters v0 ingress)" 0
t_ok [ ! -e "$PIN" ]

t_begin 'nor is one held while nobody reads what verbose tells'
mkfifo "$TMP/pipe"
exec 8<>"$TMP/pipe"
dd if=/dev/zero of="$TMP/pipe" bs=65536 count=1 oflag=nonblock 2>/dev/null
# shellcheck disable=SC2086
start tc_loader filter add dev v0 ingress pref 1 handle 1 $FINE verbose 2>&8
t_ok wait_for 20 is_there "$PIN"
# shellcheck disable=SC2086
t_run 0 timeout 4 tc_loader filter add dev v1 ingress pref 1 handle 1 $FINE
cat <&8 >"$TMP/read" &
reader=$!
status=0
wait "$STARTED" || status=$?
kill "$reader"
exec 8>&-
t_is "$status" 0
t_is "$(filters v0 ingress) $(filters v1 ingress)" '1 1'
tc filter del dev v0 ingress
tc filter del dev v1 ingress
rm "$PIN"

t_begin "a socket of another user's gets nothing"
start "$LIB_PYTHON" "$TMP/deaf.py" "$TMP/foreign" 65534
t_ok wait_for 20 is_there "$TMP/foreign.ready"
# shellcheck disable=SC2086
t_run 1 tc_loader filter add dev v0 ingress pref 1 handle 1 $FINE export "$TMP/foreign"
t_err_has "the socket belongs to uid 65534"
t_is "$(filters v0 ingress)" 0
t_ok [ ! -e "$PIN" ]

t_begin 'what is no socket is refused as before'
# shellcheck disable=SC2086
t_run 1 tc_loader filter add dev v0 ingress pref 1 handle 1 $FINE export "$TMP/deaf.py"
t_err_has "connect to '$TMP/deaf.py': Connection refused"

t_begin "an importer that is ended leaves another importer's socket alone"
start tc_loader exec bpf import "$TMP/import" run true
first=$STARTED
t_ok wait_for 20 is_there "$TMP/import"
rm "$TMP/import"
start tc_loader exec bpf import "$TMP/import" run true
t_ok wait_for 20 is_there "$TMP/import"
kill -TERM "$first"
status=0
wait "$first" || status=$?
t_is "$status" 143
t_ok [ -S "$TMP/import" ]

t_begin 'and removes its own'
kill -TERM "$STARTED"
wait "$STARTED" || status=$?
t_is "$status" 143
t_ok [ ! -e "$TMP/import" ]
