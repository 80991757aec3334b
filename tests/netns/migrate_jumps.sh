#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A live prog array is never filled again: programs that are reached by tail calls come with a new
# one, the program that calls into it is replaced, and the old array goes. No packet begins in an
# old program and goes on in a new one, and each is counted once.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects moved

WORD=$(own_word moved)
PIN=$BPFFS/tc/globals/${WORD}_hit_00000
MIXED=$BPFFS/tc/globals/${WORD}_mixed_000
ARRAY=$BPFFS/tc/globals/${WORD}_jumps_000
dev_add v0 v1
addr_add v0 10.9.0.1/24
ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0
tc qdisc add dev v0 clsact
tc qdisc add dev v1 clsact

packets() {
	bpftool -j map dump pinned "$PIN" | t_json '.[0].formatted.value.packets'
}

mixed() {
	bpftool -j map dump pinned "$MIXED" | t_json '.[0].formatted.value'
}

is_gone() {
	! bpftool prog show id "$1" >/dev/null 2>&1
}

# begin KIND: an old entry, which jumps to an old target.
begin() {
	tc filter del dev v0 egress 2>/dev/null || :
	rm -rf "$BPFFS/tc"
	t_run 0 tc_loader filter add dev v0 egress pref 1 handle 1 bpf da \
		obj "$OBJ/moved_$1_old.o" program "${WORD}_cls"
	entry=$(prog_at v0 egress)
	target=$(bpftool -j prog show | jq ".[] | select(.name == \"${WORD}_target\") | .id" | tail -n 1)
	MIGRATE=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_$1_new.o")
}

for kind in jumps pinned; do
	t_begin "$kind: under traffic, both programs are replaced, and the old array goes"
	begin "$kind"
	"$BUILD/tests/netns/packets" 10.9.0.2 1 >"$TMP/sent" &
	sender=$!
	on_exit "kill -9 $sender 2>/dev/null"
	wait_for 60 grep -q ready "$TMP/sent"
	[ "$kind" = jumps ] || old_array=$(map_id "$ARRAY")
	t_run 0 "${MIGRATE[@]}" --plan
	t_out_has "slot 1 of prog array id "
	t_is "$(prog_at v0 egress)" "$entry"
	t_run 0 "${MIGRATE[@]}"
	t_out_has "'${WORD}_target' sched_cls, slot 1 of prog array id "
	t_err_has "prog array '${WORD}_jumps_000': not pinned, kept at $BPFFS/tc/keep/$(prog_at v0 egress)/"
	t_isnt "$(prog_at v0 egress)" "$entry"
	kill "$sender"
	wait "$sender"
	t_is "$(packets)" "$(tail -n 1 "$TMP/sent")"
	t_is "$(mixed)" 0
	t_ok wait_for 60 is_gone "$entry"
	t_ok wait_for 60 is_gone "$target"
	[ "$kind" = jumps ] || t_isnt "$(map_id "$ARRAY")" "$old_array"
	[ "$kind" = jumps ] || t_is "$(bpftool -j map dump pinned "$ARRAY" | t_json '.|length')" 1
	t_is "$(find "$BPFFS/tc/globals" -name 'mapshare_*')" ''

done

t_begin 'a caller that is not replaced: refused, and all is as it was'
begin pinned
t_run 0 tc_loader filter add dev v1 egress pref 1 handle 1 bpf da obj "$OBJ/moved_pinned_old.o" \
	program "${WORD}_stays"
stays=$(prog_at v1 egress)
id=$(map_id "$PIN")
array=$(map_id "$ARRAY")
t_run 255 "${MIGRATE[@]}"
t_err_has "program '${WORD}_stays' (id $stays, "
t_is "$(prog_at v0 egress) $(map_id "$PIN") $(map_id "$ARRAY")" "$entry $id $array"

t_begin 'and with --leave-behind it goes on in the old array, all of the old map'
t_run 0 "${MIGRATE[@]}" --leave-behind
t_out_has "slot 1 of prog array id $array: stays behind: a live prog array is not refilled"
t_err_has "pin '$ARRAY' stays the old prog array's"
t_isnt "$(map_id "$PIN")" "$id"
t_is "$(map_id "$ARRAY")" "$array"
t_is "$(bpftool -j map dump id "$array" | t_json '.|length')" 1
ip neigh add 10.8.0.2 lladdr 02:00:00:00:00:02 dev v1
addr_add v1 10.8.0.1/24
t_run 0 "$BUILD/tests/netns/packets" 10.8.0.2 1 100
t_run 0 "$BUILD/tests/netns/packets" 10.9.0.2 1 100
t_is "$(packets) $(mixed)" '100 0'
t_is "$(bpftool -j map dump id "$id" | t_json '.[0].formatted.value.packets')" 100
