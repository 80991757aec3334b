#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A program in an entry of a devmap runs where the map is sent through: it is found there, and
# what it uses is in use.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

HIDE=$BUILD/tests/netns/hide
NAME=sent$$
PINS=$BPFFS/sent

dev_add v0
ip link set v0 up
mkdir "$PINS" "$BPFFS/tc" "$BPFFS/tc/globals"
hits=$BPFFS/tc/globals/$NAME
bpftool map create "$hits" type array key 4 value 8 entries 1 name $NAME
bpftool prog loadall "$OBJ/redirected.o" "$PINS" pinmaps "$PINS" map name sent_hits pinned "$hits"
first=$(bpftool -j prog show pinned "$PINS/sent_first" | t_json .id)
second=$(bpftool -j prog show pinned "$PINS/sent_second" | t_json .id)
map=$(map_id "$PINS/sent_to")
"$HIDE" entry "$PINS/sent_to" 2 "$(ip -j link show v0 | t_json ".[0].ifindex")" "$PINS/sent_second"
rm "$PINS/sent_second"

t_begin 'pinned alone: the devmap explains its program'
t_run 1 tc_loader share check $NAME
t_out_has "unused: map '$NAME'"
t_out_lacks 'attachment not found'

t_begin 'attached: it runs by redirect'
bpftool net attach xdpgeneric pinned "$PINS/sent_first" dev v0
rm "$PINS/sent_first" "$PINS/sent_to"
t_run 1 tc_loader share check $NAME
t_out_has "single: map '$NAME'"
t_out_has "program $second 'sent_second' xdp, xdp skb dev v0, by redirect from program $first (map $map entry 2)"
t_run 0 cgroup_loader share show id "$map"
t_out_has "entry 2"
t_run 0 cgroup_loader -j share show id "$map"
t_out_has "\"via\":[{\"map\":$map,\"key\":2}]"
t_run 0 cgroup_loader share show id "$map" --dot
t_out_has "m$map -> p$second [style=dashed, label=\"entry 2\"]"

t_begin 'its map is in use'
t_run 0 tc_loader share gc
t_out_lacks "$hits "
t_run 255 tc_loader share gc --delete --force-unseen "$hits"
t_err_has "attached program id $first uses it"
t_ok [ -e "$hits" ]
