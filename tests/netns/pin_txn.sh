#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A command that fails takes back its own pins, and only those (pin_txn.c).
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

t_begin "others' pins, directories and programs"
find "$BPFFS" | sort >"$TMP/before"
t_run 0 "$BUILD/tests/netns/pin_txn" "$BPFFS"
t_out_has 'transactions hold'
find "$BPFFS" | sort >"$TMP/after"
t_ok cmp "$TMP/before" "$TMP/after"
