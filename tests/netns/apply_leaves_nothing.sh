#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A run that is refused leaves no directory and no lock behind where it found none, and disturbs
# no other run that uses the same directory at that moment.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects pair

STATE=$TMP/state
# file NAME DEV OBJECT
file() {
	cat >"$TMP/$1.yaml" <<END
name: $1
objects: { o: { file: $OBJ/$3.o } }
tc: [ { object: o, hook: ingress, interfaces: $2, preference: 5, handle: 1 } ]
END
}
dev_add v0
dev_add v1
tc qdisc add dev v1 clsact
tc filter add dev v1 ingress pref 5 handle 1 bpf da obj "$BPF/counter_tc.o"
file bad v1 pair_btf_none
file good v0 pair_btf_none

t_begin 'refused in a directory that was not there'
t_run 255 tc_loader apply --state-dir "$STATE" "$TMP/bad.yaml"
t_err_has 'somebody else'
t_ok [ ! -e "$STATE" ]

t_begin 'refused in one of somebody else'
mkdir -m 0700 "$STATE"
t_run 255 tc_loader apply --state-dir "$STATE" "$TMP/bad.yaml"
t_is "$(find "$STATE" -mindepth 1)" ''
t_ok test -d "$STATE"
rmdir "$STATE"

t_begin 'a link that nothing could hold is refused before anything is attached'
cat >"$TMP/held.yaml" <<END
name: held
objects: { o: { file: $OBJ/pair_btf_none.o } }
tc: [ { object: o, hook: ingress, interfaces: v0, preference: 5, handle: 1 } ]
cgroups: [ { object: o, type: egress, cgroups: [ "$CG" ], mode: link } ]
END
mkdir "$TMP/full"
touch "$TMP/full/file"
t_run 255 env ASAN_OPTIONS=detect_leaks=0 TC_BPF_MNT="$TMP/full" strace -qq -f -e trace=bpf,sendto -o "$TMP/calls" \
	tc_loader apply --state-dir "$STATE" "$TMP/held.yaml"
t_err_has 'not empty'
t_is "$(t_count -E 'RTM_NEWTFILTER|BPF_PROG_ATTACH|BPF_LINK_CREATE' "$TMP/calls")" 0
t_ok [ ! -e "$STATE" ]

t_begin 'nothing to remove'
t_run any tc_loader remove --state-dir "$STATE" "$TMP/good.yaml"
t_ok [ ! -e "$STATE" ]

t_begin 'others that are refused at that moment'
for try in 1 2 3 4; do
	pids=
	for _ in 1 2 3 4; do
		tc_loader apply --state-dir "$STATE" "$TMP/bad.yaml" >"$TMP/null" 2>&1 &
		pids="$pids $!"
	done
	t_run 0 tc_loader apply --state-dir "$STATE" "$TMP/good.yaml"
	for pid in $pids; do
		t_run 255 wait "$pid"
	done
	t_is "$(filters v0 ingress)" 1 "try $try"
	t_run 0 tc_loader remove --state-dir "$STATE" "$TMP/good.yaml"
	rm -r "$STATE"
done
