#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# map event_pipe of more events than its buffers hold: told as bpftool tells it. Numbers of
# perf events and times differ from run to run.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

bpftool prog load "$OBJ/perf_events.o" "$BPFFS/prog" type classifier
map=$(bpftool -j prog show pinned "$BPFFS/prog" | t_json '.map_ids[0]')
head -c 64 /dev/zero >"$TMP/packet"

told() {
	grep -qs count "$TMP/stream"
}
stopped() {
	grep -q '^State:.*stopped' "/proc/$pid/status"
}
events() {
	taskset -c 0 bpftool prog run pinned "$BPFFS/prog" data_in "$TMP/packet" repeat "$1" \
		>/dev/null
}
told_with_event() {
	events 1
	told
}
ready() {
	events 1
	[ -s "$TMP/stream" ]
}

# stream TOOL FORM FILE: what it prints of lost events, numbers as N, into FILE.
stream() {
	: >"$TMP/stream"
	# Under ASan what stdbuf preloads comes first.
	start env ASAN_OPTIONS=verify_asan_link_order=0 stdbuf -o0 "$1" "$2" map event_pipe id "$map" \
		>"$TMP/stream" 2>"$TMP/words"
	pid=$STARTED
	t_ok wait_for 5 ready
	kill -STOP "$pid"
	t_ok wait_for 5 stopped
	events 20000
	kill -CONT "$pid"
	# A loss is told in front of the next event.
	t_ok wait_for 5 told_with_event
	kill -TERM "$pid"
	wait "$pid" || :
	t_is "$(grep -c lost "$TMP/stream")" 1
	sed -e 's/[0-9][0-9]*/N/g' "$TMP/stream" | sed -n '/"lost"/,/}/p' |
		sed -e 's/.*"type":N,"cpu"/"cpu"/' -e 's/\("lost":{[^}]*}\).*/\1/' >"$TMP/$3"
}

for form in -j -p; do
	t_begin "lost events with $form"
	stream bpftool "$form" theirs
	stream cgroup_loader "$form" ours
	t_ok [ -s "$TMP/theirs" ]
	t_is "$(cat "$TMP/ours")" "$(cat "$TMP/theirs")"
done

# Nothing else would end it: it may be started by what ignores SIGPIPE, and a full disk has none.
t_begin 'what cannot be written ends it, with a word'
over() {
	events 1
	! kill -0 "$pid" 2>/dev/null
}
for form in '' -j; do
	# shellcheck disable=SC2086 # none, or one
	start cgroup_loader $form map event_pipe id "$map" >/dev/full 2>"$TMP/words"
	pid=$STARTED
	t_ok wait_for 5 over
	ended=0
	wait "$pid" || ended=$?
	t_is "$ended" 255 status
	t_is "$(cat "$TMP/words")" 'cgroup_loader: write: No space left on device'
done
