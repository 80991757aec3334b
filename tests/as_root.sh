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
	DEBIAN_FRONTEND HOSTILE_SECONDS HOSTILE_TRIES FULL SEED AT CLASSES MOST MUTANTS NAMES KINDS ROUNDS STORM \
	TESTS SECONDS WORKERS RUN_REACH RUN_TURNS \
	TYPES BENCH_RUNS RUNS KERNELS KERNEL_SUITES KERNEL_MINUTES KERNEL_TESTS KERNEL_SCENARIOS \
	KERNEL_DIR CGROUPS ACCEL ICOUNT GUEST_CPUS GUEST_MB IMAGE_SIZE MIRROR \
	UBUNTU_MIRROR; do
	# Some mean nothing by an empty value, others "none".
	there='' value=''
	eval "there=\${$name+yes} value=\${$name-}"
	[ -z "$there" ] || set -- "$name=$value" "$@"
done
exec sudo env "$@"
