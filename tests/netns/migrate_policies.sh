#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Where both sides wrote an element while the map was copied: numbers are added up, other members
# follow their policy; elements that were made or deleted meanwhile are made and deleted. The
# moment is that of a migration that was killed before its second look at the old map.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace kills at a system call'
. "$TOP/tests/moved.sh"

export ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
dev_add v0
tc qdisc add dev v0 clsact

# half_way WORDS…: a map with elements, and a migration of it that was killed.
half_way() {
	local key status=0
	tc filter del dev v0 egress 2>/dev/null || :
	rm -rf "$BPFFS/tc"
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_${TYPE}_old.o"
	old=$(map_id "$PIN")
	for key in 0 1 2 3 4 5; do
		put "$old" "$key" $((key + 100)) 1 2
	done
	MIGRATE=(tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_${TYPE}_new.o")
	{
		ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e trace=membarrier -e inject=membarrier:signal=KILL \
			"${MIGRATE[@]}" "$@" >"$TMP/out" 2>&1 || status=$?
	} 2>"$TMP/word"
	t_is "$status" 137 'status of a migration that was killed'
	t_is "$(map_id "$PIN")" "$old" 'the pin of a migration that was killed'
	new=$(map_id "$ASIDE/new")
}

for TYPE in hash lru; do
	t_begin "$TYPE: members that both sides wrote"
	half_way
	put "$old" 1 103 50 2
	put "$old" 2 106 60 2
	put "$new" 2 107 70 2
	t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_${TYPE}_new.o" --plan
	t_out_has 'an interrupted migration would be finished'
	t_run 0 "${MIGRATE[@]}"
	t_is "$(t_out | t_json .finished) $(t_out | t_json .added) $(t_out | t_json .raced)" 'true 2 1'
	t_is "$(is 0)" '100 1 2'
	t_is "$(is 1)" '103 50 2' 'written by the old programs only'
	t_is "$(is 2)" '111 70 2' 'written by both: 4 and 5 more packets, and keep-new'

	t_begin "$TYPE: the same, and the old programs win"
	half_way --merge quota=overwrite --merge bytes=keep-new
	put "$old" 1 101 50 9
	put "$old" 2 106 60 7
	put "$new" 2 107 70 8
	t_run 0 "${MIGRATE[@]}"
	t_is "$(is 1)" '101 50 9'
	t_is "$(is 2)" '111 60 8' 'what was decided first counts, whatever the rerun says'
done

TYPE='hash'
t_begin "elements that were made or deleted meanwhile"
half_way
tc_loader map delete id "$old" key 3
tc_loader map delete id "$old" key 4
put "$new" 4 111 1 2
put "$old" 5 150 1 2
tc_loader map delete id "$new" key 5
put "$old" 10 5 9 1
put "$old" 11 3 1 1
put "$new" 11 4 2 1
t_run 0 "${MIGRATE[@]}"
t_is "$(is 3)" '' 'deleted by the old programs'
t_is "$(is 4)" '7 0 0' 'deleted by the old ones, then counted by the new ones'
t_is "$(is 5)" '' 'deleted by the new programs'
t_is "$(is 10)" '5 9 1' 'made by the old programs'
t_is "$(is 11)" '7 2 2' 'made by both'
t_is "$(t_out | t_json .born) $(t_out | t_json .deleted)" '1 1'

t_begin "another definition has to wait until an interrupted migration is finished"
half_way
t_run 255 tc_loader share gc --delete "$ASIDE/copied_0"
t_err_has "an interrupted 'map migrate' needs it"
t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_old.o"
t_err_has 'an interrupted migration to another definition has to be finished first'
t_run 0 "${MIGRATE[@]}"
tc filter del dev v0 egress
rm "$PIN"
