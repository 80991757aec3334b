#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What is on a program that is replaced does not go over with it: programs that extend it or watch
# it are refused by name; so are those that may sleep, and those that processes run. With
# --leave-behind they are listed.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

WORD=$(own_word moved)
MIGRATE=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o")
BESIDE=$BPFFS/beside
TELLS=()
dev_add v0
tc qdisc add dev v0 clsact

# beside PROGRAM TARGET [MAP-PIN]: its id in $beside.
beside() {
	ASAN_OPTIONS=detect_leaks=0 "$BUILD/tests/netns/extend" "$OBJ/moved_beside.o" "${WORD}_$1" \
		"$BESIDE" "${@:2}" >"$TMP/id"
	beside=$(cat "$TMP/id")
	link=$(bpftool -j link show pinned "$BESIDE" | t_json .id 2>/dev/null) || :
}

# migrated: as nothing is beside.
migrated() {
	t_run 0 "${TELLS[@]}" "${MIGRATE[@]}"
	t_out_lacks "program $beside "
	t_isnt "$(prog_at v0 egress)" "$old"
	rm "$BESIDE"
}

json_has() {
	t_out >"$TMP/json"
	grep -q "$1" "$TMP/json"
}

# refused WORDS STATE: planned, refused with these words, nothing changed; left behind on demand.
refused() {
	t_run 255 "${TELLS[@]}" "${MIGRATE[@]}"
	t_err_has "$2"
	t_err_has "$1; --leave-behind migrates all the same"
	t_is "$(prog_at v0 egress) $(map_id "$PIN")" "$old $map"
	t_run 0 "${TELLS[@]}" "${MIGRATE[0]}" -j "${MIGRATE[@]:1}" --leave-behind
	t_ok json_has "\"program\":$beside,[^}]*\"state\":\"stays\",\"why\":\"$1\""
	t_isnt "$(prog_at v0 egress)" "$old"
	rm "$BESIDE"
}

# Some machines load no program that is on another one: there the kernel is made to tell of one.
CAN=$("$BUILD/tests/netns/extend" "$OBJ/moved_beside.o" "${WORD}_kernel" "$BESIDE" 0 2>/dev/null || :)
rm -f "$BESIDE"

EXTENDS='it extends a program that is replaced, and the new one runs without it'
WATCHES='it watches a program that is replaced, and sees nothing of the new one'

if [ "$CAN" ]; then
	t_begin 'an extension of a program that is replaced'
	hash_begin
	beside extends "$old"
	refused "$EXTENDS" "program '${WORD}_extends' (id $beside, link $link on program id $old) would stay behind: "

	t_begin 'one that uses the map itself'
	hash_begin
	beside extmap "$old" "$PIN"
	refused 'no program of that name is in the objects' "program '${WORD}_extmap' (id $beside, link $link) would stay on the old map: "

	t_begin 'a program that watches one that is replaced'
	hash_begin
	beside watch "$old"
	refused "$WATCHES" "program '${WORD}_watch' (id $beside, link $link on program id $old) would stay behind: "

	t_begin 'a program on a function of the kernel is on no program'
	hash_begin
	beside kernel 0
	migrated
fi

t_begin 'told that one watches a program that is replaced'
hash_begin
beside idle 0
TELLS=("$BUILD/tests/netns/told" link "$link" "$old")
t_run 0 "${TELLS[@]}" "${MIGRATE[@]}" --plan
t_out_has "program $beside '${WORD}_idle' tracing, link $link on program id $old: stays behind: $WATCHES"
refused "$WATCHES" "program '${WORD}_idle' (id $beside, link $link on program id $old) would stay behind: "
TELLS=()

t_begin 'told that one extends a program that is replaced'
hash_begin
beside idle 0
TELLS=("$BUILD/tests/netns/told" extends "$link" "$old")
t_run 0 "${TELLS[@]}" "${MIGRATE[@]}" --plan
t_out_has "program $beside '${WORD}_idle' ext, link $link on program id $old: stays behind: $EXTENDS"
refused "$EXTENDS" "program '${WORD}_idle' (id $beside, link $link on program id $old) would stay behind: "

t_begin 'and of one that extends, but not what: before Linux 5.13 the kernel does not tell'
hash_begin
beside idle 0
TELLS=("$BUILD/tests/netns/told" extends "$link" 0)
t_run 255 "${TELLS[@]}" "${MIGRATE[@]}"
t_err_has "program '${WORD}_idle' (id $beside) may stay on the old map: which program it extends cannot be read"
t_is "$(prog_at v0 egress) $(map_id "$PIN")" "$old $map"
rm "$BESIDE"
TELLS=()

t_begin 'and that it is on another one'
hash_begin
beside idle 0
TELLS=("$BUILD/tests/netns/told" link "$link" "$beside")
migrated
TELLS=()

t_begin 'a program that may sleep'
hash_begin
beside sleeps 0 "$PIN"
refused 'no program of that name is in the objects' \
	"program '${WORD}_sleeps' (id $beside, link $link trace_iter) would stay on the old map: "

t_begin 'a program that processes run'
hash_begin
beside called 0 "$PIN"
refused 'processes run it, and would go on with the old map' "program '${WORD}_called' (id $beside) would stay on the old map: "
