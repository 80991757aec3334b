#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Split on purpose, and found: two programs with a map of the same name, but not the same map.
# Both loads succeed and both count; only 'share check' tells.
set -eu
. "$(dirname "$0")/lib.sh"
lib_private "$@"
. "$(dirname "$0")/topo_veth.sh"

topo_veth

step 'the classifier shares, the cgroup program is told to keep its map to itself'
run tc_loader qdisc add dev v0 clsact
run tc_loader filter add dev v0 ingress bpf da object-file "$LEGACY/counter_elf.o"
run cgroup_loader cgroup attach "$JOB" egress obj "$LEGACY/counter_def.o" map name traffic private
send_pings 3
holds "$(packets "$PIN_DIR/traffic" tc icmp)" "$SENT" 'pings the classifier counted'
holds "$(packets "$PIN_DIR/traffic" cgroup icmp)" 0 'pings of the cgroup in that map'
holds "$(packets "$(maps_of "$(prog_in "$JOB")")" cgroup icmp)" "$SENT" 'pings in its own map'
refused 1 tc_loader share check traffic dev v0 cgroup "$JOB"

step 'put right: the same program again, with the shared map'
run cgroup_loader cgroup attach "$JOB" egress obj "$LEGACY/counter_def.o" replace
send_pings 4
holds "$(packets "$PIN_DIR/traffic" cgroup icmp)" "$SENT" 'pings of the cgroup in the shared map'
run tc_loader share check traffic dev v0 cgroup "$JOB"
