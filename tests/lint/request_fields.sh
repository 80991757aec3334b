#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A word that a parser takes has an effect: every field of a request is read by the verb that
# the request is of. The compiler tells: in a copy of request.h each field is marked, and it
# warns where marked ones are used. Parsers only write, and do not count.
set -eu
cd "$(dirname "$0")/../.."
status=0
dir=${B:-build}/request_fields
rm -rf "$dir"

for tool in tc_loader cgroup_loader; do
	mkdir -p "$dir/$tool"
	cp "$tool"/*.[ch] "$dir/$tool"
	# "bool a, b;" in struct s: each is marked "s.a".
	awk '
	/^struct [a-z_]+ [{]$/ { in_struct = 1; name = $2; print; next }
	/^};$/ { in_struct = 0 }
	!in_struct { print; next }
	{
		sub(/[/][*].*[*][/]/, "")
		if (match($0, /[/][*]/) || comment) {
			comment = !/[*][/]/
			next
		}
		line = line " " $0
		if (line !~ /;/)
			next
		n = split(line, part, /[,;]/)
		for (i = 1; i < n; i++) {
			field = part[i]
			sub(/[[].*/, "", field)
			sub(/.*[ *]/, "", field)
			print name "." field >(out)
			printf "%s __attribute__((deprecated(\"%s.%s\")))%s\n", part[i], name, field, i < n - 1 ? "," : ";"
		}
		line = ""
	}' out="$dir/$tool.fields" "$tool/request.h" >"$dir/$tool/request.h"
	for file in "$dir/$tool"/*.c; do
		case ${file##*/} in parse_*) continue ;; esac
		# shellcheck disable=SC2086 # words of their own
		LC_ALL=C ${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -DMAPSHARE_VERSION='""' -Icommon \
			-fsyntax-only -Wdeprecated-declarations "$file"
	done >"$dir/$tool.uses" 2>&1 || {
		grep error "$dir/$tool.uses"
		status=1
	}
	while read -r field; do
		grep -qF ": $field " "$dir/$tool.uses" || {
			echo "$tool/request.h: '$field' is parsed and its verb does not read it"
			status=1
		}
	done <"$dir/$tool.fields"
	# That each word stores something is for a test to walk.
	# shellcheck disable=SC2013 # names without blanks
	for table in $(sed -n 's/^const struct keyword \([a-z_]*\)\[\].*/\1/p' "$tool"/parse_*.c); do
		grep -qw "$table" "tests/unit/test_${tool%_loader}_words.c" || {
			echo "test_${tool%_loader}_words.c: '$table' is not walked"
			status=1
		}
	done
	! grep -n '^static const struct keyword' "$tool"/parse_*.c || {
		echo "$tool: a table of words that no test can walk"
		status=1
	}
done
exit "$status"
