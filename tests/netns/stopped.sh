#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A command that is ended by a signal, or by a pipe that nobody reads any more, did all of its
# work or none of it, whenever the signal comes, and ends by that signal.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace sends signals at counted points'

# Nobody else's maps have these names: then nothing but the hooks themselves is looked at.
own_objects refused_ kept_ slots_
PIN=$BPFFS/tc/globals/$(own_word refused_)global
FINE="bpf da obj $OBJ/refused.o section fine"
DEVS=
for n in 1 2 3 4 5 6 7 8; do
	DEVS="$DEVS v$n"
done
# shellcheck disable=SC2086 # names
dev_add $DEVS
for dev in $DEVS; do
	tc qdisc add dev "$dev" clsact
done
printf '%s\n' "$DEVS" >"$TMP/devs"

# standing: on how many interfaces there is a filter.
standing() {
	for dev in $DEVS; do
		tc filter show dev "$dev" ingress | grep 'handle 0x1 ' || true
	done | wc -l
}

clear_all() {
	for dev in $DEVS; do
		tc filter del dev "$dev" ingress 2>/dev/null || true
	done
	rm -f "$PIN"
}

# stopped SIGNAL CALLS N CMD…: CMD gets the signal as it enters the N-th of these calls; its
# status is in $status.
stopped() {
	with="-e trace=$2 -e inject=$2:signal=$1:when=$3"
	shift 3
	status=0
	# shellcheck disable=SC2086 # words of strace
	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null $with "$@" >"$TMP/out" 2>&1 ||
		status=$?
}

# all_or_none STATUS: after a command that adds.
all_or_none() {
	case $status-$(standing) in
	"$1-0")
		none=$((none + 1))
		t_ok [ ! -e "$PIN" ]
		;;
	"$1-8" | 0-8)
		all=$((all + 1))
		t_ok [ -e "$PIN" ]
		;;
	*) t_fail "status $status, $(standing) of 8 filters: $(cat "$TMP/out")" ;;
	esac
}

for signal in TERM:143 INT:130 HUP:129 PIPE:141; do
	t_begin "SIG${signal%:*} at counted points: filters on all interfaces or on none"
	all=0
	none=0
	point=1
	# How many calls come before the filters depends on what else the machine has loaded.
	while [ $point -le 12 ] || { [ $all -eq 0 ] && [ $point -lt 100000 ]; }; do
		# shellcheck disable=SC2086 # FINE is words
		stopped "${signal%:*}" sendto $point tc_loader filter add devs "@$TMP/devs" \
			ingress pref 1 handle 1 $FINE
		all_or_none "${signal#*:}"
		clear_all
		point=$((point < 12 ? point + 1 : point * 2))
	done
	t_ok [ $all -gt 0 ]
	t_ok [ $none -gt 0 ]
done

t_begin 'while maps are made and programs loaded'
all=0
none=0
for point in 1 2 3 5 8 12 17 23 30 40 60; do
	# shellcheck disable=SC2086
	stopped TERM bpf,mkdir $point tc_loader filter add devs "@$TMP/devs" \
		ingress pref 1 handle 1 $FINE
	all_or_none 143
	clear_all
done
t_ok [ $none -gt 0 ]

t_begin 'at random points'
all=0
none=0
round=0
while [ $round -lt 30 ]; do
	status=0
	# shellcheck disable=SC2086
	timeout --preserve-status -s TERM "0.0$(printf '%02d' $round)" tc_loader filter add \
		devs "@$TMP/devs" ingress pref 1 handle 1 $FINE >"$TMP/out" 2>&1 || status=$?
	all_or_none 143
	clear_all
	round=$((round + 1))
done

t_begin 'replace and del are brought to their end'
# shellcheck disable=SC2086
t_run 0 tc_loader filter add devs "@$TMP/devs" ingress pref 1 handle 1 $FINE
old=$(prog_at v1 ingress)
# shellcheck disable=SC2086
stopped TERM sendto 3 tc_loader filter replace devs "@$TMP/devs" ingress pref 1 handle 1 $FINE
t_is "$status" 143
for dev in $DEVS; do
	t_isnt "$(prog_at "$dev" ingress)" "$old"
done
stopped TERM sendto 3 tc_loader filter del devs "@$TMP/devs" ingress pref 1
t_is "$status" 143
t_is "$(standing)" 0
stopped TERM sendto 3 tc_loader qdisc del devs "@$TMP/devs" clsact
t_is "$status" 143
t_is "$(tc qdisc show | grep -c clsact || true)" 0
stopped TERM sendto 3 tc_loader qdisc add devs "@$TMP/devs" clsact
t_is "$status" 143
t_is "$(tc qdisc show | grep -c clsact || true)" 8
clear_all

t_begin 'a graft is done or leaves the slot and no pin'
JUMPS=$(own_word slots_)jumps
t_run 0 tc_loader filter add dev v1 ingress pref 1 handle 1 bpf da obj "$OBJ/slots_left.o"
in_slot() {
	bpftool -j map lookup pinned "$BPFFS/tc/globals/$JUMPS" key 0 0 0 0 | t_json .value
}
changed=0
none=0
for point in 1 5 9 13 17 21 25 29 33 37 41 45 50 55 60 60000; do
	before=$(in_slot)
	rm -f "$PIN"
	stopped TERM bpf $point tc_loader exec bpf graft "m:globals/$JUMPS" key 0 \
		obj "$OBJ/refused.o" section fine
	if [ "$(in_slot)" = "$before" ]; then
		t_is "$status" 143
		t_ok [ ! -e "$PIN" ]
		none=$((none + 1))
	else
		t_ok [ -e "$PIN" ]
		changed=$((changed + 1))
	fi
done
t_isnt $none 0
t_isnt $changed 0
t_run 0 tc_loader filter del dev v1 ingress
rm -f "$PIN"

# no_reader CMD…: its stderr is a pipe that nobody reads.
mkfifo "$TMP/pipe"
no_reader() {
	# shellcheck disable=SC2094 # a reader, so that the writer can open; then none
	exec 8<>"$TMP/pipe" 9>"$TMP/pipe" 8>&-
	status=0
	"$@" 2>&9 || status=$?
	exec 9>&-
}

t_begin 'a remark that nobody reads comes after the work'
t_run 0 tc_loader filter add dev v1 ingress pref 1 handle 1 bpf obj "$OBJ/kept.o"
no_reader tc_loader filter replace dev v1 ingress pref 1 handle 1 bpf obj "$OBJ/kept.o"
t_is "$status" 141
t_is "$(ls "$BPFFS/tc/keep")" "$(prog_at v1 ingress)"
t_run 0 tc_loader filter del dev v1 ingress

t_begin 'a failure that nobody reads of leaves none'
ip link del v8
# shellcheck disable=SC2086
printf 'v1 v2 v3 lo\n' >"$TMP/devs"
# shellcheck disable=SC2086
no_reader tc_loader filter add devs "@$TMP/devs" ingress pref 1 handle 1 $FINE
t_is "$status" 141
t_is "$(standing)" 0
t_ok [ ! -e "$PIN" ]

t_begin 'what the caller ignores stays ignored'
printf 'v1 v2 v3\n' >"$TMP/devs"
# shellcheck disable=SC2086
(
	trap '' TERM
	stopped TERM sendto 2 tc_loader filter add devs "@$TMP/devs" ingress pref 1 handle 1 $FINE
	echo "$status" >"$TMP/status"
)
t_is "$(cat "$TMP/status") $(standing)" '0 3'
