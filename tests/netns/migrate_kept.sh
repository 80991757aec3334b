#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Nothing is lost unsaid: elements without room are counted once and end nothing half way, keys
# that would become one are refused, what the kernel or we cannot do is refused before a program
# is replaced, a frozen map stays frozen, and what an interrupted run left is not taken for
# another map's.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
own_objects moved

DIR=$BPFFS/tc/globals
MAP=$(own_word moved)_hit_00000
PIN=$DIR/$MAP
dev_add v0
tc qdisc add dev v0 clsact

load() {
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_$1.o"
}

unload() {
	tc filter del dev v0 egress
	rm -r "${DIR:?}"
}

# lines KEY-PREFIX N: elements of the old definition, as hex.
lines() {
	local i
	for ((i = 0; i < $2; i++)); do
		printf '%s%02x000000 %02x%046d\n' "$1" "$i" $((i + 1)) 0
	done
}

fill() {
	lines "$@" >"$TMP/lines"
	t_run 0 tc_loader map load pinned "$PIN" "$TMP/lines"
}

elements() {
	bpftool -j map dump pinned "$PIN" | grep -o '"formatted"' | grep -c . || :
}

# state: which map, which program, and what is pinned.
state() {
	map_id "$PIN"
	prog_at v0 egress
	ls -R "$DIR"
}

t_begin "a smaller trie: what has no room is counted once"
load trie_old
fill 20000000 64
t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_trie_short.o" --drop
t_is "$(t_out | t_json .dropped) $(t_out | t_json .born) $(elements)" '32 0 32'
unload

# trie MAP PREFIX N: an element with a prefix, and N packets, of the old definition.
trie() {
	# shellcheck disable=SC2046,SC2086 # a word for each byte
	bpftool map update $1 key "$2" 0 0 0 0 0 0 0 value "$3" $(printf '0 %.0s' {1..23})
}

t_begin "what was added to a prefix that is gone is not added to a shorter one"
load trie_old
old=$(map_id "$PIN")
for prefix in 8 32; do
	trie "id $old" $prefix 100
done
CALLS_CHANGING=membarrier
echo '1 membarrier(' >"$TMP/calls"
stopped_after 1 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_trie_new.o"
trie "id $old" 32 109
bpftool map delete pinned "$DIR/mapshare_migrates_$MAP/new" key 32 0 0 0 0 0 0 0
goes_on 0
t_is "$(bpftool -j map dump pinned "$PIN" | t_json '[formatted.value.packets]')" '[100]'
unload

t_begin "a smaller map of maps: what has no room is counted, and the rest moves"
load outer_old
BY=$DIR/$(own_word moved)_by_00000
for key in 1 2 3 4; do
	bpftool map create "$BPFFS/inner" type array key 4 value 8 entries 1 name moved_inner
	bpftool map update pinned "$BY" key $key 0 0 0 value pinned "$BPFFS/inner"
	rm "$BPFFS/inner"
done
old=$(map_id "$BY")
t_run 255 tc_loader map migrate pinned "$BY" to obj "$OBJ/moved_outer_small.o"
t_err_has '2 elements do not fit in the new map (max_entries 2)'
t_is "$(map_id "$BY")" "$old"
t_run 0 tc_loader -j map migrate pinned "$BY" to obj "$OBJ/moved_outer_small.o" --drop
t_is "$(t_out | t_json .copied) $(t_out | t_json .dropped)" '2 2'
t_is "$(t_out | t_json .new_id)" "$(map_id "$BY")"
unload

t_begin "an element behind a shorter array's end that was written meanwhile is counted"
load array_old
fill '' 32
old=$(map_id "$PIN")
CALLS_CHANGING=membarrier
echo '1 membarrier(' >"$TMP/calls"
stopped_after 1 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_array_short.o"
# shellcheck disable=SC2046 # a word for each byte
bpftool map update id "$old" key 40 0 0 0 value $(printf '1 %.0s' {1..24})
goes_on 0
t_is "$(t_json .dropped <"$TMP/stopped_out")" 1
unload

t_begin "keys that would become one are refused"
load key_old
bpftool map update pinned "$PIN" key 1 0 0 0 9 0 0 0 value 5 0 0 0 0 0 0 0
bpftool map update pinned "$PIN" key 1 7 7 7 9 0 0 0 value 6 0 0 0 0 0 0 0
state >"$TMP/before"
t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_key_new.o"
t_err_has '1 elements would have the key of another one'
state | t_ok cmp - "$TMP/before"
bpftool map delete pinned "$PIN" key 1 7 7 7 9 0 0 0
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_key_new.o"
unload

