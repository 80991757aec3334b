#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# An object for the other kind of hook: refused with the line that takes it, never attached as
# what it is not; by name it is loaded as the stock tc does.
#
# differs: other-type
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

deny=$OBJ/only_cgroup.o
cls=$OBJ/elf28.o
dev_add v0
tc qdisc add dev v0 clsact
cg_add job

t_begin 'a program for cgroups is no classifier'
t_run any tc filter add dev v0 ingress bpf da obj "$deny"
t_is "$T_STATUS" 1 'tc refuses it'
t_run 1 tc_loader filter add dev v0 ingress bpf da obj "$deny"
t_err_has "program 'only_deny' is of type cgroup_skb (section 'cgroup_skb/ingress'), not sched_cls"
t_is "$(filters v0 ingress)" 0

t_begin 'the line that the refusal names takes it'
line=$(sed -n "s/.*; '\(cgroup_loader .*\)' takes it.*/\1/p" "$TMP/t_err")
t_is "$line" "cgroup_loader cgroup attach CGROUP ingress obj $deny"
t_run 0 sh -c "${line/CGROUP/$CG/job}"
t_is "$(bpftool -j cgroup show "$CG/job" | t_json '.[name]')" '["only_deny"]'

t_begin 'named, it is loaded as in tc, with a remark'
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$deny" section cgroup_skb/ingress
t_err_has "is of type cgroup_skb and loaded as sched_cls"
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$deny" program only_deny
t_err_has "is of type cgroup_skb and loaded as sched_cls"
t_is "$(filters v0 ingress)" 2

t_begin 'a classifier given to cgroup_loader: no advice that fails'
t_run 255 cgroup_loader cgroup attach "$CG/job" egress obj "$cls"
t_err_has "no section in it is for cgroup_inet_egress"
t_err_has 'tc_loader filter add dev DEV ingress bpf da obj'
t_err_lacks "'section' or 'program'"
t_run 255 cgroup_loader cgroup attach "$CG/job" egress obj "$OBJ/cg_spellings.o" section xdp
t_run 255 cgroup_loader cgroup attach "$CG/job" sysctl obj "$OBJ/cg_spellings.o"
t_err_has "'section' or 'program' says which one to take"
t_run 0 cgroup_loader cgroup attach "$CG/job" sysctl obj "$OBJ/cg_spellings.o" section my_own_section
