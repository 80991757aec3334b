#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What completion offers follows from the help, and the placeholders there have a row in the table
# of complete_value.c, unless nobody but the user knows what stands for them.
set -eu
cd "$(dirname "$0")/../.."
build=${B:-build}
table=common/verbs/complete_value.c
status=0

for tool in tc_loader cgroup_loader; do
	for object in qdisc filter exec prog cgroup link map object share feature apply; do
		"$build/bin/$tool" help "$object" 2>&1 || true
	done
done |
	sed -e '/^\t/d' -e '/^  e\.g\. /d' -e '/:= {/,/}/d' -e 's/Usage: //' -e '/^OPTIONS/s/^OPTIONS of bpf://' |
	grep -E '^ *(tc_loader|cgroup_loader)|^ ' |
	grep -oE '@?\b[A-Z]+\b' | sort -u |
	grep -vxE 'VALUE|BYTES|SECONDS|KEY|TEXT|MAJ|PROG|LINK|OPTIONS|BPF|NUM|MAPS|N|MEMBER|X|COMMAND|OBJECT' >"$build/placeholders.txt"
while read -r word; do
	grep -q "{\"${word}[\"=]" "$table" || {
		echo "$table: no row for $word, which help names"
		status=1
	}
done <"$build/placeholders.txt"
[ -s "$build/placeholders.txt" ] || status=1
exit "$status"
