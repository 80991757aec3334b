#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# on-change: migrate: a new map takes the pin of one with another definition and has all that
# was counted, for all programs of the file or not at all, wherever the run ends.
# KILLS=N kills.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
own_objects moved

KILLS=${KILLS:-4}
MAP=$(own_word moved)_hit_00000
STATE=$TMP/state
FILE=$TMP/acct.yaml
DIR=$BPFFS/tc/globals
PIN=$DIR/$MAP
OLD=$OBJ/moved_hash_old.o
NEW=$OBJ/moved_hash_new.o
APPLY=(tc_loader apply --state-dir "$STATE" "$FILE")
dev_add v0
ip link set peer-v0 up
addr_add v0 10.9.0.1/24
ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0
cg_add a

# write_file OBJECT [CHANGE]
write_file() {
	cat >"$FILE" <<END
name: ac.ct
objects:
  tc: { file: $1 }
  cg: { file: $1 }
maps:
  $MAP: { shared: yes, on-change: ${2:-migrate} }
tc:
  - { object: tc, hook: egress, interfaces: [ v0 ] }
cgroups:
  - { object: cg, type: egress, cgroups: [ "$CG/a" ] }
END
}

apply() {
	tc_loader "$1" --state-dir "$STATE" "$FILE"
}

standing() {
	echo "$(prog_at v0 egress) $(prog_in "$CG/a") $(map_id "$PIN")"
}

asides() {
	find "$DIR" -name 'mapshare_*'
}

total() {
	bpftool -j map dump pinned "$PIN" >"$TMP/dump"
	grep -o '"packets":[0-9]*' "$TMP/dump" | awk -F: '{ sum += $2 } END { printf "%d\n", sum }'
}

packets() {
	cg_run "$CG/a" "$BUILD/tests/netns/packets" 10.9.0.2 1 "$1"
}

# some: 300 more packets, which each program counts.
some() {
	t_run 0 packets 300
	t_is "$(t_out | tail -1)" 300
	SENT=$((SENT + 600))
}

# begin: the old map, counted in by both, and the new file.
begin() {
	write_file "$OLD"
	rm -rf "$DIR"
	t_run 0 apply remove
	t_run 0 apply apply
	SENT=0
	some
	WAS=$(standing)
	write_file "$NEW"
}

# all_new: both hooks hold the one new map, which has it all and is at the pin.
all_new() {
	t_is "$(maps_of "$(prog_at v0 egress)") $(maps_of "$(prog_in "$CG/a")")" \
		"$(map_id "$PIN") $(map_id "$PIN")"
	t_ok [ "$(map_id "$PIN")" -ne "${WAS##* }" ]
	t_is "$(total)" "$SENT"
	t_is "$(asides)" '' 'left beside the pin'
	t_is "$(find "$STATE" -name '*.journal')" ''
}

unchanged() {
	t_is "$(standing)" "$WAS"
	t_is "$(total)" "$SENT"
	t_is "$(asides)" ''
	t_is "$(find "$STATE" -name '*.journal')" ''
}

is_gone() {
	! bpftool prog show id "$1" >/dev/null 2>&1
}

t_begin 'a plan tells what becomes of the members, and changes nothing'
begin
t_run 0 apply plan
t_out_has "~ migrate  map '$MAP'"
t_out_has "at $PIN: "
t_out_has "'quality' is added"
t_out_has 'elements: '
t_run 0 tc_loader -j plan --state-dir "$STATE" "$FILE"
t_is "$(t_out | jq -c '[.files[0].steps[] | .step]')" '["migrate","load","load","replace","replace"]'
t_is "$(t_out | jq -r '.files[0].steps[0].id')" "${WAS##* }"
t_run 1 apply check
unchanged

t_begin 'apply under traffic: both programs replaced, every packet counted'
packets 400000 >"$TMP/sent" &
sender=$!
t_run 0 apply apply
t_out_has 'migrated: '
wait "$sender"
SENT=$((SENT + 2 * $(tail -n 1 "$TMP/sent")))
some
all_new

t_begin 'again: nothing is done'
WAS_NEW=$(standing)
t_run 0 apply check
t_run 0 apply apply
t_out_has 'in sync, nothing loaded'
t_is "$(standing)" "$WAS_NEW"

