#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A file applied by an embedding program (library_apply.c) and by the tools: one record, one state.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects pair

PAIR=$(own_word pair)_hits_00000
STATE=$TMP/state
FILE=$TMP/acct.yaml
dev_add v0
cat >"$FILE" <<END
name: acct
objects:
  one: { file: $OBJ/pair_btf_name.o }
  two: { file: $OBJ/pair_btf_name.o }
maps:
  $PAIR: { shared: yes }
tc:
  - { object: one, interfaces: [ v0 ], hook: ingress }
cgroups:
  - { object: two, type: egress, cgroups: [ $CG ] }
END

library() {
	"$BUILD/tests/netns/library_apply" "$1" "$FILE" "$STATE"
}

t_begin 'a plan is data, and changes nothing'
t_run 0 library plan
t_out_has "create - $PAIR - pref 0"
t_out_has 'attach v0 - '
t_out_has 'attach - cgroup_inet_egress '
t_out_has 'in sync: 0'
t_err_is ''
t_is "$(tc qdisc show dev v0 clsact)" ''

t_begin 'what the library applies, the tools find in sync'
t_run 0 library run
t_err_is ''
id=$(prog_at v0 ingress)
t_out_has "pref 49152 new $id"
t_is "$(maps_of "$id")" "$(maps_of "$(prog_in "$CG")")"
t_run 0 tc_loader check --state-dir "$STATE" "$FILE"
t_run 0 library run
t_out_has 'in sync: 1'
t_is "$(prog_at v0 ingress)" "$id"

t_begin 'and the other way round'
t_run 0 cgroup_loader remove --state-dir "$STATE" "$FILE"
t_run 0 tc_loader apply --state-dir "$STATE" "$FILE"
t_run 0 library plan
t_out_has 'in sync: 1'
t_run 0 library remove
t_is "$(tc filter show dev v0 ingress)" ''
t_is "$(cg_progs "$CG")" 0

t_begin 'a refusal is an error with its line of the file'
tc filter add dev v0 ingress pref 9 handle 1 bpf da obj "$BPF/counter_tc.o"
sed -i 's/hook: ingress/hook: ingress, preference: 9, handle: 1/' "$FILE"
t_run 1 library run
t_out_has "$FILE:8:"
t_out_has 'count_tc'
t_err_is ''
t_is "$(cg_progs "$CG")" 0
