#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The kernel did the work and its answer was lost (ENOBUFS, ENOMEM): the outcome is asked, never
# assumed. What stands keeps its pin; what cannot be asked is said to be unknown.
#
# differs: lost-answers
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes answers disappear'

# Nobody else's maps have these names: then nothing but the hook itself is looked at.
own_objects refused_
PIN=$BPFFS/tc/globals/$(own_word refused_)global
FINE="bpf da obj $OBJ/refused.o section fine"
dev_add v0 v1 v2
for dev in v0 v1 v2; do
	tc qdisc add dev $dev clsact
done
printf 'v0 v1 v2\n' >"$TMP/devs"

# losing WHICH CMD…: CMD with these receptions failing, as strace counts them.
losing() {
	when=$1
	shift
	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace=recvmsg \
		-e "inject=recvmsg:error=${ERRNO-ENOBUFS}$when" "$@"
}

# filters DEV: how many stand at its ingress.
filters() {
	tc filter show dev "$1" ingress | grep -c 'handle 0x' || true
}

# shares DEV: the program at its ingress uses the pinned map.
shares() {
	case ,$(maps_of "$(prog_at "$1" ingress)"), in
	*,"$(map_id "$PIN")",*) ;;
	*) return 1 ;;
	esac
}

clear_all() {
	for dev in v0 v1 v2; do
		tc filter del dev $dev ingress
	done
	rm -f "$PIN"
}

# shellcheck disable=SC2086 # FINE is words
for ERRNO in ENOBUFS ENOMEM; do
	t_begin "$ERRNO: the answer is still there to be read"
	t_run 0 losing :when=1 tc_loader filter add dev v0 ingress pref 1 handle 1 $FINE
	t_err_is ''
	t_is "$(filters v0)" 1
	t_ok [ -e "$PIN" ]
	clear_all

	t_begin "$ERRNO: add is done, its pin stays, the next load shares the map"
	t_run 0 losing :when=1..4 tc_loader filter add dev v0 ingress pref 1 handle 1 $FINE
	t_err_has 'the answer is lost; a second look finds the filter in place'
	t_is "$(filters v0)" 1
	t_ok shares v0
	t_run 0 tc_loader filter add dev v1 ingress $FINE
	t_ok shares v1
	tc filter del dev v1 ingress

	t_begin "$ERRNO: add was refused: nothing changes"
	old=$(prog_at v0 ingress)
	rm "$PIN"
	# A map of that name is in use without its pin: other hooks are looked at first.
	first=1
	while [ $first -le 100 ]; do
		t_run 2 losing ":when=$first..$((first + 3))" \
			tc_loader filter add dev v0 ingress pref 1 handle 1 $FINE
		t_is "$(prog_at v0 ingress)" "$old"
		t_ok [ ! -e "$PIN" ]
		case $(t_err) in
		*'a second look finds'*) break ;;
		esac
		first=$((first + 1))
	done
	t_err_has 'a second look finds the filter not in place'

	clear_all

	t_begin "$ERRNO: replace"
	t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 $FINE
	old=$(prog_at v0 ingress)
	t_run 0 losing :when=1..4 tc_loader filter replace dev v0 ingress pref 1 handle 1 $FINE
	t_err_has 'a second look finds the filter in place'
	t_isnt "$(prog_at v0 ingress)" "$old"
	t_ok shares v0

	t_begin "$ERRNO: -echo tells what the second look found"
	t_run 0 losing :when=1..4 tc_loader -j -echo filter add dev v0 ingress pref 2 handle 7 $FINE
	t_is "$(t_out | t_json .[0].options.handle)" 0x7
	t_run 0 tc_loader filter del dev v0 ingress pref 2

	t_begin "$ERRNO: del"
	t_run 0 losing :when=1..4 tc_loader filter del dev v0 ingress pref 1 handle 1 bpf
	t_err_has 'a second look finds the filter gone'
	t_is "$(filters v0)" 0
	tc_loader filter add dev v0 ingress pref 1 protocol ip $FINE
	t_run 2 losing :when=1..4 tc_loader filter del dev v0 ingress pref 1 protocol arp
	t_err_has 'a second look finds the filter still in place'
	t_is "$(filters v0)" 1
	clear_all

	t_begin "$ERRNO: qdiscs"
	t_run 0 losing :when=1..4 tc_loader qdisc del dev v0 clsact
	t_err_has 'a second look finds the qdisc gone'
	t_run 0 losing :when=1..4 tc_loader qdisc add dev v0 clsact
	t_err_has 'a second look finds the qdisc in place'
	t_is "$(tc qdisc show dev v0 clsact | wc -l)" 1
	t_run 2 losing :when=1..4 tc_loader qdisc add dev v0 ingress
	t_err_has 'a second look finds the qdisc not in place'
	t_is "$(tc qdisc show dev v0 clsact | wc -l)" 1
