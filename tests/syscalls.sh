# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# Commands stopped or killed at a chosen system call, so that a test looks at the same moment
# in every run; sourced by tests that have sourced netns_scripts/lib.sh. Stands on strace.

command -v strace >/dev/null || t_skip strace 'strace stops commands at a system call'

# Leaks cannot be looked for under ptrace.
export ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}

# Those that change something; with a ? where an architecture may lack it.
CALLS_CHANGING='bpf,sendto,sendmsg,?mkdir,mkdirat,?rmdir,?unlink,unlinkat,?rename,?renameat,renameat2'

# calls_of CMD…: runs it undisturbed, its changing calls in $TMP/calls, one a line. N below
# counts these lines, and CMD has to start from the same state again.
calls_of() {
	strace -f -qq -e signal=none -e trace="$CALLS_CHANGING" -o "$TMP/calls" "$@"
}

# call_number PATTERN: the number of the last line that matches.
call_number() {
	grep -n -- "$1" "$TMP/calls" | sed -n '$s/:.*//p'
}

# call_spec N: that line for strace, which counts each call's name of each thread by itself.
call_spec() {
	awk -v n="$1" '{ name = $2; sub(/[(].*/, "", name); seen[$1, name]++ }
		NR == n { print name " " seen[$1, name]; found = 1 }
		END { exit !found }' "$TMP/calls"
}

# calls_reach NAME N FILE: a thread made that many.
calls_reach() {
	awk -v name="$1" -v n="$2" 'index($2, name "(") == 1 && ++seen[$1] >= n { found = 1 }
		END { exit !found }' "$3"
}

# killed_at N CMD…: SIGKILL as it enters call N; anything else than its death is a failure.
# Status 1 if it never got that far: how much it looks at depends on what others have loaded.
killed_at() {
	local at=$1 status=0 spec
	shift
	spec=$(call_spec "$at")
	# The braces keep the word of its death to themselves.
	{
		strace -f -qq -e trace="$CALLS_CHANGING" -o "$TMP/killed" \
			-e "inject=${spec% *}:signal=KILL:when=${spec#* }" \
			"$@" >"$TMP/killed_out" 2>&1 || status=$?
	} 2>"$TMP/killed_word"
	calls_reach "${spec% *}" "${spec#* }" "$TMP/killed" || return 1
	t_is "$status" 137 "status of a command killed at its call $at ($spec)"
}

# stopped_after N CMD…: starts it; it is stopped once call N is done. Outputs in
# $TMP/stopped_out, _err. goes_on STATUS: it runs again and ends with that status. Status 1 if
# it came to its end without that call.
stopped_after() {
	local at=$1 spec
	shift
	spec=$(call_spec "$at")
	strace -f -qq -e trace="$CALLS_CHANGING" -o "$TMP/stopped" \
		-e "inject=${spec% *}:signal=STOP:when=${spec#* }" "$@" >"$TMP/stopped_out" 2>"$TMP/stopped_err" &
	STOPPED_BY=$!
	on_exit "kill -9 $STOPPED_BY 2>/dev/null"
	t_ok wait_for 60 calls_stopped_or_over
	STOPPED=$(pgrep -P "$STOPPED_BY") || return 1
	on_exit "kill -9 $STOPPED 2>/dev/null"
}

calls_stopped_or_over() {
	! kill -0 "$STOPPED_BY" 2>/dev/null || calls_stopped
}

calls_stopped() {
	local pid state
	pid=$(pgrep -P "$STOPPED_BY") || return 1
	state=$(sed 's/.*) //' "/proc/$pid/stat") || return 1
	case $state in
	[tT]*) grep -q 'stopped by SIGSTOP' "$TMP/stopped" ;;
	*) return 1 ;;
	esac
}

goes_on() {
	local status=0
	kill -CONT "$STOPPED"
	wait "$STOPPED_BY" || status=$?
	t_is "$status" "$1" "status of what was stopped ($(cat "$TMP/stopped_err"))"
}
