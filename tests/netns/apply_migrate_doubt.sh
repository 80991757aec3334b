#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# on-change: migrate of counters that nobody can see to be some: plan and apply say that they are
# not added up.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

FILE=(--state-dir "$TMP/state" "$TMP/handed.yaml")
WORDS="member 'packets': not added up: program '$(own_word moved)_cls' hands the value to a function"
dev_add v0

write_file() {
	cat >"$TMP/handed.yaml" <<-END
		name: handed
		objects: { o: { file: $1 } }
		maps: { $MAP: { shared: yes, on-change: migrate } }
		tc:
		  - { object: o, hook: egress, interfaces: [ v0 ] }
	END
}

t_begin 'both say it'
write_file "$OBJ/moved_handed_old.o"
t_run 0 tc_loader apply "${FILE[@]}"
write_file "$OBJ/moved_hash_new.o"
t_run any tc_loader plan "${FILE[@]}"
t_out_has "$WORDS"
t_run 0 tc_loader -j apply "${FILE[@]}"
t_out_has "$WORDS"

t_begin 'of counters that are seen to be some nothing is said'
write_file "$OBJ/moved_hash_old.o"
t_run 0 tc_loader apply "${FILE[@]}"
t_out_has 'migrated: '
t_out_lacks 'not added up'
for member in packets quota bytes; do
	t_out_lacks "; member '$member':"
done
t_run 0 tc_loader remove "${FILE[@]}"
rm "$PIN"
