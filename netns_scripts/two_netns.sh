#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Two network namespaces, one cgroup: a classifier on each namespace's link and one cgroup
# program count into one map. What the two classifiers count adds up to the cgroup's number.
set -eu
. "$(dirname "$0")/lib.sh"
lib_private "$@"
. "$(dirname "$0")/topo_veth.sh"

topo_veth
ns_add second
veth_add v1 10.9.1.1/24 second eth0 10.9.1.2/24

step 'the same object on both links, one program for the cgroup'
for dev in v0 v1; do
	run tc_loader qdisc add dev $dev clsact
	run tc_loader filter add dev $dev ingress bpf da object-file "$LEGACY/counter_elf.o"
done
run cgroup_loader cgroup attach "$JOB" egress obj "$LEGACY/counter_def.o"
id=$(map_id "$PIN_DIR/traffic")
holds "$(maps_of "$(prog_at v0 ingress)")" "$id" 'map of the classifier on v0'
holds "$(maps_of "$(prog_at v1 ingress)")" "$id" 'map of the classifier on v1'
holds "$(maps_of "$(prog_in "$JOB")")" "$id" 'map of the cgroup program'

step 'three pings from one namespace, four from the other, all from the one cgroup'
send_pings 3
holds "$(packets "$PIN_DIR/traffic" tc icmp)" 3 'pings on v0'
run_in "$JOB" second ping -q -c 4 -i 0.02 10.9.1.1 >/dev/null
holds "$(packets "$PIN_DIR/traffic" tc icmp)" 7 'pings on v0 and v1'
holds "$(packets "$PIN_DIR/traffic" cgroup icmp)" 7 'pings of the cgroup'
run tc_loader share check traffic dev v0 dev v1 cgroup "$JOB"