t_begin "values too large for the program that adds are refused before anything is done"
load big_old
tc_loader map update pinned "$PIN" key 1 value '{packets:5}'
state >"$TMP/before"
for plan in '' --plan; do
	# shellcheck disable=SC2086
	t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_big_new.o" $plan
	t_err_has 'values of more than 32760 bytes cannot be migrated while programs write them'
	state | t_ok cmp - "$TMP/before"
done
unload

t_begin "a kernel that does not load the program that adds: refused before anything is done"
load hash_old
fill '' 8
state >"$TMP/before"
t_run 255 "$BUILD/tests/netns/told" load mapshare_adds 22 \
	tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o"
t_err_is "tc_loader: load the program that adds: Invalid argument"
state | t_ok cmp - "$TMP/before"
unload

t_begin "a frozen map stays frozen"
load hash_old
fill '' 8
bpftool map freeze pinned "$PIN"
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o"
t_is "$(elements)" 8
t_is "$(bpftool -j map show pinned "$PIN" | t_json .frozen)" 1
unload

t_begin "where it cannot be read whether the map is frozen: refused, or to be finished"
load hash_old
fill '' 8
bpftool map freeze pinned "$PIN"
state >"$TMP/before"
of=()
for ((n = 3; n < 64; n++)); do
	of+=(-P "/proc/self/fdinfo/$n")
done
# unread WHEN: those of its looks fail.
unread() {
	t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/calls" "${of[@]}" -e trace=openat \
		-e "inject=openat:error=EMFILE:when=$1" tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o"
	t_err_has "read in /proc/self/fdinfo whether the map is frozen: Too many open files"
}
unread 1
state | t_ok cmp - "$TMP/before"
unread 2
t_err_has 'run it again to finish'
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o"
t_is "$(elements)" 8
t_is "$(bpftool -j map show pinned "$PIN" | t_json .frozen)" 1
unload

t_begin "of a program that cannot be looked at again it is not known whether it stays"
load hash_old
bpftool prog pin id "$(prog_at v0 egress)" "$BPFFS/stays"
t_run 0 "$BUILD/tests/netns/told" late "$(prog_at v0 egress)" 24 \
	tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o"
t_out_has 'it may stay loaded: whether it does cannot be seen: Too many open files'
rm "$BPFFS/stays"
unload

t_begin "a map that would lose its BTF stays as it is"
load hash_old
fill '' 8
state >"$TMP/before"
t_run 255 "$BUILD/tests/netns/old_kernel" map_btf tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o"
t_err_has 'the kernel made the new map without BTF, so its members have no names'
state | t_ok cmp - "$TMP/before"
unload

t_begin "what cannot be told is not done"
load hash_old
fill '' 8
state >"$TMP/before"
mkdir "$TMP/none"
touch "$TMP/none/libsmartcols.so.1"
t_run 1 env LD_LIBRARY_PATH="$TMP/none" tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o"
t_err_has 'tables are drawn by libsmartcols, which cannot be loaded'
state | t_ok cmp - "$TMP/before"
unload

# killed_before CALL: the migration dies at its first call of that name.
killed_before() {
	local status=0
	{
		ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e trace="$1" -e "inject=$1:signal=KILL:when=1" \
			"${MIGRATE[@]}" >"$TMP/killed_out" 2>&1 || status=$?
	} 2>"$TMP/word"
	t_is "$status" 137 "status of a command killed at $1"
}

MIGRATE=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o")
t_begin "what is left of a finished run is not taken for one of the map that is there now"
load hash_old
fill '' 64
killed_before unlinkat
t_ok [ -e "$DIR/mapshare_migrates_$MAP/switched" ]
rm "$PIN"
load hash_old
fill '' 64
t_run 0 "${MIGRATE[@]}"
t_is "$(elements)" 64
t_is "$(ls "$DIR")" "$MAP"
unload

t_begin "a run that is to be finished is that of its own map alone"
load hash_old
fill '' 64
killed_before membarrier
rm "$PIN"
load hash_old
fill '' 64
state >"$TMP/before"
t_run 255 "${MIGRATE[@]}"
t_err_has ", but the interrupted migration is of map id"
t_err_has "remove the directory '$DIR/mapshare_migrates_$MAP'"
state | t_ok cmp - "$TMP/before"
rm -r "$DIR/mapshare_migrates_$MAP"
t_run 0 "${MIGRATE[@]}"
t_is "$(elements)" 64
unload

t_begin "what is found out of order and cannot be taken from the others is not counted twice"
HASH=("${MIGRATE[@]}")
MIGRATE=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_many_new.o")
load many_old
fill '' 200
killed_before membarrier
# So many are gone in a row that those behind them are not found where they were.
bpftool -j map dump pinned "$PIN" | grep -o '"formatted":{"key":[0-9]*' | sed -n '11,90s/.*://p' >"$TMP/keys"
while read -r key; do
	echo "map delete pinned $PIN key $key 0 0 0"
