#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The checks of shell tests: none passes on the text of a command that failed, and what fails
# says where. Each case is a small test of its own, run by itself.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

mkdir "$TMP/netns_scripts"
cp "$TOP/netns_scripts/lib.sh" "$TMP/netns_scripts"
ln -s "$TOP/tests" "$TMP/tests"

# case_of: the lines on stdin as a test; its first line is line 5.
case_of() {
	cat - >"$TMP/case.body"
	{
		printf '#!/usr/bin/env bash\n# Made by tests/cli/checks.sh.\nset -eu\n'
		printf '. "$(dirname "$0")/netns_scripts/lib.sh"; t_begin title\n'
		cat "$TMP/case.body"
	} >"$TMP/case.sh"
}

# fails_at LINE: the case on stdin ends there.
fails_at() {
	case_of
	t_run 1 env LIB_TEST="$TMP/case.sh" bash "$TMP/case.sh"
	t_out_has "case.sh:$1"
	t_out_lacks 'not reached'
}

passes() {
	case_of
	t_run 0 env LIB_TEST="$TMP/case.sh" bash "$TMP/case.sh"
	t_out_is '- title'
}

t_begin 'what a failed command printed is compared with nothing'
for failing in '$(false)' '$(/bin/false)' '$(false | cat)' '$(cat "$TMP/none")' \
	'$(printf x; false)' '$(echo "$(false)")' '$(f() { false; echo x; }; f)' \
	'$(sh -c "kill -9 \$\$")' '$(t_fail inside)'; do
	fails_at 5 <<-END
		t_isnt "$failing" y
		echo 'not reached'
	END
done
for check in 't_is "$(false)" ""' 't_is "$(false)" "$(true)"' 't_isnt x "$(false)" "$(true)"' \
	't_ok [ -z "$(false)" ]' 't_run 0 : "$(false)"' 't_run any true; t_out_is "$(false)"' \
	't_run any true; t_err_is "$(false)"' 't_run any true; t_out_has "$(false)"' \
	't_run any true; t_err_has "$(false)"' 't_run any true; t_out_lacks "x$(false)"' \
	't_run any true; t_err_lacks "x$(false)"'; do
	fails_at 5 <<-END
		$check
		echo 'not reached'
	END
done

t_begin 'nor is it forgotten where the line looks at something else'
fails_at 6 <<'END'
both="$(false)$(true)"
t_is "$both" ''
echo 'not reached'
END
fails_at 5 <<'END'
for word in $(false); do echo 'not reached'; done
t_ok true
echo 'not reached'
END
case_of <<'END'
t_ok true
echo "seen $(false)"
END
t_run 1 env LIB_TEST="$TMP/case.sh" bash "$TMP/case.sh"
t_out_has 'FAIL: a command failed that no check looked at'
t_out_has 'case.sh:6: status 1: false'

t_begin 'a failure that the test looks at is none'
passes <<'END'
t_is "$(false || echo no)" no
text=$(false) || text=no
t_is "$text" no
if [ "$(false)" ]; then :; fi
t_run 1 false
t_run any false
[ "$T_STATUS" -eq 0 ] || t_out_is ''
if [ "$T_STATUS" -eq 0 ]; then :; else t_is a a; fi
t_run 1 sh -c 'exit 1'
inner() { text=$(false); }
t_run 1 inner
t_ok true
END

t_begin 'a function is judged by each of its commands'
fails_at 6 <<'END'
made() { false; true; }
t_run 0 made
echo 'not reached'
END
fails_at 6 <<'END'
made() { [ "$(false)" = '' ]; }
t_ok made
echo 'not reached'
END
passes <<'END'
full() { [ -e / ] || return 1; }
t_ok full
t_ok wait_for 1 full
END

t_begin 'what is waited for may have checks: it is tried again, and told of if it never holds'
passes <<'END'
third() {
	echo x >>"$TMP/tries"
	t_run 0 cat "$TMP/tries"
	t_is "$(t_count x "$TMP/tries")" 3
}
t_ok wait_for 9 third
: >"$TMP/tries"
wait_for 9 third || t_fail 'not again'
END
fails_at 8 <<'END'
never() {
	t_is a b
}
t_ok wait_for 1 never
echo 'not reached'
END
t_out_has "does not hold: wait_for 1 never"
t_out_has "at last: value is 'a', not 'b' (case.sh:6"

t_begin 'a failing check names itself and who called it'
case_of <<'END'
outer() {
	t_is a b
}
outer
END
t_run 1 bash "$TMP/case.sh"
t_out_has "FAIL: title: value is 'a', not 'b'
  at case.sh:6, called at case.sh:8"
case_of <<'END'
true
false
END
t_run 1 bash "$TMP/case.sh"
t_out_has 'stopped with status 1 in: title'
t_out_has "failed: case.sh:6: status 1: false"

t_begin 'a pipe fails with each of its commands, a substitution with its first'
fails_at 5 <<'END'
false | true
echo 'not reached'
END
fails_at 5 <<'END'
text=$(false; true)
echo 'not reached'
END

t_begin 'the last check'
case_of <<'END'
END
t_run 1 env LIB_TEST="$TMP/case.sh" bash "$TMP/case.sh"
t_out_has 'FAIL: the script ended without a single check'
