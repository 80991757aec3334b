#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# share gc lists what nobody uses and removes only what it may: nothing outside of its three
# places, nothing that is not named, nothing in use, whoever takes it in the same moment.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

GLOBALS=$BPFFS/tc/globals
HOLD=$BUILD/tests/netns/hold

json() {
	t_json "$1" <"$TMP/t_out"
}

# new_map PATH [NAME]: a pinned hash that nobody uses.
new_map() {
	bpftool map create "$1" type hash key 4 value 4 entries 16 name "${2:-idle}"
}

# The seconds may be others by the time the second tool looks.
no_age() {
	sed 's/  *[0-9][0-9]*[smhd] / AGE /; s/  */ /g'
}

# lists PATH, lists_not PATH: by both tools alike.
lists() {
	t_run 0 tc_loader share gc
	cp "$TMP/t_out" "$TMP/other"
	t_run 0 cgroup_loader share gc
	t_is "$(t_out | no_age)" "$(no_age <"$TMP/other")"
	t_out_has "$1 "
}

lists_not() {
	t_run 0 tc_loader share gc
	t_out_lacks "$1 "
}

# refused WORDS PATH…: not deleted, and why.
stays() {
	words=$1
	shift
	for tool in tc_loader cgroup_loader; do
		t_run 255 $tool share gc --delete "$@"
		t_err_has "$words"
		t_out_is ''
	done
	for path; do
		t_ok [ -e "$path" ]
	done
}

# holder HOW PIN: in the background; ends with release.
holder() {
	: >"$TMP/holds"
	start "$HOLD" "$1" "$2" >"$TMP/holds"
	t_ok wait_for 5 grep -q ready "$TMP/holds"
}

release() {
	kill "$STARTED"
	wait "$STARTED" 2>/dev/null || :
}

dev_add v0
tc qdisc add dev v0 clsact
mkdir -p "$GLOBALS"

t_begin 'nothing there: nothing listed'
t_run 0 tc_loader share gc
t_out_is ''
t_run 0 tc_loader -j share gc
t_is "$(json .idle)" '[]'
t_run 0 cgroup_loader -j share gc --delete
t_is "$(json .deleted)" '[]'

t_begin 'an idle pin: listed with id, age and size; removed only when it is named'
new_map "$GLOBALS/idle"
bpftool map update pinned "$GLOBALS/idle" key 1 0 0 0 value 1 0 0 0
id=$(map_id "$GLOBALS/idle")
lists "$GLOBALS/idle"
t_run 0 tc_loader -j share gc
t_is "$(json '.idle|length')" 1
t_is "$(json .idle[0].path)" "$GLOBALS/idle"
t_is "$(json .idle[0].place)" globals
t_is "$(json .idle[0].kind)" map
t_is "$(json .idle[0].id)" "$id"
t_is "$(json .idle[0].type)" hash
t_is "$(json .idle[0].entries)" 1
t_is "$(json .idle[0].max_entries)" 16
t_is "$(json .idle[0].bytes_memlock)" "$(bpftool -j map show id "$id" | t_json .bytes_memlock)"
t_ok [ "$(json .idle[0].age)" -lt 60 ]
t_run 0 tc_loader share gc --delete
t_out_is ''
t_ok [ -e "$GLOBALS/idle" ]
t_run 0 tc_loader share gc --delete "$GLOBALS/idle"
t_out_is "removed '$GLOBALS/idle'"
t_ok [ ! -e "$GLOBALS/idle" ]
t_ok [ -d "$GLOBALS" ]

t_begin 'nothing outside: other pins, other names for them, directories, files'
new_map "$BPFFS/outside"
new_map "$GLOBALS/inside"
ln -s "$BPFFS/outside" "$GLOBALS/link"
mkdir "$BPFFS/tc/custom" "$GLOBALS/dir" "$BPFFS/tc/0123456789abcdef0123456789abcdef0123456"
new_map "$BPFFS/tc/custom/map"
new_map "$BPFFS/tc/0123456789abcdef0123456789abcdef0123456/map"
: >"$TMP/file"
lists_not "$BPFFS/outside"
lists_not "$BPFFS/tc/custom/map"
stays 'not ours to remove' "$BPFFS/outside"
stays 'not ours to remove' "$GLOBALS/../../outside"
stays 'not ours to remove' "$BPFFS/tc/custom/map"
stays 'not ours to remove' "$BPFFS/tc/0123456789abcdef0123456789abcdef0123456/map"
stays 'not ours to remove' "$TMP/file"
stays 'is not a pin' "$GLOBALS/link"
stays 'is not a pin' "$GLOBALS/dir"
stays 'is not a pin' "$GLOBALS"
stays 'not ours to remove' "$GLOBALS/inside" "$BPFFS/outside"
t_run 255 tc_loader share gc --delete "$GLOBALS/none"
t_err_has 'No such file or directory'
t_run 255 tc_loader share gc inside
t_run 255 tc_loader share gc --delete --force "$GLOBALS/inside"
t_err_has "unknown option '--force'"
t_run 255 tc_loader share gc --force-unseen
t_ok [ -e "$GLOBALS/inside" ]
rm "$GLOBALS/link"
rmdir "$GLOBALS/dir"
(cd "$BPFFS/tc" && t_run 0 tc_loader share gc --delete globals/../globals/inside "$GLOBALS/inside")
t_ok [ ! -e "$GLOBALS/inside" ]

