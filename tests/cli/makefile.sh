#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The makefile: it removes only what it built, builds anew what other flags change, installs
# below a directory with a blank; the demo asks for what the demo needs. On copies.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

# What a make around this test was told is not meant for these.
unset MAKEFLAGS MAKELEVEL MFLAGS CC CFLAGS CPPFLAGS LDFLAGS CLANG SAN WERROR
cp -r "$TOP/Makefile" "$TOP/common" "$TOP/tc_loader" "$TOP/cgroup_loader" "$TOP/bpf" "$TMP"
cd "$TMP"

t_begin 'clean removes what was built here, never a B of the environment'
mkdir home build
: >home/file
t_run 2 make clean
t_err_has "clean: 'build' was not built here: it stays"
rmdir build
t_run 0 env B="$TMP/home" make clean
t_run 2 make clean B="$TMP/home"
t_ok [ -e home/file ]
t_run 0 make B=own own/common/base/digits.o
t_ok [ -e own/common/base/digits.o ]
t_run 0 make B=own clean
t_ok [ ! -e own ]

t_begin 'other flags, another compiler: built anew; the same: not'
t_run 0 make common
object=build/common/base/digits.o
t_run 0 make $object
t_out_has 'common/base/digits.c'
t_run 0 make $object
t_out_lacks 'common/base/digits.c'
t_run 0 make WERROR=1 $object
t_out_lacks 'common/base/digits.c'
t_run 0 make CFLAGS='-O1 -DX='"'a b'" $object
t_out_has 'common/base/digits.c'
t_run 0 make CFLAGS='-O1 -DX='"'a b'" $object
t_out_lacks 'common/base/digits.c'
t_run 0 env CC='env gcc' make CFLAGS='-O1 -DX='"'a b'" $object
t_out_has 'common/base/digits.c'

t_begin 'fortified calls only with the optimizer and without sanitizers'
t_run 0 make -n V=1 B=none none/common/base/digits.o
t_out_has '-D_FORTIFY_SOURCE=2'
t_run 0 make -n V=1 B=none CFLAGS=-g none/common/base/digits.o
t_out_lacks _FORTIFY_SOURCE=2
t_run 0 make -n V=1 B=none SAN=-fsanitize=address none/common/base/digits.o
t_out_lacks _FORTIFY_SOURCE=2

version=$(sed -n 's/^VERSION *:= //p' Makefile)
t_begin 'the spec file has the version of the tree'
t_is "$(sed -n 's/^Version: *//p' "$TOP/.ci/package/mapshare.spec")" "$version"

t_begin 'DESTDIR may hold a blank'
mkdir -p inst/bin inst/lib
touch inst/bin/tc_loader inst/bin/cgroup_loader inst/lib/libmapshare.a "inst/lib/libmapshare.so.$version"
t_run 0 make -o bins -o lib B=inst DESTDIR="$TMP/a b" install
for file in sbin/tc_loader sbin/cgroup_loader share/man/man8/tc_loader.8 \
	share/bash-completion/completions/cgroup_loader \
	share/zsh/vendor-completions/_mapshare share/fish/vendor_completions.d/tc_loader.fish lib/libmapshare.a lib/libmapshare.so \
	lib/libmapshare.so.0 include/mapshare.h include/mapshare_apply.h \
	include/mapshare/legacy_maps.h lib/pkgconfig/mapshare.pc share/man/man3/mapshare.3 \
	share/man/man5/mapshare.conf.5 \
	share/man/man7/mapshare.7 share/man/man8/mapshare.8 \
	include/mapshare/shared_maps.h share/doc/mapshare/examples/embed/embed.c \
	share/doc/mapshare/examples/Makefile share/doc/mapshare/examples/quota.bpf.c; do
	t_ok [ -e "$TMP/a b/usr/local/$file" ]
done
t_ok grep -q '^Libs: -L/usr/local/lib -lmapshare$' "$TMP/a b/usr/local/lib/pkgconfig/mapshare.pc"
t_run 0 make DESTDIR="$TMP/a b" uninstall
t_is "$(find "$TMP/a b" -type f -o -type l)" ''

# A machine that has nothing but a shell, and an apt-get that installs nothing.
t_begin 'deps says first what it installs; the demo needs no linters'
mkdir -p place/tests place/bin
cp "$TOP/tests/deps.sh" place/tests
printf '#!/bin/sh\necho "as root: $*"\n' >place/tests/as_root.sh
chmod 755 place/tests/as_root.sh
for tool in sh tr sort cat dirname uname grep sed; do
	ln -s "$(command -v "$tool")" place/bin
done
printf '#!/bin/sh\nexit 0\n' >place/bin/apt-get
printf '#!/bin/sh\necho "Version: 1"\n' >place/bin/apt-cache
chmod 755 place/bin/apt-get place/bin/apt-cache
sed -i 's/^PATH=.*/: as it is/' place/tests/deps.sh
t_run 1 env -i PATH="$TMP/place/bin" place/tests/deps.sh demo
first=$(t_out | sed -n 1p)
t_is "${first%%:*}" 'installing what make demo lacks'
t_is "$(t_out | sed -n 2p)" 'as root: apt-get update -q'
for package in clang libbpf-dev libmnl-dev iproute2 bpftool; do
	t_ok grep -qw -- "$package" <<<"$first"
done
for package in cppcheck shellcheck mandoc graphviz strace clang-format libcmocka-dev git; do
	t_ok [ "${first/ $package /}" = "$first" ]
done
t_run 1 env -i PATH="$TMP/place/bin" place/tests/deps.sh check
t_out_has ' cppcheck '
t_run 1 env -i PATH="$TMP/place/bin" place/tests/deps.sh
t_err_is 'usage: tests/deps.sh demo|check'
t_run 0 make -C "$TOP" -n demo
t_out_has 'tests/deps.sh demo'
t_out_lacks 'tests/deps.sh check'
