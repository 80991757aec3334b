#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What share gc cannot see in the graph of programs and maps is still in use: programs attached
# to a map, links over maps, mappings, namespaces and processes out of sight. Severed links keep
# nothing. What is removed is what was judged, all of it or none.
#
# alone: maps that some process has mapped are all of the machine's
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

GLOBALS=$BPFFS/tc/globals
HOLD=$BUILD/tests/netns/hold

# new_map NAME [TYPE [FLAGS]]: a pinned map that nobody uses.
new_map() {
	bpftool map create "$GLOBALS/$1" type "${2:-hash}" key 4 value 4 entries 16 \
		flags "${3:-0}" name "${1:0:15}"
}

listed() {
	t_run 0 tc_loader share gc
	t_out_has "$1 "
}

not_listed() {
	t_run 0 tc_loader share gc
	t_out_lacks "$1 "
}

# stays WORDS PATH…: in use whatever processes hold, and why.
stays() {
	words=$1
	shift
	t_run 255 cgroup_loader share gc --delete --force-unseen "$@"
	t_err_has "$words"
	for path; do
		t_ok [ -e "$path" ]
	done
}

removes() {
	t_run 0 tc_loader share gc --delete "$@"
	for path; do
		t_ok [ ! -e "$path" ]
	done
}

dev_add v0
tc qdisc add dev v0 clsact
mkdir -p "$GLOBALS"

t_begin 'a sockmap with a policy attached'
new_map sockets sockmap
listed "$GLOBALS/sockets"
bpftool prog load "$OBJ/bound_policy.o" "$BPFFS/policy"
bpftool prog attach pinned "$BPFFS/policy" sk_msg_verdict pinned "$GLOBALS/sockets"
policy=$(bpftool -j prog show pinned "$BPFFS/policy" | t_json .id)
not_listed "$GLOBALS/sockets"
stays "program id $policy is attached to it" "$GLOBALS/sockets"
bpftool prog detach pinned "$BPFFS/policy" sk_msg_verdict pinned "$GLOBALS/sockets"
rm "$BPFFS/policy"
removes "$GLOBALS/sockets"

t_begin 'a map that an iterator walks over'
new_map walked
bpftool iter pin "$OBJ/bound_walk.o" "$BPFFS/walk" map pinned "$GLOBALS/walked"
link=$(bpftool -j link show pinned "$BPFFS/walk" | t_json .id)
not_listed "$GLOBALS/walked"
stays "link id $link holds it" "$GLOBALS/walked"
rm "$BPFFS/walk"
removes "$GLOBALS/walked"

t_begin 'an array that is mapped and not open'
new_map mapped array 1024
new_map other
: >"$TMP/holds"
start "$HOLD" memory "$GLOBALS/mapped" >"$TMP/holds"
t_ok wait_for 5 grep -q ready "$TMP/holds"
not_listed "$GLOBALS/mapped"
listed "$GLOBALS/other"
stays "process $STARTED has a map mapped into its memory" "$GLOBALS/mapped"
kill "$STARTED"
wait "$STARTED" 2>/dev/null || :
removes "$GLOBALS/mapped" "$GLOBALS/other"

t_begin 'descriptors of a thread alone, and of a process whose first thread has ended'
for how in thread leader; do
	new_map "by_$how"
	: >"$TMP/holds"
	start "$HOLD" "$how" "$GLOBALS/by_$how" >"$TMP/holds"
	t_ok wait_for 5 grep -q ready "$TMP/holds"
	not_listed "$GLOBALS/by_$how"
	stays "process $STARTED (hold) has it open" "$GLOBALS/by_$how"
	# Also where it cannot be asked whose descriptors a thread has.
	t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/calls" -e trace=kcmp \
		-e inject=kcmp:error=ENOSYS tc_loader share gc --delete "$GLOBALS/by_$how"
	t_err_has "process $STARTED (hold) has it open"
	kill "$STARTED"
	wait "$STARTED" 2>/dev/null || :
	removes "$GLOBALS/by_$how"
