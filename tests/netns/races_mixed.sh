#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Started together: a loader that takes no lock (the machine's own tc), and loaders that
# describe one pin in two ways, of which one wins and the other says why it cannot follow.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

ROUNDS=8
own_objects layout_stats
PIN=$BPFFS/tc/globals/$(own_word layout_stats)
dev_add v0 v1 v2
for dev in v0 v1 v2; do
	tc qdisc add dev $dev clsact
done

anew() {
	rm -rf "$BPFFS/tc" "$BPFFS/ip" "$BPFFS/xdp"
	for dev in v0 v1 v2; do
		tc filter del dev $dev ingress
	done
}

# load N CMD…: in the background; its status ends in $TMP/status.N, its words in $TMP/words.N.
load() {
	load_n=$1
	shift
	(
		status=0
		"$@" ingress bpf da obj "$OBJ/${load_object:-layout_u64}.o" sec tc \
			>"$TMP/words.$load_n" 2>&1 || status=$?
		echo $status >"$TMP/status.$load_n"
	) &
}

t_begin 'two of ours and the stock tc: one map'
round=0
while [ $round -lt $ROUNDS ]; do
	load 0 tc_loader filter add dev v0
	load 1 tc filter add dev v1
	load 2 tc_loader filter add dev v2
	wait
	for n in 0 1 2; do
		t_is "$(cat "$TMP/status.$n")" 0 "status of loader $n ($(cat "$TMP/words.$n"))"
		t_is "$(maps_of "$(prog_at v$n ingress)")" "$(map_id "$PIN")" "map of v$n"
	done
	anew
	round=$((round + 1))
done

t_begin 'two definitions of one pin: one wins, the other explains'
round=0
while [ $round -lt $ROUNDS ]; do
	load 0 tc_loader filter add dev v0
	load_object=layout_other
	load 1 tc_loader filter add dev v1
	load_object=
	wait
	won=0 lost=1
	[ "$(cat "$TMP/status.0")" -eq 0 ] || won=1 lost=0
	t_is "$(cat "$TMP/status.$won") $(cat "$TMP/status.$lost")" '0 1' 'statuses'
	t_is "$(filters v$won ingress) $(filters v$lost ingress)" '1 0' 'filters'
	t_is "$(maps_of "$(prog_at v$won ingress)")" "$(map_id "$PIN")"
	case $(cat "$TMP/words.$lost") in
	*"differs from the object: type "*) ;;
	*) t_fail "the loser says: $(cat "$TMP/words.$lost")" ;;
	esac
	anew
	round=$((round + 1))
done

t_begin 'whoever comes while the directory is held waits, and says so'
mkdir -p "$BPFFS/tc/globals"
start flock "$BPFFS/tc/globals" sleep 3
t_ok wait_for 2 sh -c '! flock -n "$1" true' sh "$BPFFS/tc/globals"
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/layout_u64.o" section tc
t_err_is "tc_loader: waiting for another loader that holds '$BPFFS/tc/globals'"
