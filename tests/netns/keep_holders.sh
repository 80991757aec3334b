#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What is kept for a program's tail calls goes with its last user, and a user is also who has
# the program open; what a killed command left goes with its rerun; a number that comes again
# and calls that fail inside lose no tail calls.
#
# alone: others that list programs have ours open for a moment, which is to use them
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/netns_scripts/topo_veth.sh"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

KEEP=$BPFFS/tc/keep
# Names that no other test's maps have: a load looks at those, too.
ID=$(printf %06d $(($$ % 1000000)))
OBJECT=$TMP/own.o
sed "s/kept_stages/kept${ID}s/g; s/kept_jumps/kept$ID/g" "$OBJ/kept.o" >"$OBJECT"
STAGES=$PIN_DIR/kept${ID}s
ADD="filter add dev v0 ingress pref 1 handle 1 bpf obj $OBJECT"
REPLACE="filter replace dev v0 ingress pref 1 handle 1 bpf obj $OBJECT"
DEL='filter del dev v0 ingress pref 1 handle 1 bpf'

kept() {
	[ ! -d "$KEEP" ] || (cd "$KEEP" && find . -type f | sort)
}

# stage N: rounds through it so far.
stage() {
	map_u64s "$STAGES" "0$1" 00 00 00
}

# runs WORDS: what passes now goes through all three stages.
runs() {
	local before after
	before="$(stage 0) $(stage 1) $(stage 2)"
	send_pings 3
	after="$(stage 0) $(stage 1) $(stage 2)"
	# shellcheck disable=SC2086 # numbers
	set -- "$1" $before $after
	t_is "$(($5 - $2)) $(($6 - $3)) $(($7 - $4))" '3 3 3' "$1"
}

# inject WHAT CMD…
inject() {
	local what=$1
	shift
	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e "trace=${what%%:*}" \
		-e "inject=$what" "$@"
}

# jump_home PROG: puts it into a slot of its own array, which keeps it alive.
jump_home() {
	bpftool prog pin id "$1" "$BPFFS/held"
	bpftool map update pinned "$KEEP/$1/kept$ID" key 2 0 0 0 value pinned "$BPFFS/held"
	rm "$BPFFS/held"
}

topo_veth
t_run 0 tc_loader qdisc add dev v0 clsact

t_begin 'who has the program open may attach it again: its tail calls stay'
# shellcheck disable=SC2086 # words of commands, here and below
t_run 0 tc_loader $ADD
prog=$(prog_at v0 ingress)
bpftool prog pin id "$prog" "$BPFFS/held"
start "$BUILD/tests/netns/hold" open "$BPFFS/held" >"$TMP/ready"
t_ok wait_for 20 grep -q ready "$TMP/ready"
rm "$BPFFS/held"
# shellcheck disable=SC2086
t_run 0 tc_loader $DEL
t_err_has "'$KEEP/$prog/kept$ID' stays: process $STARTED (hold) has it open"
t_is "$(kept)" "./$prog/kept$ID"
bpftool prog pin id "$prog" "$BPFFS/again"
t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 bpf object-pinned "$BPFFS/again"
runs 'attached again'

t_begin 'the last user takes it along'
rm "$BPFFS/again"
kill "$STARTED"
wait "$STARTED" || :
# Also where it cannot be asked whether anything is kept.
# shellcheck disable=SC2086
t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/failed" -P "$KEEP" -P "$KEEP/$prog" \
	-e trace=?access,faccessat -e inject=?access,faccessat:error=ENOMEM tc_loader $DEL
t_ok grep -q INJECTED "$TMP/failed"
t_err_is ''
t_ok [ ! -e "$KEEP" ]

t_begin 'so do those of a program that is detached by its object'
t_run 0 cgroup_loader cgroup attach "$JOB" egress obj "$OBJECT" program egress
prog=$(prog_in "$JOB")
bpftool prog pin id "$prog" "$BPFFS/held"
start "$BUILD/tests/netns/hold" open "$BPFFS/held" >"$TMP/ready"
t_ok wait_for 20 grep -q ready "$TMP/ready"
rm "$BPFFS/held"
t_run 0 cgroup_loader cgroup detach "$JOB" egress obj "$OBJECT" program egress
t_err_has "'$KEEP/$prog/kept$ID' stays: process $STARTED (hold) has it open"
kill "$STARTED"
wait "$STARTED" || :
t_run 0 cgroup_loader share gc --delete
t_ok [ ! -e "$KEEP" ]

