#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Where memory ends, alloc_give_up() says so, and ends a call of the library only: nothing else
# aborts.
set -eu
cd "$(dirname "$0")/../.."

found=$(git grep -nE '\b(abort|assert)\(' -- 'common/*.[ch]' '*_loader/*.[ch]' |
	grep -vE '^common/base/alloc\.[ch]:|^[^:]*:[0-9]*:[[:space:]]*(/?\*|//)' || :)
[ -z "$found" ] || {
	printf 'alloc_give_up() instead:\n%s\n' "$found"
	exit 1
}
