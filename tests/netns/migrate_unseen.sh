#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What could not be looked at may stay on the old map: a program whose maps cannot be read, slots
# that cannot, network namespaces and cgroups out of sight. Refused with the reason, planned with
# it, and reported where --leave-behind goes on.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

TOLD=$BUILD/tests/netns/told
MIGRATE=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o")
EPERM=1
dev_add v0
tc qdisc add dev v0 clsact

# refused PROGRAM-ID WHY CMD…: the program may stay; nothing is changed.
refused() {
	local program=$1 why=$2
	shift 2
	t_run 255 "$@" "${MIGRATE[@]}"
	t_err_has "(id $program) may stay on the old map: $why; --leave-behind migrates all the same"
	t_is "$(prog_at v0 egress) $(map_id "$PIN")" "$old $map"
}

t_begin 'a program whose maps cannot be read'
hash_begin
t_run 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/jumps.o" section classifier
other=$(prog_at v0 ingress)
t_run 0 "$TOLD" maps "$other" $EPERM "${MIGRATE[@]}" --plan
t_out_has "program $other 'depart' sched_cls: may stay on the old map: which maps it uses could not be read"
refused "$other" 'which maps it uses could not be read' "$TOLD" maps "$other" $EPERM
t_run 0 "$TOLD" maps "$other" $EPERM tc_loader -j "${MIGRATE[@]:1}" --leave-behind
t_out >"$TMP/json"
t_ok grep -q "\"program\":$other,[^}]*\"state\":\"unseen\",\"why\":\"which maps it uses could not be read\"" "$TMP/json"
t_isnt "$(prog_at v0 egress)" "$old"

t_begin 'slots of a prog array: one of the programs may be in one'
hash_begin
t_run 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/jumps.o" section classifier
array=$(map_id "$BPFFS/tc/globals/jumps")
refused "$old" "slots of map id $array: Operation not permitted" "$TOLD" slots "$array" $EPERM

t_begin 'slots of a map of maps: the map may be in one'
hash_begin
t_run 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/pair_outer.o" section classifier
other=$(prog_at v0 ingress)
outer=$(map_id "$BPFFS/tc/globals/pair_outer")
refused "$other" "slots of map id $outer: Operation not permitted" "$TOLD" slots "$outer" $EPERM
tc filter del dev v0 ingress

t_begin 'network namespaces of processes that are not listed'
refused "$old" 'network namespaces of processes outside of this PID namespace cannot be seen' \
	unshare --pid --fork --mount-proc

t_begin 'and all that can be seen is replaced'
t_run 0 "${MIGRATE[@]}"
