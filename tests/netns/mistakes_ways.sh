#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Refusals by what is there: the kernel's words, a pin of another kind, a map that cannot do it, a
# word of the other tool. Each ends in a way out; and JSON of commands of our own has it as "hint".
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/mistaken.sh"

cd "$TMP"
cp "$BUILD/bpf/counter_tc.o" tc.o
cp "$BUILD/bpf/counter_cgroup.o" cg.o
cp "$LEGACY/counter_elf.o" elf.o
cp "$BUILD/bpf/upgrade_new.o" new.o
mkdir emptydir
printf '%s\n' 'name: u' 'objects: {one: {file: tc.o}}' \
	'tc: [{object: p, interfaces: [v0], hook: ingress}]' >object.yaml
printf '%s\n' 'name: u' 'objects: {o: {file: tc.o}}' \
	'tc: [{object: o, interfaces: [v0], hook: ingress, pref: 1}]' >pref.yaml
dev_add v0
tc qdisc add dev v0 clsact
cg_add c
bpftool map create "$BPFFS/m" type hash key 4 value 4 entries 4 name "mwh$$"
bpftool map create "$BPFFS/q" type queue key 0 value 4 entries 2 name "mwq$$"
bpftool map create "$BPFFS/rb" type ringbuf key 0 value 0 entries 4096 name "mwr$$"
bpftool map create "$BPFFS/pe" type perf_event_array key 4 value 4 entries 2 name "mwp$$"
bpftool map create "$BPFFS/pa" type prog_array key 4 value 4 entries 2 name "mwa$$"
bpftool map create "$BPFFS/frz" type array key 4 value 4 entries 2 name "mwf$$"
bpftool map freeze pinned "$BPFFS/frz"
bpftool prog load cg.o "$BPFFS/taken" type cgroup_skb/egress
mkdir "$BPFFS/dir"
tc_loader filter add dev v0 ingress pref 7 handle 1 bpf da obj tc.o

