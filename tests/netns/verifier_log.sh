#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The verifier writes its log only for a program that it refused: a load that succeeds never
# asks for one, and one that fails is repeated with it.
#
# differs: verifier-log
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

command -v strace >/dev/null || t_skip strace 'strace shows what is asked of the kernel'
dev_add v0
tc qdisc add dev v0 clsact

# levels STATUS CMD…: the log levels that its loads asked for, in order. libbpf's own probes
# of the kernel are loads too.
levels() {
	t_run "$@"
	sed -n 's/.*BPF_PROG_LOAD.*log_level=\([0-9]*\).*/\1/p' "$TMP/trace" | sort | uniq -c |
		sed 's/^ *[0-9]* //' | tr '\n' ' '
}

# Leaks cannot be looked for under ptrace.
trace() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -v -e trace=bpf -o "$TMP/trace" "$@"
}

t_begin 'no log for what the verifier takes'
t_is "$(levels 0 trace tc_loader filter add dev v0 ingress bpf da obj "$OBJ/layout_u64.o" section tc)" '0 '
t_is "$(levels 0 trace cgroup_loader cgroup attach "$CG" egress obj "$OBJ/layout_u64.o")" '0 '
t_ok grep -q BPF_PROG_LOAD "$TMP/trace"

t_begin 'one for what it refuses, and it is shown'
t_is "$(levels 1 trace tc_loader filter add dev v0 ingress bpf da obj "$OBJ/refused.o")" '0 1 '
t_err_has 'invalid mem access'
