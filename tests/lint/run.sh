#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs every other script of this directory, all of them even when one fails.
set -u
cd "$(dirname "$0")/../.." || exit 1
# The files judged are git's; root may look at a clone that belongs to somebody else.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
git ls-files --error-unmatch Makefile >/dev/null || exit 1
failed=0
for script in tests/lint/*.sh; do
	[ "$script" != tests/lint/run.sh ] || continue
	name=${script##*/}
	if out=$(sh "$script" 2>&1); then
		[ "${V-0}" != 1 ] || printf '  LINT %s\n' "${name%.sh}"
	else
		printf '  LINT %s failed\n%s\n' "${name%.sh}" "$out"
		failed=1
	fi
done
exit "$failed"
