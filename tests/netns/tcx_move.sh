#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# From clsact to tcx and back while packets pass: none meets neither program; a program that
# ends the walk counts each exactly once, one that goes on may count those in between twice.
# Killed anywhere, the same line again finishes it.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"

LIST=$BUILD/tests/netns/tcx_list
OUT=47

own_objects tcx_seen
ns_add peer
veth_add v0 192.0.2.1/24 peer p0 192.0.2.2/24
veth_know v0 192.0.2.1 peer p0 192.0.2.2
"$LIST" v0 $OUT >"$TMP/list" 2>&1 || t_skip tcx 'this kernel has no tcx (Linux 6.6)'
tc qdisc add dev v0 clsact

# to_tcx WORDS…, to_clsact WORDS…: tcx_count at egress of v0.
to_tcx() {
	tc_loader filter replace dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count \
		tcx "$@"
}
to_clsact() {
	tc_loader filter replace dev v0 egress pref 10 handle 1 bpf da obj "$OBJ/tcx_count.o" \
		program tcx_count clsact "$@"
}

# is_at tcx|clsact|both|either: where the program is.
is_at() {
	local tcx clsact
	tcx=$("$LIST" v0 $OUT | wc -w)
	clsact=$(filters v0 egress)
	case $1 in
	tcx) t_is "$tcx $clsact" '1 0' ;;
	clsact) t_is "$tcx $clsact" '0 1' ;;
	either) t_ok [ $((tcx + clsact)) -ge 1 ] ;;
	esac
}

counted() {
	map_u64s "$BPFFS/tc/globals/$(own_word tcx_)seen" "0$1" 00 00 00 | cut -d ' ' -f 1
}

has_more() {
	[ "$(wc -l <"$TMP/sent")" -gt "$1" ]
}

more() {
	local lines
	lines=$(wc -l <"$TMP/sent")
	t_ok wait_for 20 has_more "$lines"
}

start ns_run peer traffic serve 192.0.2.2 9 >"$TMP/served"
t_ok wait_for 20 grep -q ready "$TMP/served"

# under_traffic WORDS…: to and fro, ten times, while datagrams are sent. Their number in $sent.
under_traffic() {
	rm -f "$TMP/enough" "$TMP/sent"
	t_run 0 to_clsact "$@"
	cat >"$TMP/send.sh" <<END
while [ ! -e "$TMP/enough" ]; do
	traffic send udp 192.0.2.2 9 200
done >"$TMP/sent"
END
	start bash "$TMP/send.sh"
	local sender=$STARTED
	t_ok wait_for 20 test -s "$TMP/sent"
	for _ in 1 2 3 4 5 6; do
		t_run 0 to_tcx "$@"
		t_err_has 'moved from clsact (pref 10 handle 0x1) to tcx'
		is_at tcx
		more
		t_run 0 to_clsact "$@"
		t_err_has 'moved from tcx to clsact'
		is_at clsact
		more
	done
	touch "$TMP/enough"
	wait "$sender"
	sent=$(awk '{ n += $1 } END { print n }' "$TMP/sent")
}

t_begin 'a program that ends the walk: each datagram is counted exactly once'
under_traffic set verdict=0
t_is "$(counted 0)" "$sent" 'counted'

t_begin 'a program that goes on: none is missed'
tc filter del dev v0 egress
under_traffic set slot=2
t_ok [ "$(counted 2)" -ge "$sent" ]
say "  $sent sent, $(($(counted 2) - sent)) of them counted at both places"
tc filter del dev v0 egress

t_begin 'add leaves the filter alone and says so; several are listed'
t_run 0 to_clsact
t_run 0 tc_loader filter add dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_err_has "clsact runs a program of that function name too: pref 10 handle 0x1"
t_is "$(filters v0 egress)" 1
t_run 0 tc_loader filter add dev v0 egress pref 11 handle 1 bpf da obj "$OBJ/tcx_count.o" \
	program tcx_count
t_run 2 to_tcx
t_err_has 'several filters of that function name: pref 10 handle 0x1'
t_is "$(filters v0 egress)" 2
tc filter del dev v0 egress pref 11
t_run 0 to_tcx
t_err_has 'already attached'
is_at tcx

