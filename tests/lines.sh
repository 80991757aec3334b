# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# Command lines through bpftool and cgroup_loader against the same kernel state; sourced by
# tests that have sourced netns_scripts/lib.sh.

LINES_SAME=0
LINES_REFUSED=0
# A sed script: what this bpftool is too old to say of objects that the machine came with.
LINES_LESS=
less_said() {
	[ -z "$LINES_LESS" ] || sed -i -zE "$LINES_LESS" "$TMP/t_out"
}

# same WORDS…: both succeed with the same bytes on stdout. Objects of others come and go
# meanwhile: what bpftool says before and after must agree to count, three times.
same() {
	LINES_SAME=$((LINES_SAME + 1))
	lines_wrong=0
	for lines_try in 1 2 3 4 5 6 7 8 9 10; do
		lines_status=0
		bpftool "$@" >"$TMP/theirs" 2>"$TMP/theirs_err" || lines_status=$?
		t_run any cgroup_loader "$@"
		less_said
		[ "$lines_status" -ne 0 ] || [ "$T_STATUS" -ne 0 ] ||
			! cmp -s "$TMP/theirs" "$TMP/t_out" || return 0
		bpftool "$@" >"$TMP/later" 2>"$TMP/theirs_err" || lines_status=$?
		! cmp -s "$TMP/theirs" "$TMP/later" || lines_wrong=$((lines_wrong + 1))
		[ "$lines_wrong" -lt 3 ] || break
	done
	diff -u "$TMP/theirs" "$TMP/t_out" || :
	t_fail "try $lines_try: not what bpftool prints (its status: $lines_status)"
}

# same_all WORDS…: in text, JSON and indented JSON, with pins and without.
same_all() {
	for lines_options in '' -j -p -f '-f -j' '-p -f'; do
		# shellcheck disable=SC2086 # no word at all when empty
		same $lines_options "$@"
	done
}

# both_refuse WORDS…: bpftool fails, with whatever status; ours ends with 255, says why in one
# line, and in JSON answers one valid document that has the words.
both_refuse() {
	LINES_REFUSED=$((LINES_REFUSED + 1))
	lines_status=0
	bpftool "$@" >"$TMP/theirs" 2>"$TMP/theirs_err" || lines_status=$?
	t_isnt "$lines_status" 0 "bpftool's status of: $*"
	t_run 255 cgroup_loader "$@"
	case " $* " in
	*' -j '* | *' -p '*) t_ok [ -n "$(t_out | t_json .error)" ] ;;
	*)
		t_out_is ''
		t_is "$(wc -l <"$TMP/t_err")" 1 'lines of the error'
		;;
	esac
}

lines_report() {
	printf '  %s lines compared, %s refused by both\n' "$LINES_SAME" "$LINES_REFUSED"
}
