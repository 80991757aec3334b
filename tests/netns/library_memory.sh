#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Memory that runs out anywhere in a session of the library: -ENOMEM, and nothing is left
# (library_memory.c).
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add mem0
tc qdisc add dev mem0 clsact
cg_add mem

session() {
	"$BUILD/tests/netns/library_memory" "$OBJ/by_name.o" mem0 "$CG/mem" "$BPFFS/link" \
		"$BPFFS/dir/prog" "$BPFFS"
}

t_begin 'directories and maps are new'
t_run 0 session
t_out_has ', 0 bad'
t_is "$(prog_in "$CG/mem" | wc -w)" 2
t_ok test -e "$BPFFS/dir/prog"

t_begin 'they are there already'
tc filter del dev mem0 ingress
bpftool cgroup detach "$CG/mem" egress id "$(prog_in "$CG/mem" | sed -n 1p)" multi
rm "$BPFFS/link" "$BPFFS/dir/prog"
t_run 0 session
