#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A difference from tc or bpftool that a page promises is tested, and one that a test wants is
# told: a line .\" differs: KEY below .It in the list under DIFFERENCES has a line
# "# differs: KEY" ("/* differs: KEY */" in C) in a test, and the other way round.
set -eu
cd "$(dirname "$0")/../.."
status=0

for page in tc_loader/tc_loader.8 cgroup_loader/cgroup_loader.8; do
	[ "$(grep -c '^[.]Sh DIFFERENCES$' "$page")" -eq 1 ] || {
		echo "$page: one section is called DIFFERENCES"
		status=1
	}
done

for page in tc_loader/tc_loader.8 cgroup_loader/cgroup_loader.8; do
	sed -n '/^[.]Sh DIFFERENCES$/,/^[.]Sh [^D]/p' "$page" | awk -v page="$page" '
		item && !/^[.]\\" differs: / { print page ": no key says which test shows: " $0; bad = 1 }
		{ item = /^[.]It$/ }
		END { exit bad }' || status=1
done

told=$(sed -n '/^[.]Sh DIFFERENCES$/,/^[.]Sh [^D]/s/^[.]\\" differs: //p' \
	tc_loader/tc_loader.8 cgroup_loader/cgroup_loader.8 | sort -u)
# shellcheck disable=SC2046 # names without blanks
tested=$(sed -nE 's,^(#|/\*) differs: ([a-z0-9-]+).*,\2,p' $(git ls-files 'tests/netns/*.sh' \
	'tests/cli/*.sh' 'tests/compat/*.sh' 'tests/unit/*.c') | sort -u)
for key in $told; do
	echo "$tested" | grep -qxF -- "$key" || {
		echo "no test says: differs: $key"
		status=1
	}
done
for key in $tested; do
	echo "$told" | grep -qxF -- "$key" || {
		echo "a test says 'differs: $key', no page does"
		status=1
	}
done
exit "$status"
