#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A pin that does not fit: every differing field is named with both values, by either tool,
# and nothing is made, loaded or attached. What fits, or differs in names alone, is reused.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

PIN=$BPFFS/tc/globals/layout_stats
dev_add v0
tc qdisc add dev v0 clsact

# add STATUS FIXTURE [WORD…]: a filter; in_cgroup STATUS FIXTURE [WORD…]: an attachment.
add() {
	add_status=$1
	add_file=$OBJ/$2.o
	shift 2
	t_run "$add_status" tc_loader filter add dev v0 ingress bpf da obj "$add_file" section tc "$@"
}

in_cgroup() {
	in_status=$1
	in_file=$OBJ/$2.o
	shift 2
	t_run "$in_status" cgroup_loader cgroup attach "$CG" egress obj "$in_file" "$@"
}

t_begin 'the first version makes the pin, the second load reuses it'
add 0 layout_u64
id=$(map_id "$PIN")
add 0 layout_u64
in_cgroup 0 layout_u64 multi
t_is "$(map_id "$PIN")" "$id"
t_is "$(maps_of "$(prog_in "$CG")")" "$id"
t_is "$(filters v0 ingress)" 2
bpftool map update pinned "$PIN" key 0 0 0 0 value 7 0 0 0 0 0 0 0

t_begin 'a value of the same size but another layout is refused, by member'
for load in 'add 1' 'in_cgroup 255'; do
	$load layout_halves
	t_err_has "map 'layout_stats'"
	t_err_has "(id $id)"
	t_err_has 'value layout'
	t_err_has "'rx'"
	t_err_has 'private'
	t_is "$(grep -c '^[a-z]*_loader: ' "$TMP/t_err")" 1 'lines of the error'
done

t_begin 'the explanation: side by side, the users, and ways out that can be pasted'
add 1 layout_halves
t_ok grep -q '^  ! bit 0  *u64  *u32 rx$' "$TMP/t_err"
t_err_has 'struct halves, 8 B'
for user in $(prog_at v0 ingress) $(prog_in "$CG"); do
	t_err_has "program $user 'layout_"
done
t_err_has 'tc ingress dev v0'
t_err_has "cgroup $CG cgroup_inet_egress"
t_err_has "rm $PIN"
t_err_has "tc_loader map migrate pinned $PIN to obj $OBJ/layout_halves.o"
t_ok grep -q '^map .* since [0-9-]* [0-9:]*$' "$TMP/t_err"
sed -n '/not seen/d; /^map /,/ways out/p' "$TMP/t_err" >"$TMP/by_load"
t_run 0 tc_loader object show "$OBJ/layout_halves.o"
sed -n '/not seen/d; /^map /,/ways out/p' "$TMP/t_out" >"$TMP/by_show"
t_ok cmp "$TMP/by_load" "$TMP/by_show"
t_run 0 tc_loader -j object show "$OBJ/layout_halves.o"
t_is "$(t_out | t_json '.[0].maps[0].detail' | grep -c '! bit 0')" 1

t_begin 'users that cannot be seen are none that are not there'
PROG_GET_NEXT_ID=11 PROG_QUERY=16 ENOMEM=12
unseen() {
	t_run 0 "$BUILD/tests/netns/told" call "$1" $ENOMEM tc_loader "${@:2}" object show "$OBJ/layout_halves.o"
}
unseen $PROG_GET_NEXT_ID
t_out_has '    cannot be seen: list programs: Cannot allocate memory'
unseen $PROG_GET_NEXT_ID -j
t_is "$(t_out | t_json '.[0].maps[0].unseen[0].why')" 'list programs: Cannot allocate memory'
unseen $PROG_QUERY
t_out_has "program $(prog_in "$CG") 'layout_"
t_out_has ', attachment not found'
unseen $PROG_QUERY -j
t_ok [ "$(t_out | t_json '.[0].maps[0].users|length')" -ge 3 ]
t_out_lacks "$CG"

