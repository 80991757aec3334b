#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# on-change: fresh: a new, empty map takes the pin of one with another definition, for all
# programs of the file or not at all, wherever the run ends.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
own_objects pair

PAIR=$(own_word pair)_hits_00000
STATE=$TMP/state
FILE=$TMP/acct.yaml
DIR=$BPFFS/tc/globals
PIN=$DIR/$PAIR
OLD=$OBJ/pair_btf_name.o
NEW=$OBJ/pair_wide.o
APPLY=(tc_loader apply --state-dir "$STATE" "$FILE")

# write_file TC CGROUP CHANGE: the objects of both entries.
write_file() {
	cat >"$FILE" <<END
name: ac.ct
objects:
  tc: { file: $1 }
  cg: { file: $2 }
maps:
  $PAIR: { shared: yes, on-change: $3 }
tc:
  - { object: tc, hook: ingress, interfaces: [ v0 ] }
cgroups:
  - { object: cg, type: egress, cgroups: [ "$CG" ] }
END
}

apply() {
	tc_loader "$1" --state-dir "$STATE" "$FILE"
}

standing() {
	echo "$(prog_at v0 ingress) $(prog_in "$CG") $(map_id "$PIN")"
}

asides() {
	find "$DIR" -name 'mapshare_*'
}

# all_new: both hooks hold the one new map, which is at the pin, and nothing is left.
all_new() {
	t_is "$(maps_of "$(prog_at v0 ingress)")" "$(map_id "$PIN")"
	t_is "$(maps_of "$(prog_in "$CG")")" "$(map_id "$PIN")"
	t_is "$(bpftool -j map show pinned "$PIN" | jq .bytes_value)" 16
	t_is "$(bpftool -j map dump pinned "$PIN" | jq length)" 0
	t_is "$(asides)" '' 'pins set aside'
	t_is "$(find "$STATE" -name '*.journal')" ''
}

# unchanged: by an apply that was refused.
unchanged() {
	t_is "$(standing)" "$WAS"
	t_is "$(value)" 0x07
	t_is "$(asides)" ''
	t_is "$(find "$STATE" -name '*.journal')" ''
}

value() {
	bpftool -j map lookup pinned "$PIN" key 0 0 0 0 | jq -r '.value[0]'
}

# killed_after N: the apply ends once call N is done.
killed_after() {
	stopped_after "$1" "${APPLY[@]}"
	kill -KILL "$STOPPED"
	wait "$STOPPED_BY" 2>/dev/null || :
}

no_program_uses() {
	! bpftool -j prog show | jq -e --argjson m "$1" '[.[].map_ids // [] | index($m)] | any' >/dev/null
}

# begin: the old map with something in it, used by both, and the new file.
begin() {
	write_file "$OLD" "$OLD" fresh
	rm -rf "$DIR"
	t_run 0 apply remove
	t_run 0 apply apply
	bpftool map update pinned "$PIN" key 0 0 0 0 value 7 0 0 0 0 0 0 0
	WAS=$(standing)
	write_file "$NEW" "$NEW" fresh
}

dev_add v0

t_begin 'refuse changes nothing'
begin
write_file "$NEW" "$NEW" refuse
t_run 255 apply apply
t_is "$(standing)" "$WAS"

t_begin 'a plan tells what differs and what is lost, who else uses it, and changes nothing'
begin
bpftool prog load "$OLD" "$BPFFS/elsewhere" type classifier map name "$PAIR" pinned "$PIN"
other=$(bpftool -j prog show pinned "$BPFFS/elsewhere" | jq .id)
t_run 0 apply plan
t_out_has 'fresh: '
t_out_has 'value_size 8/16'
t_out_has "1 element of map id ${WAS##* } is given up"
t_out_has "program id $other"
t_run 1 apply check
t_is "$(standing)" "$WAS"
rm "$BPFFS/elsewhere"

t_begin 'apply: one new map on both hooks, empty, the old pin gone'
t_run 0 tc_loader --require-shared apply --state-dir "$STATE" "$FILE"
t_out_has 'fresh: '
t_err_lacks 'mapshare_fresh_'
t_ok [ "$(map_id "$PIN")" -ne "${WAS##* }" ]
all_new

