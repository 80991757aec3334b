#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A test function that no group names never runs, and nobody notices: in tests/unit each
# `static void NAME(void **state)` must be named once more in its file.
set -eu
cd "$(dirname "$0")/../.."

git ls-files 'tests/unit/test_*.c' | {
	status=0
	while read -r file; do
		names=$(sed -n 's/^static void \([a-z0-9_]*\)(void \*\*[a-z_]*).*/\1/p' "$file")
		for name in $names; do
			[ "$(grep -cw "$name" "$file")" -ge 2 ] || {
				echo "$file: $name is in no group"
				status=1
			}
		done
	done
	exit "$status"
}
