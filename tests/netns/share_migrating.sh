#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A map whose migration was interrupted is named by share check and share show, with what to do,
# whether none, one or all of its programs were replaced. The verdict stays that of the programs;
# once it is finished nothing is said.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
. "$TOP/tests/moved.sh"

MIGRATE=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o")
TOLD="'$PIN': a 'map migrate' of it was interrupted, or is under way; run it again to finish it"
dev_add v0
tc qdisc add dev v0 clsact
cg_add a

old_tc() {
	t_run 0 tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_hash_old.o"
}

old_cgroup() {
	t_run 0 cgroup_loader cgroup attach "$CG/a" egress obj "$OBJ/moved_hash_old.o" replace
}

begin() {
	rm -rf "$BPFFS/tc"
	old_tc
	old_cgroup
}

# killed CALL: as it enters that one.
killed() {
	{ ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e trace="$1" -e "inject=$1:signal=KILL" "${MIGRATE[@]}" || :; } >/dev/null 2>&1
	t_ok [ -d "$ASIDE" ]
}

# told STATUS VERDICT
told() {
	t_run "$1" tc_loader share check "$MAP" dev v0 cgroup "$CG/a"
	t_out_has "$2: map '$MAP'"
	t_out_has "	migrating: $TOLD"
	t_run "$1" cgroup_loader share check pinned "$PIN" dev v0 cgroup "$CG/a" -j
	t_is "$(t_json '.verdicts[0].verdict' <"$TMP/t_out") $(t_json '.verdicts[0].migrating[0]' <"$TMP/t_out")" "$2 $PIN"
	t_run any tc_loader share check "$MAP"
	t_out_has "$TOLD"
	t_run any tc_loader share check --all
	t_out_has "$TOLD"
	t_run 0 cgroup_loader share show "$MAP"
	t_is "$(grep -cF "$TOLD" "$TMP/t_out")" 1
	t_run 0 tc_loader share show -j "$MAP"
	t_is "$(jq -r ".maps[] | select(.id == $(map_id "$PIN")).migrating[]" "$TMP/t_out")" "$PIN"
	t_run 0 tc_loader share show --dot "$MAP"
	t_out_has "'map migrate' has not ended"
}

# untold: finished or never begun.
untold() {
	t_run 0 tc_loader share check "$MAP" dev v0 cgroup "$CG/a"
	t_out_lacks migrat
	t_run 0 tc_loader share check "$MAP" dev v0 cgroup "$CG/a" -j
	t_out_lacks migrat
	t_run 0 tc_loader share show "$MAP"
	t_out_lacks migrat
	t_run 0 tc_loader share show -j "$MAP"
	t_out_lacks migrat
}

t_begin 'nothing began: nothing is said'
begin
untold

t_begin 'all programs were replaced: they share the new one'
killed membarrier
told 0 shared

t_begin 'one was not: split'
old_cgroup
told 1 split

t_begin 'none was, as before the moment from which it can only be finished'
rm "$ASIDE/switched"
old_tc
told 0 shared

t_begin 'it is finished: nothing is said'
t_run 0 "${MIGRATE[@]}"
untold
