#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The same line from several processes at once is one program in the list; a list that somebody
# else changes between the look and the attach is looked at again; and what all views say of it.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"

LIST=$BUILD/tests/netns/tcx_list
LINKS=$BUILD/tests/netns/bpf_links
IN=46

own_objects tcx_seen
SEEN=$(own_word tcx_)seen
dev_add v0 v1
"$LIST" v0 $IN >"$TMP/list" 2>&1 || t_skip tcx 'this kernel has no tcx (Linux 6.6)'
bpftool prog loadall "$OBJ/tcx_count.o" "$BPFFS/strange" type classifier
strange=$(bpftool -j prog show pinned "$BPFFS/strange/tcx_other" | t_json .id)

add=(tc_loader filter add dev v0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx)

list() {
	"$LIST" "${1:-v0}" $IN
}

t_begin 'eight at once'
for i in 1 2 3 4 5 6 7 8; do
	"${add[@]}" >"$TMP/out$i" 2>&1 &
	pids[i]=$!
done
for i in 1 2 3 4 5 6 7 8; do
	t_ok wait "${pids[i]}"
done
t_is "$(list | wc -w)" 1
t_is "$(cat "$TMP"/out? | t_count "already attached (id $(list))")" 7
t_run 0 tc_loader filter del dev v0 ingress bpf id "$(list)" tcx

t_begin 'the same program comes between the look and the attach'
# Without a pin there is no lock that would keep the other one waiting.
alone=("${add[@]}" map name "$SEEN" private)
calls_of "${alone[@]}" >"$TMP/out" 2>&1
at=$(call_number 'BPF_PROG_QUERY')
t_run 0 tc_loader filter del dev v0 ingress bpf id "$(list)" tcx
stopped_after "$at" "${alone[@]}"
t_run 0 "${alone[@]}"
one=$(list)
goes_on 0
t_is "$(list)" "$one"
t_ok grep -q "already attached (id $one)" "$TMP/stopped_err"

t_begin 'another one comes between the look and the attach'
t_run 0 tc_loader filter del dev v0 ingress bpf id "$one" tcx
stopped_after "$at" "${alone[@]}" before
"$LINKS" attach "$BPFFS/strange/tcx_other" v0 $IN
goes_on 0
t_is "$(list | wc -w)" 2
t_is "$(list | cut -d' ' -f2)" "$strange"
t_run 0 tc_loader filter del dev v0 ingress bpf id "$(list | cut -d' ' -f1)" tcx
t_run 0 "${add[@]}"

t_begin 'the graph, its proof and the list of links know it'
t_run 0 tc_loader filter del dev v0 ingress bpf id "$strange" tcx
t_run 0 tc_loader filter add dev v0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_other tcx
t_run 0 tc_loader filter add dev v1 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
	link pinned "$BPFFS/link"
t_run 0 tc_loader share check "$SEEN" dev v0 dev v1
t_out_has shared
t_run 0 tc_loader share show "$SEEN"
t_out_has 'tcx ingress dev v0 1 of 2'
t_out_has 'tcx ingress dev v1'
t_run 0 tc_loader share gc
t_out_lacks "$BPFFS/tc/globals/$SEEN"
t_out_lacks "$BPFFS/link"
t_run 0 cgroup_loader link show pinned "$BPFFS/link"
t_out_has 'attach_type tcx_ingress'
t_run 0 cgroup_loader link pin pinned "$BPFFS/link" "$BPFFS/again"
t_run 0 cgroup_loader link detach pinned "$BPFFS/again"
t_is "$(list v1)" ''
