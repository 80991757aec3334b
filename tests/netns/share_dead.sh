#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Links that outlive what they were attached to: share check counts none of them, share show
# marks each as dead, whatever its kind.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

LINKS=$BUILD/tests/netns/bpf_links
CGROUP_EGRESS=1 FLOW_DISSECTOR=17 XDP=37 TCX_INGRESS=46 NETKIT_PRIMARY=54
NAME=dead$$
PINS=$BPFFS/set

# verdict: the first one of the last answer, or a member of it.
verdict() {
	t_json ".verdicts[0].${1:-verdict}" <"$TMP/t_out"
}

# is_dead LINK KIND GONE: neither counted nor lost.
is_dead() {
	t_run 1 cgroup_loader share check $NAME -j
	t_is "$(verdict)" single
	t_is "$(verdict 'dead|length')" 1
	t_is "$(verdict 'dead[0].link_id')" "$1"
	t_is "$(verdict 'dead[0].pinned')" "$PINS/link"
	t_run 1 tc_loader share check $NAME
	t_out_has "not counted: id $map: program "
	t_out_has "link $1 "
	t_out_has "(dead: its $3 is gone), pinned $PINS/link"
	t_run 0 tc_loader share show $NAME -j
	t_is "$(t_json '.programs[attachments]' <"$TMP/t_out" | tr ']' '\n' |
		grep -c "\"kind\":\"$2\".*\"link_id\":$1,\"dead\":true")" 1
	t_run 0 cgroup_loader share show $NAME
	t_out_has "(dead: its $3 is gone) pinned $PINS/link"
	t_run 0 cgroup_loader share show $NAME --dot
	t_out_has "\"link $1\" -> p"
	t_is "$(bpftool -j link show id "$1" | t_json .id)" "$1"
	rm "$PINS/link"
}

# The kernel severs a link some time after what it was attached to went.
dies() {
	t_ok wait_for 10 severed
}

severed() {
	[ "$("$LINKS" target "$PINS/link")" = 0 ]
}

dev_add v0
bpftool map create "$BPFFS/map" type array key 4 value 8 entries 1 name $NAME
map=$(map_id "$BPFFS/map")
mkdir "$PINS"
bpftool prog loadall "$OBJ/truth.o" "$PINS" map name truth_hits pinned "$BPFFS/map"
rm "$PINS/truth_socket"
tc qdisc add dev v0 clsact
tc filter add dev v0 ingress bpf da object-pinned "$PINS/truth_tc"

t_begin 'cgroup'
cg_add gone
link=$("$LINKS" link "$PINS/truth_cgroup" "$CG/gone" $CGROUP_EGRESS "$PINS/link")
t_run 0 cgroup_loader share check $NAME
rmdir "$CG/gone"
dies
is_dead "$link" cgroup cgroup

t_begin 'tcx'
ip link add d0 type veth peer name d1
link=$("$LINKS" link "$PINS/truth_tc" d0 $TCX_INGRESS "$PINS/link")
ip link del d0
dies
is_dead "$link" tcx device

t_begin 'XDP'
ip link add d0 type veth peer name d1
link=$("$LINKS" link "$PINS/truth_xdp" d0 $XDP "$PINS/link")
t_run 0 cgroup_loader share check $NAME
ip link del d0
dies
is_dead "$link" xdp device

t_begin 'netkit'
if ip link add d0 type netkit peer name d1 2>/dev/null; then
	link=$("$LINKS" link "$PINS/truth_tc" d0 $NETKIT_PRIMARY "$PINS/link")
	ip link del d0
	dies
	is_dead "$link" netkit device
fi

t_begin 'a network namespace'
link=$(unshare -n "$LINKS" netns $FLOW_DISSECTOR "$PINS/link")
dies
t_run 0 tc_loader share show -j
t_out_has "\"link_id\":$link,\"dead\":true"

t_begin 'places: a dead link is at none of them'
cg_add other
t_run 1 cgroup_loader share check $NAME dev v0 cgroup "$CG/other" -j
t_is "$(verdict)" single
t_is "$(verdict missing)" "[\"cgroup $CG/other\"]"
