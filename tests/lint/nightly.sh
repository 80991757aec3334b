#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What CI runs, or a sample of it, the nightly target runs, too; and every check-* target. The
# nightly workflow has a job for each part.
set -eu
cd "$(dirname "$0")/../.."

nightly=$(make -s --no-print-directory nightly-parts)
failed=0
needs() {
	printf '%s\n' "$nightly" | grep -qxF "$1" || {
		echo "make nightly does not run '$1', $2 does"
		failed=1
	}
}

while read -r line; do
	for word in $line; do
		case $word in
		CC=*)
			# With another compiler, which is a part of its own.
			needs "check-${word#CC=}" .ci/run
			break
			;;
		make | *=* | '"$jobs"' | deps) ;;
		*) needs "$word" .ci/run ;;
		esac
	done
done <<LINES
$(grep '^make ' .ci/run)
LINES
# These are part of check, or belong to a target that is.
while read -r target; do
	case $target in
	check-root | check-headers | check-asan | check-asan-run | check-asan-root-run) ;;
	*) needs "$target" Makefile ;;
	esac
done <<TARGETS
$(sed -n 's/^\(check-[a-z-]*\):.*/\1/p' Makefile)
TARGETS

jobs=$(sed -n '/^ *part:/,/^ *[^ -].*:/s/^ *- //p' .github/workflows/nightly.yml)
[ "$jobs" = "$nightly" ] || {
	echo '.github/workflows/nightly.yml has other parts than make nightly:'
	printf '%s\n' "$jobs" "$nightly" | sort | uniq -u
	failed=1
}
exit "$failed"
