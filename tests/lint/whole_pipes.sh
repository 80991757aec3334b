#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# In tests a pipe is read to its end: behind `| grep -q` or `| head` whoever writes may be cut
# off, which is a failure (pipefail) that comes and goes with the load of the machine.
# t_count, sed -n 1p and a file read everything. What diff tells in a failure may be cut, and
# so may what a shell of its own does, or what says why it is ("# cut: WHY").
set -eu
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2046 # names without blanks
cut=$(grep -nE '(^|[^|])\| *(grep (-[A-Za-z]* )*-?[A-Za-z]*q|grep -m|head\b)' \
	$(git ls-files 'tests/netns/*.sh' 'tests/compat/*.sh' 'tests/cli/*.sh') |
	grep -vE '^[^:]*:[0-9]*:[[:space:]]*#|sh -c |diff |# cut: ' || :)
[ -z "$cut" ] || {
	echo "pipes that are not read to their end:"
	echo "$cut"
	exit 1
}
