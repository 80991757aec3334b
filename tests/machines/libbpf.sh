#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Other versions of libbpf: the tree is built against each with warnings as errors, and one
# build that takes libbpf as a shared object, as packages do, runs under each: unit, cli and
# compat tests, and some netns tests.
#
#	LIBBPF_PREFIXES="/opt/libbpf-1.5 ..."	installed ones: PREFIX/include, PREFIX/lib
#	LIBBPF_GIT=DIR|URL			else they are made from this repository
#	LIBBPF_VERSIONS="v1.1.0 ... HEAD"	those of it
#	LIBBPF_KINDS="unit cli compat"		what is run under each; compat/map_lines,link_lines is some
#	LIBBPF_TESTS="token tc_filter ..."	which netns tests are
set -eu
cd "$(dirname "$0")/../.."
build=${MAPSHARE_BUILD:-build}
# shellcheck disable=SC2016 # for make
shared='prefer_static=-l$(1)'
out=$(mkdir -p "$build-machines" && cd "$build-machines" && pwd)
touch "$out/.flags" # ours, see clean
git=${LIBBPF_GIT:-https://github.com/libbpf/libbpf}
kinds=${LIBBPF_KINDS-unit cli compat}
tests=${LIBBPF_TESTS:-token token_library tc_filter cgroup_attach translate map_kinds section_types
	libbpf_crash apply migrate_plain object_convert}
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

units=(tests/unit/test_*.c)
units=("${units[@]%.c}")
make -s -j"${JOBS:-2}" CC="${CCACHE-} ${CC:-gcc}" CLANG="${CCACHE-} clang" B="$out/shared" "$shared" \
	all "${units[@]/#/$out/shared/}" >"$out/shared.log" 2>&1 ||
	{
		tail -n 20 "$out/shared.log"
		exit 1
	}
build=$out/shared
ldd "$build/bin/tc_loader" | grep -q libbpf || {
	echo 'libbpf: no shared object, there is nothing to run under another one'
	exit 1
}

for prefix in $prefixes; do
	name=${prefix##*/}
	if make -s -j"${JOBS:-2}" CC="${CCACHE-} ${CC:-gcc}" CLANG="${CCACHE-} clang" WERROR=1 B="$out/with-$name" "$shared" \
		CPPFLAGS="-I$prefix/include" LDFLAGS="-L$prefix/lib -Wl,-rpath,$prefix/lib" \
		all unit >"$out/with-$name.log" 2>&1; then
		echo "$name: built, $(tail -n 1 "$out/with-$name.log")"
	else
		echo "$name: building FAILED, see $out/with-$name.log"
		grep -m 5 'error:\|failed' "$out/with-$name.log" || true
		failed=1
	fi
	# One binary under all: that of the oldest. The real tc runs with that libbpf, too.
	for run in $kinds netns; do
		names=
		[ "$run" != netns ] || names=$tests
		[[ $run != */* ]] || names=$(echo "${run#*/}" | tr , ' ')
		run=${run%%/*}
		[[ $run == unit || $run == cli || $(id -u) = 0 ]] || continue
		status=0
		# shellcheck disable=SC2086 # a list
		LD_LIBRARY_PATH=$prefix/lib MAPSHARE_BUILD=$build MAPSHARE_EXPECT_SKIP=${MAPSHARE_EXPECT_SKIP-token} \
			tests/run.sh "$run" $names >"$out/test.log" 2>&1 || status=1
		echo "$name: $run, built with another: $(tail -n 1 "$out/test.log")"
		[ "$status" = 0 ] || {
			grep -v '^  passed' "$out/test.log" | tail -n 20 | sed 's/^/    /'
			failed=1
		}
	done
done
exit "$failed"
