#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What one verb needs costs no other one: a filter or a cgroup program is loaded with the
# libraries that every verb uses, and nothing is opened on the way. Those that have an archive
# are part of the tools: to find them and their names took a third of a command's time.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

sanitized && t_skip asan 'the sanitizers bring libraries of their own'

# mapped CMD…: the shared objects that ran their start-up code, one a line.
mapped() {
	LD_DEBUG=files LD_DEBUG_OUTPUT=$TMP/ld "$@" >"$TMP/out" 2>"$TMP/err"
	# Children are programs of their own.
	sed -n 's,.*calling init: .*/\([^/]*\),\1,p' "$TMP"/ld.* | sort -u
	rm "$TMP"/ld.*
}

# linked TOOL: those that it is linked with.
linked() {
	ldd "$BUILD/bin/$1" | sed -n 's,^[[:space:]]*\(/[^ ]*/\)\{0\,1\}\([^ /]*\) .*,\2,p' |
		grep -v vdso | sort -u
}

dev_add v0
tc qdisc add dev v0 clsact
t_begin 'filter add and cgroup attach map what they are linked with'
mapped tc_loader filter add dev v0 ingress bpf da obj "$LEGACY/counter_elf.o" >"$TMP/filter"
mapped cgroup_loader cgroup attach "$CG" egress obj "$LEGACY/counter_def.o" >"$TMP/cgroup"
t_is "$(cat "$TMP/filter")" "$(linked tc_loader)"
t_is "$(cat "$TMP/cgroup")" "$(linked cgroup_loader)"

t_begin 'of these none is for tables, files that say what should be, digests or capabilities'
t_ok sh -c '! grep smartcols "$1" "$2"' sh "$TMP/filter" "$TMP/cgroup"
for name in bpf elf yaml json-c md cap-ng; do
	# Where the distribution has an archive it was taken.
	archive=$(gcc -print-file-name="lib$name.a" 2>"$TMP/err") || archive=
	case $archive in
	/*) t_ok sh -c '! grep "^lib$3[.]" "$1" "$2"' sh "$TMP/filter" "$TMP/cgroup" "$name" ;;
	*) say "  lib$name has no archive here" ;;
	esac
done
