#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A header is the manual: what it declares has a comment above it, or stands in a group (no
# blank line between) whose first member has one; of a struct or enum comments at its members
# will do. Functions that only give back what their struct owns need none. 95 of 100 is the
# least; V=1 lists those without.
set -eu
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2046 # names without blanks
awk -v verbose="${V:-0}" '
function declares(text) {
	return text ~ /^(const |unsigned |static inline |extern |struct |enum |union |typedef |void|int|bool|char|size_t|ssize_t|u?int[0-9]+_t|FILE)/ &&
		text !~ /^(struct|enum|union) [a-z_0-9]+;/
}

# The last one, where nothing in its body told more.
function settle() {
	if (waits == "")
		return
	missing++
	if (verbose)
		print waits
	waits = ""
}

FNR == 1 { settle(); told = comment = group = depth = 0 }

# Of a comment only where it ends counts.
comment { if (/[*][/]/) { comment = 0; told = 1 } next }
/[/][*]/ && depth { waits = "" }
/^[ \t]*[/][*]/ { told = /[*][/]/; comment = !told; next }
/^$/ { told = group = 0; next }

depth == 0 && /^extern "C"/ { next }
depth == 0 && declares($0) {
	settle()
	all++
	if (told || group || /[/][*]/ || /_(release|free|close|put)[(]/)
		group = 1
	else
		waits = sprintf("%s:%d: %s", FILENAME, FNR, $0)
}
{
	told = 0
	depth += gsub(/[{]/, "{") - gsub(/[}]/, "}")
	if (depth == 0 && waits != "" && /;$|^}/)
		settle()
}

END {
	settle()
	printf "%d of %d declarations in headers are documented: %.1f %%\n", all - missing, all, 100 * (all - missing) / all
	exit missing * 20 > all
}
' $(git ls-files 'common/*.h' '*_loader/*.h')
