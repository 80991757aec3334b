#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What is built does not say where: with the name of this folder in it, two builds of one source
# would differ, build-ids included. Tests and benches look for their files by such names.
set -eu
cd "$(dirname "$0")/../.."
build=${B:-build}
here=$(pwd)
status=0

[ -e "$build/bin/tc_loader" ] || exit 0
# The sanitizers' own sections name files.
if grep -qE -- '-fsanitize|--coverage' "$build/.flags"; then
	exit 0
fi
for file in "$build"/bin/* "$build"/lib/* "$build"/bpf/*.o "$build"/bpf/*/*.o "$build"/tests/fixtures/*.o; do
	# gcc writes the folder into BTF, whatever is mapped.
	case $file in *.gcc.o) continue ;; esac
	if grep -qF -- "$here" "$file"; then
		echo "$file: names $here"
		status=1
	fi
done
exit "$status"
