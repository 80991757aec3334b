#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tc and bpftool change the very hooks while a file is applied again and again: every run ends
# as the file says or is refused in words, nothing of the others' is removed, and once they
# have stopped one more run is in sync.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

STATE=$TMP/state
FILE=$TMP/acct.yaml
MAP=t$(printf %06d $(($$ % 1000000)))
PIN=$BPFFS/tc/globals/$MAP
for side in tc cgroup; do
	LC_ALL=C sed "s/traffic/$MAP/g" "$BPF/counter_$side.o" >"$TMP/$side.o"
done
dev_add va
tc qdisc add dev va clsact
cg_add app
cat >"$FILE" <<END
name: acct
objects:
  tc: { file: tc.o }
  cg: { file: cgroup.o }
maps:
  $MAP: { shared: yes }
tc:
  - { object: tc, interfaces: va, hook: ingress, preference: 10, handle: 1 }
cgroups:
  - { object: cg, type: egress, cgroups: [ $CG/app ] }
END

# Theirs, of other names: at a place of their own, and now and then at ours.
mkdir "$BPFFS/theirs"
t_run 0 cgroup_loader prog load "$OBJ/verdicts.o" "$BPFFS/theirs/tc"
t_run 0 cgroup_loader prog load "$OBJ/again.o" "$BPFFS/theirs/cg"
tc filter add dev va ingress pref 20 handle 1 bpf da object-pinned "$BPFFS/theirs/tc"
bpftool cgroup attach "$CG/app" egress pinned "$BPFFS/theirs/cg" multi
TC_ID=$(bpftool -j prog show pinned "$BPFFS/theirs/tc" | t_json .id)
CG_ID=$(bpftool -j prog show pinned "$BPFFS/theirs/cg" | t_json .id)

# meddle: what they do fails where ours has just been there; it counts only that they go on.
meddle() {
	while [ ! -e "$TMP/enough" ]; do
		tc filter replace dev va ingress pref 10 handle 1 bpf da object-pinned "$BPFFS/theirs/tc" || :
		bpftool cgroup detach "$CG/app" egress pinned "$BPFFS/theirs/cg" || :
		tc filter del dev va ingress pref 10 || :
		bpftool cgroup attach "$CG/app" egress pinned "$BPFFS/theirs/cg" multi || :
		echo round
	done >>"$TMP/rounds" 2>/dev/null
}

theirs_stand() {
	t_is "$(tc filter show dev va ingress pref 20 | t_count " id $TC_ID ")" 1
	t_is "$(bpftool cgroup show "$CG/app" | t_count "^$CG_ID ")" 1
}

t_begin 'each run is done, or refused in words; both happen'
meddle &
meddler=$!
on_exit ': >"$TMP/enough"; wait $meddler'
made=0 refused=0
runs=0
while [ $made -lt 15 ] && [ $runs -lt 300 ]; do
	runs=$((runs + 1))
	t_run any tc_loader apply --state-dir "$STATE" "$FILE"
	case $T_STATUS in
	0) made=$((made + 1)) ;;
	255)
		refused=$((refused + 1))
		t_ok [ -s "$TMP/t_err" ]
		;;
	*) t_fail "status $T_STATUS" ;;
	esac
done
: >"$TMP/enough"
wait $meddler
t_ok [ $made -eq 15 ]
t_ok [ "$(wc -l <"$TMP/rounds")" -gt 3 ]

t_begin 'what is theirs is theirs, and one more run is in sync'
theirs_stand
t_run 0 tc_loader apply --state-dir "$STATE" "$FILE"
t_run 0 cgroup_loader check --state-dir "$STATE" "$FILE"
t_out_is 'acct: in sync'
theirs_stand
t_is "$(filters va ingress)" 2
t_is "$(cg_progs "$CG/app")" 2
ours=$(tc filter show dev va ingress pref 10 | sed -n 's/.* id \([0-9]*\) .*/\1/p')
t_is "$(maps_of "$ours")" "$(map_id "$PIN")"

t_begin 'and so is removing it'
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
theirs_stand
t_is "$(filters va ingress)" 1
t_is "$(cg_progs "$CG/app")" 1
echo "$runs runs: $refused refused"
