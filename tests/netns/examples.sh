#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The five classic uses of struct bpf_elf_map, with and without debug information: each object
# loads, and what it counts are the packets that passed.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/netns_scripts/topo_veth.sh"

# add HOOK OBJECT [WORD…]: a filter on v0.
add() {
	hook=$1
	object=$2
	shift 2
	t_run 0 tc_loader filter add dev v0 "$hook" bpf da object-file "$LEGACY/$object" "$@"
}

# own OBJECT MAP: the pin of a map in the scope of an object file.
own() {
	own_sum=$(sha1sum "$LEGACY/$1")
	echo "$BPFFS/tc/${own_sum%% *}/$2"
}

# count PIN|ID SLOT
count() {
	map_u64s "$1" 0"$2" 00 00 00
}

clear() {
	tc filter del dev v0 ingress
	tc filter del dev v0 egress
	rm -rf "$BPFFS/tc"
}

topo_veth
tc qdisc add dev v0 clsact

for g in '' .nog; do
	t_begin "shared$g: ingress and egress meet in the map of their object"
	add ingress shared$g.o section ingress
	add egress shared$g.o section egress
	pin=$(own shared$g.o both_ways)
	t_is "$(maps_of "$(prog_at v0 ingress)")" "$(map_id "$pin")" 'map at ingress'
	t_is "$(maps_of "$(prog_at v0 egress)")" "$(map_id "$pin")" 'map at egress'
	got=$(count "$pin" 0)
	sent=$(count "$pin" 1)
	send_pings 4
	t_ok [ $(($(count "$pin" 0) - got)) -ge 4 ]
	t_ok [ $(($(count "$pin" 1) - sent)) -ge 4 ]
	clear

	t_begin "tail_calls$g: every packet goes from the entry through both slots"
	add ingress tail_calls$g.o
	pin=$(own tail_calls$g.o stages)
	send_pings 3
	rounds=$(count "$pin" 0)
	t_ok [ "$rounds" -ge 3 ]
	t_is "$(count "$pin" 1)" "$rounds" 'first slot'
	t_is "$(count "$pin" 2)" "$rounds" 'second slot'
	clear

	t_begin "cyclic$g: the program that jumps to itself is stopped after 33 jumps"
	add ingress cyclic$g.o
	pin=$(own cyclic$g.o rounds)
	send_pings 2
	rounds=$(count "$pin" 0)
	t_ok [ "$rounds" -ge 2 ]
	t_is "$(count "$pin" 1)" $((33 * rounds)) 'jumps'
	clear

	t_begin "graft$g: the inner program is exchanged under a running filter"
	add ingress graft$g.o
	pin=$PIN_DIR/graft_stages
	prog=$(prog_at v0 ingress)
	send_pings 2
	planted=$(count "$pin" 1)
	t_is "$planted" "$(count "$pin" 0)" 'rounds through slot 0'
	t_run 0 tc_loader exec bpf graft m:globals/graft_jumps key 0 \
		object-file "$LEGACY/graft_new$g.o" section replacement
	send_pings 3
	t_is "$(count "$pin" 1)" "$planted" 'rounds through the planted program'
	rounds=$(($(count "$pin" 0) - planted))
	t_is "$(count "$pin" 3)" "$rounds" 'rounds through the replacement'
	t_is "$(count "$pin" 2)" "$rounds" 'rounds through slot 1, filled by the way'
	t_is "$(prog_at v0 ingress)" "$prog" 'program on v0'
	clear

	t_begin "map_in_map$g: packets are counted in the inner map of their protocol"
	add ingress map_in_map$g.o
	inner=$(map_inner "$PIN_DIR/counters" 1)
	send_pings 5
	t_is "$(count "$inner" 0)" 5 'pings'
	clear
done
