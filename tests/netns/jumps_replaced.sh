#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A filter with a prog array of its own, replaced again and again under traffic: each packet goes
# the way of one load, entry and target, and each is counted once. The array of a load that is
# replaced goes with its entry.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

WORD=$(own_word moved)
dev_add v0
addr_add v0 10.9.0.1/24
ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0
tc qdisc add dev v0 clsact

load() {
	t_run 0 tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da \
		obj "$OBJ/moved_jumps_$1.o" program "${WORD}_cls"
}

value() {
	bpftool -j map dump pinned "$BPFFS/tc/globals/${WORD}_$1" | t_json ".[0].formatted.value$2"
}

is_gone() {
	! bpftool map show id "$1" >/dev/null 2>&1
}

t_begin 'no packet is lost or mixed'
load old
first=$(find "$BPFFS/tc/keep" -name "${WORD}_jumps*")
first=$(map_id "$first")
"$BUILD/tests/netns/packets" 10.9.0.2 1 >"$TMP/sent" &
sender=$!
on_exit "kill -9 $sender 2>/dev/null"
wait_for 60 grep -q ready "$TMP/sent"
for _ in 1 2 3 4 5; do
	load next
	load old
done
kill "$sender"
wait "$sender"
t_is "$(value hit_00000 .packets)" "$(tail -n 1 "$TMP/sent")"
t_is "$(value mixed_000 '')" 0
t_ok [ "$(tail -n 1 "$TMP/sent")" -gt 0 ]

t_begin 'what the first load made is gone'
t_ok wait_for 60 is_gone "$first"
t_is "$(find "$BPFFS/tc/keep" -name "${WORD}_jumps*" | wc -l)" 1
