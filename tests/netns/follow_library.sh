#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A file followed by an embedding program (library_apply.c): it waits for a descriptor, and steps.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects pair

cat >"$TMP/acct.yaml" <<END
name: acct
objects: { tc: { file: $OBJ/pair_btf_none.o } }
tc: [ { object: tc, hook: ingress, interfaces: "lib*", preference: 4, handle: 2 } ]
END
"$BUILD/tests/netns/library_apply" follow "$TMP/acct.yaml" "$TMP/state" >"$TMP/out" &
PID=$!
on_exit "kill $PID 2>/dev/null || :"
t_begin 'it serves what appears, and leaves it attached'
t_ok wait_for 10 grep -q follows "$TMP/out"
dev_add lib0
t_run 0 wait $PID

t_is "$(grep -c '^attach lib0 - ' "$TMP/out")" 1
t_is "$(filters lib0 ingress)" 1
t_run 0 tc_loader check --state-dir "$TMP/state" "$TMP/acct.yaml"
