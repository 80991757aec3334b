#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Others change a place between the look of a run and its act: what they did stands, and the run
# begins again from there, or has nothing left to detach.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
. "$(dirname "$0")/../syscalls.sh"
lib_private "$@"
own_objects pair

STATE=$TMP/state
FILE=$TMP/acct.yaml
SKB=$(own_word pair)_skb
dev_add v0
tc qdisc add dev v0 clsact
for name in job job/a job/b; do
	cg_add "$name"
done
cp "$OBJ/pair_btf_none.o" "$TMP/one.o"
cp "$OBJ/pair_btf_none.o" "$TMP/two.o"
printf x >>"$TMP/two.o"
t_run 0 cgroup_loader prog loadall "$OBJ/pair_btf_none.o" "$BPFFS/theirs"
APPLY=(tc_loader apply --state-dir "$STATE" "$FILE")
REMOVE=(tc_loader remove --state-dir "$STATE" "$FILE")
CHECK=(tc_loader check --state-dir "$STATE" "$FILE")

# of FILE ENTRIES: an object, and where.
of() {
	printf 'name: acct\nobjects:\n  pair: { file: %s.o }\n%s\n' "$1" "$2" >"$FILE"
}

# first ENTRIES: the build before stands there, and the next one is what the file has.
first() {
	of one "$1"
	"${APPLY[@]}" >"$TMP/out"
	of two "$1"
}

# stopped_before_it_acts: all is loaded, and the journal, the first file, written.
stopped_before_it_acts() {
	CALLS_CHANGING=fsync
	echo '1 fsync(' >"$TMP/calls"
	stopped_after 1 "${APPLY[@]}" || t_fail 'it ended before'
}

# replaced_once_loaded ENTRIES CHANGE…: the next build is loaded; CHANGE; then it goes on.
replaced_once_loaded() {
	first "$1"
	stopped_before_it_acts
	"${@:2}"
	goes_on 0
	t_ok grep -q 'once more' "$TMP/stopped_err"
	t_run 0 "${CHECK[@]}"
	t_out_is 'acct: in sync'
}

t_begin 'a filter that was to be replaced is gone'
replaced_once_loaded "tc:
  - { object: pair, hook: ingress, interfaces: v0, preference: 10, handle: 1 }" \
	tc filter del dev v0 ingress pref 10
t_is "$(filters v0 ingress)" 1
t_run 0 "${REMOVE[@]}"

t_begin 'the one program of a cgroup that was to be replaced is gone'
detached() {
	bpftool cgroup detach "$CG/job" egress id "$(prog_in "$CG/job")"
}
replaced_once_loaded "cgroups:
  - { object: pair, type: egress, cgroups: $CG/job, mode: exclusive }" detached
t_is "$(cg_progs "$CG/job")" 1
t_run 0 "${REMOVE[@]}"

t_begin 'a link that was to be exchanged lost its cgroup'
cut_off() {
	bpftool link detach pinned "$(find "$BPFFS/mapshare" -type f)"
}
replaced_once_loaded "cgroups:
  - { object: pair, type: egress, cgroups: $CG/job, mode: link }" cut_off
t_is "$(cg_progs "$CG/job")" 1
t_run 0 "${REMOVE[@]}"

t_begin 'a clsact that was to be added is there'
dev_add v1
of one "tc:
  - { object: pair, hook: ingress, interfaces: v1, clsact: yes }"
stopped_before_it_acts
tc qdisc add dev v1 clsact
goes_on 0
t_is "$(filters v1 ingress)" 1
t_run 0 "${REMOVE[@]}"

t_begin 'what was to be detached is gone, or is by now what others have put there'
of one "tc:
  - { object: pair, hook: ingress, interfaces: v0, preference: 10, handle: 1 }
  - { object: pair, hook: egress, interfaces: v0, preference: 10, handle: 1 }
cgroups:
  - { object: pair, type: egress, cgroups: $CG/job, mode: multi }
  - { object: pair, type: egress, cgroups: $CG/job/b, mode: multi }
  - { object: pair, type: egress, cgroups: [ $CG/job, $CG/job/a ], mode: link }"
"${APPLY[@]}" >"$TMP/out"
CALLS_CHANGING=sendto
calls_of "${REMOVE[@]}" >"$TMP/out"
"${APPLY[@]}" >"$TMP/out"
# Each filter is asked for before it is deleted: the first one was.
at=$(grep -n RTM_DELTFILTER "$TMP/calls" | sed -n '1s/:.*//p')
stopped_after $((at - 1)) "${REMOVE[@]}" || t_fail 'it ended before'
tc filter del dev v0 ingress pref 10
tc filter replace dev v0 egress pref 10 handle 1 bpf da object-pinned "$BPFFS/theirs/$(own_word pair)_cls"
theirs=$(tc filter show dev v0 egress)
bpftool cgroup detach "$CG/job" egress id "$(bpftool -j cgroup show "$CG/job" | t_json '[0].id')"
rmdir "$CG/job/b"
mkdir "$CG/job/b"
bpftool cgroup attach "$CG/job/b" egress pinned "$BPFFS/theirs/$SKB" multi
find "$BPFFS/mapshare" -type f >"$TMP/pins"
xargs rm <"$TMP/pins"
bpftool prog pin pinned "$BPFFS/theirs/$SKB" "$(sed -n 1p "$TMP/pins")"
goes_on 0
t_is "$(filters v0 ingress)" 0
t_is "$(tc filter show dev v0 egress)" "$theirs"
t_is "$(cg_progs "$CG/job") $(cg_progs "$CG/job/a") $(cg_progs "$CG/job/b")" '0 0 1'
t_is "$(find "$BPFFS/mapshare" -type f | wc -l)" 1 'what they pinned'
t_run 1 "${CHECK[@]}"

# Two objects find their map by its pin, one after the other.
t_begin 'the pin of a map they share goes between two objects'
SHARED=$(own_word pair)_hits_00000
cp "$OBJ/pair_btf_name.o" "$TMP/one.o"
cp "$OBJ/pair_btf_name.o" "$TMP/two.o"
printf x >>"$TMP/two.o"
cat >"$FILE" <<END
name: acct
objects:
  one: { file: one.o }
  two: { file: two.o }
maps:
  $SHARED: { shared: yes }
tc:
  - { object: one, hook: ingress, interfaces: v1 }
  - { object: two, hook: egress, interfaces: v1 }
END
CALLS_CHANGING=bpf,openat2
calls_of "${APPLY[@]}" >"$TMP/out"
t_run 0 "${REMOVE[@]}"
at=$(awk '/BPF_OBJ_PIN/ { pinned = 1 } pinned && /PROG_TYPE_SCHED_CLS/ { loaded = 1 }
	loaded && / openat2[(]/ { print NR; exit }' "$TMP/calls")
stopped_after "$at" "${APPLY[@]}" || t_fail 'it ended before'
rm "$BPFFS/tc/globals/$SHARED"
goes_on 255
t_ok grep -q "map '$SHARED' is not shared: program id [0-9]* '$(own_word pair)_cls' uses id [0-9]*, program id" "$TMP/stopped_err"
t_is "$(filters v1 ingress) $(filters v1 egress)" '0 0' 'filters'
t_ok [ ! -e "$BPFFS/tc/globals/$SHARED" ]
