#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Static functions have names of their own in the whole tree: backtraces, cscope and
# breakpoints tell them apart then.
set -eu
cd "$(dirname "$0")/../.."

# Of several lines of one file (a declaration ahead) one counts.
# shellcheck disable=SC2046 # names without blanks
shared=$(awk '
/^static / && match($0, /[a-z_0-9]+[(]/) {
	name = substr($0, RSTART, RLENGTH - 1)
	if (!((name, FILENAME) in seen)) {
		seen[name, FILENAME] = 1
		where[name] = where[name] " " FILENAME
		files[name]++
	}
}
END {
	for (name in files)
		if (files[name] > 1)
			print name ":" where[name]
}' $(git ls-files 'common/*.[ch]' '*_loader/*.[ch]') | sort)
[ -z "$shared" ] || {
	echo "static functions of one name in several files:"
	echo "$shared"
	exit 1
}
