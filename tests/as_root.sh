#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tests/as_root.sh CMD…: runs CMD as root, through sudo where that is needed. sudo empties
# the environment, so what our scripts read from it is handed on by name.
set -eu

[ "$(id -u)" -ne 0 ] || exec "$@"

if ! command -v sudo >/dev/null 2>&1; then
	echo "as_root: '$*' needs root and there is no sudo here: run it from a root shell" >&2
	exit 1
fi
for name in MAPSHARE_BUILD MAPSHARE_EXPECT_SKIP MAPSHARE_PATIENCE FUZZ_SECONDS CI V JOBS \
	DEBIAN_FRONTEND HOSTILE_SECONDS FULL SEED AT CLASSES MUTANTS NAMES KINDS; do
	eval "value=\${$name-}"
	[ -z "$value" ] || set -- "$name=$value" "$@"
done
exec sudo env "$@"
