#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Tail calls across loads: a running classifier jumps into a pinned prog array, and another
# object, loaded later, fills and changes its slots. The filter itself is never touched.
set -eu
. "$(dirname "$0")/lib.sh"
lib_private "$@"
. "$(dirname "$0")/topo_veth.sh"

STAGES=$PIN_DIR/graft_stages

# ran STAGE: how often; 0 entry, 1 planted, 2 added, 3 the replacement.
ran() {
	map_u64s "$STAGES" 0"$1" 00 00 00
}

topo_veth

step 'the first load: the entry, and section 9/0 in slot 0'
run tc_loader qdisc add dev v0 clsact
run tc_loader filter add dev v0 ingress pref 1 bpf da object-file "$LEGACY/graft.o"
prog=$(prog_at v0 ingress)
tc_before=$(ran 0)
send_pings 3
holds "$(($(ran 0) - tc_before))" "$(($(ran 1)))" 'rounds through entry and slot 0'
holds "$(ran 2)" 0 'rounds through slot 1, still empty'

step 'a second load, of another object: its section 9/1 fills slot 1 of the same array'
run tc_loader exec bpf graft m:globals/graft_jumps key 0 object-file "$LEGACY/graft_new.o" \
	section replacement
planted=$(ran 1)
before=$(ran 0)
send_pings 5
rounds=$(($(ran 0) - before))
holds "$(ran 1)" "$planted" 'rounds through the old program of slot 0'
holds "$(ran 3)" "$rounds" 'rounds through its replacement'
holds "$(ran 2)" "$rounds" 'rounds on through slot 1'
holds "$(prog_at v0 ingress)" "$prog" 'program on v0, still the first one'
