#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tests/deps.sh demo|check: says and installs what the machine lacks for `make demo`, or for
# every test and lint. Silent and quick when nothing is missing. apt on Debian and Ubuntu, dnf
# on Fedora, else prints a list.
set -eu
set_name=${1-}
case $set_name in
demo | check) ;;
*)
	echo 'usage: tests/deps.sh demo|check' >&2
	exit 1
	;;
esac
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# probe | Debian package | Fedora package; a probe is a pkg-config module (lib:), a program
# (bin:) or a header below /usr/include (h:). The demo needs the first list.
demo_needs='
bin:gcc         gcc                 gcc
bin:make        make                make
bin:pkg-config  pkg-config          pkgconf-pkg-config
h:stdio.h       libc6-dev           glibc-devel
lib:libbpf      libbpf-dev          libbpf-devel
lib:libelf      libelf-dev          elfutils-libelf-devel
lib:zlib        zlib1g-dev          zlib-ng-compat-devel
lib:libmnl      libmnl-dev          libmnl-devel
lib:json-c      libjson-c-dev       json-c-devel
lib:libmd       libmd-dev           libmd-devel
lib:smartcols   libsmartcols-dev    libsmartcols-devel
lib:libcap-ng   libcap-ng-dev       libcap-ng-devel
lib:yaml-0.1    libyaml-dev         libyaml-devel
bin:clang       clang               clang
bin:tc          iproute2            iproute-tc
bin:ip          iproute2            iproute
bin:bpftool     bpftool             bpftool
bin:ping        iputils-ping        iputils
bin:unshare     util-linux          util-linux
bin:nsenter     util-linux          util-linux
bin:python3     python3             python3
'
check_needs="$demo_needs"'
bin:g++         g++                 gcc-c++
bin:git         git                 git
lib:cmocka      libcmocka-dev       libcmocka-devel
bin:llvm-strip  llvm                llvm
rt:fuzzer       libclang-rt-dev     compiler-rt
bin:clang-format clang-format       clang-tools-extra
bin:clang-tidy  clang-tidy          clang-tools-extra
bin:ps          procps              procps-ng
bin:shellcheck  shellcheck          ShellCheck
bin:strace      strace              strace
bin:cppcheck    cppcheck            cppcheck
bin:mandoc      mandoc              mandoc
bin:dot         graphviz            graphviz
bin:script      bsdutils            util-linux-script
bin:readelf     binutils            binutils
'
needs=$check_needs
[ "$set_name" = check ] || needs=$demo_needs

there() {
	case $1 in
	lib:*) pkg-config --exists "${1#lib:}" 2>/dev/null ;;
	bin:*) command -v "${1#bin:}" >/dev/null 2>&1 ;;
	h:*) [ -e "/usr/include/${1#h:}" ] ;;
	rt:*) fuzzer_runtime ;;
	esac
}

# libFuzzer sits in clang's own runtime package, which distributions split off.
fuzzer_runtime() {
	rt_dir=$(clang -print-runtime-dir 2>/dev/null) || return 1
	for rt_file in "$rt_dir"/*fuzzer* "${rt_dir%/*}"/linux/*fuzzer*; do
		[ ! -e "$rt_file" ] || return 0
	done
	return 1
}

# Debian numbers the package of the runtime like clang itself; Ubuntu keeps bpftool in the
# tools of the running kernel until 25.04.
debian_name() {
	case $1 in
	libclang-rt-dev)
		clang_version=$(clang -dumpversion 2>/dev/null || true)
		clang_version=${clang_version%%.*}
		if [ -n "$clang_version" ]; then
			echo "libclang-rt-$clang_version-dev"
		fi
		;;
	bpftool)
		if apt-cache show bpftool 2>/dev/null | grep -q '^Version'; then
			echo bpftool
		else
			echo "linux-tools-common linux-tools-$(uname -r)"
		fi
		;;
	gcc-bpf)
		# Not everywhere; without it the tests of its objects are skipped.
		if apt-cache show gcc-bpf 2>/dev/null | grep -q '^Version'; then
			echo gcc-bpf
		fi
		;;
	*) echo "$1" ;;
	esac
}

# missing COLUMN: the packages of that column whose probe fails.
missing() {
	echo "$needs" | while read -r probe debian fedora; do
		if [ -z "$probe" ] || there "$probe"; then
			continue
		fi
		if [ "$1" = debian ]; then
			debian_name "$debian"
		elif [ "$fedora" != - ]; then
			echo "$fedora"
		fi
	done | tr ' ' '\n' | sort -u
}

distro() {
	if command -v apt-get >/dev/null 2>&1; then
		echo debian
	elif command -v dnf >/dev/null 2>&1; then
		echo fedora
	else
		echo other
	fi
}

packages=$(missing debian)
[ -n "$packages" ] || exit 0

case $(distro) in
debian)
	echo "installing what make $set_name lacks: $(echo "$packages" | tr '\n' ' ')"
	DEBIAN_FRONTEND=noninteractive
	export DEBIAN_FRONTEND
	tests/as_root.sh apt-get update -q
	packages=$(missing debian)
	# shellcheck disable=SC2086 # a list of words
	tests/as_root.sh apt-get install -q -y --no-install-recommends $packages
	# clang came in only now: its runtime has the same number.
	packages=$(missing debian)
	# shellcheck disable=SC2086
	[ -z "$packages" ] || tests/as_root.sh apt-get install -q -y --no-install-recommends $packages
	;;
fedora)
	packages=$(missing fedora)
	echo "installing what make $set_name lacks: $(echo "$packages" | tr '\n' ' ')"
	# shellcheck disable=SC2086
	tests/as_root.sh dnf install -y $packages
	;;
*)
	echo 'neither apt-get nor dnf is here; what is missing, by its Debian name:' >&2
	echo "$packages" | sed 's/^/  /' >&2
	exit 1
	;;
esac

packages=$(missing "$(distro)")
[ -z "$packages" ] || {
	echo "deps: still missing after the installation: $(echo "$packages" | tr '\n' ' ')" >&2
	exit 1
}
