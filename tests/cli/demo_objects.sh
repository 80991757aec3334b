#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make demo builds less than all: every object that its scripts name is part of it.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

# What a make around this test was told is not meant for this one.
unset MAKEFLAGS MAKELEVEL MFLAGS CC CFLAGS
make -C "$TOP" -n demo B="$TMP/fresh" >"$TMP/told" 2>&1

t_begin 'the objects of the demo and of the scenario that it ends with'
sed -nE 's,^[A-Z_]+=\$(BPF|LEGACY)/([a-z_]+\.o)$,\1 \2,p' "$TOP/netns_scripts/demo.sh" \
	"$TOP/netns_scripts/upgrade.sh" >"$TMP/named"
t_ok [ "$(wc -l <"$TMP/named")" -ge 4 ]
while read -r where name; do
	[ "$where" = BPF ] && name=bpf/$name || name=bpf/legacy/$name
	t_ok [ "$(t_count -F "$TMP/fresh/$name" "$TMP/told")" -ge 1 ]
done <"$TMP/named"
