#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# share check of one name asks what its answer needs: hooks that a user of the map can be attached
# to; open files only where a user was found at no hook; never pins of other names.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects pair
command -v strace >/dev/null || t_skip strace 'strace tells what is asked'

NAME=$(own_word pair)_hits_00000
GLOBAL=$BPFFS/tc/globals/$NAME
dev_add v0
tc qdisc add dev v0 clsact
cg_add job
mkdir "$BPFFS/others"
bpftool map create "$BPFFS/others/else" type array key 4 value 8 entries 1 name "$(own_word pair)_else"

# asked STATUS: what share check NAME calls, in $TMP/asked; asks PATTERN, asks_not PATTERN.
asked() {
	t_run "$1" strace -f -qq -e signal=none -e trace=bpf,readlinkat,readlink,sendto,sendmsg \
		-o "$TMP/asked" env ASAN_OPTIONS=detect_leaks=0 cgroup_loader share check "$NAME"
}
asks() {
	t_ok grep -qE -- "$1" "$TMP/asked"
}
asks_not() {
	t_is "$(t_count -E -- "$1" "$TMP/asked")" 0 "calls like '$1'"
}

t_begin 'of no program: no hook at all'
bpftool map create "$BPFFS/own" type array key 4 value 8 entries 1 name "$NAME"
asked 1
asks_not 'BPF_PROG_QUERY|RTM_GETTFILTER'
asks_not 'BPF_OBJ_GET.*/others/else'
rm "$BPFFS/own"

t_begin 'of a classifier: no cgroup; its pin and others that have the name'
t_run 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da \
	obj "$OBJ/pair_btf_name.o" section tc
asked 1
t_out_has 'single: '
asks 'RTM_GETTFILTER'
asks "BPF_OBJ_GET.*$GLOBAL"
asks_not 'BPF_PROG_QUERY.*BPF_CGROUP_'
asks_not 'BPF_OBJ_GET.*/others/else'

t_begin 'of both: both hooks, and the proof'
t_run 0 cgroup_loader cgroup attach "$CG/job" egress obj "$OBJ/pair_btf_name.o"
asked 0
asks 'RTM_GETTFILTER'
asks 'BPF_PROG_QUERY.*BPF_CGROUP_'
asks_not 'BPF_OBJ_GET.*/others/else'

t_begin 'of a cgroup program alone: no filter'
tc filter del dev v0 ingress
t_ok wait_for 30 sh -c "! bpftool prog list | grep -q $(own_word pair)_cls"
asked 1
asks 'BPF_PROG_QUERY.*BPF_CGROUP_'
asks_not 'RTM_GETTFILTER'

t_begin 'of a program at no hook: all pins, which explain it'
bpftool cgroup detach "$CG/job" egress id "$(prog_in "$CG/job")"
bpftool prog loadall "$OBJ/pair_btf_name.o" "$BPFFS/pair"
asked 1
t_out_has 'unused: '
asks 'BPF_OBJ_GET.*/others/else'
