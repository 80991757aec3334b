#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Places that the machine does not have, not yet or no longer: what stands elsewhere stays as it
# is, with its private maps, and nothing is loaded for nobody.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects pair

STATE=$TMP/state
FILE=$TMP/acct.yaml
dev_add v0

# file OBJECT: of the cgroups; the filters are of 'tc'.
file() {
	cat >"$FILE" <<END
name: acct
objects:
  tc: { file: $OBJ/pair_btf_none.o }
  cg: { file: $OBJ/pair_btf_none.o }
tc:
  - { object: tc, hook: ingress, interfaces: [ v0 ] }
cgroups:
  - { object: $1, type: egress, cgroups: [ "$CG/app*" ] }
END
}

apply() {
	tc_loader "$1" --state-dir "$STATE" "$FILE"
}

for object in cg tc; do
	t_begin "object '$object' without a cgroup: pending, in sync, and left alone"
	file $object
	t_run 0 apply apply
	id=$(prog_at v0 ingress)
	[ $object = tc ] || t_out_lacks "object 'cg'"
	t_run 0 apply check
	t_out_has 'in sync, 1 pending'
	t_run 0 apply apply
	t_out_has 'nothing loaded'
	t_is "$(prog_at v0 ingress)" "$id"

	t_begin "object '$object': its cgroup comes, and is served"
	cg_add app
	t_run 1 apply check
	t_run 0 apply apply
	t_is "$(cg_progs "$CG/app")" 1
	t_run 0 apply check
	id=$(prog_at v0 ingress)
	map=$(maps_of "$id")
	[ $object = cg ] || t_is "$(maps_of "$(prog_in "$CG/app")")" "$map" 'one load for both'

	t_begin "object '$object': its cgroup goes, and takes nothing with it"
	cg_del "$CG/app"
	t_run 0 apply check
	t_run 0 apply apply
	t_is "$(prog_at v0 ingress)" "$id"
	t_is "$(maps_of "$id")" "$map"
	t_run 0 apply check
	t_run 0 apply remove
done

t_begin 'a limit takes in no more, and detaches nothing that it took in'
cat >"$FILE" <<END
name: bounded
objects:
  cg: { file: $OBJ/pair_btf_none.o }
cgroups:
  - { object: cg, type: egress, cgroups: [ "$CG/lim*" ], limit: 2 }
END
cg_add lim_b
cg_add lim_c
t_run 0 apply apply
b=$(prog_in "$CG/lim_b")
cg_add lim_a
t_run 0 apply apply
t_err_has 'names more than 2 cgroups; new ones beyond that are left out'
t_is "$(prog_in "$CG/lim_b") $(prog_in "$CG/lim_c")" "$b $b"
t_is "$(cg_progs "$CG/lim_a")" 0
t_run 0 apply check
cg_del "$CG/lim_b"
t_run 0 apply apply
t_is "$(prog_in "$CG/lim_a") $(prog_in "$CG/lim_c")" "$b $b" 'there is room again'
