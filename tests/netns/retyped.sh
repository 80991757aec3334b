#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# 'type' wins over the section, also over one for a kernel function, where libbpf 1.1 crashes.
# Maps, constants and CO-RE relocations are then as in any other load.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects rtyp

object=$OBJ/retyped.o
map=$(own_word rtyp)_m
kinds='fentry fexit fmod_ret tp_btf lsm lsm_cgroup iter freplace sleeps'

# field PIN NAME: of bpftool's JSON.
field() {
	bpftool -j prog show pinned "$1" | t_json ".$2"
}

# verdict PIN: what it returns when it is run.
verdict() {
	head -c 64 /dev/zero >"$TMP/packet"
	bpftool -j prog run pinned "$1" data_in "$TMP/packet" | t_json .retval
}

t_begin 'all of an object at once'
t_run 0 cgroup_loader prog loadall "$object" "$BPFFS/all" type classifier set verdict=9
id=$(map_id "$BPFFS/tc/globals/$map")
for kind in $kinds; do
	pin=$BPFFS/all/$(own_word rtyp)_$kind
	t_is "$(field "$pin" type)" sched_cls
	t_ok grep -qw "$id" <<<"$(field "$pin" map_ids)"
	t_is "$(verdict "$pin")" 9
done
t_ok [ ! -e "$BPFFS/all/$(own_word rtyp)_optional" ]

t_begin 'as every type that can be run without a target'
for type in classifier action xdp socket cgroup/skb cgroup_skb/egress cgroup/sock_create \
	cgroup/connect4 cgroup/dev sockops lwt_in kprobe/do_nanosleep raw_tracepoint/sys_enter \
	tracepoint/x perf_event; do
	rm -r "$BPFFS/all"
	t_run 0 cgroup_loader prog loadall "$object" "$BPFFS/all" type "$type" set verdict=1
	type=$(field "$BPFFS/all/$(own_word rtyp)_sleeps" type)
	for kind in $kinds; do
		t_is "$(field "$BPFFS/all/$(own_word rtyp)_$kind" type)" "$type"
	done
done

t_begin 'one of them, attached, also if it is not loaded unless asked for'
dev_add v0
tc qdisc add dev v0 clsact
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$object" section lsm/bpf
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$object" program "$(own_word rtyp)_optional"
t_is "$(filters v0 ingress)" 2

t_begin 'a section keeps its meaning where no other type is asked for'
t_run 255 cgroup_loader prog loadall "$object" "$BPFFS/kept"
t_ok [ ! -e "$BPFFS/kept" ]
