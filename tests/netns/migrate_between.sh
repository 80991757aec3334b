#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the new programs write between the moment in which a migration looks at an element and
# the one in which it deletes or sets it stays: it is stopped right there.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
. "$TOP/tests/moved.sh"

dev_add v0
tc qdisc add dev v0 clsact

# copied: a migration that is stopped where all is copied and the programs are replaced: it
# waits for those that still run, once.
copied() {
	local key
	tc filter del dev v0 egress 2>/dev/null || :
	rm -rf "$BPFFS/tc"
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_${TYPE}_old.o"
	old=$(map_id "$PIN")
	for key in 1 2 3 4; do
		put "$old" "$key" $((key + 100)) 1 2
	done
	CALLS_CHANGING=membarrier
	echo '1 membarrier(' >"$TMP/calls"
	stopped_after 1 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_${TYPE}_new.o"
	new=$(map_id "$ASIDE/new")
}

attached() {
	grep -q "^TracerPid:.$FOLLOWER$" "/proc/$STOPPED/status"
}

# let_go PID: that strace goes, and what it stopped stays so.
let_go() {
	{
		kill -9 "$1"
		wait "$1" || :
	} 2>"$TMP/word"
}

# followed WORD…: another strace takes over, which counts bpf(2) from here on.
followed() {
	let_go "$STOPPED_BY"
	strace -qq -p "$STOPPED" -e trace=bpf -o "$TMP/followed" "$@" 2>"$TMP/follower" &
	FOLLOWER=$!
	on_exit "kill -9 $FOLLOWER 2>/dev/null"
	wait_for 60 attached
	kill -CONT "$STOPPED"
}

stopped_again() {
	awk '/^--- SIGSTOP/ { sent = 1 } sent && /stopped by SIGSTOP/ { found = 1 } END { exit !found }' \
		"$TMP/followed"
}

gone() {
	[ ! -e "/proc/$STOPPED" ]
}

ended() {
	let_go "$FOLLOWER"
	kill -CONT "$STOPPED"
	wait_for 60 gone
	t_is "$(map_id "$PIN")" "$new" "the pin of a migration that ended ($(cat "$TMP/stopped_err"))"
}

# stopped_before CHANGE: it is stopped after the last call before the first one that writes to
# the new map; CHANGE is what the old programs did.
stopped_before() {
	local at
	copied
	"$1"
	followed
	wait_for 60 gone
	at=$(awk '/^bpf/ { n++ } /BPF_PROG_TEST_RUN|BPF_MAP_DELETE_ELEM/ { print n; exit }' "$TMP/followed")
	copied
	"$1"
	followed -e "inject=bpf:signal=STOP:when=$((at - 1))"
	wait_for 60 stopped_again
}

deleted() {
	tc_loader map delete id "$old" key 3
	tc_loader map delete id "$old" key 4
}

# In which the number is written that stays where both wrote it.
written() {
	put "$old" 1 103 50 2
	put "$old" 2 102 60 2
}

for TYPE in hash percpu_hash; do
	t_begin "$TYPE: an element that is counted in as it is to be deleted"
	stopped_before deleted
	put "$new" 3 110 1 2
	put "$new" 4 113 1 2
	ended
	t_is "$(is 3) $(is 4)" '7 0 0 9 0 0'
	t_is "$(t_json .deleted <"$TMP/stopped_out")" 0
	t_is "$(is 1)" '101 1 2'

	t_begin "$TYPE: a member that is written as the old programs' value is to be set"
	stopped_before written
	put "$new" 1 106 70 2
	ended
	t_is "$(is 1)" '108 70 2'
	t_is "$(is 2)" '102 60 2'
	t_ok [ "$(t_json .raced <"$TMP/stopped_out")" -gt 0 ]
done
tc filter del dev v0 egress
rm "$PIN"