t_begin 'what an attached program uses is in use; also all other named ones stay then'
tc filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/by_name.o" sec tc
new_map "$GLOBALS/other"
lists "$GLOBALS/other"
lists_not "$GLOBALS/by_name_hits"
stays "attached program id $(prog_at v0 ingress) uses it" "$GLOBALS/other" "$GLOBALS/by_name_hits"
ip netns add far
ip link set v0 netns far
tc -n far qdisc add dev v0 clsact
tc_loader -n far filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/by_name.o" sec tc
lists_not "$GLOBALS/by_name_hits"
stays 'attached program' "$GLOBALS/by_name_hits"
ip netns del far
t_ok wait_for 5 lists "$GLOBALS/by_name_hits"
dev_add v1
tc qdisc add dev v1 clsact

t_begin 'a cgroup program, directly and through a link'
t_run 0 cgroup_loader cgroup attach "$CG" egress obj "$OBJ/by_name.o"
lists_not "$GLOBALS/by_name_hits"
stays 'attached program' "$GLOBALS/by_name_hits"
t_run 0 cgroup_loader cgroup detach "$CG" egress id "$(prog_in "$CG")"
t_run 0 cgroup_loader cgroup attach "$CG" egress obj "$OBJ/by_name.o" link pinned "$BPFFS/link"
stays 'attached program' "$GLOBALS/by_name_hits"
rm "$BPFFS/link"
lists "$GLOBALS/by_name_hits"

t_begin 'a map that a process has open'
holder open "$GLOBALS/by_name_hits"
lists_not "$GLOBALS/by_name_hits"
stays "process $STARTED (hold) has it open" "$GLOBALS/by_name_hits"
release
lists "$GLOBALS/by_name_hits"

t_begin 'a pinned program that uses it: listed with that, but kept'
bpftool prog load "$OBJ/by_name.o" "$BPFFS/loaded" type socket \
	map name by_name_hits pinned "$GLOBALS/by_name_hits"
lists "$GLOBALS/by_name_hits"
prog=$(bpftool -j prog show pinned "$BPFFS/loaded" | t_json .id)
t_out_has "pinned program id $prog uses it"
stays "pinned program id $prog uses it" "$GLOBALS/by_name_hits"

t_begin 'a program that a process has open'
holder open "$BPFFS/loaded"
lists_not "$GLOBALS/by_name_hits"
release

t_begin 'a program that runs where nobody can look'
holder socket "$BPFFS/loaded"
rm "$BPFFS/loaded"
lists_not "$GLOBALS/by_name_hits"
stays "program id $prog uses it, which something that cannot be seen" "$GLOBALS/by_name_hits"
release
t_ok wait_for 5 lists "$GLOBALS/by_name_hits"

t_begin 'a pinned program of these directories: idle until it is attached'
bpftool prog load "$OBJ/by_name.o" "$GLOBALS/program" type classifier \
	map name by_name_hits pinned "$GLOBALS/by_name_hits"
lists "$GLOBALS/program"
tc filter add dev v1 egress bpf da object-pinned "$GLOBALS/program"
lists_not "$GLOBALS/program"
stays 'attached program' "$GLOBALS/program"
tc filter del dev v1 egress
t_run 0 tc_loader share gc --delete "$GLOBALS/program" "$GLOBALS/by_name_hits" "$GLOBALS/other"
t_is "$(find "$GLOBALS" -type f)" '' 'pins left'

