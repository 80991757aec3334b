#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What the library refuses has its number and its words (library_refusals.c), and changes nothing.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
tc qdisc add dev v0 clsact
cg_add in
# Programs by name: a pin that is no map, and what the session would find.
mkdir -m 0700 "$BPFFS/tc" "$BPFFS/tc/globals"
bpftool prog load "$OBJ/dev_link.o" "$BPFFS/tc/globals/a_program" type classifier
mkdir "$TMP/files"
printf 'name: empty\nobjects: {}\n' >"$TMP/file.yaml"
cp "$TMP/file.yaml" "$TMP/files/one.yaml"
sed 's/empty/other/' "$TMP/file.yaml" >"$TMP/files/two.yaml"

t_begin 'each refusal'
t_run 0 "$BUILD/tests/netns/library_refusals" "$OBJ/by_name.o" v0 "$CG/in" "$BPFFS" "$TMP"
t_is "$(t_out)" ''

t_begin 'nothing is there but the map that a session of nothing committed'
t_is "$(cd "$BPFFS" && find . -type f ! -name '*.debug' | sort | tr '\n' ' ')" './tc/globals/a_program ./tc/globals/by_name_hits '
t_is "$(filters v0 ingress)" 0
t_is "$(prog_in "$CG/in" | wc -w)" 0