t_begin 'a del that is killed leaves nothing that its rerun does not take'
for own in no yes; do
	seen=0
	for point in 1 2 3 4; do
		# shellcheck disable=SC2086
		t_run 0 tc_loader $ADD
		prog=$(prog_at v0 ingress)
		[ $own = no ] || jump_home "$prog"
		# shellcheck disable=SC2086
		t_run any inject "recvmsg:signal=KILL:when=$point" tc_loader $DEL
		if [ "$(filters v0 ingress)" = 0 ] && [ -d "$KEEP/$prog" ]; then
			seen=$((seen + 1))
			# shellcheck disable=SC2086
			t_run 2 tc_loader $DEL
		elif [ "$(filters v0 ingress)" = 1 ]; then
			# shellcheck disable=SC2086
			t_run 0 tc_loader $DEL
		fi
		t_is "$(filters v0 ingress)" 0
		# What only its own slot keeps may run out of sight: its array is not taken.
		[ $own = no ] || ! bpftool prog show id "$prog" >"$TMP/prog" 2>&1 ||
			rm -rf "$KEEP"
		t_ok [ ! -e "$KEEP" ]
	done
	t_isnt $seen 0 'kills between detaching and dropping'
done

t_begin 'so does a replace'
for point in 3 4 5 6; do
	# shellcheck disable=SC2086
	t_run 0 tc_loader $REPLACE
	# shellcheck disable=SC2086
	t_run any inject "recvmsg:signal=KILL:when=$point" tc_loader $REPLACE
	# shellcheck disable=SC2086
	t_run 0 tc_loader $REPLACE
	t_is "$(kept)" "./$(prog_at v0 ingress)/kept$ID"
done
t_run 0 tc_loader filter del dev v0 ingress
t_ok [ ! -e "$KEEP" ]

t_begin 'what is kept under a number that comes again takes no name away'
# shellcheck disable=SC2086
t_run 0 tc_loader $ADD
bpftool map create "$BPFFS/foreign" type prog_array key 4 value 4 entries 3 name "k$$"
"$LIB_PYTHON" - "$KEEP" "$(prog_at v0 ingress)" "$BPFFS/foreign" "kept$ID" <<'END'
import ctypes, os, sys
libbpf = ctypes.CDLL("libbpf.so.1", use_errno=True)
fd = libbpf.bpf_obj_get(sys.argv[3].encode())
for program in range(int(sys.argv[2]) + 1, int(sys.argv[2]) + 2000):
    os.mkdir("%s/%d" % (sys.argv[1], program), 0o700)
    assert libbpf.bpf_obj_pin(fd, ("%s/%d/%s" % (sys.argv[1], program, sys.argv[4])).encode()) == 0
END
t_run 0 tc_loader filter add dev v0 ingress pref 2 handle 1 bpf obj "$OBJECT"
prog=$(tc filter show dev v0 ingress pref 2 | sed -n 's/.* id \([0-9]*\) .*/\1/p')
t_err_has "kept at $KEEP/$prog/kept${ID}_2"
t_is "$(map_id "$KEEP/$prog/kept$ID")" "$(map_id "$BPFFS/foreign")"
t_run 0 tc_loader filter del dev v0 ingress pref 1
runs 'under a number that came again'
t_run 0 tc_loader filter del dev v0 ingress pref 2
rm -rf "$KEEP" "$BPFFS/foreign"

t_begin 'calls that fail inside: attached with what it jumps to, or not at all'
kept_runs=0
refused=0
for ((n = 1; n <= 90; n += 1)); do
	# shellcheck disable=SC2086
	t_run any inject "bpf:error=EIO:when=$n" tc_loader $ADD
	if [ "$(filters v0 ingress)" = 1 ]; then
		prog=$(prog_at v0 ingress)
		t_is "$(kept)" "./$prog/kept$ID" "what is kept, call $n failed"
		kept_runs=$((kept_runs + 1))
	else
		t_is "$(kept)" '' "what is kept, call $n failed"
		refused=$((refused + 1))
	fi
	tc filter del dev v0 ingress
	rm -rf "$KEEP"
done
t_isnt $kept_runs 0
t_isnt $refused 0
