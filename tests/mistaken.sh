# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# Mistaken command lines, for tests that source it behind lib.sh.

# mistaken <LINES: each is TOOL|ARGUMENTS|WORDS: refused, in one line on stderr that has WORDS; with
# |ERRNO behind them also that number in JSON, which commands of our own have. FS/ and CG/ stand for
# the test's bpffs and cgroup, MAP, FULL, ARR for pins in it. How many it were is in $mistaken_lines.
mistaken() {
	local tool line words number
	mistaken_lines=0
	set -f
	while IFS='|' read -r tool line words; do
		line=${line//FS\//$BPFFS/}
		line=${line//CG\//$CG/}
		line=${line//MAP/$BPFFS/m}
		line=${line//FULL/$BPFFS/full}
		line=${line//ARR/$BPFFS/arr}
		# shellcheck disable=SC2086 # words of a line
		t_run any timeout 20 "$tool" $line </dev/null
		t_isnt "$T_STATUS" 0 "status of $tool $line"
		number=${words##*|}
		if [ "$number" != "$words" ] && [ -z "${number//[0-9]/}" ]; then
			words=${words%|*}
		else
			number=
		fi
		t_err_has "$words"
		t_is "$(wc -l <"$TMP/t_err")" 1 'lines on stderr'
		mistaken_lines=$((mistaken_lines + 1))
		[ -n "$number" ] || continue
		# shellcheck disable=SC2086 # words of a line
		t_run any timeout 20 "$tool" -j $line </dev/null
		t_out_has "\"errno\":$number,"
	done
	set +f
	echo "  $mistaken_lines lines"
}
