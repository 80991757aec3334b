#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A program that is traced cannot look for leaks, and a build with AddressSanitizer ends with a
# failure that is none: a test that begins to trace ours says so, on the line or the one below it.
set -eu
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2046 # names without blanks
untold=$(awk '
	FNR == 1 { pending = "" }
	pending && !/detect_leaks=0/ { print pending }
	{ pending = "" }
	/^[ \t]*#/ || / -p / || !/(^|[ \t])strace -/ || /detect_leaks=0/ { next }
	{ pending = FILENAME ":" FNR ":" $0 }
' $(git ls-files 'tests/netns/*.sh' 'tests/cli/*.sh' 'tests/compat/*.sh'))
[ -z "$untold" ] || {
	echo "traced without ASAN_OPTIONS=detect_leaks=0:"
	echo "$untold"
	exit 1
}
