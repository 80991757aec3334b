#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# on-change: migrate in a list of tcx.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

LIST=$BUILD/tests/netns/tcx_list
OUT=47
FILE=(--state-dir "$TMP/state" "$TMP/listed.yaml")
dev_add v0
"$LIST" v0 $OUT >"$TMP/list" 2>&1 || t_skip tcx 'this kernel has no tcx (Linux 6.6)'

write_file() {
	cat >"$TMP/listed.yaml" <<-END
		name: listed
		objects: { o: { file: $1 } }
		maps: { $MAP: { shared: yes, on-change: migrate } }
		tc:
		  - { object: o, hook: egress, interfaces: [ v0 ], attach: tcx }
	END
}

t_begin 'in a list of tcx'
write_file "$OBJ/moved_hash_old.o"
t_run 0 tc_loader apply "${FILE[@]}"
old=$(map_id "$PIN")
put "$old" 1 5 6 7
before=$("$LIST" v0 $OUT)
write_file "$OBJ/moved_hash_new.o"
t_run 0 tc_loader apply "${FILE[@]}"
t_isnt "$(map_id "$PIN")" "$old"
t_is "$(is 1)" '5 6 7'
t_is "$(find "$BPFFS" -name 'mapshare_migrates_*')" ''
after=$("$LIST" v0 $OUT)
t_isnt "$after" "$before"
t_is "$(maps_of "$after")" "$(map_id "$PIN")"
t_run 0 tc_loader check "${FILE[@]}"
t_run 0 tc_loader remove "${FILE[@]}"
rm "$PIN"
