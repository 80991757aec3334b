#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# From an entry of a list to a link of the same program: where that is refused in the middle, what
# was detached already comes back, although its only neighbour is the link.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

APPLY=(tc_loader apply --state-dir "$TMP/state" "$TMP/acct.yaml")
cg_add apps/one
cg_add apps/two

# mode MODE: of all cgroups of the file.
mode() {
	printf 'name: acct\nobjects: { o: { file: %s } }\ncgroups: [ { object: o, type: ingress, cgroups: [ "%s/apps/*" ], mode: %s } ]\n' \
		"$OBJ/only_cgroup.o" "$CG" "$1" >"$TMP/acct.yaml"
}

strace_bpf() {
	ASAN_OPTIONS=detect_leaks=0 strace -qq -e trace=bpf -o "$TMP/trace" "$@"
}

t_begin 'the second of two that are detached is refused'
mode multi
t_run 0 "${APPLY[@]}"
mode link
t_run 0 strace_bpf "${APPLY[@]}"
number=$(grep -n BPF_PROG_DETACH "$TMP/trace" | sed -n '2s/:.*//p')
t_ok [ -n "$number" ]
mode multi
t_run 0 "${APPLY[@]}"
before="$(prog_in "$CG/apps/one") $(prog_in "$CG/apps/two")"
mode link
t_run 255 strace_bpf -e "inject=bpf:error=EPERM:when=$number" "${APPLY[@]}"
t_is "$(prog_in "$CG/apps/one") $(prog_in "$CG/apps/two")" "$before"
mode multi
t_run 0 tc_loader check --state-dir "$TMP/state" "$TMP/acct.yaml"
