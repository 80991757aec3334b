#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tests/valgrind.sh: each command of both tools once under memcheck. What fails is an error in
# memory, a block that nothing points to at the end, or a descriptor that is still open then.
# Values that were never set are not looked for: memcheck does not know what bpf(2) writes.
#
#	V=1		every command, with what it prints
#	NAMES=WORD	only commands with that word in them; the scene is made without valgrind
set -eu
. "$(dirname "$0")/../netns_scripts/lib.sh"
lib_private "$@"
command -v valgrind >/dev/null || t_skip valgrind 'valgrind watches memory and descriptors'

tried=0 failed=0
log=$TMP/log

# Descriptors that the caller or valgrind had open before are no fault of the command.
open_at_exit() {
	sed 's/^==[0-9]*== \?//' "$log" |
		awk 'BEGIN { RS = "" } /Open (file descriptor|[^ ]* socket)/ && !/<inherited from parent>/'
}

# vg STATUS CMD…: with that exit status.
vg() {
	local want=$1 status=0 wrong=
	shift
	case " $* " in
	*" ${NAMES:-$1} "*) ;;
	*)
		"$@" >"$TMP/out" 2>&1 </dev/null || :
		return 0
		;;
	esac
	tried=$((tried + 1))
	valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
		--errors-for-leak-kinds=definite,indirect --track-fds=yes --child-silent-after-fork=yes \
		--undef-value-errors=no --suppressions="$TOP/tests/valgrind.supp" \
		--log-file="$log" -- "$@" >"$TMP/out" 2>&1 </dev/null || status=$?
	[ "$want" = any ] && [ "$status" -ne 99 ] || [ "$status" = "$want" ] || wrong="status $status, not $want"
	[ -z "$(open_at_exit)" ] || wrong="$wrong${wrong:+, }descriptors left open"
	if [ -n "$wrong" ]; then
		failed=$((failed + 1))
		printf 'failed: %s: %s\n' "$*" "$wrong"
		grep -v 'WARNING: unhandled eBPF' "$log" | cat - "$TMP/out" | sed 's/^/    /'
	elif [ "${V-}" = 1 ]; then
		printf 'passed: %s\n' "$*"
		sed 's/^/    /' "$TMP/out"
	fi
}

# shellcheck source=tests/valgrind_lines.sh
. "$TOP/tests/valgrind_lines.sh"

echo "valgrind: $tried commands, $failed failed"
[ "$failed" -eq 0 ]
