#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Each policy of each kind of member in each kind of map, by the program that the kernel runs for
# it, against a plain model. SEED=N, ROUNDS=N.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

t_begin 'what is added, set and kept is as modelled'
t_run 0 env MAPSHARE_SEED="${SEED:-$RANDOM}" MAPSHARE_ROUNDS="${ROUNDS:-120}" "$BUILD/tests/netns/migrate_adds"
t_out | sed 's/^/  /'
