#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Messages are plain English of the field: phrases that are not, and text broken across lines.
set -eu
cd "$(dirname "$0")/../.."

status=0
sources='common/*.c tc_loader/*.c cgroup_loader/*.c'

# shellcheck disable=SC2086 # patterns
found=$(git grep -nE '"[^"]*\b(is no ([a-km-z]|l[a-np-z])[a-z]*|are no ([a-km-z]|l[a-np-z])[a-z]*|there is no|there are no|no word of|belongs? behind|goes behind|nobody|whoever|in falling strength|a lie)\b[^"]*"' \
	-- $sources || true)
[ -z "$found" ] || {
	echo "say it as the glossary does ('is not a', 'no X named', 'must follow', 'not in use'):"
	echo "$found"
	status=1
}
# A literal that goes on in the next line, unless a newline or a macro ends the first part.
# shellcheck disable=SC2046,SC2086 # names without blanks
awk '
FNR == 1 { open = 0 }
open && /^[ \t]*"/ {
	printf "%s:%d: a message goes on in this line: keep it in one literal\n", FILENAME, FNR
	bad = 1
}
{ open = /"$/ && !/\\n"$/ && !/^[ \t]*#/ && !/^[ \t]*"[^"]*"$/ || (/^[ \t]*"[^"]*"$/ && !/\\n"$/ && open) }
END { exit bad }
' $(git ls-files -- $sources) || status=1
exit "$status"
