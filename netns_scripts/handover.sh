#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A map that user space made, with another name and more room than the objects ask for, is
# handed to both programs by 'map name traffic ...'. Nothing else is created.
set -eu
. "$(dirname "$0")/lib.sh"
lib_private "$@"
. "$(dirname "$0")/topo_veth.sh"

topo_veth

step 'user space makes the map'
run bpftool map create "$BPFFS/mine" type array key 4 value 16 entries 64 name mine
id=$(map_id "$BPFFS/mine")

step 'and hands it over, by id and by pin'
run tc_loader qdisc add dev v0 clsact
run tc_loader filter add dev v0 ingress bpf da object-file "$LEGACY/counter_elf.o" \
	map name traffic id "$id"
run cgroup_loader cgroup attach "$JOB" egress obj "$LEGACY/counter_def.o" \
	map name traffic pinned "$BPFFS/mine"
holds "$(maps_of "$(prog_at v0 ingress)")" "$id" 'map of the classifier'
holds "$(maps_of "$(prog_in "$JOB")")" "$id" 'map of the cgroup program'
[ ! -e "$PIN_DIR/traffic" ] || die 'another map was made and pinned'
say '  ok: no other map was made'
send_tcp 5
holds "$(packets "$BPFFS/mine" tc tcp)" "$SENT" 'segments the classifier counted'
holds "$(packets "$BPFFS/mine" cgroup tcp)" "$SENT" 'segments the cgroup program counted'
run tc_loader share check mine dev v0 cgroup "$JOB"

step 'a map that does not fit is refused before anything is loaded'
run bpftool map create "$BPFFS/narrow" type array key 4 value 8 entries 8 name narrow
run tc_loader qdisc add dev lo clsact
refused 1 tc_loader filter add dev lo ingress bpf da object-file "$LEGACY/counter_elf.o" \
	map name traffic pinned "$BPFFS/narrow"
holds "$(tc filter show dev lo ingress)" '' 'filters on lo'
