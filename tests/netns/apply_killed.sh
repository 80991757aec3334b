#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# An apply that is killed anywhere is finished by the next one of that name, or taken back by
# remove; in between the old or the new program is attached, never none. Two runs of one name
# exclude each other; a signal takes everything back.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
own_objects pair

ROUNDS=${ROUNDS:-12}
PAIR=$(own_word pair)_hits_00000
STATE=$TMP/state
cp "$OBJ/pair_btf_name.o" "$TMP/one.o"
cat >"$TMP/acct.yaml" <<END
name: acct
objects:
  tc: { file: one.o }
  cg: { file: one.o }
maps:
  $PAIR: { shared: yes }
tc:
  - { object: tc, interfaces: [ "v?" ], hook: ingress }
cgroups:
  - { object: cg, type: egress, cgroups: [ "$CG/a" ] }
  - { object: cg, type: egress, cgroups: [ "$CG/b" ], mode: link }
END
APPLY=(tc_loader apply --state-dir "$STATE" "$TMP/acct.yaml")
REMOVE=(tc_loader remove --state-dir "$STATE" "$TMP/acct.yaml")
CHECK=(tc_loader check --state-dir "$STATE" "$TMP/acct.yaml")
dev_add v0 v1
cg_add a
cg_add b

# sampled: the numbers of ROUNDS of the calls in $TMP/calls, the last one among them; two in three
# of those behind the last load, which are the acts.
sampled() {
	local loaded=0
	if grep -q BPF_PROG_LOAD "$TMP/calls"; then
		loaded=$(call_number BPF_PROG_LOAD)
	fi
	awk -v rounds="$ROUNDS" -v loaded="$loaded" 'END {
		early = loaded ? int(rounds / 3) : 0
		for (i = 1; i <= rounds; i++) {
			if (i <= early)
				place = int(i * loaded / early)
			else
				place = loaded + int((i - early) * (NR - loaded) / (rounds - early))
			if (place > last)
				print place
			last = place
		}
	}' "$TMP/calls"
}

# What stands, by number: filters, programs of both cgroups, pins of links.
standing() {
	local dev n=''
	for dev in v0 v1; do
		n="$n$(filters "$dev" ingress 2>/dev/null || echo 0) "
	done
	echo "$n$(cg_progs "$CG/a") $(cg_progs "$CG/b") $(find "$BPFFS" -path '*mapshare/*' -type f | wc -l)"
}

clean() {
	rm -rf "$STATE"
	tc qdisc del dev v0 clsact 2>/dev/null || :
	tc qdisc del dev v1 clsact 2>/dev/null || :
	rm -rf "$BPFFS/mapshare" "$BPFFS/tc"
	local id
	for id in $(bpftool cgroup show "$CG/a" | sed -n 's/^\([0-9]*\) .*/\1/p'); do
		bpftool cgroup detach "$CG/a" egress id "$id"
	done
}

KILLS=0
hit() {
	if killed_at "$@"; then
		KILLS=$((KILLS + 1))
	fi
}

# anywhere TRACE ROUND: ROUND with each of some calls of what TRACE runs undisturbed. How many
# calls it makes depends on what others have loaded meanwhile: with too few hits, once more.
anywhere() {
	local pass place
	KILLS=0
	for pass in 1 2 3 4; do
		"$1" >"$TMP/out" 2>&1
		sampled >"$TMP/places"
		while read -r place; do
			"$2" "$place"
		done <"$TMP/places"
		echo "  pass $pass: killed $KILLS times"
		[ "$KILLS" -lt $((ROUNDS / 2)) ] || return 0
	done
	return 1
}

first_traced() {
	clean
	calls_of "${APPLY[@]}"
}

first_finished() {
	clean
	hit "$1" "${APPLY[@]}"
	t_run 0 "${APPLY[@]}"
	t_is "$(standing)" '1 1 1 1 1' "what stands after a kill at call $1"
	t_run 0 "${CHECK[@]}"
	t_is "$(find "$STATE" -name '*.journal')" ''
}

# Whatever is in the directory but locks; it may be gone, too.
records() {
	[ ! -d "$STATE" ] || find "$STATE" -type f -not -name '*.lock'
}

first_removed() {
	clean
	hit "$1" "${APPLY[@]}"
	t_run 0 "${REMOVE[@]}"
	t_is "$(standing)" '0 0 0 0 0' "what stands after a kill at call $1"
	t_is "$(records)" ''
}

build_traced() {
	clean
	t_run 0 "${APPLY[@]}"
	printf x >>"$TMP/one.o"
	calls_of "${APPLY[@]}"
}

build_replaced() {
	printf x >>"$TMP/one.o"
	hit "$1" "${APPLY[@]}"
	t_is "$(standing)" '1 1 1 1 1' "what stands after a kill at call $1"
	t_run 0 "${APPLY[@]}"
	t_is "$(standing)" '1 1 1 1 1'
	t_run 0 "${CHECK[@]}"
}

