#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Sections ID/KEY: whatever cannot be put where its author meant it is said, never dropped; what
# is grafted keeps its own tail calls, and only as long as it is in the slot.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

JUMPS=$BPFFS/tc/globals/odd_jumps
KEEP=$BPFFS/tc/keep
OBJECT=$OBJ/odd_slots.o
dev_add v0
tc qdisc add dev v0 clsact

# slot MAP KEY: the id of the program in it; slot_name: its name.
slot() {
	local bytes
	bytes=$(bpftool -j map lookup pinned "$1" key "$2" 0 0 0 | t_json .value)
	"$LIB_PYTHON" -c 'import json, sys
print(int.from_bytes(bytes(int(b, 16) for b in json.loads(sys.argv[1])), "little"))' "$bytes"
}

slot_name() {
	local id
	id=$(slot "$@")
	bpftool -j prog show id "$id" | t_json .name
}

t_begin 'what is left out is said, and what fills the slots is what is said'
t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 bpf obj "$OBJECT"
t_err_has "section '5/0' is left out: section '0x5/00' fills the same slot 0"
t_err_has "program 'odd_second' is left out: 'odd_first' is the first in section '5/1'"
t_err_has "section '08/1' is left out: it is not ID/KEY"
t_err_has "section '4294967301/0' is left out: it is not ID/KEY"
t_err_has "section '77/0' is left out: no prog array with id 77"
t_is "$(t_err | grep -c 'left out')" 5 warnings
t_is "$(slot_name "$JUMPS" 0)" odd_spelled
t_is "$(slot_name "$JUMPS" 1)" odd_first

t_begin 'what is grafted by name is not left out'
t_run 0 tc_loader exec bpf graft m:globals/odd_jumps key 2 obj "$OBJECT" section 77/0
t_err_lacks "'77/0'"
t_is "$(slot_name "$JUMPS" 2)" odd_foreign

t_begin 'a map that differs from its pin has the status of tc'
# The machine's tc has it for objects that it can read at all.
mkdir -p "$BPFFS/tc/globals"
bpftool map create "$BPFFS/tc/globals/by_name_hits" type hash key 8 value 8 entries 8 name "h$$"
BY_NAME="exec bpf graft m:globals/odd_jumps key 3 obj $OBJ/by_name.o section tc"
theirs=0
# shellcheck disable=SC2086 # words
tc $BY_NAME >"$TMP/tc" 2>&1 || theirs=$?
# shellcheck disable=SC2086
t_run 234 tc_loader $BY_NAME
t_err_has 'differs from the object'
t_is "$theirs" 234 "the machine's tc"

t_begin 'what is grafted keeps its own tail calls'
t_run 0 tc_loader exec bpf graft m:globals/odd_jumps key 3 obj "$OBJ/kept.o" section classifier
t_err_lacks 'is not pinned'
prog=$(slot "$JUMPS" 3)
t_is "$(slot_name "$KEEP/$prog/kept_jumps" 0)" first
t_run 0 tc_loader share gc --delete
t_is "$(slot_name "$KEEP/$prog/kept_jumps" 0)" first

t_begin 'and loses them with its slot'
t_run 0 tc_loader exec bpf graft m:globals/odd_jumps key 3 obj "$OBJECT" section 77/0
t_is "$(slot_name "$JUMPS" 3)" odd_foreign
t_ok [ ! -e "$KEEP" ]

t_begin 'a graft that fails keeps nothing'
t_run 255 tc_loader exec bpf graft m:globals/odd_jumps key 9 obj "$OBJ/kept.o" section classifier
t_ok [ ! -e "$KEEP" ]
