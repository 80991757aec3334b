#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# clang-format is the only judge of layout: clang-format -i FILE settles it.
set -eu
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2046 # names without blanks
if ! out=$(clang-format --dry-run -Werror $(git ls-files '*.c' '*.h') 2>&1); then
	printf '%s\n' "$out" | sed -n 's/^\([^ :]*\.[ch]\):[0-9].*/\1: clang-format -i/p' | sort -u
	exit 1
fi
