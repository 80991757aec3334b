#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Two builds of one source, in folders of different names and lengths: the same bytes in the
# tools, the library and every BPF object.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for folder in a "a much/longer name"; do
	mkdir -p "$work/$folder"
	tar -c --exclude=./.git --exclude='./build*' . | tar -x -C "$work/$folder"
	make -s -C "$work/$folder" -j"${JOBS:-2}" bins lib bpf >"$work/log" 2>&1 || {
		tail -n 20 "$work/log"
		exit 1
	}
	# gcc writes the folder into the BTF of test fixtures.
	(cd "$work/$folder/build" && find bin lib bpf tests -type f \( -perm -100 -o -name '*.o' -o -name '*.a' \) \
		! -name '*.gcc.*' -print0 | sort -z | xargs -0 sha256sum) >"$work/sums.${folder%% *}${#folder}"
done
if diff "$work"/sums.*; then
	echo "reproducible: $(wc -l <"$work/sums.a1") files are the same"
else
	exit 1
fi
