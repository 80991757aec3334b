#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Maps that forget: a full one loses nothing in one that is as large, what a smaller one has no
# room for is counted and refused, what is evicted meanwhile is counted, and what nobody can
# know is said.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
. "$TOP/tests/moved.sh"

dev_add v0
tc qdisc add dev v0 clsact

# full TYPE: as many elements as it takes, of 1200.
full() {
	local i
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_$1_old.o"
	old=$(map_id "$PIN")
	for ((i = 0; i < 1200; i++)); do
		printf '%02x%02x0000 %02x%046d\n' $((i & 255)) $((i >> 8)) $((i & 127)) 0
	done >"$TMP/lines"
	t_run 0 tc_loader map load pinned "$PIN" "$TMP/lines"
	elements >"$TMP/before"
	t_ok [ "$(wc -l <"$TMP/before")" -ge 800 ]
}

# elements: "KEY PACKETS" of each, sorted; per-CPU: those of the first one.
elements() {
	bpftool -j map dump pinned "$PIN" | python3 -c '
import json, sys
for e in json.load(sys.stdin):
	e = e["formatted"]
	v = e["value"] if "value" in e else e["values"][0]["value"]
	print(e["key"], v["packets"])' | sort -n
}

unload() {
	tc filter del dev v0 egress
	rm "$PIN"
}

for TYPE in lru percpu_lru; do
	t_begin "$TYPE: a full map, and one of its size"
	full "$TYPE"
	nr=$(wc -l <"$TMP/before")
	t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_${TYPE}_new.o"
	t_is "$(t_out | t_json .copied) $(t_out | t_json .evicted)" "$nr 0"
	elements | t_ok cmp - "$TMP/before"
	t_out_has '"what the kernel evicted from the old map between the two looks at it: elements that came and went, and what was last written to 0 that are gone"'

	t_begin "$TYPE: a smaller one: refused with the number, and counted"
	unload
	full "$TYPE"
	nr=$(wc -l <"$TMP/before")
	t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_${TYPE}_short.o"
	t_err_has ' elements do not fit in the new map (max_entries 500); --drop leaves them out'
	t_is "$(map_id "$PIN")" "$old"
	elements | t_ok cmp - "$TMP/before"
	t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_${TYPE}_short.o" --drop
	elements >"$TMP/after"
	kept=$(wc -l <"$TMP/after")
	t_ok [ "$kept" -ge 300 ]
	t_out_has "$nr elements copied, $nr converted, $((nr - kept)) evicted"
	t_is "$(comm -13 <(sort "$TMP/before") <(sort "$TMP/after"))" ''
	unload
done

# Of so many the kernel's own count is asked, if it has one and says where: in its BTF.
many() {
	unload
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_lot_lru_old.o"
	"$BUILD/tests/bench/bare_migrate" fill "$PIN" 50000
}

uncounted() {
	unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' sh "$@"
}

tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_lot_lru_old.o"
for as in '' uncounted; do
	t_begin "50 000 of them${as:+, and a kernel that does not count}: refused with the number, and counted"
	many
	t_run 255 $as tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_lot_lru_short.o"
	t_err_has ' elements do not fit in the new map (max_entries 40000); --drop leaves them out'
	t_run 0 $as tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_lot_lru_short.o" --drop
	t_out >"$TMP/out"
	elements >"$TMP/after"
	kept=$(wc -l <"$TMP/after")
	t_ok [ "$kept" -gt 39000 ]
	t_is "$(t_json .copied <"$TMP/out") $(t_json .evicted <"$TMP/out")" "50000 $((50000 - kept))"

	t_begin "50 000 of them${as:+, and a kernel that does not count}: where there is room"
	many
	t_run 0 $as tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_lot_lru_new.o"
	t_is "$(t_out | t_json .copied) $(t_out | t_json .evicted)" '50000 0'
	elements >"$TMP/after"
	t_is "$(wc -l <"$TMP/after")" 50000
done

# BPF_MAP_UPDATE_BATCH is 26; of more than a thousand each is not looked up by itself.
t_begin 'where there is room, and the kernel forgets a whole batch: it is stored again'
many
t_run 0 "$BUILD/tests/netns/told" once 26 0 \
	tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_lot_lru_new.o"
t_is "$(t_out | t_json .copied) $(t_out | t_json .evicted)" '50000 0'
t_is "$(elements | wc -l)" 50000
unload

t_begin "what goes while the map is migrated"
full lru
# In the list, and far from one another.
keys=$(awk 'NR % 100 == 0 && NR <= 500 { print $1 }' "$TMP/before")
# shellcheck disable=SC2086 # numbers
set -- $keys
CALLS_CHANGING=membarrier
echo '1 membarrier(' >"$TMP/calls"
stopped_after 1 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_lru_new.o"
new=$(map_id "$ASIDE/new")
tc_loader map delete id "$new" key "$1"
tc_loader map delete id "$new" key "$2"
put "$old" "$2" 200 1 2
tc_loader map delete id "$old" key "$3"
goes_on 0
t_is "$(t_json .evicted <"$TMP/stopped_out") $(is "$1") $(is "$2")" '2  ' 'gone from the new map'
t_isnt "$(is "$3")" '' 'gone from the old map'
# An update may forget others of the old map, as it does on another CPU.
t_ok grep -qE 'what was last written to [1-9][0-9]* that are gone' "$TMP/stopped_out"
unload