t_begin 'several differences are all named, pin first'
add 1 layout_other
t_err_has 'type array/hash'
t_err_has 'value_size 8/16'
t_err_has 'max_entries 4/16'
t_err_has '(pin/object)'

t_begin 'a refusal changes nothing'
t_is "$(filters v0 ingress)" 2
t_is "$(cg_progs "$CG")" 1
t_is "$(map_id "$PIN")" "$id"
t_is "$(map_u64s "$PIN" 00 00 00 00)" 7
t_is "$(ls "$BPFFS/tc/globals")" layout_stats

t_begin 'the ways out work: private, another map, no layout check'
add 1 layout_halves
way_out=$(sed -n 's/^ *\(tc_loader .* private\)$/\1/p' "$TMP/t_err")
t_run 0 sh -c "$way_out"
bpftool map create "$BPFFS/mine" type array key 4 value 8 entries 64 name mine
add 0 layout_u64 map name layout_stats pinned "$BPFFS/mine"
t_is "$(grep -c 'max_entries 64/4' "$TMP/t_err")" 1 'remarks about the size'
add 1 layout_other map name layout_stats pinned "$BPFFS/mine"
t_err_has 'value_size 8/16'
t_run 0 tc_loader --no-layout-check filter add dev v0 ingress bpf da obj "$OBJ/layout_halves.o" section tc
t_is "$(filters v0 ingress)" 5
t_is "$(map_id "$PIN")" "$id"

t_begin 'a given outer map with inner maps of another size'
bpftool map create "$BPFFS/narrow" type array key 4 value 8 entries 1 name narrow
bpftool map create "$BPFFS/outer" type array_of_maps key 4 value 4 entries 4 name outer \
	inner_map pinned "$BPFFS/narrow"
bpftool map update pinned "$BPFFS/outer" key 2 0 0 0 value pinned "$BPFFS/narrow"
t_run 1 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/nested_elf.o" map name outer pinned "$BPFFS/outer"
t_err_has 'inner map: value_size 8/16'
t_err_lacks 'no-layout-check' # it would not help
t_is "$(filters v0 ingress)" 5

t_begin 'a pin that is no map of maps where the object has one, with long values'
bpftool map create "$BPFFS/tc/globals/counters" type hash key 4 value 1024 entries 4 name counters
# shellcheck disable=SC2046 # a word for each byte
bpftool map update pinned "$BPFFS/tc/globals/counters" key 0 0 0 0 \
	value $(printf "65 %.0s" $(seq 1024))
t_run 0 tc_loader object show "$LEGACY/map_in_map.o"
t_out_has 'conflict'
t_out_has 'type hash/'
t_run 1 tc_loader filter add dev v0 ingress bpf da obj "$LEGACY/map_in_map.o" section classifier
t_err_has 'type hash/array_of_maps'
t_err_has 'value_size 1024/4'
t_is "$(filters v0 ingress)" 5
rm "$BPFFS/tc/globals/counters"

t_begin 'names of members may change'
rm "$PIN"
add 0 layout_halves
add 0 layout_renamed
t_err_has "member 'rx' is now 'left'"
t_run 1 tc_loader --strict-names filter add dev v0 ingress bpf da obj "$OBJ/layout_renamed.o" section tc
t_err_has "member 'rx' is now 'left'"
# The way out is to leave out the option that made it a conflict; the printed line is one.
t_err_has 'the same bytes under other names, without --strict-names:'
t_err_lacks 'no-layout-check'
way=$(sed -n '/without --strict-names:$/{n;s/^ *//p;}' "$TMP/t_err")
# shellcheck disable=SC2086 # words of one command
t_run 0 $way

t_begin 'a pin that is no map is said so'
rm "$PIN"
bpftool prog pin id "$(prog_in "$CG")" "$PIN"
add 1 layout_u64
t_err_has "'$PIN' is a pin, but not of a map"
t_ok [ -e "$PIN" ]
