#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Comments stand as somebody wrote them: no line that a formatter broke, none over 100 columns.
set -eu
cd "$(dirname "$0")/../.."

status=0
found=$(git grep -nE '^ \*[A-Za-z]' -- '*.c' '*.h' || true)
[ -z "$found" ] || {
	echo "comment lines without a space after the star:"
	echo "$found"
	status=1
}
# shellcheck disable=SC2046 # the names of our files have no blanks
awk '
{ line = $0; gsub(/\t/, "        ", line) }
FNR == 1 { inside = 0 }
/^[ \t]*\/\*/ { inside = 1 }
inside && length(line) > 100 { printf "%s:%d: a comment of %d columns\n", FILENAME, FNR, length(line); bad = 1 }
/\*\// { inside = 0 }
END { exit bad }
' $(git ls-files '*.c' '*.h') || status=1
exit "$status"