t_begin 'again: the definitions agree, and nothing is done'
WAS=$(standing)
t_run 0 apply check
t_run 0 apply apply
t_is "$(standing)" "$WAS"

t_begin 'an object of the old definition beside it: the plan says so, and nothing is done'
begin
write_file "$NEW" "$OLD" fresh
t_run 1 apply plan
t_out_has "object 'cg' defines it otherwise than object 'tc'"
t_out_has 'value_size 16/8'
t_run 255 apply apply
t_err_has "object 'cg' defines it otherwise than object 'tc'"
unchanged

t_begin 'also where no map is yet'
write_file "$NEW" "$OLD" refuse
sed -i "s|shared: yes|shared: yes, pin: $BPFFS/tc/globals/elsewhere_$$|" "$FILE"
t_run 1 apply plan
t_out_has "object 'cg' defines it otherwise than object 'tc'"
t_run 255 apply apply
unchanged
t_ok [ ! -e "$DIR/elsewhere_$$" ]

t_begin 'a refusal at the last place: pin, map and the programs replaced so far are back'
begin
# An exclusive program above refuses all below; no plan sees it.
cg_add parent/child
bpftool prog load "$BPF/counter_cgroup.o" "$BPFFS/alone" type cgroup/skb
bpftool cgroup attach "$CG/parent" egress pinned "$BPFFS/alone"
echo "  - { object: cg, type: egress, cgroups: [ \"$CG/parent/child\" ] }" >>"$FILE"
record=$(cat "$STATE"/*.json)
t_run 255 apply apply
t_err_has "$CG/parent"
unchanged
t_is "$(cat "$STATE"/*.json)" "$record" 'the record'
bpftool cgroup detach "$CG/parent" egress pinned "$BPFFS/alone"
rm "$BPFFS/alone"

t_begin 'a signal once all is loaded and the new map has the pin: the old pin and programs are back'
begin
calls_of "${APPLY[@]}" >"$TMP/calls_out" 2>&1
all_new
t_ok [ "$(t_count 'renameat2' "$TMP/calls")" -ge 1 ]
# Calls by name: netlink is asked by more than one thread, and strace counts each by itself.
places=$(grep -nE 'renameat2|rename.*[.](journal|json)"|unlink(at)?[(].*(mapshare_fresh|journal|\"'"$PAIR"'\")|BPF_OBJ_PIN|BPF_MAP_CREATE' "$TMP/calls" | sed 's/:.*//')
acts=$(grep -n 'rename.*[.]journal"' "$TMP/calls" | sed -n '2s/:.*//p')
aside=$(grep -n -m1 'renameat2' "$TMP/calls" | sed 's/:.*//')
begin
stopped_after "$acts" "${APPLY[@]}"
t_ok [ "$(map_id "$PIN")" -ne "${WAS##* }" ]
kill -TERM "$STOPPED"
goes_on 143
t_is "$(standing)" "$WAS"
t_is "$(value)" 0x07
t_is "$(asides)" ''

t_begin 'killed around the rename and to the end: a pin holds the old map, and the next run ends it'
KILLS=0
for place in $places; do
	begin
	killed_at "$place" "${APPLY[@]}" || continue
	KILLS=$((KILLS + 1))
	if [ -e "$PIN" ] && [ "$(map_id "$PIN")" -eq "${WAS##* }" ]; then
		t_is "$(value)" 0x07
	elif [ ! -e "$PIN" ]; then
		t_is "$(map_id "$(find "$DIR"/mapshare_* -name "$PAIR")")" "${WAS##* }" "aside at call $place"
	fi
	t_run 0 apply apply
	all_new
	t_run 0 apply check
done
t_ok [ "$KILLS" -ge 6 ]

t_begin 'killed while the name was free: check says so, and waits for no other loader'
begin
killed_after "$aside"
t_ok [ ! -e "$PIN" ]
left=$(find "$DIR"/mapshare_fresh_* -name "$PAIR")
exec 7<"$DIR"
flock 7
t_run 1 apply check
exec 7<&-
t_err_lacks 'another loader'
t_err_has 'was interrupted'
t_err_has "map id ${WAS##* }, which was at '$PIN' before an interrupted run"
t_ok [ -e "$left" ]

t_begin 'gc leaves what is set aside, though nobody uses it'
# Without users of the map it would be idle.
tc qdisc del dev v0 clsact
bpftool cgroup detach "$CG" egress id "$(prog_in "$CG")"
t_ok wait_for 20 no_program_uses "${WAS##* }"
t_run 0 tc_loader share gc
t_out_lacks "$PAIR"
t_run 255 tc_loader share gc --delete "$left"
t_err_has "an 'apply' with 'on-change: fresh' set it aside"
t_is "$(map_id "$left")" "${WAS##* }"

t_begin 'and a run that is refused leaves the old map at its name'
write_file "$NEW" "$NEW" refuse
t_run 255 apply apply
t_err_has 'value_size 8/16'
t_is "$(map_id "$PIN")" "${WAS##* }"
t_is "$(value)" 0x07
t_is "$(asides)" ''
write_file "$NEW" "$NEW" fresh
t_run 0 apply apply
all_new

# waits PID: for the lock, or for nothing any more.
waits() {
	kill -0 "$1" || return 0
	grep -q nanosleep "/proc/$1/wchan"
}

t_begin 'killed while the name was free: remove brings the old pin back, once its directory is free'
begin
killed_after "$aside"
exec 7<"$DIR"
flock 7
start tc_loader remove --state-dir "$STATE" "$FILE" 7<&-
t_ok wait_for 20 waits "$STARTED"
t_ok [ ! -e "$PIN" ]
exec 7<&-
t_ok wait "$STARTED"
t_is "$(map_id "$PIN")" "${WAS##* }"
t_is "$(value)" 0x07
t_is "$(asides)" ''

t_begin 'killed while the name was free: what cannot be looked at may be aside, and no new map takes its place'
for call in renameat2 openat getdents64; do
	begin
	killed_after "$aside"
	t_ok [ ! -e "$PIN" ]
	left=$(basename "$DIR"/mapshare_fresh_*)
	# One that others may enter is not ours, and stays.
	mkdir -m 0755 "$DIR/${left}9"
	# Of its definition again: what is aside is wanted.
	write_file "$OLD" "$OLD" fresh
	t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/failed" -P "$left" -P "$DIR" -P "$DIR/$left" \
		-e "trace=$call" -e "inject=$call:error=ENOMEM:when=1+" "${APPLY[@]}"
	t_err_has 'Cannot allocate memory'
	t_run 0 apply apply
	t_is "$(map_id "$PIN")" "${WAS##* }"
	t_is "$(value)" 0x07
	t_ok rmdir "$DIR/${left}9"
	t_is "$(asides)" ''
done

# first: somebody else's map is at the pin, and no record says that it was ever ours.
first() {
	begin
	t_run 0 apply remove
	rm -rf "$DIR" "$STATE"
	mkdir -p "$DIR"
	bpftool map create "$PIN" type array key 4 value 8 entries 1 name "$PAIR"
	bpftool map update pinned "$PIN" key 0 0 0 0 value 7 0 0 0 0 0 0 0
	WAS=$(map_id "$PIN")
}

t_begin 'killed in the first run of all: remove knows by the journal alone what is aside'
first
calls_of "${APPLY[@]}" >"$TMP/calls_out" 2>&1
aside=$(grep -n -m1 'renameat2' "$TMP/calls" | sed 's/:.*//')
first
killed_after "$aside"
t_ok [ ! -e "$PIN" ]
t_run 1 apply check
t_err_has "map id $WAS, which was at '$PIN' before an interrupted run"
t_run 0 apply remove
t_is "$(map_id "$PIN")" "$WAS"
t_is "$(value)" 0x07
t_is "$(asides)" ''

t_begin 'killed once all is committed: the next run removes what is aside, though it is in sync'
begin
calls_of "${APPLY[@]}" >"$TMP/calls_out" 2>&1
begin
committed=$(grep -n 'rename.*[.]json"' "$TMP/calls" | sed -n '$s/:.*//p')
killed_after "$committed"
t_ok [ "$(map_id "$PIN")" -ne "${WAS##* }" ]
t_ok [ -n "$(asides)" ]
t_is "$(find "$STATE" -name '*.journal')" ''
t_run 0 apply apply
t_out_has 'in sync'
all_new
