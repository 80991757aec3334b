#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A removal that was killed leaves a pin in a directory beside its name: whoever comes next finds
# it at its name again. One that is going on is left alone.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects pair

PAIR=$(own_word pair)_hits_00000
PIN=$BPFFS/tc/globals/$PAIR
LOAD=(tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/pair_btf_name.o")

# leave PIN: as pin_at_remove() does, killed once the pin has another name.
leave() {
	mkdir -m 700 "${1%/*}/mapshare_removes_1"
	mv "$1" "${1%/*}/mapshare_removes_1/"
	LEFT=${1%/*}/mapshare_removes_1/${1##*/}
}

none_left() {
	t_is "$(find "$BPFFS" -name 'mapshare_removes_*')" ''
}

dev_add v0
tc qdisc add dev v0 clsact

t_begin 'the map of a load: the very map is used again'
t_run 0 "${LOAD[@]}"
id=$(map_id "$PIN")
leave "$PIN"
t_run 0 "${LOAD[@]}"
t_is "$(map_id "$PIN")" "$id"
none_left

t_begin 'a removal that is going on has its directory locked: its pin is its own'
leave "$PIN"
exec 7<"${LEFT%/*}"
flock 7
t_run 0 "${LOAD[@]}"
t_ok [ "$(map_id "$PIN")" -ne "$id" ]
t_is "$(map_id "$LEFT")" "$id"
exec 7<&-

t_begin 'its name is taken: both pins stay, and gc removes the one that is named'
t_run 0 "${LOAD[@]}"
t_is "$(map_id "$LEFT")" "$id"
new=$(map_id "$PIN")
t_run 0 tc_loader share gc --delete --force-unseen "$LEFT"
t_is "$(map_id "$PIN")" "$new"
none_left

t_begin 'gc of a path that was left: the pin is put back, judged there, and refused while it is in use'
leave "$PIN"
t_run 255 tc_loader share gc --delete --force-unseen "$LEFT"
t_err_has "'$PIN' stays: attached program"
t_is "$(map_id "$PIN")" "$new"
none_left

t_begin 'the link of an attach: it is the one that is there already'
ATTACH=(cgroup_loader cgroup attach "$CG" egress obj "$OBJ/pair_btf_name.o" link pinned "$BPFFS/link")
t_run 0 "${ATTACH[@]}"
link=$(bpftool -j link show pinned "$BPFFS/link" | jq .id)
leave "$BPFFS/link"
t_run 0 "${ATTACH[@]}"
t_err_has 'already attached'
t_is "$(bpftool -j link show pinned "$BPFFS/link" | jq .id)" "$link"
t_is "$(cg_progs "$CG")" 1
none_left

t_begin 'the pin of a program: it is in the way, as it was'
t_run 0 cgroup_loader prog load "$OBJ/pair_btf_name.o" "$BPFFS/prog" type cgroup/skb
leave "$BPFFS/prog"
t_run 255 cgroup_loader prog load "$OBJ/pair_btf_name.o" "$BPFFS/prog" type cgroup/skb
t_ok [ -e "$BPFFS/prog" ]
none_left

t_begin 'a kept prog array whose program is gone: gc finds it'
KEPT=$BPFFS/tc/keep/1
mkdir -p "$KEPT"
bpftool map create "$KEPT/jumps" type prog_array key 4 value 4 entries 4 name "k$$"
leave "$KEPT/jumps"
t_run 0 tc_loader share gc --delete --force-unseen
t_ok [ ! -e "$KEPT" ]

t_begin 'what others may enter, and what is no directory, was not left by us: nothing of it moves'
tc filter del dev v0 ingress
rm -f "$PIN"
t_run 0 "${LOAD[@]}"
id=$(map_id "$PIN")
leave "$PIN"
chmod 755 "${LEFT%/*}"
bpftool map pin id "$id" "${PIN%/*}/mapshare_removes_2"
t_run 0 "${LOAD[@]}"
t_ok [ "$(map_id "$PIN")" -ne "$id" ]
t_is "$(map_id "$LEFT")" "$id"
t_is "$(map_id "${PIN%/*}/mapshare_removes_2")" "$id"
rm -r "${LEFT%/*}" "${PIN%/*}/mapshare_removes_2"
