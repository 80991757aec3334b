#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every word of a keyword table, every verb and every option is said by a test that runs a tool:
# a line of a script that is no comment has it. Unit tests, which parse only, do not count.
set -eu
cd "$(dirname "$0")/../.."
build=${B:-build}

# Rows of "struct keyword NAME[] = {": {"word", …
git ls-files -z 'common/*.c' 'tc_loader/*.c' 'cgroup_loader/*.c' | xargs -0 awk '
	/struct keyword [a-z_]+\[\] = [{]$/ { table = 1 }
	/^};/ { table = 0 }
	table && match($0, /^\t[{]"[^"]+"/) { print substr($0, RSTART + 3, RLENGTH - 4) }
' | sort -u >"$build/words_run.tables"
# Verbs and options: what stands in front of the help lines.
for tool in tc_loader cgroup_loader; do
	"$build/bin/$tool" help 2>&1 | sed -n 's/^\(-[a-z-]*\).*/\1/p; s/.*\(--[a-z-]*\).*/\1/p'
	"$build/bin/$tool" help 2>&1 | sed -n "s/^$tool \([a-z]* [a-z_]*\).*/\1/p"
done | sort -u >"$build/words_run.verbs"

git ls-files -z 'tests/*.sh' 'netns_scripts/*.sh' | xargs -0 cat | sed 's/^[[:blank:]]*#.*//' |
	tr -cs 'A-Za-z0-9_=-' '\n' | sed 's/^-*\([A-Za-z]\)/\1/' | sort -u >"$build/words_run.said"

missing=$(cat "$build/words_run.tables" "$build/words_run.verbs" | sed 's/^-*//' | tr ' ' '\n' |
	sort -u | while read -r word; do
		[ -z "$word" ] || grep -qxF -- "$word" "$build/words_run.said" || printf ' %s' "$word"
	done)
[ -z "$missing" ] || {
	echo "no test that runs a tool says:$missing"
	exit 1
}