t_begin 'a program that the file does not replace would stay: refused by name, nothing is done'
begin
dev_add v1
t_run 0 tc_loader qdisc add dev v1 clsact
t_run 0 tc_loader filter add dev v1 ingress pref 1 handle 1 bpf da obj "$OLD"
stays=$(prog_at v1 ingress)
t_run 1 apply plan
t_out_has "(id $stays"
t_run 255 apply apply
t_err_has 'would stay on the old map: the file does not replace it there'
unchanged
t_is "$(prog_at v1 ingress)" "$stays"
tc qdisc del dev v1 clsact
t_ok wait_for 20 is_gone "$stays"

t_begin 'a refusal at the last place: the programs replaced so far and the map are back'
begin
# An exclusive program above refuses all below; no plan sees it.
cg_add parent/child
bpftool prog load "$BPF/counter_cgroup.o" "$BPFFS/alone" type cgroup/skb
bpftool cgroup attach "$CG/parent" egress pinned "$BPFFS/alone"
echo "  - { object: cg, type: egress, cgroups: [ \"$CG/parent/child\" ] }" >>"$FILE"
t_run 255 apply apply
t_err_has "$CG/parent"
t_err_has 'what the new ones wrote in that moment is lost'
unchanged
bpftool cgroup detach "$CG/parent" egress pinned "$BPFFS/alone"
rm "$BPFFS/alone"
write_file "$NEW"

t_begin 'killed at calls from the first pin to the end: the next run ends in the wanted state'
# measured: the number of calls up to the first pin and in all. What it reads differs with what
# others have loaded: a miss is measured again.
measured() {
	begin
	calls_of "${APPLY[@]}" >"$TMP/out" 2>&1
	awk 'NR == 1 { first = $1 } $1 == first' "$TMP/calls" >"$TMP/first"
	mv "$TMP/first" "$TMP/calls"
	first=$(grep -n -m1 'BPF_OBJ_PIN' "$TMP/calls" | sed 's/:.*//')
	last=$(wc -l <"$TMP/calls")
}
measured
all_new
killed=0
for ((i = 0; i < KILLS; i++)); do
	for try in 1 2 3 4 5; do
		begin
		killed_at $((first + i * (last - first) / KILLS)) "${APPLY[@]}" && break
		[ "$try" -lt 5 ] || continue 2
		measured
	done
	killed=$((killed + 1))
	t_ok [ -e "$PIN" ]
	some
	t_run 0 apply apply
	some
	all_new
	t_run 0 apply check
done
t_ok [ "$killed" -ge $((KILLS / 2)) ]

t_begin 'killed before the pin is exchanged: the old definition is refused'
begin
before_swap=$(call_number 'renameat2\{0,1\}(.*"new"')
killed_at "$before_swap" "${APPLY[@]}"
some
write_file "$OLD"
t_run 255 apply apply
t_err_has 'interrupted'
t_is "$(map_id "$PIN")" "${WAS##* }"
# Also where it cannot be told: the programs would go back to the old map.
WAS=$(standing)
left=$(asides)
t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/failed" -P "$left" -P "${left##*/}" \
	-e trace=openat,openat2 -e inject=openat,openat2:error=EMFILE:when=1+ "${APPLY[@]}"
t_err_has 'Too many open files'
t_is "$(standing)" "$WAS"
write_file "$NEW"
t_run 0 apply apply
some
all_new

t_begin 'killed there, and removed: what is where is told, and map migrate finishes'
# Also where one of the two cannot be asked for.
for unseen in "$PIN" "$left"; do
	begin
	killed_at "$before_swap" "${APPLY[@]}"
	some
	t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/failed" -P "$unseen" \
		-e trace=?access,faccessat -e inject=?access,faccessat:error=ENOMEM "${APPLY[0]}" remove "${APPLY[@]:2}"
	case $unseen in
	"$PIN") t_err_has "the migration of '$PIN' was interrupted" ;;
	*) t_err_has "whether a migration of '$PIN' was interrupted cannot be seen: '$left': Cannot allocate memory" ;;
	esac
	t_out_has "at $PIN: a pinned map is shared property"
	t_is "$(filters v0 egress) $(cg_progs "$CG/a")" '0 0'
	t_run 0 tc_loader map migrate pinned "$PIN" to obj "$NEW"
	t_is "$(total)" "$SENT"
	t_is "$(asides)" ''
done
