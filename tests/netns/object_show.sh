#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# object show: what a load would do with each map as the pins around it change, and that
# looking changes nothing. object convert: the result is a modern object.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

GLOBALS=$BPFFS/tc/globals

show() {
	find "$BPFFS" | sort >"$TMP/before"
	t_run 0 "$@"
	find "$BPFFS" | sort >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
}

json() {
	t_json "$1" <"$TMP/t_out"
}

# of MAP KEY: that member of the first object's map.
of() {
	lib_names=$(json '.[0].maps[name]')
	lib_i=$(printf '%s' "$lib_names" | tr -d '[]"' | tr , '\n' | grep -nx "$1" | cut -d: -f1)
	json ".[0].maps[$((lib_i - 1))].$2"
}

t_begin 'nothing is pinned yet: every scope has its place'
show tc_loader -j object show "$OBJ/elf36.o"
t_is "$(of elf_private would)" private
t_is "$(of elf_global would)" create
t_is "$(of elf_global path)" "$GLOBALS/elf_global"
t_is "$(of elf_object path)" "$BPFFS/tc/$(sha1sum <"$OBJ/elf36.o" | cut -d' ' -f1)/elf_object"
t_is "$(of elf_custom would)" blocked
t_is "$(of elf_custom pin_id)" 42
t_is "$(of elf_custom dialect)" bpf_elf_map
t_is "$(json '.[0].programs')" '[{"name":"cls","section":"classifier","type":"sched_cls","attach":["tc"],"optional":false}]'

t_begin 'what tc_loader would load as a classifier is shown as one'
show tc_loader -j object show "$OBJ/tailcalls.o"
t_is "$(json '.[0].programs[type]' | tr -d '[]"' | tr , '\n' | sort -u)" sched_cls
show cgroup_loader -j object show "$OBJ/tailcalls.o"
t_is "$(json '.[0].programs[type]' | tr -d '[]"' | tr , '\n' | sort -u | tr '\n' ' ')" 'sched_cls unknown '

t_begin 'a pin that fits is reused, one that does not is a conflict in words'
mkdir -p "$GLOBALS"
bpftool map create "$GLOBALS/by_name_hits" type array key 4 value 8 entries 1 name by_name_hits
show cgroup_loader object show "$OBJ/by_name.o"
t_out_has "reuse id $(map_id "$GLOBALS/by_name_hits") at $GLOBALS/by_name_hits"
rm "$GLOBALS/by_name_hits"
bpftool map create "$GLOBALS/by_name_hits" type array key 4 value 16 entries 2 name by_name_hits
show cgroup_loader object show "$OBJ/by_name.o"
t_out_has 'conflict: '
t_out_has 'value_size'
t_out_has 'max_entries'
show cgroup_loader -j object show "$OBJ/by_name.o"
t_is "$(of by_name_hits would)" conflict
t_is "$(of by_name_hits path)" "$GLOBALS/by_name_hits"

t_begin 'long lines are whole when piped'
show tc_loader object show "$OBJ/by_name.o" "$OBJ/elf36.o"
t_out_has "create and pin $GLOBALS/elf_global"
t_out_has "by_name.o: 2 maps, 2 programs"
t_out_has "elf36.o: 4 maps, 1 program"

t_begin 'several files are one JSON document'
show tc_loader -j object show "$OBJ/by_name.o" "$OBJ/elf36.nog.o"
t_is "$(json '.|length')" 2

t_begin 'no object, no answer'
for tool in tc_loader cgroup_loader; do
	t_run any "$tool" object show "$TMP/nothing.o"
	t_isnt "$T_STATUS" 0
	t_err_has "$TMP/nothing.o"
	t_out_is ''
	echo text >"$TMP/text.o"
	t_run any "$tool" object show "$OBJ/by_name.o" "$TMP/text.o"
	t_isnt "$T_STATUS" 0
	t_out_is ''
done

t_begin 'convert keeps what has a modern form and lists the rest'
t_run 0 tc_loader object convert "$OBJ/elf36.o" "$TMP/modern.o"
t_out_has elf_object
t_out_has elf_custom
t_out_lacks elf_private
show tc_loader -j object show "$TMP/modern.o"
t_is "$(of elf_global dialect)" btf
t_is "$(of elf_global pinning)" name
t_is "$(of elf_custom pinning)" none
t_run 0 cgroup_loader -j object convert "$OBJ/elf36.o" "$TMP/modern.o"
t_is "$(json '.lost|length')" 2
t_run any tc_loader object convert "$OBJ/elf36.o"
t_isnt "$T_STATUS" 0
t_run any tc_loader object convert "$TMP/text.o" "$TMP/never.o"
t_isnt "$T_STATUS" 0
t_ok [ ! -e "$TMP/never.o" ]
