#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Each type of map that the kernel has is one that can be migrated, or it is refused in words; by
# a plan, too, and nothing is done then.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects moved

MAP=$(own_word moved)_hit_00000
HOLDING=' hash array percpu_hash percpu_array lru_hash lru_percpu_hash lpm_trie array_of_maps hash_of_maps '
DIR=$BPFFS/every
mkdir "$DIR"
ASAN_OPTIONS=detect_leaks=0 "$BUILD/tests/netns/every_map" "$DIR"
find "$DIR" -type f -printf "%f\n" | sort -n >"$TMP/before"
t_begin 'most types are there'
t_ok [ "$(wc -l <"$TMP/before")" -ge 20 ]

holding=0
while read -r number; do
	type=$(tc_loader -j map show pinned "$DIR/$number" | t_json .type)
	t_begin "type $number: $type"
	for words in '' --plan; do
		case $HOLDING in
		*" $type "*) status=any holding=$((holding + 1)) ;;
		*) status=255 ;;
		esac
		# shellcheck disable=SC2086 # a word or none
		t_run $status tc_loader -j map migrate pinned "$DIR/$number" to obj "$OBJ/moved_hash_new.o" \
			map "$MAP" $words
		if [ $status = any ]; then
			t_out_lacks 'cannot be migrated'
		else
			t_out_has "of type $type cannot be migrated: "
			t_out_has '"kind":"unsupported"'
		fi
	done
done <"$TMP/before"
t_is "$holding" 18
find "$DIR" -type f -printf "%f\n" | sort -n | t_ok cmp - "$TMP/before"
rm -r "$DIR"
