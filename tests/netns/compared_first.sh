#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every pin that exists is compared before anything is created, probed or loaded: a conflict
# in the last map of an object costs no map, no program and no directory.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

command -v strace >/dev/null || t_skip strace 'strace shows what is asked of the kernel'
dev_add v0
tc qdisc add dev v0 clsact
mkdir -p "$BPFFS/tc/globals"

# Leaks cannot be looked for under ptrace.
trace() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=bpf,mkdir,mkdirat,symlink,symlinkat \
		-o "$TMP/trace" "$@"
}

made() {
	grep -cE 'BPF_(MAP_CREATE|PROG_LOAD|BTF_LOAD|OBJ_PIN)|mkdir|symlink' "$TMP/trace" || true
}

load() {
	trace tc_loader filter add dev v0 ingress bpf da obj "$OBJ/refused.o" section fine "$@"
}

t_begin 'the last of three maps differs'
bpftool map create "$BPFFS/tc/globals/refused_jumps" type prog_array key 4 value 4 entries 7 name x
t_run 1 load
t_err_has 'max_entries 7/2'
t_is "$(made)" 0 'calls that make something'

t_begin 'a map of the command line does not fit, or is not there'
t_run 1 load map name refused_jumps private map name refused_object pinned "$BPFFS/tc/globals/refused_jumps"
t_err_has 'does not fit'
t_is "$(made)" 0 'calls that make something'
t_run 1 load map name refused_jumps private map name refused_object id 4294967295
t_is "$(made)" 0 'calls that make something'

t_begin 'the trace would show it'
rm "$BPFFS/tc/globals/refused_jumps"
t_run 0 load
t_ok [ "$(made)" -ge 8 ]
