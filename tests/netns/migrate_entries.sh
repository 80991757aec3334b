#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# max_entries of each type of map: of a smaller one what does not fit is counted and refused, and
# left out if that is said; a larger one has all of it. Maps that forget: migrate_lru.sh.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

dev_add v0
tc qdisc add dev v0 clsact

# lines KEY-PREFIX CPUS: 64 elements of the old definition, as hex; each CPU has its number, too.
lines() {
	$LIB_PYTHON -c '
import struct, sys
for i in range(64):
	values = [struct.pack("=QQQ", i + 1, cpu, 2 * i) for cpu in range(int(sys.argv[2]))]
	print(sys.argv[1] + struct.pack("=I", i).hex(), *(value.hex() for value in values))' "$@"
}

# elements: "KEY PACKETS:QUOTA:BYTES…" of each that is not 0, for each CPU.
elements() {
	bpftool -j map dump pinned "$PIN" | $LIB_PYTHON -c '
import json, sys
for e in json.load(sys.stdin):
	e = e["formatted"]
	key = e["key"] if isinstance(e["key"], int) else e["key"]["number"]
	values = [e["value"]] if "value" in e else [v["value"] for v in e["values"]]
	if any(v["packets"] for v in values):
		print(key, *("%d:%d:%d" % (v["packets"], v["quota"], v["bytes"]) for v in values))' | sort -n
}

CPUS=$(($(sed 's/.*[-,]//' /sys/devices/system/cpu/possible) + 1))
for TYPE in hash array percpu_hash percpu_array trie; do
	t_begin "$TYPE: half of it has no room"
	short=$TYPE prefix='' cpus=1
	case $TYPE in
	hash) short=hash_wide ;;
	trie) short=trie_short prefix=$($LIB_PYTHON -c 'import struct; print(struct.pack("=I", 32).hex())') ;;
	percpu_*) short=${TYPE}_short cpus=$CPUS ;;
	*) short=${TYPE}_short ;;
	esac
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_${TYPE}_old.o"
	lines "$prefix" "$cpus" >"$TMP/lines"
	t_run 0 tc_loader map load pinned "$PIN" "$TMP/lines"
	old=$(map_id "$PIN")
	elements >"$TMP/all"
	t_is "$(t_count . "$TMP/all")" 64
	t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_$short.o"
	t_err_has '32 elements do not fit in the new map (max_entries 32); --drop leaves them out'
	t_is "$(map_id "$PIN")" "$old"
	elements | t_ok cmp - "$TMP/all"
	t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_$short.o" --drop
	t_is "$(t_out | t_json .dropped)" 32
	t_is "$(bpftool -j map show pinned "$PIN" | t_json .max_entries)" 32
	elements >"$TMP/half"
	t_is "$(t_count . "$TMP/half") $(grep -cxFf "$TMP/all" "$TMP/half")" '32 32'

	t_begin "$TYPE: and there is room again"
	if [ "$TYPE" = hash ]; then
		# What is 64 bits wide there does not become 32 again.
		t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o"
		t_err_has 'large numbers would change'
	else
		t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_${TYPE}_old.o"
		t_is "$(bpftool -j map show pinned "$PIN" | t_json .max_entries)" 64
		elements | t_ok cmp - "$TMP/half"
	fi
	tc filter del dev v0 egress
	rm "$PIN"
done

t_begin 'an array of maps: what is behind its end is counted, and the rest moves'
tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_outer_old.o"
AT=$BPFFS/tc/globals/$(own_word moved)_at_00000
for key in 0 1 2 3; do
	bpftool map create "$BPFFS/inner" type array key 4 value 8 entries 1 name moved_inner
	bpftool map update pinned "$AT" key $key 0 0 0 value pinned "$BPFFS/inner"
	rm "$BPFFS/inner"
done
inner() {
	bpftool map lookup pinned "$AT" key "$1" 0 0 0
}
had="$(inner 0) $(inner 1)"
t_run 255 tc_loader map migrate pinned "$AT" to obj "$OBJ/moved_outer_at_small.o"
t_err_has '2 elements do not fit in the new map (max_entries 2)'
t_run 0 tc_loader -j map migrate pinned "$AT" to obj "$OBJ/moved_outer_at_small.o" --drop
t_is "$(t_out | t_json .dropped) $(inner 0) $(inner 1)" "2 $had"
t_run 0 tc_loader -j map migrate pinned "$AT" to obj "$OBJ/moved_outer_old.o"
t_is "$(inner 0) $(inner 1) $(bpftool -j map show pinned "$AT" | t_json .max_entries)" "$had 4"
tc filter del dev v0 egress
rm -r "$BPFFS/tc"
