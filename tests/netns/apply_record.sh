#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The record of an apply is that of what stands, also where a file beside it cannot be removed: what
# an earlier file attached is known, and detached, whatever was refused in between.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

STATE=$TMP/state
APPLY=(tc_loader apply --state-dir "$STATE" "$TMP/acct.yaml")
cp "$OBJ/no_maps.o" "$TMP/one.o"
dev_add v0
tc qdisc add dev v0 clsact

# prefer PREF: the filter of the file stands there.
prefer() {
	printf 'name: acct\nobjects: { tc: { file: one.o } }\ntc: [ { object: tc, interfaces: v0, hook: ingress, preference: %s, handle: 1 } ]\n' \
		"$1" >"$TMP/acct.yaml"
}

# prefs: of the filters that stand.
prefs() {
	tc filter show dev v0 ingress | sed -n 's/.*pref \([0-9]*\) .*handle.*/\1/p' | xargs
}

# unlinks CMD…: how many files CMD removes.
unlinks() {
	ASAN_OPTIONS=detect_leaks=0 strace -qq -e trace=unlink,unlinkat -o "$TMP/trace" "$@" >"$TMP/usual" 2>&1
	t_count '^unlink(' "$TMP/trace"
}

# each_refused LEFT: from what LEFT makes, an apply of another file with each of its unlink(2) refused;
# the next run of the same file and the one of the first find what there is.
each_refused() {
	local number all errno
	prefer 10
	t_run 0 "${APPLY[@]}"
	"$1"
	prefer 20
	all=$(unlinks "${APPLY[@]}")
	t_ok [ "$all" -gt 0 ]
	for number in $(seq "$all"); do
		for errno in EIO EROFS; do
			prefer 10
			t_run 0 "${APPLY[@]}"
			t_is "$(prefs)" 10
			"$1"
			prefer 20
			t_run any env ASAN_OPTIONS=detect_leaks=0 strace -qq -e trace=unlink -o "$TMP/failed" \
				-e "inject=unlink:error=$errno:when=$number" "${APPLY[@]}"
			t_is "$(prefs)" "$([ "$T_STATUS" -eq 0 ] && echo 20 || echo 10)"
			if [ -n "$(find "$STATE" -name '*.more' -o -name '*.journal')" ]; then
				t_err_has 'cannot be removed: '
			fi
			t_run 0 "${APPLY[@]}"
			t_is "$(prefs)" 20
			t_is "$(find "$STATE" -name '*.more' -o -name '*.journal')" ''
		done
	done
}

nothing() {
	:
}
# As who follows was killed.
more_lines() {
	cat "$STATE"/acct@*.json >"$(echo "$STATE"/acct@*.json | sed 's/json$/more/')"
}
# As a run was killed before its first act.
a_journal() {
	cp "$STATE"/acct@*.json "$(echo "$STATE"/acct@*.json | sed 's/json$/journal/')"
}

t_begin 'after a run that ended'
each_refused nothing

t_begin 'after one that followed, and was killed'
each_refused more_lines

t_begin 'after one that was killed'
each_refused a_journal

t_begin 'removed after one that followed, and was killed: nothing is left of it'
more_lines
t_run 0 tc_loader remove --state-dir "$STATE" "$TMP/acct.yaml"
t_is "$(find "$STATE" -name 'acct@*' ! -name '*.lock')" ''