done

t_begin 'a severed link: its pin is idle wherever it is, and its map too'
cg_add gone
t_run 0 cgroup_loader cgroup attach "$CG/gone" egress obj "$OBJ/by_name.o" \
	link pinned "$BPFFS/links/gone"
not_listed "$BPFFS/links/gone"
not_listed "$GLOBALS/by_name_hits"
stays 'only severed links' "$BPFFS/links/gone"
rmdir "$CG/gone"
t_ok wait_for 30 listed "$BPFFS/links/gone"
t_out_has 'severed link'
listed "$GLOBALS/by_name_hits"
t_run 0 tc_loader -j share gc
t_is "$(t_out | t_json '.idle[0].kind')" link
removes "$GLOBALS/by_name_hits" "$BPFFS/links/gone"

t_begin 'a kept array whose program runs in a namespace that only a mount holds, far from /run'
: >"$TMP/ns"
tc_loader filter add dev v0 ingress pref 1 handle 1 bpf obj "$OBJ/kept.o"
prog=$(prog_at v0 ingress)
kept=$BPFFS/tc/keep/$prog/kept_jumps
bpftool prog pin id "$prog" "$BPFFS/held"
bpftool map update pinned "$kept" key 2 0 0 0 value pinned "$BPFFS/held"
ip netns add far
ip link set v0 netns far
tc -n far qdisc add dev v0 clsact
ns_run far tc filter add dev v0 ingress pref 1 handle 1 bpf object-pinned "$BPFFS/held"
rm "$BPFFS/held"
mount --bind /run/netns/far "$TMP/ns"
umount -l /run/netns/far
rm -f /run/netns/far
t_run 0 tc_loader share gc --delete --force-unseen
t_ok [ -e "$kept" ]
stays "program id $prog" "$kept"
# Nor when even the mount is out of sight.
exec 8<"$TMP/ns"
umount -l "$TMP/ns"
t_run 0 tc_loader share gc --delete --force-unseen 8<&-
t_ok [ -e "$kept" ]
exec 8<&-
rm -r "$BPFFS/tc/keep"
rm -f "$GLOBALS/kept_stages"

t_begin 'processes that cannot be seen: nothing goes, unless it is asked for'
new_map inside
within() {
	unshare --pid --fork --mount-proc "$@"
}
t_run 0 within tc_loader share gc
t_out_has 'not all users could be seen'
t_err_has 'processes outside of this PID namespace'
t_run 0 within tc_loader -j share gc
t_ok [ -n "$(t_out | t_json '.idle[0].in_use')" ]
t_run 255 within tc_loader share gc --delete "$GLOBALS/inside"
t_err_has 'processes outside of this PID namespace'
t_err_has '--force-unseen removes it all the same'
t_ok [ -e "$GLOBALS/inside" ]
t_run 0 within tc_loader share gc --delete --force-unseen "$GLOBALS/inside"
t_ok [ ! -e "$GLOBALS/inside" ]

t_begin '--pin-root: pins below another directory'
mkdir -p "$BPFFS/if/v0"
bpftool map create "$BPFFS/if/v0/rooted" type hash key 4 value 4 entries 4 name rooted
not_listed "$BPFFS/if/v0/rooted"
stays 'not ours to remove' "$BPFFS/if/v0/rooted"
t_run 0 cgroup_loader --pin-root "$BPFFS/if/v0" share gc
t_out_has "$BPFFS/if/v0/rooted "
t_run 0 cgroup_loader -j --pin-root "$BPFFS/if/v0" share gc
t_is "$(t_out | t_json '.idle[0].place')" pin-root
t_run 0 cgroup_loader --pin-root "$BPFFS" share gc
t_out_has "$BPFFS/if/v0/rooted "
t_run 255 cgroup_loader --pin-root "$BPFFS/none" share gc
t_err_has "--pin-root '$BPFFS/none'"
t_run 0 cgroup_loader --pin-root "$BPFFS/if/v0" share gc --delete "$BPFFS/if/v0/rooted"
t_ok [ ! -e "$BPFFS/if/v0/rooted" ]
t_ok [ -d "$BPFFS/if/v0" ]