t_begin 'a pinned link is an attachment'
t_run 0 cgroup_loader cgroup attach "$CG" egress obj "$OBJ/by_name.o" link pinned "$GLOBALS/link"
lists_not "$GLOBALS/link"
stays 'pinned link' "$GLOBALS/link"
rm "$GLOBALS/link" "$GLOBALS/by_name_hits"

t_begin 'reached only by a tail call'
t_run 0 tc_loader filter add dev v1 ingress pref 1 handle 1 bpf obj "$OBJ/kept.o"
prog=$(prog_at v1 ingress)
lists_not "$GLOBALS/kept_stages"
lists_not "$BPFFS/tc/keep/$prog/kept_jumps"
stays "attached program id $prog uses it" "$BPFFS/tc/keep/$prog/kept_jumps"
t_run 0 tc_loader filter del dev v1 ingress
t_run 0 tc_loader share gc --delete "$GLOBALS/kept_stages"

t_begin 'in a slot of a map that is used, and of one that is only pinned'
bpftool map create "$GLOBALS/inner" type array key 4 value 8 entries 2 name inner
bpftool map create "$GLOBALS/outer" type array_of_maps key 4 value 4 entries 2 name outer \
	inner_map pinned "$GLOBALS/inner"
bpftool map update pinned "$GLOBALS/outer" key 1 0 0 0 value pinned "$GLOBALS/inner"
outer=$(map_id "$GLOBALS/outer")
lists "$GLOBALS/inner"
stays "pinned map id $outer leads to it" "$GLOBALS/inner"
holder open "$GLOBALS/outer"
lists_not "$GLOBALS/inner"
stays 'has it open' "$GLOBALS/inner" "$GLOBALS/outer"
release
t_run 0 tc_loader share gc --delete "$GLOBALS/inner" "$GLOBALS/outer"
t_is "$(find "$GLOBALS" -type f)" '' 'pins left'

t_begin 'an object directory goes with its last pin'
t_run 0 tc_loader filter add dev v1 ingress bpf obj "$LEGACY/cyclic.o"
dir=$(find "$BPFFS/tc" -name '????????????????????????????????????????')
t_is "$(find "$dir" -type f | wc -l)" 2
stays 'attached program' "$dir/loop" "$dir/rounds"
t_run 0 tc_loader filter del dev v1 ingress
lists "$dir/loop"
stays 'leads to it' "$dir/rounds"
t_run 0 tc_loader share gc --delete "$dir/loop"
t_ok [ -d "$dir" ]
t_run 0 tc_loader share gc --delete "$dir/rounds"
t_ok [ ! -e "$dir" ]

t_begin 'what a killed loader leaves in keep; other things there are nobody of ours'
mkdir -p "$BPFFS/tc/keep/4000000000" "$BPFFS/tc/keep/mine" "$BPFFS/tc/keep/07"
new_map "$BPFFS/tc/keep/mine/map"
lists "$BPFFS/tc/keep/4000000000"
t_run 0 tc_loader share gc --delete
t_out_is "removed '$BPFFS/tc/keep/4000000000'"
t_ok [ -e "$BPFFS/tc/keep/mine/map" ]
t_ok [ -d "$BPFFS/tc/keep/07" ]
stays 'not ours to remove' "$BPFFS/tc/keep/mine/map"
rm -r "$BPFFS/tc/keep"

t_begin 'a map that somebody pinned beside what is kept stays until it is named'
mkdir -p "$BPFFS/tc/keep/4000000000"
new_map "$BPFFS/tc/keep/4000000000/mine"
t_run 0 tc_loader share gc --delete
t_err_has "'$BPFFS/tc/keep/4000000000/mine' stays: it is not a kept prog array"
t_ok [ -e "$BPFFS/tc/keep/4000000000/mine" ]
t_run 0 tc_loader share gc --delete "$BPFFS/tc/keep/4000000000/mine"
t_ok [ ! -e "$BPFFS/tc/keep" ]

t_begin 'who may not see programs removes nothing and is told'
new_map "$GLOBALS/idle"
cp "$BUILD/bin/tc_loader" "$TMP"
chmod 755 "$TMP"
chown -R nobody "$BPFFS"
chmod 755 "$BPFFS"
as_nobody() {
	setpriv --reuid=nobody --clear-groups --bounding-set=-all,+bpf,+net_admin \
		--inh-caps=-all,+bpf,+net_admin --ambient-caps=-all,+bpf,+net_admin -- "$@"
}
t_run 255 as_nobody "$TMP/tc_loader" share gc
t_err_has CAP_SYS_ADMIN
t_run 255 as_nobody "$TMP/tc_loader" share gc --delete "$GLOBALS/idle"
t_err_has CAP_SYS_ADMIN
t_ok [ -e "$GLOBALS/idle" ]
chown -R root "$BPFFS"
rm "$GLOBALS/idle"

