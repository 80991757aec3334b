#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# share check names a device by an alternative name, however long: here and in a namespace.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

NAME=alt$$
SHORT=uplink
LONG=the-uplink-to-the-north

dev_add v0
# The first 15 bytes of LONG: another interface.
ip link add "${LONG:0:15}" type veth peer name x1
ip link property add dev v0 altname "$SHORT"
ip link property add dev v0 altname "$LONG"
ns_add a
ip -n a link add w0 type veth peer name w1
ip -n a link property add dev w0 altname "$LONG-a"
cg_add c
mkdir "$BPFFS/truth"
bpftool map create "$BPFFS/map" type array key 4 value 8 entries 1 name $NAME
bpftool prog loadall "$OBJ/truth.o" "$BPFFS/truth" map name truth_hits pinned "$BPFFS/map"
tc qdisc add dev v0 clsact
tc filter add dev v0 ingress bpf da object-pinned "$BPFFS/truth/truth_tc"
tc -n a qdisc add dev w0 clsact
ns_run a tc filter add dev w0 ingress bpf da object-pinned "$BPFFS/truth/truth_tc"
bpftool cgroup attach "$CG/c" egress pinned "$BPFFS/truth/truth_cgroup"
rm "$BPFFS/truth/truth_socket"

t_begin 'the device is the one of that name'
for dev in v0 "$SHORT" "$LONG" "$LONG-a"; do
	t_run 0 tc_loader share check $NAME dev "$dev" cgroup "$CG/c"
	t_out_has "shared: map '$NAME'"
done
t_out_has 'tc ingress dev w0 netns a'
t_run 0 cgroup_loader share check $NAME dev "$LONG-a" netns a cgroup "$CG/c"

t_begin 'one that nothing has'
t_run 255 tc_loader share check $NAME dev "$LONG-b" cgroup "$CG/c"
t_err_has "device '$LONG-b': No such device"
t_run 255 tc_loader share check $NAME dev "$LONG" netns a
t_err_has "no device '$LONG' in network namespace 'a'"
