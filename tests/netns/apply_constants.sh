#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a file says of an object's constants is what the programs read; another value is another
# program, and a value that does not fit changes nothing.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects constants_seen

dev_add v0
FILE=$TMP/acct.yaml

# apply VERB STEP
apply() {
	cat >"$FILE" <<-END
		name: acct
		objects:
		  tc: { file: $OBJ/constants.o, constants: { $2 } }
		tc:
		  - { object: tc, interfaces: [ v0 ], hook: ingress, preference: 10, handle: 1 }
	END
	tc_loader "$1" --state-dir "$TMP/state" "$FILE"
}

# step_of PROGRAM-ID: as the kernel holds it.
step_of() {
	local id
	for id in $(maps_of "$1" | tr , ' '); do
		bpftool -j map dump id "$id"
	done >"$TMP/maps"
	sed -n 's/.*"step":\([0-9]*\).*/\1/p' "$TMP/maps"
}

t_begin 'a constant has the value that the file gives it'
t_run 0 apply apply 'step: 7'
t_is "$(step_of "$(prog_at v0 ingress)")" 7
id=$(prog_at v0 ingress)
t_run 0 apply check 'step: 7'
t_run 0 apply apply 'step: 7'
t_is "$(prog_at v0 ingress)" "$id"

t_begin 'another value is another program'
t_run 1 apply check 'step: 8'
t_run 0 apply apply 'step: 8'
t_is "$(step_of "$(prog_at v0 ingress)")" 8
t_is "$(filters v0 ingress)" 1
id=$(prog_at v0 ingress)

t_begin 'what does not fit is refused, and changes nothing'
t_run 255 apply apply 'step: 4294967296'
t_err_has "object '$OBJ/constants.o': set 'step': 4294967296 is not from 0 to 4294967295"
t_run 255 apply apply 'stop: 4'
t_err_has "set 'stop': the object has no constant of that name; it has step; did you mean 'step'?"
t_is "$(prog_at v0 ingress)" "$id"
t_is "$(step_of "$(prog_at v0 ingress)")" 8
