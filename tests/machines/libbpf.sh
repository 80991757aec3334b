#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Other versions of libbpf: the tree is built against each with warnings as errors, and the
# binaries of $MAPSHARE_BUILD run under each, with unit, cli and some netns tests.
#
#	LIBBPF_PREFIXES="/opt/libbpf-1.5 ..."	installed ones: PREFIX/include, PREFIX/lib
#	LIBBPF_GIT=DIR|URL			else they are made from this repository
#	LIBBPF_VERSIONS="v1.1.0 ... HEAD"	those of it
#	LIBBPF_TESTS="netns/token ..."		what is run as root
set -eu
cd "$(dirname "$0")/../.."
build=${MAPSHARE_BUILD:-build}
out=$(mkdir -p "$build-machines" && cd "$build-machines" && pwd)
touch "$out/.flags" # ours, see clean
git=${LIBBPF_GIT:-https://github.com/libbpf/libbpf}
tests=${LIBBPF_TESTS:-netns/token netns/tc_filter netns/cgroup_attach netns/translate netns/map_kinds netns/section_types}
failed=0

# libbpf_make VERSION: built and installed below $out.
libbpf_make() {
	[ ! -e "$out/libbpf-$1/lib/libbpf.so" ] || return 0
	[ -d "$out/libbpf.git" ] || git clone -q --bare "$git" "$out/libbpf.git"
	mkdir -p "$out/libbpf-$1/source"
	git -C "$out/libbpf.git" archive "$1" | tar -x -C "$out/libbpf-$1/source"
	make -s -C "$out/libbpf-$1/source/src" CFLAGS='-O2 -g -w' PREFIX=/ LIBDIR=/lib \
		DESTDIR="$out/libbpf-$1" install >"$out/libbpf-$1.log" 2>&1
}

prefixes=${LIBBPF_PREFIXES-}
if [ -z "$prefixes" ]; then
	for version in ${LIBBPF_VERSIONS:-v1.1.0 v1.3.0 v1.5.0 v1.7.0 HEAD}; do
		libbpf_make "$version"
		prefixes="$prefixes $out/libbpf-$version"
	done
fi

for prefix in $prefixes; do
	name=${prefix##*/}
	if make -s -j"${JOBS:-2}" CC="${CCACHE-} ${CC:-gcc}" CLANG="${CCACHE-} clang" WERROR=1 B="$out/with-$name" \
		CPPFLAGS="-I$prefix/include" LDFLAGS="-L$prefix/lib -Wl,-rpath,$prefix/lib" \
		all unit >"$out/with-$name.log" 2>&1; then
		echo "$name: built, $(tail -n 1 "$out/with-$name.log")"
	else
		echo "$name: building FAILED, see $out/with-$name.log"
		grep -m 5 'error:\|failed' "$out/with-$name.log" || true
		failed=1
	fi
	# One binary under all: that of the oldest.
	for test in $(for t in tests/cli/*.sh; do echo "cli/$(basename "$t" .sh)"; done) $tests; do
		[[ $test == cli/* || $(id -u) = 0 ]] || continue
		status=0
		LD_LIBRARY_PATH=$prefix/lib MAPSHARE_BUILD=$build bash "tests/$test.sh" >"$out/test.log" 2>&1 || status=$?
		[ "$status" = 0 ] || [ "$status" = 77 ] || {
			echo "$name: $test failed under it"
			tail -n 6 "$out/test.log" | sed 's/^/    /'
			failed=1
		}
	done
	echo "$name: $("$build/bin/cgroup_loader" version | sed -n 's/^using //p') binary: cli and $(echo "$tests" | wc -w) kernel tests run"
done
exit "$failed"
