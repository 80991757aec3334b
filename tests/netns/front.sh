#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A filter that sees little or nothing because one in front of it ends the list: told where it
# is added, and nowhere else.
#
# differs: filter-in-front
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
tc qdisc add dev v0 clsact
cp "$OBJ/front.o" "$TMP/front.o"

# alone PROGRAM WORD…: the only filter there is; add PROGRAM WORD…: one more, of direct action.
alone() {
	tc filter del dev v0 ingress
	tc filter add dev v0 ingress "${@:2}" bpf da object-pinned "$BPFFS/$1"
}

add() {
	t_run 0 tc_loader filter add dev v0 ingress "${@:2}" bpf da obj "$TMP/front.o" program "$1"
}

hidden() {
	t_err_has "(pref 10, id $(bpftool -j prog show pinned "$BPFFS/$1" | t_json .id)) runs first on this hook of 'v0' and may return TC_ACT_OK, which ends the list: this filter (pref 20) sees only what"
	t_is "$(wc -l <"$TMP/t_err")" 1
	t_out_is ''
}

bpftool prog loadall "$OBJ/front.o" "$BPFFS/progs"
for program in hides hides_some drops_some passes_on; do
	mv "$BPFFS/progs/$program" "$BPFFS/$program"
done

t_begin 'behind a program that returns TC_ACT_OK, always or sometimes'
for program in hides hides_some; do
	alone $program pref 10
	add passes_on pref 20
	hidden $program
	t_run 0 tc_loader filter replace dev v0 ingress pref 20 handle 1 bpf da obj "$TMP/front.o" program drops_some
	hidden $program
	t_run 0 tc_loader filter add dev v0 ingress pref 20 bpf da object-pinned "$BPFFS/passes_on"
	t_err_has 'runs first'
done

t_begin 'not behind one that drops, or passes all on'
for program in drops_some passes_on; do
	alone $program pref 10
	add passes_on pref 20
	t_err_is ''
done

t_begin 'nor in front of it, in another chain, for another protocol, or on the other hook'
alone hides pref 10
add passes_on pref 5
t_err_is ''
add passes_on pref 20 chain 3
t_err_is ''
t_run 0 tc_loader filter add dev v0 egress pref 20 bpf da obj "$TMP/front.o" program passes_on
t_err_is ''
t_begin 'without a pref a filter is behind those that have one'
add passes_on
t_err_has 'this filter (pref 49152) sees only'
add passes_on protocol ip
t_err_has 'this filter (pref 49151) sees only'
t_begin 'another protocol is another list'
alone hides pref 10 protocol ipv6
add passes_on pref 20 protocol ip
t_err_is ''
add passes_on pref 30 protocol all
t_err_has "this filter (pref 30)"

t_begin 'nor where what it returns counts for nothing'
tc filter del dev v0 ingress
tc filter add dev v0 ingress pref 10 bpf object-pinned "$BPFFS/hides"
add passes_on pref 20
t_err_is ''

t_begin 'a batch on one hook is told a few times, and on many hooks by its first lines'
alone hides pref 10
for pref in 20 21 22 23 24 25 26 27; do
	echo "filter add dev v0 ingress pref $pref bpf da obj $TMP/front.o program passes_on"
done >"$TMP/batch"
t_run 0 tc_loader -batch "$TMP/batch"
t_is "$(t_err | t_count 'runs first')" 4
alone hides pref 10
for pref in $(seq 20 59); do
	for hook in ingress egress; do
		echo "filter add dev v0 $hook pref $pref bpf da obj $TMP/front.o program passes_on"
	done
done >"$TMP/batch"
t_run 0 tc_loader -batch "$TMP/batch"
t_is "$(t_err | t_count 'runs first')" 32
