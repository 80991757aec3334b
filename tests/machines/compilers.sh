#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Each gcc and clang that is installed (or of COMPILERS="gcc-12 clang-22") builds everything,
# unit tests included, with warnings as errors, and the unit tests pass. Objects of each clang
# with -mcpu v1 to v4 say the same in `object show`; as root they are loaded, too.
set -eu
cd "$(dirname "$0")/../.."
build=${MAPSHARE_BUILD:-build}
out=$build-machines
mkdir -p "$out" && touch "$out/.flags" # ours, see clean
failed=0

installed() {
	for dir in /usr/bin /usr/local/bin; do
		for file in "$dir"/gcc-[0-9]* "$dir"/clang-[0-9]*; do
			name=${file##*/}
			[[ -x $file && $name =~ ^(gcc|clang)-[0-9]+$ ]] && echo "$name"
		done
	done | sort -uV
}

for compiler in ${COMPILERS:-$(installed)}; do
	clang=clang
	[[ $compiler != clang* ]] || clang=$compiler
	if make -s -j"${JOBS:-2}" CC="${CCACHE-} $compiler" CLANG="${CCACHE-} $clang" WERROR=1 \
		B="$out/$compiler" all unit >"$out/$compiler.log" 2>&1; then
		echo "$compiler: $(tail -n 1 "$out/$compiler.log")"
	else
		echo "$compiler: FAILED, see $out/$compiler.log"
		grep -m 5 'error:\|failed' "$out/$compiler.log" || true
		failed=1
	fi
done

# shown FILE: what the object says, without its name and without what this machine has pinned.
shown() {
	TC_BPF_MNT=/nonexistent "$build/bin/cgroup_loader" -j object show "$1" | sed "s,$1,OBJECT,g"
}

for source in bpf/legacy/counter_elf bpf/legacy/counter_def tests/fixtures/modern; do
	first=
	for compiler in ${COMPILERS:-$(installed)}; do
		[[ $compiler == clang* ]] || continue
		for cpu in v1 v2 v3 v4; do
			object=$out/$(basename "$source").$compiler.$cpu.o
			"$compiler" -O2 -g -target bpf -mcpu=$cpu -Ibpf -idirafter "/usr/include/$(gcc -dumpmachine)" \
				-c "$source.bpf.c" -o "$object" 2>"$out/cpu.log" || {
				# clang 14 knows no v4.
				grep -q 'unknown target CPU\|not a recognized processor' "$out/cpu.log" && continue
				cat "$out/cpu.log"
				failed=1
				continue
			}
			text=$(shown "$object")
			first=${first:-$text}
			if [ "$text" != "$first" ]; then
				echo "$object: object show differs from that of the first compiler"
				failed=1
			fi
			[ "$(id -u)" = 0 ] || continue
			unshare -m sh -c 'mount -t bpf b /sys/fs/bpf && shift 0 &&
				exec "$0" prog loadall "$1" /sys/fs/bpf/p' \
				"$build/bin/cgroup_loader" "$object" >"$out/load.log" 2>&1 || {
				echo "$object: not loaded: $(tail -n 1 "$out/load.log")"
				failed=1
			}
		done
	done
	echo "$source: objects of each clang, v1 to v4"
done
exit "$failed"
