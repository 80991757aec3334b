#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tests/coverage.sh BUILD: what the tests reached of the code that was built there with
# --coverage: each room and all of it on stdout, each file in BUILD/report, the least reached
# first. Lines and branches, as percent of how many there are.
#
# What a process reached counts when it ends by itself: not after SIGKILL or _exit().
set -eu
build=$1

find "$build/common" "$build/tc_loader" "$build/cgroup_loader" -name '*.gcno' | sort |
	while read -r notes; do
		echo "source ${notes#"$build/"}"
		gcov -bnr "$notes"
	done 2>/dev/null | awk -v report="$build/report" '
	function percent(part, all) { return all ? 100 * part / all : 100 }
	function show(name, lines, hit, branches, taken) {
		return sprintf("%6.1f %% of %6d lines %6.1f %% of %6d branches  %s", percent(hit, lines),
			lines, percent(taken, branches), branches, name)
	}
	function number(text) { sub(/.*:/, "", text); return text + 0 }
	$1 == "source" { own = $2; sub(/gcno$/, "c", own) }
	/^File / { file = $2; gsub(/\047/, "", file); counts = file == own }
	/^Lines executed/ && counts { lines = $NF; hit = number($2) * $NF / 100; branches = taken = 0 }
	/^Taken at least once/ && counts { branches = $NF; taken = number($4) * $NF / 100 }
	/^Calls executed|^No calls/ && counts {
		room = file
		sub(/\/[^\/]*$/, "", room)
		print show(file, lines, hit, branches, taken) | "sort -n >" report
		n = split(room " all", sums, " ")
		for (i = 1; i <= n; i++) {
			L[sums[i]] += lines; H[sums[i]] += hit; B[sums[i]] += branches; T[sums[i]] += taken
		}
		counts = 0
	}
	END { for (r in L) print show(r, L[r], H[r], B[r], T[r]) | "sort -n" }'
echo "  each file: $build/report"
