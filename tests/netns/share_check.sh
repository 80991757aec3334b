#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# share check against programs that the stock tools loaded and attached: every verdict, every
# exit status, two network namespaces and one cgroup. Programs, maps and cgroups are the whole
# machine's: no other test may attach the programs of proved.bpf.c.
# alone: every verdict is about all maps of a name on the machine
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

ROOT_PIN=$BPFFS/proved_hits
TC_PIN=$BPFFS/tc/globals/proved_hits
NAME=proved_hits

# check STATUS ARG…: both tools answer alike; the answer of the last one is kept.
check() {
	want=$1
	shift
	t_run "$want" tc_loader "$@"
	cp "$TMP/t_out" "$TMP/other"
	t_run "$want" cgroup_loader "$@"
	cmp -s "$TMP/other" "$TMP/t_out" || t_fail 'the tools differ on stdout'
}

json() {
	t_json ".verdicts[0]$1" <"$TMP/t_out"
}

ns_add a
ns_add b
veth_add v0 10.9.1.1/24 a v0 10.9.1.2/24
ip -n a link add w0 type veth peer name w1 netns b
cg_add c

t_begin 'no such map'
check 255 share check $NAME
t_err_has "no map named '$NAME'"
t_out_is ''

t_begin 'loaded, not attached: unused'
bpftool prog loadall "$OBJ/proved.o" "$BPFFS/set"
id=$(map_id "$ROOT_PIN")
check 1 share check $NAME
t_out_is "unused: map '$NAME', id $id, no attached program"
check 1 -j share check $NAME
t_out_is "{\"verdicts\":[{\"name\":\"$NAME\",\"verdict\":\"unused\",\"ids\":[$id],\"users\":[]}]}"

t_begin 'one program: single, also when it is attached twice'
tc qdisc add dev v0 clsact
tc filter add dev v0 ingress pref 1 handle 1 bpf da object-pinned "$BPFFS/set/from_classifier"
check 1 -j share check $NAME
t_is "$(json .verdict)" single
tc filter add dev v0 egress pref 7 handle 0x10 bpf da object-pinned "$BPFFS/set/from_classifier"
check 1 -j share check $NAME
t_is "$(json .verdict)" single
t_is "$(json .ids)" "[$id]"
t_is "$(json '.users|length')" 2
t_is "$(json .users[0].attachment)" 'tc ingress dev v0 pref 1 handle 0x1'
t_is "$(json .users[1].attachment)" 'tc egress dev v0 pref 7 handle 0x10'

# What runs in a cgroup below is attached above: one place.
t_begin 'a program on a device and one in a cgroup, one map: shared'
cg_add c/below
bpftool cgroup attach "$CG/c" egress pinned "$BPFFS/set/from_cgroup"
check 0 share check $NAME
t_out_has "shared: map '$NAME', id $id, 2 attached programs"
check 0 -j share check $NAME
t_is "$(json .name)" $NAME
t_is "$(json .verdict)" shared
t_is "$(json .ids)" "[$id]"
t_is "$(json '.users|length')" 3
prog=$(bpftool -j prog show pinned "$BPFFS/set/from_cgroup" | t_json .id)
t_is "$(json '.users[2]')" "{\"id\":$id,\"program\":$prog,\"name\":\"from_cgroup\",\"type\":\"cgroup_skb\",\"attachment\":\"cgroup $CG/c cgroup_inet_egress\"}"

t_begin 'asked by id and by pin'
check 0 -j share check id "$id"
t_is "$(json .name)" $NAME
check 0 share check pinned "$ROOT_PIN"
check 0 share check name $NAME
check 255 share check id 4000000000
t_err_has 'map id 4000000000'
check 255 share check pinned "$BPFFS/set/from_cgroup"
t_err_has 'is not a map'
check 255 share check pinned "$BPFFS/nothing"

t_begin 'dev and cgroup say where to look'
check 0 share check $NAME dev v0 cgroup "$CG/c"
check 1 -j share check $NAME dev v0
t_is "$(json .verdict)" single
t_is "$(json '.users|length')" 2
check 1 -j share check $NAME cgroup "$CG/c"
t_is "$(json .users[0].program)" "$prog"
check 1 share check $NAME dev lo cgroup "$CG"
t_out_has unused
check 255 share check $NAME dev nowhere
t_err_has "device 'nowhere'"
check 255 share check $NAME cgroup "$CG/nowhere"
check 255 share check $NAME cgroup /tmp
check 255 share check $NAME cgroup
check 255 share check $NAME lo
check 255 share check

