#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What ends a watch in a batch ends the batch, with a whole answer and before the next line.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

bpftool map create "$BPFFS/m" type array key 4 value 8 entries 1 name "ws_$$"
printf 'map watch pinned %s interval 60\nmap update pinned %s key 0 0 0 0 value 9 0 0 0 0 0 0 0\n' \
	"$BPFFS/m" "$BPFFS/m" >"$TMP/batch"

# stopped STATUS CMD…: ended by a signal once the first look is out, or is under way.
stopped() {
	want=$1
	shift
	"$@" >"$TMP/out" 2>"$TMP/err" &
	pid=$!
	t_ok wait_for 5 watching
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	t_is "$status" "$want" status
	t_is "$(bpftool -j map lookup pinned "$BPFFS/m" key 0 0 0 0 | t_json '.value[0]')" 0x00
}

# It blocks the signal and waits: a bit of SigBlk is SIGTERM's.
watching() {
	blocked=$(sed -n 's/^SigBlk:.*\(....\)$/\1/p' "/proc/$pid/status")
	[ $((0x$blocked & 0x4000)) -ne 0 ]
}

t_begin 'cgroup_loader, in text and in JSON'
stopped 255 cgroup_loader batch file "$TMP/batch"
t_ok grep -q 'value 0' "$TMP/out"
t_ok grep -q 'interrupted: Terminated' "$TMP/err"
stopped 255 cgroup_loader -j batch file "$TMP/batch"
t_is "$(t_json '.|length' <"$TMP/out")" 2
t_is "$(t_json '.[0].output[0].elements[0].values.value' <"$TMP/out")" 0
t_ok grep -q interrupted "$TMP/out"

t_begin 'tc_loader'
stopped 1 tc_loader -batch "$TMP/batch"
t_ok grep -q 'interrupted: Terminated' "$TMP/err"

t_begin 'alone it ends well'
stopped 0 cgroup_loader map watch pinned "$BPFFS/m" interval 60
t_ok [ ! -s "$TMP/err" ]

t_begin 'a parent that ignores its children changes nothing'
mkdir "$TMP/bin"
printf '#!/bin/sh\ncat >/dev/null\necho picture\n' >"$TMP/bin/dot"
chmod +x "$TMP/bin/dot"
t_run 0 "$LIB_PYTHON" -c '
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execvp(sys.argv[1], sys.argv[1:])' env PATH="$TMP/bin:$PATH" cgroup_loader share show id \
	"$(map_id "$BPFFS/m")" --svg "$TMP/picture"
t_is "$(cat "$TMP/picture")" picture
