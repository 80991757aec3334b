#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What clsact, tcx and netkit programs cannot share, said by 'object show' before it fails.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

LIST=$BUILD/tests/netns/tcx_list
dev_add v0

t_begin 'object show names the prog array and the attach type of each program'
t_run 0 tc_loader object show "$OBJ/tcx_jumps.o"
t_out_has "prog array 'tcx_jumps' takes programs of one attach type only (Linux 6.18)"
t_out_has "'jump_clsact' none, 'jump_tcx' tcx_ingress, 'jump_netkit' netkit_peer"
t_run 0 cgroup_loader -j object show "$OBJ/tcx_jumps.o"
t_is "$(t_out | t_json '.[0].attach_types' | t_json '.[attach_type]')" \
	'["none","tcx_ingress","netkit_peer"]'
t_run 0 tc_loader object show "$OBJ/tcx_count.o"
t_out_lacks 'attach type'
t_run 0 tc_loader -j object show "$OBJ/tcx_count.o"
t_out_lacks 'attach_types'

t_begin 'and it is so: by their sections they do not load together, one by one without they do'
"$LIST" v0 46 >"$TMP/list" 2>&1 || t_skip tcx 'this kernel has no tcx (Linux 6.6)'
takes=$("$BUILD/tests/netns/prog_array_types")
say "  a prog array of this kernel takes $takes attach type"
if [ "$takes" = one ]; then
	t_run 255 cgroup_loader prog loadall "$OBJ/tcx_jumps.o" "$BPFFS/all"
else
	t_run 0 cgroup_loader prog loadall "$OBJ/tcx_jumps.o" "$BPFFS/all"
fi
bpftool map create "$BPFFS/jumps" type prog_array key 4 value 4 entries 4 name tcx_jumps
tc qdisc add dev v0 clsact
for words in 'program jump_tcx tcx' 'program jump_netkit tcx' 'program jump_clsact'; do
	# shellcheck disable=SC2086 # words
	t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/tcx_jumps.o" $words \
		map name tcx_jumps pinned "$BPFFS/jumps"
done
t_is "$("$LIST" v0 46 | wc -w) $(filters v0 ingress)" '2 1'