t_begin 'named network namespaces: filters there count, and are left as they are'
ns_run a tc qdisc add dev v0 ingress
ns_run a tc filter add dev v0 ingress pref 3 bpf da object-pinned "$BPFFS/set/from_classifier"
ns_run b tc qdisc add dev w1 clsact
ns_run b tc filter add dev w1 ingress pref 4 bpf da object-pinned "$BPFFS/set/from_classifier"
check 0 -j share check $NAME
t_is "$(json '.users|length')" 5
t_is "$(json .users[2].attachment)" 'tc ingress dev v0 netns a pref 3 handle 0x1'
t_is "$(json .users[3].attachment)" 'tc ingress dev w1 netns b pref 4 handle 0x1'
check 1 -j share check $NAME dev w1
t_is "$(json '.users|length')" 1

t_begin 'a name that leads to no namespace is said, the rest is told'
: >/run/netns/stale
check 0 share check $NAME
t_err_has "network namespace 'stale'"
rm /run/netns/stale

t_begin 'a second name of the same namespace adds nothing'
: >/run/netns/alias
mount --bind /run/netns/a /run/netns/alias
check 0 -j share check $NAME
t_is "$(json '.users|length')" 5
umount -l /run/netns/alias
rm /run/netns/alias

t_begin 'shared blocks: through every device that uses them'
ns_run a tc qdisc add dev w0 ingress_block 9 clsact
ns_run a tc filter add block 9 pref 5 bpf da object-pinned "$BPFFS/set/from_classifier"
check 0 share check $NAME dev w0 cgroup "$CG/c"
t_out_has 'tc ingress dev w0 netns a block 9 pref 5 handle 0x1'
ns_run a tc qdisc del dev w0 clsact

t_begin 'tc and bpftool load the same object: split, each map with its users'
tc filter add dev v0 ingress pref 2 bpf da obj "$OBJ/proved.o" sec tc
tc_id=$(map_id "$TC_PIN")
t_isnt "$tc_id" "$id"
check 1 -j share check $NAME
t_is "$(json .verdict)" split
t_is "$(json .ids)" "[$id,$tc_id]"
t_is "$(json .users[-1].attachment)" 'tc ingress dev v0 pref 2 handle 0x1'
t_is "$(json .users[-1].id)" "$tc_id"
tc_prog=$(json .users[-1].program)
check 1 share check $NAME
t_out_has "split: map '$NAME', ids $id, $tc_id, 3 attached programs"
check 1 -j -p share check $NAME
t_is "$(json .verdict)" split
check 1 share check id "$tc_id"
check 1 share check id "$tc_id" dev v0

t_begin 'a map that no attached program uses any more is mentioned, not counted'
tc filter del dev v0 ingress pref 2
# The kernel frees it somewhat later; until then it may be attached where nobody looks.
t_ok wait_for 30 sh -c "! bpftool prog show id $tc_prog 2>/dev/null"
check 0 -j share check $NAME
t_is "$(json .ids)" "[$id]"
t_err_has "id $tc_id"

t_begin 'a name longer than the kernel keeps, which BTF knows whole'
check 1 share check proved_private_hits
t_out_has single
t_err_lacks '15 bytes'
check 255 share check proved_private_other

t_begin 'one that nothing tells: compared as far as it goes, and said; until a pin tells it'
tc_loader filter add dev v0 ingress pref 9 bpf da obj "$OBJ/longnames.nog.o" 2>/dev/null
tc -j filter show dev v0 ingress pref 9 >"$TMP/long"
long=$(maps_of "$(t_json '.[options.prog.id][0]' <"$TMP/long")")
check 1 share check a_name_longer_than_fifteen_bytes_one
t_err_has 'compared '\''a_name_longer_t'\'
check 1 share check a_name_longer_than_no_other
t_err_has '15 bytes'
check 255 share check a_name_longer
bpftool map pin id "${long%%,*}" "$BPFFS/a_name_longer_than_fifteen_bytes_one"
bpftool map pin id "${long##*,}" "$BPFFS/a_name_longer_than_fifteen_bytes_two"
check 1 -j share check a_name_longer_than_fifteen_bytes_one
t_is "$(json .ids)" "[${long%%,*}]"
t_err_lacks '15 bytes'
check 255 share check a_name_longer_than_no_other
tc filter del dev v0 ingress pref 9

t_begin 'without CAP_SYS_ADMIN: said, no verdict'
check_without() {
	t_run 255 setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$1" share check $NAME
	t_err_has 'CAP_SYS_ADMIN'
	t_out_is ''
}
check_without tc_loader
check_without cgroup_loader

t_begin 'nothing was changed'
t_is "$(filters v0 ingress)" 1
t_is "$(cg_progs "$CG/c")" 1
