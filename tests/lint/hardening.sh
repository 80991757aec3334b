#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The tools run as root on other people's files: they are built as the makefile says, position
# independent, with read-only relocations bound at start, stack protector and fortified calls;
# on x86 each object is made for control-flow enforcement (what an archive of the distribution
# lacks, the linked tool lacks too). A build with sanitizers or without optimizer is not judged.
set -eu
cd "$(dirname "$0")/../.."
build=${B:-build}
status=0

# lacks WHAT PATTERN FILE: FILE is what readelf said of $tool.
lacks() {
	grep -qE -- "$2" "$3" || {
		echo "$tool: $1"
		status=1
	}
}

for tool in "$build/bin/tc_loader" "$build/bin/cgroup_loader"; do
	LC_ALL=C readelf -hldW --dyn-syms "$tool" >"$build/hardening.txt"
	if grep -q '__asan_init' "$build/hardening.txt" || ! grep -qE -- ' -O[123s]( |$)' "$build/.flags"; then
		continue
	fi
	lacks 'not position independent' '^ *Type: *DYN' "$build/hardening.txt"
	lacks 'relocations stay writable' 'GNU_RELRO' "$build/hardening.txt"
	lacks 'not bound at start' 'BIND_NOW|FLAGS_1.*NOW' "$build/hardening.txt"
	lacks 'no stack protector' '__stack_chk_fail' "$build/hardening.txt"
	lacks 'no fortified calls' '__[a-z]+_chk(@|$)' "$build/hardening.txt"
	if grep -q 'X86-64' "$build/hardening.txt"; then
		LC_ALL=C readelf -nW "$build/${tool##*/}/main.o" >"$build/hardening.main"
		lacks 'objects without IBT and SHSTK' 'IBT.*SHSTK' "$build/hardening.main"
	fi
done
rm -f "$build/hardening.txt" "$build/hardening.main"
exit "$status"
