#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The type a section tells: whole words only, one type or none, newer names too.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

near=$OBJ/near_sections.o
newer=$OBJ/newer_sections.o
cg_add job

# left: what is attached to the cgroup, and pinned.
left() {
	bpftool cgroup show "$CG/job"
	find "$BPFFS" -type f ! -name '*.debug'
}

t_begin 'a section that begins like one for cgroups is none, and near ones are named'
t_run 255 cgroup_loader prog loadall "$near" "$BPFFS/near"
t_err_has "section 'cgroup/sockops' does not show its type; near are 'sockops'"
t_is "$(left)" ''
t_run 255 cgroup_loader cgroup attach "$CG/job" sock_create obj "$near"
t_err_has "no section in it is for cgroup_inet_sock_create"
t_is "$(left)" ''

t_begin 'a section for two types is attached only where one is said'
t_run 255 cgroup_loader prog load "$near" "$BPFFS/near" autoattach cgroup "$CG/job"
t_err_has "say 'type' and one of cgroup_skb/ingress, cgroup_skb/egress"
t_is "$(left)" ''
t_run 0 cgroup_loader prog load "$near" "$BPFFS/near" type cgroup_skb/egress autoattach cgroup "$CG/job"
t_is "$(bpftool -j cgroup show "$CG/job" | t_json '.[attach_type]')" '["cgroup_inet_egress"]'
rm "$BPFFS/near"
wait_for 2 eval '[ -z "$(left)" ]'

t_begin 'sections that came with newer libraries tell their type'
t_run 0 cgroup_loader prog loadall "$newer" "$BPFFS/newer"
t_is "$(bpftool -j prog show pinned "$BPFFS/newer/newer_tcx" | t_json .type)" sched_cls
t_is "$(bpftool -j prog show pinned "$BPFFS/newer/newer_tc" | t_json .type)" sched_cls
t_is "$(bpftool -j prog show pinned "$BPFFS/newer/newer_netkit" | t_json .type)" sched_cls
rm -r "$BPFFS/newer"

t_begin 'a program for a kernel function, loaded as something else: never a crash'
t_run any tc_loader exec bpf graft nosuch key 0 obj "$newer"
dev_add v0
tc qdisc add dev v0 clsact
t_run any tc_loader filter add dev v0 ingress bpf da obj "$newer" section iter/task
t_is "$(((T_STATUS == 0) || (T_STATUS == 1)))" 1
[ "$T_STATUS" -eq 0 ] || t_err_has "section 'iter/task'"
