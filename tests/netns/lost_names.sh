#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# libbpf asks the kernel whether it keeps names; if that fails for another reason, programs and
# maps are loaded without. That is said.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

# traced CMD…, failing N CMD…: its calls of bpf(2) in $TMP/trace; the N-th of them fails.
traced() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e signal=none -e trace=bpf -o "$TMP/trace" "$@"
}

failing() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/failed" -e trace=bpf \
		-e "inject=bpf:error=ENOMEM:when=$1" "${@:2}"
}

# name_of PIN: 'none' where the kernel has none.
name_of() {
	bpftool prog show pinned "$1" | sed -n '1{s/.* name \([^ ]*\) .*/\1/p;t;s/.*/none/p}'
}

LOAD=(cgroup_loader prog load "$OBJ/no_maps.o")
t_begin 'undisturbed: a name and not a word'
t_run 0 traced "${LOAD[@]}" "$BPFFS/named"
t_err_is ''
name=$(name_of "$BPFFS/named")
t_isnt "$name" none
probe=$(grep -n 'PROG_LOAD.*libbpf_nametest' "$TMP/trace" | sed -n '1s/:.*//p')
t_isnt "$probe" ''

t_begin 'the probe fails: no name, and that is said'
t_run 0 failing "$probe" "${LOAD[@]}" "$BPFFS/unnamed"
t_is "$(name_of "$BPFFS/unnamed")" none
t_err_is "cgroup_loader: warning: program '$name' is loaded without its name: libbpf's probe for names failed"
