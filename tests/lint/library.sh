#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The library is what its headers declare: the shared object exports these functions and no
# others, and mapshare(3) has each of them with as many arguments, and each flag of a context.
set -eu
cd "$(dirname "$0")/../.."
build=${B:-build}
page=common/door/mapshare.3
status=0

# differ WHAT: the list that headers.txt has, and what else names it.
differ() {
	diff "$build/headers.txt" "$build/others.txt" >"$build/differ.txt" || {
		echo "$1:"
		sed -n 's/^</	only declared: /p; s/^>/	not declared: /p' "$build/differ.txt"
		status=1
	}
}

# Prototypes, one a line, as NAME ARGUMENTS; a pointer to a function would count too often.
sed -e 's,/[*].*[*]/,,' -e '/^[ ]*[*#]/d' -e '/^\/[*]/d' common/mapshare*.h |
	tr -s '\t\n' '  ' | grep -oE '\bmapshare_[a-z_]+\([^)]*\);' |
	awk -F'[(]' '{ n = gsub(/,/, ",", $2) + 1; print $1, $2 ~ /^void\)/ ? 0 : n }' |
	sort -u >"$build/prototypes.txt"
[ -s "$build/prototypes.txt" ] || status=1

cut -d' ' -f1 "$build/prototypes.txt" >"$build/headers.txt"
nm -D --defined-only "$build/lib/libmapshare.so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' |
	sort -u >"$build/others.txt"
differ 'libmapshare.so exports'

cp "$build/prototypes.txt" "$build/headers.txt"
sed -n 's/^\.It Fn //p' "$page" | awk '
	{ name = $1; sub(/^[^ ]+ ?/, ""); sub(/^void$/, ""); n = gsub(/"[^"]*"/, "")
	  print name, n + gsub(/[a-z]+/, "") }' | sort -u >"$build/others.txt"
differ "$page has, with the number of arguments"

sed -n '/^enum mapshare_flags/,/^}/s/^[[:space:]]*\(MAPSHARE_[A-Z_]*\).*/\1/p' common/mapshare.h |
	sort >"$build/headers.txt"
sed -n 's/^\.It Dv //p' "$page" | sort >"$build/others.txt"
differ "$page has, of flags"
exit "$status"
