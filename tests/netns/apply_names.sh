#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Whose a program is: two names at the same places, a record of another boot, a lost one, a
# damaged one, and somebody else's programs where ours should be.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects pair

PAIR=$(own_word pair)_hits_00000
CLS=$(own_word pair)_cls
STATE=$TMP/state

# write_file NAME TC CGROUP: the words behind the object of both entries.
write_file() {
	cat >"$TMP/$1.yaml" <<END
name: $1
objects:
  pair: { file: $OBJ/pair_btf_name.o }
  same: { file: $OBJ/pair_btf_name.o }
maps:
  $PAIR: { shared: yes }
tc:
  - { object: pair, interfaces: [ v0 ], hook: ingress, $2 }
cgroups:
  - { object: same, type: egress, cgroups: [ $CG ], $3 }
END
}

# apply VERB NAME
apply() {
	tc_loader "$1" --state-dir "$STATE" "$TMP/$2.yaml"
}

record() {
	echo "$STATE/$1@$(stat -Lc %i /proc/self/ns/net).json"
}

ids() {
	tc filter show dev v0 ingress | sed -n 's/.* pref \([0-9]*\) .* id \([0-9]*\) .*/\1:\2/p' | sort | tr '\n' ' '
}

dev_add v0

t_begin 'two names at the same places: each has its own, and keeps to it'
write_file one 'clsact: yes' 'mode: multi'
write_file two 'clsact: yes' 'mode: multi'
t_run 0 apply apply one
first=$(ids)
t_run 0 apply apply two
t_is "$(filters v0 ingress)" 2
t_is "$(cg_progs "$CG")" 2
t_run 0 apply check one
t_run 0 apply check two
t_run 0 apply remove two
t_is "$(ids)" "$first"
t_is "$(cg_progs "$CG")" 1
t_run 0 apply check one

t_begin 'the same preference and handle, the same exclusive place: refused by the name that has it'
write_file two 'preference: 49152, handle: 1, adopt: yes' 'mode: multi'
t_run 255 apply apply two
t_err_has "belongs to the name 'one'"
t_is "$(ids)" "$first"
t_run 0 apply remove one
write_file one 'preference: 10' 'mode: exclusive'
write_file two 'preference: 20' 'mode: exclusive, adopt: yes'
t_run 0 apply apply one
first=$(ids)
t_run 255 apply apply two
t_err_has "belongs to the name 'one'"
t_is "$(ids)" "$first"
t_is "$(cg_progs "$CG")" 1

t_begin 'also where a killed run of that name left its journal only'
mv "$(record one)" "$(record one | sed 's/json$/journal/')"
t_run 255 apply apply two
t_err_has "belongs to the name 'one'"
t_is "$(ids)" "$first"
t_run 0 apply remove one

t_begin 'a preference that is chosen keeps clear of others, and is chosen once'
tc filter add dev v0 ingress pref 49152 handle 1 bpf da obj "$BPF/counter_tc.o"
write_file one 'clsact: yes' 'mode: multi'
t_run 0 apply apply one
t_run 0 apply apply one
tc filter del dev v0 ingress pref 49152
chosen=$(ids)
t_is "${chosen%%:*}" 49151
t_run 0 apply check one

t_begin 'a record of another boot: its programs are gone, its choice is not'
sed -i 's/"boot":"[^"]*"/"boot":"another"/' "$(record one)"
tc filter del dev v0 ingress
bpftool cgroup detach "$CG" egress id "$(prog_in "$CG")"
t_run 1 apply check one
t_run 0 apply apply one
chosen=$(ids)
t_is "${chosen%%:*}" 49151
t_run 0 apply check one

t_begin 'a damaged record is refused with its path, and nothing changes'
echo '{' >"$(record one)"
for verb in plan check apply remove; do
	t_run 255 apply $verb one
	t_err_has "$(record one)"
	t_err_has damaged
done
t_is "$(ids)" "$chosen"

t_begin 'a lost record: no second filter beside ours; refused by name, adopted where that is said'
rm "$(record one)"
t_run 255 apply apply one
t_err_has "'$CLS'"
t_err_has "'adopt: yes'"
t_is "$(ids)" "$chosen"
in_cgroup=$(prog_in "$CG")
write_file one 'adopt: yes' 'mode: multi, adopt: yes'
echo '{' >"$STATE/other@1.json"
t_run 255 apply apply one
t_err_has "may belong to another name: record '$STATE/other@1.json' cannot be read"
t_is "$(ids)" "$chosen"
rm "$STATE/other@1.json"
t_run 0 apply apply one
t_is "$(ids)" "$chosen" 'the same program stays'
t_is "$(prog_in "$CG")" "$in_cgroup"
t_run 0 apply check one

t_begin 'and another build of it, here with a map of its own, is replaced in place'
rm "$(record one)"
sed -i "s,pair: { file: .*,pair: { file: $OBJ/pair_btf_none.o }," "$TMP/one.yaml"
sed -i '/maps:/d;/shared: yes/d' "$TMP/one.yaml"
t_run 0 apply apply one
t_is "$(filters v0 ingress)" 1
t_ok [ "$(ids)" != "$chosen" ]
t_run 0 apply check one
t_run 0 apply remove one
t_is "$(ids)" ''

t_begin 'an entry and a link of one program, both without a record: each is adopted'
write_file one 'clsact: yes' 'mode: multi'
echo "  - { object: same, type: egress, cgroups: [ $CG ], mode: link }" >>"$TMP/one.yaml"
t_run 0 apply apply one
in_cgroup=$(cg_progs "$CG")
t_is "$in_cgroup" 2
rm "$(record one)"
sed -i 's/type: egress,/type: egress, adopt: yes,/; s/hook: ingress,/hook: ingress, adopt: yes,/' "$TMP/one.yaml"
t_run 0 apply apply one
t_is "$(cg_progs "$CG")" 2
t_run 0 apply check one
t_run 0 apply remove one
t_is "$(cg_progs "$CG")" 0

t_begin 'a stranger in the way is never taken over'
tc filter add dev v0 ingress pref 10 handle 1 bpf da obj "$BPF/counter_tc.o"
stranger=$(ids)
write_file one 'preference: 10, handle: 1, adopt: yes' 'mode: multi'
t_run 255 apply apply one
t_err_has "count_tc"
t_is "$(ids)" "$stranger"
t_is "$(cg_progs "$CG")" 0
write_file one 'preference: 10, handle: 2, protocol: ip' 'mode: multi'
t_run 255 apply apply one
t_err_has 'protocol'
t_is "$(ids)" "$stranger"

t_begin 'without clsact: yes, none is made'
tc qdisc del dev v0 clsact
write_file one 'clsact: no' 'mode: multi'
t_run 255 apply apply one
t_err_has 'no clsact'
t_is "$(tc qdisc show dev v0 clsact)" ''
t_is "$(cg_progs "$CG")" 0
