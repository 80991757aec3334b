#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A map changes its definition while a classifier and a cgroup's program count packets in it as
# fast as this machine sends them: the sum over all elements is what was sent, each packet
# counted by both, in both members; locked: by a plain ++ under the value's own lock. ROUNDS=N
# migrations, there and back in turns, for each of TYPES.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects moved

ROUNDS=${ROUNDS:-2}
MAP=$(own_word moved)_hit_00000
PIN=$BPFFS/tc/globals/$MAP
dev_add v0
ip link set peer-v0 up
addr_add v0 10.9.0.1/24
ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0
cg_add a

# total MEMBER: over all elements, whatever the map's definition; per CPU or not.
total() {
	bpftool -j map dump pinned "$PIN" >"$TMP/dump"
	t_json '[formatted]' <"$TMP/dump" | grep -o "\"$1\":[0-9]*" |
		awk -F: '{ sum += $2 } END { printf "%.0f\n", sum }'
}

begin() {
	start cg_run "$CG/a" "$BUILD/tests/netns/packets" 10.9.0.2 >"$TMP/sent"
	SENDER=$STARTED
	t_ok wait_for 60 grep -q ready "$TMP/sent"
}

has_ended() {
	[ "$(wc -l <"$TMP/sent")" -eq 2 ]
}

# sent: ends the sender; how many there were.
sent() {
	kill -TERM "$SENDER"
	wait_for 60 has_ended
	tail -1 "$TMP/sent"
}

attach() {
	tc_loader qdisc replace dev v0 clsact
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_$1.o"
	cgroup_loader cgroup attach "$CG/a" egress obj "$OBJ/moved_$1.o" multi
}

detach() {
	tc qdisc del dev v0 clsact
	bpftool cgroup detach "$CG/a" egress id "$(prog_in "$CG/a")"
	rm "$PIN"
}

for TYPE in ${TYPES:-hash array percpu_hash percpu_array lru percpu_lru locked}; do
	t_begin "$TYPE: nothing of what was sent is lost"
	attach "${TYPE}_old"
	begin
	began=$SECONDS
	# On a busy machine nothing may be sent in the moment that counts: then some more.
	added=0
	for ((i = 0; i < ROUNDS || (added == 0 && i < ROUNDS + 20); i++)); do
		to=$([ $((i % 2)) -eq 1 ] && echo old || echo new)
		t_run 0 cgroup_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_${TYPE}_$to.o"
		added=$((added + $(t_out | t_json .added)))
		t_is "$(t_out | t_json .evicted)" 0
	done
	t_ok [ "$added" -gt 0 ]
	count=$(sent)
	echo "  $i migrations in $((SECONDS - began)) s, $count packets, $added elements brought over"
	t_is "$(total packets) $(total bytes)" "$((count * 2)) $((count * 2))" "after $i migrations"
	detach
done
