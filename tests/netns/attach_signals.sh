#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A signal between two of many cgroups: all of them or none, and no pin is left. The signal
# comes at counted system calls, so that it falls into every stage.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace sends the signals'

NR=100
i=0
while [ $i -lt $NR ]; do
	cg_add "all/$i"
	i=$((i + 1))
done

attached() {
	bpftool -j cgroup tree "$CG/all" | t_json '.|length'
}

none_attached() {
	[ "$(attached)" = 0 ]
}

ATTACH="cgroup_loader cgroup attach each $CG/all egress obj $OBJ/again.o"

# signalled SIGNAL CALL WORDS…: that signal at that call of bpf(2); the status in $status. What
# the caller of this test ignores is no matter here.
signalled() {
	sig=$1 at=$2
	shift 2
	status=0
	# shellcheck disable=SC2086 # words of a command
	ASAN_OPTIONS=detect_leaks=0 env "--default-signal=$sig" strace -qq -o "$TMP/trace" \
		-e trace=bpf -e "inject=bpf:signal=$sig:when=$at" $ATTACH "$@" 2>"$TMP/said" || status=$?
}

calls_made() {
	t_count '^bpf(' "$TMP/trace"
}

# counted WORDS…: how many calls it takes, in $calls. It takes more while the machine has more
# maps, whose names are looked at.
counted() {
	signalled CONT 1 "$@"
	t_is $status 0
	calls=$(calls_made)
	t_is "$(attached)" $NR
	undo
}

# signalled_in SIGNAL PART WORDS…: after that many tenths of the calls, counted once more where
# it has ended before.
signalled_in() {
	in_sig=$1 in_part=$2
	shift 2
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		signalled "$in_sig" $((calls * in_part / 10)) "$@"
		if [ $status -ne 0 ] || [ "$(calls_made)" -gt $((calls * in_part / 10)) ]; then
			return 0
		fi
		undo
		counted "$@"
	done
}

# all_or_none SIGNAL WORDS…: over the whole run.
all_or_none() {
	sig_name=$1
	shift
	counted "$@"
	for part in $PARTS; do
		signalled_in "$sig_name" "$part" "$@"
		t_isnt $status 0 "status after $sig_name at $part/10"
		# The kernel ends a link that is let go of a little later.
		wait_for 10 none_attached || :
		t_is "$(attached)" 0 "attached after $sig_name at $part/10"
		t_is "$(find "$BPFFS" -type f ! -name '*.debug')" '' "pins after $sig_name at $part/10"
	done
	signalled "$sig_name" "$calls" "$@"
	case $(attached) in
	0 | "$NR") ;;
	*) t_fail "attached after $sig_name at the end" ;;
	esac
	undo
}

undo() {
	cgroup_loader cgroup detach each "$CG/all" egress obj "$OBJ/again.o" >/dev/null 2>&1 || :
	rm -rf "$BPFFS/tc" "$BPFFS/l"
}

PARTS='1 4 5 7 9'
for sig in TERM INT HUP PIPE; do
	t_begin "all cgroups or none: SIG$sig"
	all_or_none $sig multi
	PARTS=6
done
t_begin 'the same for links'
PARTS='3 8'
all_or_none TERM link pinned "$BPFFS/l"

t_begin 'as the last of all is attached'
# last_look AT: the signal comes at that look at a cgroup's file system, before it is attached to.
last_look() {
	# shellcheck disable=SC2086 # words of a command
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/trace" -e trace=fstatfs \
		-e "inject=fstatfs:signal=TERM:when=$1" $ATTACH multi 2>"$TMP/said"
}
t_run 0 last_look 60000
looks=$(t_count '^fstatfs(' "$TMP/trace")
undo
t_run any last_look "$looks"
t_isnt "$T_STATUS" 0
t_ok grep -q -- '--- SIGTERM' "$TMP/trace"
t_is "$(attached)" 0

t_begin 'loadall pins every program or none'
load() {
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/trace" -e trace=bpf \
		-e "inject=bpf:signal=TERM:when=$1" \
		cgroup_loader prog loadall "$OBJ/cg_types.o" "$BPFFS/all" 2>"$TMP/said"
}
count_load() {
	t_run 0 load 60000
	calls=$(calls_made)
	t_is "$(find "$BPFFS/all" -type f | wc -l)" 28
	rm -r "$BPFFS/all"
}
count_load
for part in 2 5 9; do
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		t_run any load $((calls * part / 10))
		if [ "$T_STATUS" -ne 0 ] || [ "$(calls_made)" -gt $((calls * part / 10)) ]; then
			break
		fi
		rm -r "$BPFFS/all"
		count_load
	done
	t_isnt "$T_STATUS" 0
	t_ok [ ! -e "$BPFFS/all" ]
done

t_begin 'what the caller ignores does not count'
# shellcheck disable=SC2086 # words of a command
t_run 0 env --ignore-signal=HUP ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/trace" -e trace=bpf \
	-e "inject=bpf:signal=HUP:when=40" $ATTACH multi
t_is "$(attached)" $NR
