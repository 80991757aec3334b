#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Who wins where the old programs and the new ones both wrote an element while its map was
# migrated: the defaults of a counter and of another number, and each policy that can be said.
# The command is stopped once everything is copied and the programs are replaced.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
own_objects moved

MAP=$(own_word moved)_hit_00000
PIN=$BPFFS/tc/globals/$MAP
NEW=$BPFFS/tc/globals/mapshare_migrates_$MAP/new
dev_add v0

# words N BYTES: a number as bytes, lowest first.
words() {
	local n=$1 i
	for ((i = 0; i < $2; i++)); do
		printf '%d ' $((n >> 8 * i & 255))
	done
}

# old KEY PACKETS QUOTA BYTES, new KEY PACKETS QUOTA BYTES: an element as each definition has it.
old() {
	# shellcheck disable=SC2046 # a word for each byte
	bpftool map update "${OLD[@]}" key "$1" 0 0 0 value $(words "$2" 8) $(words "$3" 8) \
		$(words "$4" 8)
}

new() {
	# shellcheck disable=SC2046
	bpftool map update pinned "$NEW" key "$1" 0 0 0 value $(words "$4" 8) 0 0 0 0 \
		$(words "$3" 4) $(words "$2" 8)
}

# element KEY: "PACKETS QUOTA BYTES" of what is pinned.
element() {
	bpftool -j map lookup pinned "$PIN" key "$1" 0 0 0 >"$TMP/element" || return
	for member in packets quota bytes; do
		sed -n "s/.*\"$member\":\([0-9]*\).*/\1/p" "$TMP/element"
	done | xargs
}

begin() {
	tc qdisc del dev v0 clsact 2>/dev/null || :
	rm -rf "$BPFFS/tc"
	tc_loader qdisc replace dev v0 clsact
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_hash_old.o"
	OLD=(pinned "$PIN")
	old 1 10 20 30
	old 2 10 20 30
	old 3 10 20 30
	old 4 10 20 30
	OLD=(id "$(map_id "$PIN")")
}

# copied CMD…: stops it where all elements are copied and the programs are replaced: it waits for
# those that still run, once.
copied() {
	begin
	CALLS_CHANGING=membarrier
	echo '1 membarrier(' >"$TMP/calls"
	stopped_after 1 "$@"
	t_ok [ -e "${NEW%/*}/switched" ]
}

# migrate WORD…: 1 is written by the old side, 2 by the new one, 3 and 5 by both; 4 by neither.
migrate() {
	copied cgroup_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o" "$@"
	old 1 11 21 31
	new 2 12 22 32
	old 3 11 21 31
	new 3 12 22 32
	old 5 1 2 3
	new 5 10 20 30
	goes_on 0
	t_is "$(element 1)" '11 21 31' 'the old side alone'
	t_is "$(element 2)" '12 22 32' 'the new side alone'
	t_is "$(element 4)" '10 20 30' 'neither'
}

t_begin 'counters are added up, the new side has the rest'
migrate
t_is "$(element 3)" '13 22 33' 'both'
t_is "$(element 5)" '11 20 33' 'made by both'

t_begin 'what the old programs wrote can win'
migrate --merge quota=overwrite --merge bytes=overwrite
t_is "$(element 3)" '13 21 31' 'both'
t_is "$(element 5)" '11 2 3' 'made by both'

t_begin 'a counter can be kept as the new programs have it, another number added up'
migrate --merge packets=keep-new --merge quota=add
t_is "$(element 3)" '12 23 33' 'both'
t_is "$(element 5)" '10 22 33' 'made by both'
