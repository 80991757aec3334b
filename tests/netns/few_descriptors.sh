#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A command that runs out of descriptors on its way still takes back what it made, and says what
# it could not take away.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

own_objects by_name layout_ kept
dev_add v0
cp "$OBJ/by_name.o" "$TMP/by_name.o"
cat >"$TMP/acct.yaml" <<END
name: acct
objects:
  all: { file: by_name.o }
tc:
  - { object: all, program: from_classifier, interfaces: [ v0 ], hook: ingress }
cgroups:
  - { object: all, program: from_cgroup, type: egress, cgroups: [ $CG ], mode: link }
END

look() {
	find "$BPFFS" | sort
	tc qdisc show dev v0
	bpftool cgroup show "$CG"
}

look >"$TMP/before"
refused=0 n=5
while t_run any prlimit --nofile=$n tc_loader apply --state-dir "$TMP/state" "$TMP/acct.yaml" &&
	[ "$T_STATUS" -ne 0 ]; do
	t_begin "with $n descriptors"
	t_is "$T_STATUS" 255
	t_err_has 'Too many open files'
	t_err_lacks 'taken back'
	look >"$TMP/after"
	t_is "$(diff "$TMP/before" "$TMP/after" || :)" ''
	refused=$((refused + 1)) n=$((n + 1))
	t_ok [ $n -lt 100 ]
done
t_ok [ $refused -gt 10 ]

t_begin "with $n all of it is done"
t_run 0 tc_loader check --state-dir "$TMP/state" "$TMP/acct.yaml"

# What is shown has its names, or says why not. One descriptor is what the question itself takes.
t_begin 'names of interfaces take no descriptor more'
tc_loader filter add dev v0 egress bpf da obj "$OBJ/by_name.o" section tc tcx link pinned "$BPFFS/tcx"
for n in 4 5; do
	t_run any prlimit --nofile=$n tc_loader qdisc show
	t_is "$T_STATUS" 0
	t_out_has 'dev v0 '
	t_out_lacks 'dev if'
	t_run 2 prlimit --nofile=$n tc_loader qdisc add dev v0 clsact
	t_err_has "'v0' has its clsact qdisc already"
	t_run any prlimit --nofile=$n tc_loader share check "$(own_word by_name)_hits" dev v0
	t_err_lacks 'No such file'
done
for n in 4 5 6 7; do
	t_run any prlimit --nofile=$n cgroup_loader link show pinned "$BPFFS/tcx"
	[ "$T_STATUS" -ne 0 ] || cat "$TMP/t_out" "$TMP/t_err" >"$TMP/shown"
	[ "$T_STATUS" -ne 0 ] || t_ok grep -q 'v0(\|Too many open files' "$TMP/shown"
done
rm "$BPFFS/tcx"

# A kept prog array goes with its program, or it is said that it stays.
dev_add v1
tc qdisc add dev v1 clsact
said=0
for ((n = 12; n < 40; n++)); do
	tc_loader filter replace dev v1 ingress pref 1 handle 1 bpf obj "$OBJ/kept.o" 2>/dev/null
	t_begin "filter del with $n descriptors"
	t_run any prlimit --nofile=$n tc_loader filter del dev v1 ingress pref 1 handle 1 bpf
	[ "$T_STATUS" -eq 0 ] || continue
	if [ -e "$BPFFS/tc/keep" ]; then
		t_err_has stay
		said=$((said + 1))
	fi
	t_run 0 tc_loader share gc --delete
	t_ok [ ! -e "$BPFFS/tc/keep" ]
done
t_ok [ $said -gt 3 ]
t_ok [ $said -lt 25 ]
