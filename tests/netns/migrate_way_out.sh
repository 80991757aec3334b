#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A load that is refused for another definition names the very line that migrates the map: it
# works as it is printed, by both tools, with a blank in the object's path, too, and then the load
# works.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

dev_add v0
tc qdisc add dev v0 clsact
cg_add a
mkdir "$TMP/a place"
cp "$OBJ/moved_hash_new.o" "$TMP/a place/new.o"

in_tc() {
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$1"
}

in_cgroup() {
	cgroup_loader cgroup attach "$CG/a" egress obj "$1" multi
}

for load in in_tc in_cgroup; do
	for object in "$OBJ/moved_hash_new.o" "$TMP/a place/new.o"; do
		t_begin "$load: ${object#"$TMP/"}"
		"$load" "$OBJ/moved_hash_old.o"
		old=$(map_id "$PIN")
		put "$old" 1 5 6 7
		t_run any "$load" "$object"
		t_err_has "map '$MAP'"
		way=$(sed -n 's/^ *\([a-z]*_loader map migrate .*\)$/\1/p' "$TMP/t_err")
		t_isnt "$way" ''
		t_run 0 sh -c "$way"
		t_isnt "$(map_id "$PIN")" "$old"
		t_is "$(is 1)" '5 6 7'
		t_run 0 "$load" "$object"
		tc_loader qdisc replace dev v0 clsact
		tc filter del dev v0 egress 2>/dev/null || :
		[ "$(cg_progs "$CG/a")" = 0 ] || bpftool cgroup detach "$CG/a" egress id "$(prog_in "$CG/a")"
		rm "$PIN"
	done
done
