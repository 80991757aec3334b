#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Built for other machines (MACHINES="aarch64 s390x", one of each byte order), unit tests run
# by qemu-user. The foreign libraries are unpacked beside, not installed; apt has to know the
# architecture (dpkg --add-architecture arm64 s390x).
set -eu
cd "$(dirname "$0")/../.."
build=${MAPSHARE_BUILD:-build}
out=$(mkdir -p "$build-machines" && cd "$build-machines" && pwd)
touch "$out/.flags" # ours, see clean
packages='libbpf-dev libbpf1 libelf-dev libelf1 libmnl-dev libmnl0 libjson-c-dev libjson-c5 libmd-dev libmd0
	libsmartcols-dev libsmartcols1 libcap-ng-dev libcap-ng0 libyaml-dev libyaml-0-2 libcmocka-dev libcmocka0
	zlib1g-dev zlib1g'
failed=0

for machine in ${MACHINES:-aarch64 s390x}; do
	arch=$machine
	[ "$machine" != aarch64 ] || arch=arm64
	triple=$machine-linux-gnu
	root=$out/$machine-root
	if [ ! -e "$root/done" ]; then
		mkdir -p "$root/debs"
		# shellcheck disable=SC2046,SC2086 # a list
		(cd "$root/debs" && apt-get download -q $(printf "%s:$arch " $packages)) >"$out/$machine.log" 2>&1 || {
			echo "$machine: apt has no packages of $arch: dpkg --add-architecture $arch && apt-get update"
			failed=1
			continue
		}
		for deb in "$root"/debs/*.deb; do
			dpkg-deb -x "$deb" "$root"
		done
		touch "$root/done"
	fi
	lib=$root/usr/lib/$triple
	# What clang makes for the kernel is the same everywhere, but for the byte order.
	bpf='-O2 -target bpf -mcpu=v3 -Wall -Wno-unused-function -Ibpf -idirafter /usr/include/x86_64-linux-gnu'
	[ "$machine" != s390x ] || bpf=${bpf/-target bpf/-target bpfeb}
	units=$(for test in tests/unit/test_*.c; do echo "$out/$machine/${test%.c}"; done)
	# shellcheck disable=SC2086 # a list
	if make -s -j"${JOBS:-2}" CC="${CCACHE-} $triple-gcc" AR="$triple-ar" OBJCOPY="$triple-objcopy" B="$out/$machine" \
		BPF_GCC=none BPF_FLAGS="$bpf" WERROR=1 libdirs="$lib" \
		CPPFLAGS="-I$root/usr/include -I$root/usr/include/$triple" \
		LDFLAGS="-L$lib -L$root/lib/$triple -Wl,-rpath-link,$lib:$root/lib/$triple" \
		all $units >"$out/$machine.log" 2>&1; then
		echo "$machine: built"
	else
		echo "$machine: FAILED, see $out/$machine.log"
		grep -m 5 'error\|undefined' "$out/$machine.log" || true
		failed=1
		continue
	fi
	# What it cannot do is a skip, by the name of its probe: filters of calls, a locale.
	passed=0 bad=0
	: >"$out/unit.skips"
	for test in tests/unit/test_*.c; do
		test=${test%.c}
		if MAPSHARE_BUILD=$out/$machine LIB_SKIP_FILE=$out/unit.skips QEMU_LD_PREFIX=/usr/$triple \
			qemu-"$machine" -E LD_LIBRARY_PATH="$lib:$root/lib/$triple:/usr/$triple/lib" \
			"$out/$machine/$test" >"$out/unit.log" 2>&1; then
			passed=$((passed + 1))
		else
			echo "$machine: ${test##*/} failed"
			grep -a 'ERROR\|FAILED\|error:' "$out/unit.log" | head -n 4 || true
			bad=$((bad + 1))
		fi
	done
	echo "$machine: $passed unit tests passed, $bad failed; parts skipped: $(sort "$out/unit.skips" | uniq -c | sed 's/^ *//' | tr '\n' ' ')"
	[ "$bad" = 0 ] && ! grep -v '^seccomp:\|^utf8:' "$out/unit.skips" || failed=1
done
exit "$failed"