removal_traced() {
	t_run 0 "${APPLY[@]}"
	calls_of "${REMOVE[@]}"
}

removal_ended() {
	t_run 0 "${APPLY[@]}"
	hit "$1" "${REMOVE[@]}"
	t_run 0 "${REMOVE[@]}"
	t_is "$(standing)" '0 0 0 0 0' "what stands after a kill at call $1"
}

t_begin 'a first apply, killed anywhere: the next one finishes it'
t_ok anywhere first_traced first_finished

t_begin 'or remove takes it back'
t_ok anywhere first_traced first_removed

t_begin 'a new build, killed anywhere: one program everywhere at all times'
t_ok anywhere build_traced build_replaced

t_begin 'killed twice, at different builds: what the first one left is still ours'
printf x >>"$TMP/one.o"
hit "$(call_number 'sendto')" "${APPLY[@]}"
printf x >>"$TMP/one.o"
hit "$(call_number 'sendto')" "${APPLY[@]}"
t_run 0 "${REMOVE[@]}"
t_is "$(standing)" '0 0 0 0 0'

t_begin 'remove, killed anywhere: the next one ends it'
t_ok anywhere removal_traced removal_ended

t_begin 'remove, killed between a pin and its end: it is found beside its name'
clean
for verb in REMOVE APPLY; do
	t_run 0 "${APPLY[@]}"
	pin=$(find "$BPFFS" -path '*mapshare/*' -type f)
	mkdir -m 700 "${pin%/*}/mapshare_removes_1"
	mv "$pin" "${pin%/*}/mapshare_removes_1/"
	if [ $verb = APPLY ]; then
		t_run 0 "${APPLY[@]}"
		t_is "$(standing)" '1 1 1 1 1'
		t_ok [ -e "$pin" ]
	fi
	t_run 0 "${REMOVE[@]}"
	t_is "$(standing)" '0 0 0 0 0'
	t_ok [ ! -e "$BPFFS/mapshare" ]
done

t_begin 'remove, killed at its last directory, or as a file got its name: the next one removes either'
mkdir -p "$BPFFS/mapshare/acct"
journal=$(find "$STATE" -name 'acct@*.lock')
: >"$STATE/.$(basename "${journal%.lock}").journal.mapshare-0123456789abcdef"
t_run 0 "${REMOVE[@]}"
t_is "$(records)" ''
t_ok [ ! -e "$BPFFS/mapshare" ]

# stopped_where COMMAND ARGUMENT…: an apply, stopped after the last bpf(2) call of that command
# with the condition true. How many calls come before depends on what others have loaded: a
# miss is taken again.
stopped_where() {
	local at=$1 try
	shift
	for try in $(seq 30); do
		clean
		calls_of "${APPLY[@]}" >"$TMP/out" 2>&1
		clean
		stopped_after "$(call_number "$at")" "${APPLY[@]}" || continue
		! "$@" || return 0
		printf '  try %s: not there yet\n' "$try"
		kill -CONT "$STOPPED"
		wait "$STOPPED_BY" || :
	done
	return 1
}

something_stands() {
	[ "$(standing)" != '0 0 0 0 0' ]
}

nothing_stands_of_what_is_loaded() {
	! something_stands && grep -q BPF_PROG_LOAD "$TMP/stopped"
}

t_begin 'a signal in the middle: all of it is taken back'
stopped_where BPF_LINK_CREATE something_stands || t_fail 'it never stood there'
kill -TERM "$STOPPED"
goes_on 143
t_is "$(standing)" '0 0 0 0 0'
t_is "$(tc qdisc show dev v0 clsact)$(tc qdisc show dev v1 clsact)" '' 'the qdiscs that it made'
t_is "$(records)" ''
t_is "$(find "$BPFFS" -type f -not -name '*.debug')" '' 'pins'

t_begin 'two runs of one name: the second one waits, says so, and finds all done'
stopped_where BPF_LINK_CREATE something_stands || t_fail 'it never stood there'
"${APPLY[@]}" >"$TMP/second_out" 2>"$TMP/second_err" &
second=$!
on_exit "kill $second 2>/dev/null"
t_ok wait_for 20 grep -q "another run of 'acct' (pid $STOPPED)" "$TMP/second_err"
goes_on 0
t_ok wait "$second"
t_ok grep -q 'in sync' "$TMP/second_out"
t_is "$(standing)" '1 1 1 1 1'
t_run 0 "${REMOVE[@]}"

t_begin 'an interface that goes between the plan and the act: begun again without it'
stopped_where BPF_PROG_LOAD nothing_stands_of_what_is_loaded || t_fail 'it never stood there'
ip link del v1
goes_on 0
t_ok grep -q 'once more' "$TMP/stopped_err"
t_is "$(filters v0 ingress)" 1
t_run 0 "${CHECK[@]}"
t_run 0 "${REMOVE[@]}"