done <"$TMP/keys" >"$TMP/batch"
bpftool batch file "$TMP/batch" >"$TMP/null"
values() {
	bpftool -j map dump pinned "$PIN" | $LIB_PYTHON -c '
import json, sys
print(sorted((e["formatted"]["key"], e["formatted"]["value"]["packets"]) for e in json.load(sys.stdin)))'
}
values >"$TMP/before"
t_is "$(elements)" 120
t_run 255 "$BUILD/tests/netns/told" once 3+80 12 "${MIGRATE[@]}"
t_err_has 'take a key from the set: Cannot allocate memory'
t_err_has 'run it again to finish'
t_run 0 "${MIGRATE[@]}"
values >"$TMP/after"
t_ok cmp "$TMP/before" "$TMP/after"
MIGRATE=("${HASH[@]}")
unload

t_begin "a run that is to be finished is refused to other objects, with no word of removing it"
load hash_old
fill '' 8
killed_before membarrier
state >"$TMP/before"
for object in hash_wide hash_old; do
	t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_$object.o"
	t_err_has 'has to be finished first; run it again with its objects'
	t_err_lacks 'rm '
done
t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_wide.o" --plan
t_run 255 "${MIGRATE[@]}" --merge packets=overwrite
t_err_has "'--merge packets=overwrite': the interrupted run that is to be finished decided otherwise"
state | t_ok cmp - "$TMP/before"
t_run 0 "${MIGRATE[@]}" --merge packets=add
t_is "$(elements)" 8
unload

t_begin "a program that a loader without a lock brings meanwhile is said"
load hash_old
fill '' 8
echo '1 membarrier(' >"$TMP/calls"
stopped_after 1 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o"
bpftool prog load "$OBJ/moved_hash_old.o" "$BPFFS/late" type classifier map name "$MAP" pinned "$PIN"
late=$(bpftool -j prog show pinned "$BPFFS/late" | t_json .id)
goes_on 0
t_ok grep -q "\"program\":$late,.*\"state\":\"stays\",\"why\":\"it was loaded while" "$TMP/stopped_out"
rm "$BPFFS/late" "$BPFFS/$MAP"
unload

t_begin "one that came while it waited for the lock stops it in time"
load hash_old
fill '' 8
state >"$TMP/before"
exec 9<"$DIR"
flock 9
start "${MIGRATE[@]}" 2>"$TMP/waits" 9<&-
t_ok wait_for 30 grep -q 'waiting for another loader' "$TMP/waits"
bpftool prog load "$OBJ/moved_hash_old.o" "$BPFFS/late" type classifier map name "$MAP" pinned "$PIN"
exec 9<&-
status=0
wait "$STARTED" || status=$?
t_is "$status" 255
t_ok grep -q 'came to the map while this looked at it; run it again' "$TMP/waits"
state | t_ok cmp - "$TMP/before"
rm "$BPFFS/late" "$BPFFS/$MAP"
unload

t_begin "so does another map at the pin"
load hash_old
fill '' 8
exec 9<"$DIR"
flock 9
start "${MIGRATE[@]}" 2>"$TMP/waits" 9<&-
t_ok wait_for 30 grep -q 'waiting for another loader' "$TMP/waits"
bpftool map create "$BPFFS/other" type hash key 4 value 8 entries 8 name other
rm "$PIN"
mv "$BPFFS/other" "$PIN"
other=$(map_id "$PIN") prog=$(prog_at v0 egress)
exec 9<&-
status=0
wait "$STARTED" || status=$?
t_is "$status" 255
t_ok grep -q "pin '$PIN' was exchanged while this waited for its lock; run it again" "$TMP/waits"
t_is "$(map_id "$PIN") $(prog_at v0 egress) $(ls "$DIR")" "$other $prog $MAP"
unload

t_begin "a directory that is opened to others meanwhile is refused with the way out"
load hash_old
fill '' 8
old=$(map_id "$PIN")
echo '1 membarrier(' >"$TMP/calls"
stopped_after 1 "${MIGRATE[@]}"
chmod 0777 "$DIR"
goes_on 255
t_ok grep -q "directory '$DIR' of uid 0 has mode 0777" "$TMP/stopped_err"
t_ok grep -q "chmod 0700 $DIR" "$TMP/stopped_err"
t_is "$(map_id "$PIN")" "$old"
chmod 0700 "$DIR"
t_run 0 "${MIGRATE[@]}"
t_is "$(elements) $(ls "$DIR")" "8 $MAP"