t_begin 'a pinned link leaves only by its pin'
t_run 0 tc_loader filter del dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
t_run 0 to_tcx link pinned "$BPFFS/moved"
t_run 2 to_clsact
t_err_has "name that link's pin"
is_at tcx
t_run 0 to_clsact link pinned "$BPFFS/moved"
is_at clsact
t_ok [ ! -e "$BPFFS/moved" ]
t_run 0 to_clsact link pinned "$BPFFS/moved"
is_at clsact
t_run 0 to_tcx link pinned "$BPFFS/moved"
is_at tcx

t_begin "others' filters stay: another function, another chain, another direction"
t_run 0 tc_loader filter add dev v0 egress pref 5 handle 1 bpf da obj "$OBJ/tcx_count.o" \
	program tcx_other
t_run 0 tc_loader filter add dev v0 egress pref 6 handle 1 chain 3 bpf da \
	obj "$OBJ/tcx_count.o" program tcx_count
t_run 0 tc_loader filter add dev v0 ingress pref 5 handle 1 bpf da obj "$OBJ/tcx_count.o" \
	program tcx_count
t_run 0 to_tcx link pinned "$BPFFS/moved"
t_is "$(filters v0 egress) $(filters v0 ingress)" '2 1'
for where in egress 'egress chain 3' ingress; do
	# shellcheck disable=SC2086 # words
	tc filter del dev v0 $where
done

t_begin 'a failure at the end brings the filter back'
t_run 0 to_clsact link pinned "$BPFFS/moved"
calls_of tc_loader filter replace dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx 2>"$TMP/calls_err"
t_run 0 to_clsact
filter=$(tc filter show dev v0 egress)
del=$(call_number 'RTM_DELTFILTER')
spec=$(call_spec "$del")
t_run 2 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/failed" -e trace="${spec% *}" \
	-e "inject=${spec% *}:error=ENOBUFS:when=${spec#* }" \
	tc_loader filter replace dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
is_at clsact
t_is "$(tc filter show dev v0 egress)" "$filter"

t_begin 'of several interfaces all keep their filters, or none does'
dev_add w0
tc qdisc add dev w0 clsact
both=(tc_loader filter replace devs '[vw]0' egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx)
filters_of_both() {
	tc filter show dev v0 egress
	tc filter show dev w0 egress
}
t_run 0 tc_loader filter replace dev w0 egress pref 10 handle 1 bpf da obj "$OBJ/tcx_count.o" program tcx_count
calls_of "${both[@]}" 2>"$TMP/calls_err"
t_is "$(filters_of_both)" ''
t_is "$(t_count RTM_DELTFILTER "$TMP/calls")" 2
del=$(call_number 'RTM_DELTFILTER')
t_run 0 to_clsact
t_run 0 tc_loader filter replace dev w0 egress pref 10 handle 1 bpf da obj "$OBJ/tcx_count.o" program tcx_count clsact
filters_of_both >"$TMP/filters"
spec=$(call_spec "$del")
t_run 2 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/failed" -e trace="${spec% *}" \
	-e "inject=${spec% *}:error=ENOBUFS:when=${spec#* }" "${both[@]}"
is_at clsact
t_is "$(filters_of_both)" "$(cat "$TMP/filters")"
ip link del w0

t_begin 'killed at any call, the same line again ends like an undisturbed one'
for way in to_tcx to_clsact; do
	kills=0
	for by in '' link; do
		words=()
		[ -z "$by" ] || words=(link pinned "$BPFFS/moved")
		case $way in
		to_tcx) line=(tc_loader filter replace dev v0 egress bpf obj "$OBJ/tcx_count.o"
			program tcx_count tcx "${words[@]}") back=to_clsact ;;
		*) line=(tc_loader filter replace dev v0 egress pref 10 handle 1 bpf da
			obj "$OBJ/tcx_count.o" program tcx_count clsact "${words[@]}") back=to_tcx ;;
		esac
		t_run 0 $back "${words[@]}"
		calls_of "${line[@]}" 2>"$TMP/calls_err"
		nr=$(wc -l <"$TMP/calls")
		for n in $(seq $((nr > 11 ? nr - 10 : 1)) "$nr"); do
			t_run 0 $back "${words[@]}"
			if killed_at "$n" "${line[@]}"; then
				kills=$((kills + 1))
			fi
			is_at either
			t_run 0 "${line[@]}"
			is_at "${way#to_}"
		done
		t_run 0 to_clsact "${words[@]}"
	done
	t_ok [ "$kills" -ge 10 ]
done
