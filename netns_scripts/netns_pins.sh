#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Loading into another network namespace with -n: only the network namespace is entered, so the
# pin is the caller's and a second load, from here or there, shares the map. The machine's own
# tc goes into a mount namespace of its own as well: its pin is gone when it ends.
set -eu
. "$(dirname "$0")/lib.sh"
lib_private "$@"
. "$(dirname "$0")/topo_veth.sh"

topo_veth

step "the machine's own tc: exit status 0, and no pin"
run tc -n guest qdisc add dev eth0 clsact
run tc -n guest filter add dev eth0 egress bpf da object-file "$BPF/counter_tc.o"
[ ! -e "$PIN_DIR/traffic" ] || die 'tc -n has learned to keep pins'
say '  ok: there is no map at tc/globals/traffic'
tc -n guest qdisc del dev eth0 clsact

step 'tc_loader: the pin stays, and the next load finds it'
run tc_loader -n guest qdisc add dev eth0 clsact
run tc_loader -n guest filter add dev eth0 egress bpf da object-file "$BPF/counter_tc.o"
id=$(map_id "$PIN_DIR/traffic")
run cgroup_loader cgroup attach "$JOB" egress obj "$BPF/counter_cgroup.o"
holds "$(maps_of "$(prog_in "$JOB")")" "$id" 'map of the cgroup program'
send_udp 6
holds "$(packets "$PIN_DIR/traffic" tc udp)" "$SENT" 'datagrams on eth0 inside the namespace'
holds "$(packets "$PIN_DIR/traffic" cgroup udp)" "$SENT" 'datagrams of the cgroup'
run tc_loader share check traffic cgroup "$JOB" dev eth0
