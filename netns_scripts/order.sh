#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# netns_scripts/order.sh [tc|cgroup]: who comes first does not matter. The classifier
# (struct bpf_elf_map) and the cgroup program (struct bpf_map_def) meet in one map whichever
# is loaded first; without an argument both orders are shown.
set -eu
. "$(dirname "$0")/lib.sh"
lib_private "$@"
. "$(dirname "$0")/topo_veth.sh"

load_tc() {
	run tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da \
		object-file "$LEGACY/counter_elf.o"
}

load_cgroup() {
	run cgroup_loader cgroup attach "$JOB" egress obj "$LEGACY/counter_def.o"
}

both() {
	step "$1 first"
	load_"$1"
	id=$(map_id "$PIN_DIR/traffic")
	load_"$2"
	holds "$(map_id "$PIN_DIR/traffic")" "$id" 'the second found the first one'"'"'s map'
	holds "$(maps_of "$(prog_at v0 ingress)")" "$id" 'map of the classifier'
	holds "$(maps_of "$(prog_in "$JOB")")" "$id" 'map of the cgroup program'
	send_pings 5
	holds "$(packets "$PIN_DIR/traffic" tc icmp)" "$SENT" 'pings the classifier counted'
	holds "$(packets "$PIN_DIR/traffic" cgroup icmp)" "$SENT" 'pings the cgroup program counted'
	run tc_loader share check traffic dev v0 cgroup "$JOB"

	tc filter del dev v0 ingress
	bpftool cgroup detach "$JOB" egress id "$(prog_in "$JOB")"
	rm "$PIN_DIR/traffic"
}

topo_veth
run tc_loader qdisc add dev v0 clsact
case ${1-both} in
tc) both tc cgroup ;;
cgroup) both cgroup tc ;;
both)
	both tc cgroup
	both cgroup tc
	;;
*) die "order.sh [tc|cgroup], not '$1'" ;;
esac
