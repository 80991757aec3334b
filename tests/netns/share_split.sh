#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Maps that the stock tools split, each in the way people meet: every one is found, named and
# marked. No other test may load split.bpf.c.
#
# alone: verdicts and twins are about all maps of a name on the machine
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

NAME=split_hits

# split IDS: the name is split into these maps, by name and by --all; their other ids are marked.
split() {
	t_run 1 cgroup_loader -j share check $NAME
	t_is "$(t_json '.verdicts[0].verdict' <"$TMP/t_out")" split
	t_is "$(t_json '.verdicts[0].ids|sort' <"$TMP/t_out")" "[$1]"
	t_run 1 tc_loader share check --all
	t_out_has "split: map '$NAME', ids ${1//,/, }"
	t_out_lacks "split: map 'split.bss'"
	t_run 0 cgroup_loader share show $NAME
	for id in $(echo "$1" | tr , ' '); do
		t_ok grep -q "TWIN of .*\\b$id\\b" "$TMP/t_out"
	done
	t_run 0 cgroup_loader -j share show id "${1%%,*}"
	t_is "$(t_json '.maps[0].twins' <"$TMP/t_out")" "[${1#*,}]"
}

ns_add a
veth_add v0 10.9.1.1/24 a v0 10.9.1.2/24
cg_add c

t_begin 'one object through bpftool and through tc: two pins'
bpftool prog loadall "$OBJ/split.o" "$BPFFS/set"
bpftool cgroup attach "$CG/c" egress pinned "$BPFFS/set/split_cgroup"
tc qdisc add dev v0 clsact
tc filter add dev v0 ingress pref 1 bpf da obj "$OBJ/split.o" sec tc
first=$(map_id "$BPFFS/$NAME")
second=$(map_id "$BPFFS/tc/globals/$NAME")
split "$first,$second"
t_run 0 tc_loader share show $NAME
t_out_has "$BPFFS/$NAME"
t_out_has "$BPFFS/tc/globals/$NAME"

t_begin 'where only one of the two is used, --all has nothing to say'
t_run 0 tc_loader share check --all dev v0
t_out_is ''
t_run 0 cgroup_loader share check dev v0 --all
t_out_is ''
t_run 0 tc_loader share check -j --all cgroup "$CG/c"
t_out_is '{"verdicts":[]}'

t_begin 'a private BPF file system that is gone when the command ends'
tc filter del dev v0 ingress pref 1
ip netns exec a tc qdisc add dev v0 clsact
ip netns exec a tc filter add dev v0 ingress bpf da obj "$OBJ/split.o" sec tc
ns_run a tc -j filter show dev v0 ingress >"$TMP/filters"
gone=$(maps_of "$(t_json '.[options.prog.id][0]' <"$TMP/filters")")
gone=$(for id in $(echo "$gone" | tr , ' '); do
	bpftool map show id "$id" | sed -n "s/^\([0-9]*\): array  *name $NAME .*/\1/p"
done)
t_isnt "$gone" "$second"
# The one that tc pinned before has no user any more and is only mentioned.
t_run 1 cgroup_loader -j share check $NAME
t_is "$(t_json '.verdicts[0].ids' <"$TMP/t_out")" "[$first,$gone]"
t_err_has "id $second"
rm "$BPFFS/tc/globals/$NAME"
split "$first,$gone"
t_run 1 tc_loader share check --all
t_out_has "tc ingress dev v0 netns a "
ns_run a tc qdisc del dev v0 clsact

t_begin 'a private BPF file system that a process still has: its pins are shown'
start unshare -m --propagation private sh -c 'mount -t bpf bpf /sys/fs/bpf && mkdir /sys/fs/bpf/x &&
	bpftool prog loadall "$1" /sys/fs/bpf/set && : >"$2" && exec sleep 60' \
	sh "$OBJ/split.o" "$TMP/ready"
t_ok wait_for 5 [ -e "$TMP/ready" ]
private=/proc/$STARTED/root$BPFFS
hidden=$(map_id "$private/$NAME")
tc filter add dev v0 ingress pref 1 bpf da object-pinned "$private/set/split_tc"
split "$first,$hidden"
t_run 0 cgroup_loader share show $NAME
t_out_has "$private/$NAME"
t_out_has "$private/set/split_tc"
tc filter del dev v0 ingress pref 1
kill "$STARTED"

t_begin 'a program that was loaded again while the old one stays on the old map'
rm "$BPFFS/$NAME"
bpftool prog loadall "$OBJ/split.o" "$BPFFS/again"
tc filter add dev v0 ingress pref 1 bpf da object-pinned "$BPFFS/again/split_tc"
new=$(map_id "$BPFFS/$NAME")
split "$first,$new"
old=$(bpftool -j prog show pinned "$BPFFS/set/split_cgroup" | t_json .id)
t_run 1 cgroup_loader share check $NAME
t_out_has "id $first: program $old 'split_cgroup' cgroup_skb, cgroup $CG/c cgroup_inet_egress"

t_begin 'attached again from the new load: one map, nothing split'
bpftool cgroup detach "$CG/c" egress pinned "$BPFFS/set/split_cgroup"
bpftool cgroup attach "$CG/c" egress pinned "$BPFFS/again/split_cgroup"
t_run 0 cgroup_loader share check $NAME
t_run 0 cgroup_loader share check --all dev v0 cgroup "$CG/c"
t_out_is ''

t_begin 'names that the kernel may have cut are compared as they are, and that is said'
for pin in "$BPFFS/again/split_fifteen_b" "$BPFFS/again/other"; do
	bpftool map create "$pin" type array key 4 value 8 entries 1 name split_fifteen_b
	cgroup_loader prog load "$OBJ/split.o" "${pin}_prog" map name split_hits pinned "$pin"
	tc filter add dev v0 egress bpf da object-pinned "${pin}_prog"
done
t_run 1 cgroup_loader share check --all dev v0
t_out_has "split: map 'split_fifteen_b'"
t_err_has "map 'split_fifteen_b': the kernel keeps 15 bytes of a name"
t_run 0 cgroup_loader share show split_fifteen_b
t_err_has 'names of maps past their 15th byte'
