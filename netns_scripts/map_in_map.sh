#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A map added while the programs run: both look up the counter of a protocol in an outer map,
# and what user space puts there counts from the next packet on. No program is reloaded.
set -eu
. "$(dirname "$0")/lib.sh"
lib_private "$@"
. "$(dirname "$0")/topo_veth.sh"

topo_veth

step 'both programs come from one object; slot 1 (ICMP) is filled by the load'
run tc_loader qdisc add dev v0 clsact
run tc_loader filter add dev v0 ingress bpf da object-file "$LEGACY/map_in_map.o"
run cgroup_loader cgroup attach "$JOB" egress obj "$LEGACY/map_in_map.o"
tc_prog=$(prog_at v0 ingress)
holds "$(maps_of "$(prog_in "$JOB")")" "$(map_id "$PIN_DIR/counters")" 'outer map of the cgroup program'
send_pings 4
icmp=$(map_inner "$PIN_DIR/counters" 1)
holds "$(map_u64s "$icmp" 00 00 00 00)" "$SENT" 'pings, by the classifier'
holds "$(map_u64s "$icmp" 01 00 00 00)" "$SENT" 'pings, by the cgroup program'

step 'nobody counts UDP yet: user space adds a map for it'
send_udp 3
run bpftool map create "$BPFFS/udp" type array key 4 value 8 entries 2 name udp
# shellcheck disable=SC2046 # four words
run bpftool map update pinned "$PIN_DIR/counters" key $(u32_bytes 3) value pinned "$BPFFS/udp"
send_udp 9
holds "$(map_u64s "$BPFFS/udp" 00 00 00 00)" "$SENT" 'datagrams, by the classifier'
holds "$(map_u64s "$BPFFS/udp" 01 00 00 00)" "$SENT" 'datagrams, by the cgroup program'
holds "$(prog_at v0 ingress)" "$tc_prog" 'program on v0, still the first one'

step 'taken out again, it keeps what it has and gets no more'
# shellcheck disable=SC2046 # four words
run bpftool map delete pinned "$PIN_DIR/counters" key $(u32_bytes 3)
send_udp 2
holds "$(map_u64s "$BPFFS/udp" 00 00 00 00)" 9 'datagrams, by the classifier'