done
ERRNO=ENOBUFS

t_begin 'nothing can be asked: unknown, and what may be in use stays'
# shellcheck disable=SC2086
t_run 2 losing '' tc_loader filter add dev v0 ingress pref 1 handle 1 $FINE
t_err_has 'unknown whether the filter is in place'
t_ok shares v0
t_run 2 losing '' tc_loader filter del dev v0 ingress pref 1
t_err_has 'unknown whether the filter is still in place'
t_run 2 losing '' tc_loader qdisc add dev v0 clsact
t_err_has 'unknown whether the qdisc is in place'
clear_all

t_begin 'one program twice in one place: who put it there cannot be told'
cat >"$TMP/batch" <<-END
	filter add dev v0 ingress pref 1 handle 1 $FINE
	filter add dev v0 ingress pref 1 handle 2 $FINE
	filter add dev v0 ingress pref 2 handle 3 $FINE
	filter add dev v1 ingress pref 1 handle 3 $FINE
END
# Each line looks at the hook as well: which answer is whose is found by trying.
for first in $(seq 2 16); do
	t_run any losing ":when=$first..$((first + 3))" tc_loader -batch "$TMP/batch"
	[ "$T_STATUS" -ne 0 ] || [ "$(t_count 'a second look finds the filter in place' "$TMP/t_err")" -eq 0 ] || break
	[ "$T_STATUS" -eq 0 ] || t_err_has 'unknown whether the filter is in place'
	clear_all
done
t_is "$T_STATUS" 0
t_err_has 'a second look finds the filter in place'
t_is "$(filters v0) $(filters v1)" '3 1'
clear_all

t_begin 'classic programs beside filters of other kinds, protocols and programs: only the same one counts'
ERRNO=ENOBUFS
tc filter add dev v2 ingress pref 7 protocol all u32 match u32 0 0
tc filter add dev v2 ingress pref 8 protocol ip bpf bytecode '1,6 0 0 0'
tc filter add dev v2 ingress pref 9 bpf bytecode '1,6 0 0 1'
tc filter add dev v2 ingress pref 9 bpf bytecode '2,6 0 0 0,6 0 0 0'
tc filter add dev v2 ingress pref 9 bpf da bytecode '1,6 0 0 0'
tc filter add dev v2 ingress pref 9 bpf bytecode '1,6 0 0 0' classid 1:5
t_run 2 losing :when=1..4 tc_loader filter add dev v2 ingress pref 9 bpf bytecode '1,6 0 0 0'
t_err_has 'unknown whether the filter is in place (a filter with this program is at pref 9 handle 0x5, maybe since earlier)'
t_run 0 losing :when=1..4 tc_loader filter replace dev v2 ingress pref 9 handle 9 bpf bytecode '1,6 0 0 8'
t_err_has 'a second look finds the filter in place'
t_is "$(tc filter show dev v2 ingress pref 9 | t_count "handle 0x9 .*'1,6 0 0 8'")" 1
t_run 0 losing :when=1..4 tc_loader filter del dev v2 ingress pref 9 handle 9 bpf
t_err_has 'a second look finds the filter gone'
clear_all

t_begin 'devs: wherever answers are lost, all stand with their pin, or none'
first=1
done_nr=0
undone_nr=0
while [ $first -le 12 ]; do
	last=$((first + 3))
	while [ $last -le $((first + 11)) ]; do
		status=0
		# shellcheck disable=SC2086
		losing ":when=$first..$last" tc_loader filter add devs "@$TMP/devs" ingress \
			pref 1 handle 1 $FINE >"$TMP/out" 2>"$TMP/err" || status=$?
		stand="$(filters v0)$(filters v1)$(filters v2)"
		case $status-$stand in
		0-111)
			done_nr=$((done_nr + 1))
			t_ok [ -e "$PIN" ]
			;;
		2-000)
			undone_nr=$((undone_nr + 1))
			t_ok grep -q 'nothing is added\|unknown whether' "$TMP/err"
			;;
		*) 
			# What it could neither see nor remove is said, and keeps its pin.
			t_ok grep -q 'unknown whether' "$TMP/err"
			t_ok [ -e "$PIN" ]
			;;
		esac
		clear_all
		last=$((last + 4))
	done
	first=$((first + 1))
done
t_ok [ $done_nr -gt 0 ]
t_ok [ $undone_nr -gt 0 ]
