#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A test function that no group names never runs, and nobody notices: in tests/unit each
# `static void NAME(void **state)` must be named once more in its file. Nor is a skip noticed
# that names no probe: skip_for() instead of skip(). Shell tests are bash, which their checks
# need to see what failed (tests/asserts.sh).
set -eu
cd "$(dirname "$0")/../.."

status=0
for file in $(git ls-files 'tests/cli/*.sh' 'tests/netns/*.sh' 'tests/compat/*.sh' 'tests/bench/*.sh'); do
	[ "$(head -n 1 "$file")" = '#!/usr/bin/env bash' ] || {
		echo "$file: a shell test begins with: #!/usr/bin/env bash"
		status=1
	}
done

git ls-files 'tests/unit/test_*.c' | {
	while read -r file; do
		names=$(sed -n 's/^static void \([a-z0-9_]*\)(void \*\*[a-z_]*).*/\1/p' "$file")
		for name in $names; do
			[ "$(grep -cw "$name" "$file")" -ge 2 ] || {
				echo "$file: $name is in no group"
				status=1
			}
		done
		if grep -nw 'skip()' "$file" /dev/null; then
			echo "$file: skip_for(PROBE, WHY) names what is missing, skip() does not"
			status=1
		fi
	done
	exit "$status"
}
