#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What is kept for a program of clsact goes when the program has moved to tcx, and back.
#
# differs: kept-arrays
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

LIST=$BUILD/tests/netns/tcx_list
IN=46
KEEP=$BPFFS/tc/keep

own_objects kept_
dev_add v0
"$LIST" v0 $IN >"$TMP/list" 2>&1 || t_skip tcx 'this kernel has no tcx (Linux 6.6)'
tc qdisc add dev v0 clsact

# replace WORDS…: the object's program at ingress of v0.
replace() {
	tc_loader filter replace dev v0 ingress "$@"
}

kept() {
	(cd "$KEEP" && find . -mindepth 1 -maxdepth 1)
}

t_begin 'one is kept, wherever it is'
t_run 0 replace pref 5 handle 1 bpf da obj "$OBJ/kept.o"
t_is "$(kept)" "./$(prog_at v0 ingress)"
for _ in 1 2; do
	t_run 0 replace bpf obj "$OBJ/kept.o" tcx
	t_is "$(kept)" "./$("$LIST" v0 $IN)"
	t_run 0 replace pref 5 handle 1 bpf da obj "$OBJ/kept.o" clsact
	t_is "$("$LIST" v0 $IN)" ''
	t_is "$(kept | wc -l)" 1
done
