#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Prog arrays that an object fills by `values`: filled where the machine's tc cannot, kept by
# a pin, and reported where the kernel will empty them.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

GLOBALS=$BPFFS/tc/globals
own_objects jumps
JUMPS=$(own_word jumps)
ns_add far
veth_add v0 10.9.0.1/24 far eth0 10.9.0.2/24
veth_know v0 10.9.0.1 far eth0 10.9.0.2
tc qdisc add dev v0 clsact

filled() {
	bpftool -j map dump pinned "$1" | t_json '.|length'
}

t_begin 'packets arrive at the program in the slot, after the loader has ended'
t_run any tc filter add dev v0 ingress bpf da obj "$OBJ/jumps.o" sec classifier
tc filter del dev v0 ingress 2>/dev/null || true
rm -rf "$BPFFS/tc" "$BPFFS/ip" "$BPFFS/xdp"
t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/jumps.o" section classifier
t_err_is ''
t_is "$(filled "$GLOBALS/$JUMPS")" 1
t_run 0 ns_run far ping -q -c 3 -i 0.1 10.9.0.1
t_is "$(map_u64s "$GLOBALS/${JUMPS}_arrived" 00 00 00 00 | cut -d' ' -f1)" 3

t_begin 'a second load shares array and counter'
id=$(map_id "$GLOBALS/$JUMPS")
t_run 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/jumps.o" section classifier
t_is "$(map_id "$GLOBALS/$JUMPS")" "$id"
t_run 0 ns_run far ping -q -c 2 -i 0.1 10.9.0.1
t_is "$(map_u64s "$GLOBALS/${JUMPS}_arrived" 00 00 00 00 | cut -d' ' -f1)" 5

t_begin 'an array that nothing pins is kept with the filter, and reported where nothing is attached'
t_run 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/jumps.o" \
	section classifier map name "$JUMPS" private
t_err_has "prog array '$JUMPS': not pinned, kept"
t_run 0 ns_run far ping -q -c 2 -i 0.1 10.9.0.1
t_is "$(map_u64s "$GLOBALS/${JUMPS}_arrived" 00 00 00 00 | cut -d' ' -f1)" 7
t_run 0 cgroup_loader prog loadall "$OBJ/modern.o" "$BPFFS/lost"
t_err_has "prog array 'modern_progs' is not pinned"

t_begin 'pinmaps keeps its content'
t_run 0 cgroup_loader prog loadall "$OBJ/modern.o" "$BPFFS/kept" pinmaps "$BPFFS/maps"
t_err_lacks 'not pinned'
t_is "$(filled "$BPFFS/maps/modern_progs")" 1