t_begin 'mistakes'
mistaken <<'END'
tc_loader|filter add dev v0 ingress pref 7 handle 1 bpf da obj tc.o|Filter already exists; 'filter replace' puts the new one in its place
tc_loader|filter add dev v0 in bpf da obj tc.o|did you mean 'ingress'?
tc_loader|filter add dev v0 clsact bpf da obj tc.o|the hooks of clsact are 'ingress' and 'egress'
tc_loader|filter add dev v0 ingress bpf da obj tc.o map name traffic pinned FS/no|'share show' lists maps with their pins
tc_loader|filter add dev v0 ingress bpf da obj tc.o map name traffic name nosuch|no map is named 'nosuch'; 'map show' lists the maps there are
tc_loader|filter add dev v0 ingress bpf da obj tc.o map name traffic id 4000000000|'map show' lists the maps there are
tc_loader|filter add dev v0 ingress bpf da obj tc.o export /nosuch/sock|'tc_loader exec bpf import' with that path makes the socket
tc_loader|filter add dev v0 ingress bpf da obj tc.o skip_sw|few can run BPF; leave it out
tc_loader|filter add block 5 bpf da obj tc.o|'qdisc add dev DEV clsact ingress_block N' makes a block
tc_loader|filter add dev v0 parent 1: bpf da obj tc.o|the hooks of clsact are 'ingress' and 'egress'
tc_loader|filter add dev v0 ingress bpf da sec classifier|add 'object-file FILE'
tc_loader|filter change dev v0 ingress pref 99 handle 1 bpf da obj tc.o|'filter replace' makes it
tc_loader|qdisc add dev v0 root clsact|leave one out
tc_loader|qdisc add v0 clsact|if it is an interface, 'dev' goes before it
tc_loader|exec bpf graft FS/pa|add 'object-file FILE' or 'object-pinned PATH'
tc_loader|exec bpf graft m:globals/nosuch key 0 obj tc.o|'share show' lists maps with their pins
tc_loader|exec bpf import /nosuch/sock|its directory has to be there
tc_loader|--hand-over /nosuch filter add dev v0 ingress u32|as 'command -v tc' prints it
tc_loader|prog load cg.o FS/p2|'cgroup_loader prog' has it
tc_loader|link show|'cgroup_loader link' has it
cgroup_loader|filter add dev v0 ingress bpf da obj tc.o|tc_loader filter ...
cgroup_loader|qdisc show|tc_loader qdisc ...
cgroup_loader|attach CG/c egress obj cg.o|did you mean 'cgroup attach'?
cgroup_loader|load cg.o FS/x|did you mean 'prog load', 'map load'?
cgroup_loader|prog load cg.o FS/|a name must follow the last '/'
cgroup_loader|prog load cg.o FS/dir|it is a directory; name the new pin in it
cgroup_loader|prog load cg.o FS/p1 map name traffic pinned FS/no|'share show' lists maps with their pins
cgroup_loader|prog load cg.o FS/p1 map name traffic id 4000000000|'map show' lists the maps there are
cgroup_loader|prog load cg.o FS/p1 map name traffic name nosuch|'map show' lists the maps there are
cgroup_loader|prog pin pinned FS/taken /tmp|pins live below /sys/fs/bpf
cgroup_loader|prog pin FS/taken FS/x|'pinned' goes before a path
cgroup_loader|prog show foo|'name' goes before a name
cgroup_loader|prog show 5|'id' goes before a number
cgroup_loader|cgroup attach CG/c egress cg.o|an object file must follow 'obj'
cgroup_loader|cgroup attach CG/c egress pinned MAP|'cgroup_loader -f prog show' lists programs with their pins
cgroup_loader|cgroup attach CG/c egress pinned FS/taken multi after link 9|'before' and 'after' take {id N
cgroup_loader|cgroup attach CG/c egress obj tc.o section classifier|classifiers are for 'tc_loader filter add dev DEV ingress|22
cgroup_loader|cgroup attach CG/c egress obj cg.o set x=1|declare one: 'const volatile TYPE x'|2
cgroup_loader|cgroup show pid 4194305|'ps -e' lists those there are
cgroup_loader|link show pinned MAP|'link show -f' lists links with their pins
cgroup_loader|map show pinned FS/dir|it is a directory; name a map's pin in it
cgroup_loader|map dump pinned FS/rb|what maps of this type hold cannot be listed
cgroup_loader|map dump pinned FS/q|'map peek' shows the next element
cgroup_loader|map dump pinned FS/taken|'share show' lists maps with their pins
cgroup_loader|map dump pinned MAP extra|what is 'extra'?; nothing may follow
cgroup_loader|map lookup pinned MAP key 1|separate the bytes: '1 0 0 0' or 'hex 01 00 00 00'
cgroup_loader|map lookup pinned MAP key hex 0102|'hex 01 02', not 'hex 0102'
cgroup_loader|map lookup pinned MAP value 1 0 0 0|leave 'value' and its bytes out
cgroup_loader|map update pinned FS/frz key 0 0 0 0 value 1 0 0 0|user space cannot undo that
cgroup_loader|map update pinned FS/q key 1 value 1 0 0 0|leave 'key' and its bytes out
cgroup_loader|map update pinned FS/pa key 0 0 0 0 value 1|'id' goes before a number
cgroup_loader|map update pinned FS/pa key 0 0 0 0 value pinned MAP|lists programs with their pins
cgroup_loader|map update pinned FS/pa key 0 0 0 0 value id x|lists the programs there are
cgroup_loader|map getnext pinned FS/q|maps of this type have no keys
cgroup_loader|map pin pinned MAP|{id N|name NAME|pinned PATH} FILE
cgroup_loader|map event_pipe pinned MAP|'map dump' shows what other maps hold
cgroup_loader|map event_pipe pinned FS/pe cpu 9999 index 0|'cpu' is one that is online
cgroup_loader|map create|FILE type TYPE key BYTES value BYTES entries N
cgroup_loader|map create FS/n type hashmap key 4 value 4 entries 4|'help map' lists the types
cgroup_loader|map create FS/n type frob key 4 value 4 entries 4|'help map' lists the types
cgroup_loader|map create FS/n type hash key 4 value 0 entries 4|needs 'value BYTES'
cgroup_loader|map create FS/n type hash key 4 value 4 entries 4 flags 4096|'flags' are those of linux/bpf.h
cgroup_loader|map create FS/n type hash key 4 value 4 size 4|unknown arg size; FILE type TYPE
cgroup_loader|map create FS/n type queue key 4 value 4 entries 2|'key 0'
cgroup_loader|map create FS/n type ringbuf key 0 entries 4096 value 4|no key and no value
cgroup_loader|map create FS/n type percpu_array key 4 value 400000 entries 2|keys or values so large
cgroup_loader|map create FS/n type sk_storage key 4 value 4 entries 0|maps of this type need BTF
cgroup_loader|map create FS/n key 4 value 4 entries 4 flags 0|add 'type TYPE'
cgroup_loader|map freeze|'id N', 'name NAME' or 'pinned PATH' says which map
cgroup_loader|map export pinned MAP --openmetrics file /nosuch/x|its directory has to be there|2
cgroup_loader|map export pinned MAP --openmetrics out.prom|here may follow: [file PATH]|22
cgroup_loader|map export pinned FS/q --openmetrics|have elements that can be counted|22
cgroup_loader|map watch pinned MAP 5|here may follow: [interval SECONDS] [count N] [top N] [by FIELD]|22
cgroup_loader|map migrate pinned MAP to new.o|'obj' goes before a file|22
cgroup_loader|map migrate pinned MAP to obj new.o --plann|did you mean '--plan'?|22
cgroup_loader|share check pinned FS/nosuch|'share show' lists maps with their pins|2
cgroup_loader|share check pinned FS/taken|'share show' lists maps with their pins|124
cgroup_loader|share check --al|did you mean '--all'?|22
cgroup_loader|share check --all traffic|leave it out, or the names|22
cgroup_loader|share show --png x.png|use '--dot', '--svg FILE' or '-j'|22
cgroup_loader|share gc --delet|use '--delete' or '--force-unseen'|22
cgroup_loader|share gc --delete FS/dir|'share gc' lists those that can go|22
cgroup_loader|object convert elf.o /nosuch/x.o|its directory has to be there|2
cgroup_loader|plan object.yaml|'p' is not defined under objects, which has one|22
cgroup_loader|plan pref.yaml|did you mean 'preference'?|22
cgroup_loader|apply object.yaml --dry-run|'plan' shows what apply would do|22
cgroup_loader|apply --folow object.yaml|did you mean '--follow'?|22
END
t_ok [ "$mistaken_lines" -ge 80 ]

t_begin 'JSON: a member of our own commands, and bpftool has none'
t_run 255 cgroup_loader -j share check pinned "$BPFFS/nosuch"
t_is "$(t_out | t_json .hint)" "'share show' lists maps with their pins"
t_run 255 cgroup_loader -j map dump name "nosuch$$"
t_is "$(t_out | t_json '.|length')" 1