# The filter runs on the pinned map, whoever came first.
one_map() {
	t_is "$(maps_of "$(prog_at v1 ingress)")" "$(map_id "$GLOBALS/by_name_hits")" \
		"map of the filter, round $1"
}

t_begin 'a loader takes the pin while gc runs: never both'
removed=0
for round in 1 2 3 4 5 6 7 8 9 10 11 12; do
	case $((round % 2)) in
	0) loader=tc_loader ;;
	*) loader=tc ;;
	esac
	[ -e "$GLOBALS/by_name_hits" ] || {
		tc_loader filter add dev v1 ingress pref 1 handle 1 bpf da obj "$OBJ/by_name.o" sec tc
		tc filter del dev v1 ingress
	}
	tc_loader share gc --delete "$GLOBALS/by_name_hits" >"$TMP/gc" 2>&1 &
	gc=$!
	# From before gc's first look to after its last.
	sleep "0.0$(printf %02d $((round * 3)))"
	$loader filter add dev v1 ingress pref 1 handle 1 bpf da obj "$OBJ/by_name.o" sec tc \
		2>"$TMP/loader"
	! wait $gc || removed=$((removed + 1))
	one_map $round
	tc filter del dev v1 ingress
done
t_ok [ "$removed" -gt 0 ]

t_begin 'nor is an array that is just being kept removed'
rm -f "$GLOBALS"/*
for round in 1 2 3 4 5 6 7 8 9 10 11 12; do
	tc_loader share gc --delete >"$TMP/gc" 2>&1 &
	gc=$!
	sleep "0.0$(printf %02d $((round - 1)))"
	t_run 0 tc_loader filter add dev v1 ingress pref 1 handle 1 bpf obj "$OBJ/kept.o"
	wait $gc
	prog=$(prog_at v1 ingress)
	t_ok [ -e "$BPFFS/tc/keep/$prog/kept_jumps" ]
	# The next round's gc finds this one's array idle.
	tc filter del dev v1 ingress
done
t_run 0 tc_loader share gc --delete
t_ok [ ! -e "$BPFFS/tc/keep" ]

t_begin 'without the right to look everywhere: what is gone goes, what may be attached stays'
start unshare --net sleep 100
less() {
	setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace -- "$@"
}
t_run 0 tc_loader filter add dev v1 ingress pref 1 handle 1 bpf obj "$OBJ/kept.o"
prog=$(prog_at v1 ingress)
bpftool prog pin id "$prog" "$BPFFS/held"
bpftool map update pinned "$BPFFS/tc/keep/$prog/kept_jumps" key 2 0 0 0 value pinned "$BPFFS/held"
rm "$BPFFS/held"
t_run 0 tc_loader filter add dev v1 ingress pref 2 handle 1 bpf obj "$OBJ/kept.o"
other=$(tc filter show dev v1 ingress pref 2 | sed -n 's/.* id \([0-9]*\) .*/\1/p')
tc filter del dev v1 ingress pref 1
tc filter del dev v1 ingress pref 2
t_run 0 less tc_loader share gc --delete
t_out_is "removed '$BPFFS/tc/keep/$other/kept_jumps'"
t_ok [ -e "$BPFFS/tc/keep/$prog/kept_jumps" ]
t_ok [ ! -e "$BPFFS/tc/keep/$other" ]
t_run 255 less tc_loader share gc --delete "$GLOBALS/kept_stages"
t_err_has "program id $prog uses it"
new_map "$GLOBALS/idle"
t_run 255 less tc_loader share gc --delete --force-unseen "$GLOBALS/idle"
t_err_has 'its users cannot be determined, not seen:'
t_err_has CAP_SYS_PTRACE
t_ok [ -e "$GLOBALS/idle" ]
t_run 0 less tc_loader share gc
t_out_has 'not all users could be seen'
t_err_has 'not seen'
rm -r "$BPFFS/tc/keep" "$GLOBALS/idle"

t_begin 'without bpffs there is nothing to look at'
# Who looks for pins in every mount namespace may be in it.
umount -l "$BPFFS"
t_run 255 tc_loader --no-caller-pins share gc
t_err_has 'not a BPF file system'
t_run 255 tc_loader --no-caller-pins share gc --delete