t_begin '--delete without a path says that it takes paths'
new_map idle
t_run 0 tc_loader share gc --delete
t_err_has 'name the pins to remove'
t_run 0 tc_loader -j share gc --delete
t_is "$(t_out | t_json .deleted)" '[]'
t_ok [ -e "$GLOBALS/idle" ]

command -v strace >/dev/null || t_skip strace 'strace holds a command up and ends it at counted points'

t_begin 'a pin that is exchanged while its users are looked up is left'
old=$(map_id "$GLOBALS/idle")
start env ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace=mkdirat -e inject=mkdirat:delay_enter=2000000:when=1 \
	tc_loader share gc --delete "$GLOBALS/idle" >"$TMP/gc" 2>&1
strace=$STARTED
# It stands in the same call for longer than any but the delayed one takes.
is_judged() {
	call=$(cat "/proc/$(pgrep -P "$strace" tc_loader)/syscall" 2>/dev/null) || return 1
	sleep 0.3
	[ -n "$call" ] && [ "$call" != running ] &&
		[ "$call" = "$(cat "/proc/$(pgrep -P "$strace" tc_loader)/syscall" 2>/dev/null)" ]
}
t_ok wait_for 20 is_judged
rm "$GLOBALS/idle"
new_map idle
new=$(map_id "$GLOBALS/idle")
t_isnt "$new" "$old"
status=0
wait "$strace" || status=$?
t_is "$status" 255
t_ok grep -q 'another pin was put there' "$TMP/gc"
t_is "$(map_id "$GLOBALS/idle")" "$new"
t_is "$(find "$GLOBALS" -type d)" "$GLOBALS"

t_begin 'signals at counted points: all pins go or none, and nothing else is left'
all=0
none=0
point=1
while [ $point -le 6 ]; do
	for name in one two three; do
		[ -e "$GLOBALS/$name" ] || new_map $name
	done
	status=0
	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace=renameat2 -e inject=renameat2:signal=TERM:when=$point \
		tc_loader share gc --delete "$GLOBALS/one" "$GLOBALS/two" \
		"$GLOBALS/three" >"$TMP/gc" 2>&1 || status=$?
	left=$(find "$GLOBALS" -name one -o -name two -o -name three | wc -l)
	case $status-$left in
	143-3) none=$((none + 1)) ;;
	0-0 | 143-0) all=$((all + 1)) ;;
	*) t_fail "status $status, $left of 3 pins left: $(cat "$TMP/gc")" ;;
	esac
	t_is "$(find "$GLOBALS" -type d)" "$GLOBALS"
	point=$((point + 1))
done
t_ok [ $none -gt 0 ]
t_ok [ $all -gt 0 ]

t_begin 'one that cannot be removed: the others are put back, the same pins'
new_map one
new_map two
chmod 640 "$GLOBALS/one"
before=$(stat -c '%i %a %u' "$GLOBALS/one")
status=0
ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace=renameat2 -e inject=renameat2:error=EIO:when=2 \
	tc_loader share gc --delete "$GLOBALS/one" "$GLOBALS/two" >"$TMP/gc" 2>&1 || status=$?
t_is "$status" 255
t_is "$(stat -c '%i %a %u' "$GLOBALS/one")" "$before"
t_ok [ -e "$GLOBALS/two" ]

t_begin 'killed in between: the next one puts back what was set aside'
status=0
ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace=renameat2 -e inject=renameat2:signal=KILL:when=2 \
	tc_loader share gc --delete "$GLOBALS/one" "$GLOBALS/two" >"$TMP/gc" 2>&1 || status=$?
t_is "$status" 137
t_ok [ ! -e "$GLOBALS/one" ]
new_map more
removes "$GLOBALS/more"
t_is "$(stat -c '%i %a %u' "$GLOBALS/one")" "$before"
t_is "$(find "$GLOBALS" -type d)" "$GLOBALS"
