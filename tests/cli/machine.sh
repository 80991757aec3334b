#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A machine that the source does not fit is refused in one line before anything is built; what
# only tables need is loaded when one is drawn; each package manager gets a list.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

# What a make around this test was told is not meant for this one.
unset MAKEFLAGS MAKELEVEL MFLAGS CC CFLAGS

t_begin 'a compiler for 32 bits is refused before it compiles'
cat >"$TMP/cc" <<'SH'
#!/bin/sh
case $* in *-E*) echo 4 __SIZEOF_INT128__ ;; esac
SH
chmod +x "$TMP/cc"
t_run 2 make -C "$TOP" CC="$TMP/cc" B="$TMP/b" bins
t_err_has "'$TMP/cc' builds for a 32-bit machine, which has no 128-bit integers: mapshare needs a 64-bit one"
t_ok [ ! -e "$TMP/b" ]
refused_cc=('clang --target=i686-linux-gnu' 'clang --target=arm-linux-gnueabihf')
[ "$(uname -m)" != x86_64 ] || refused_cc+=('gcc -m32')
for cc in "${refused_cc[@]}"; do
	t_run 2 make --no-print-directory -C "$TOP" CC="$cc" B="$TMP/b" bins
	t_err_has "'$cc' builds for a 32-bit machine"
	t_is "$(wc -l <"$TMP/t_err")" 1
	t_is "$(t_out)" ''
	t_ok [ ! -e "$TMP/b" ]
done

# shown WORD…: object show in a terminal of 60 columns, with those words in front.
shown() {
	script -qec "stty cols 60; env $* cgroup_loader object show '$LEGACY/counter_elf.o'" /dev/null
}

t_begin 'libsmartcols is loaded for a table in a terminal, and by nothing else'
if grep -qE -- '-fsanitize' "$MAPSHARE_BUILD/.flags"; then
	echo '  not with a sanitizer, which opens it itself'
else
	t_run 0 env LD_DEBUG=files cgroup_loader -j object show "$LEGACY/counter_elf.o"
	t_err_lacks smartcols
	t_run 0 env LD_DEBUG=files cgroup_loader object show "$LEGACY/counter_elf.o"
	t_err_lacks smartcols
	t_run 0 shown LD_DEBUG=files
	t_out_has 'libsmartcols.so.1'
fi
mkdir "$TMP/none"
touch "$TMP/none/libsmartcols.so.1"
t_run 1 shown "LD_LIBRARY_PATH='$TMP/none'"
t_out_has 'tables are drawn by libsmartcols, which cannot be loaded ('
t_out_has 'install it, or ask for JSON with -j'
t_run 0 env LD_LIBRARY_PATH="$TMP/none" cgroup_loader object show "$LEGACY/counter_elf.o"

t_begin 'what make demo takes is known for each package manager'
for there in debian:libelf-dev fedora:elfutils-libelf-devel suse:libelf-devel arch:libelf alpine:elfutils-dev; do
	t_run 0 env DEPS_PRINT="${there%:*}" sh "$TOP/tests/deps.sh" demo
	t_out_has "${there#*:}"
done

t_begin 'the tarball bears the version; one commit gives the same bytes, which the checksum fits'
if git -C "$TOP" rev-parse -q --verify HEAD >"$TMP/commit" 2>&1; then
	for dir in one two; do
		t_run 0 make -C "$TOP" B="$TMP/$dir" dist
	done
	tarball=$(basename "$TMP"/one/dist/*.tar.gz)
	t_is "$tarball" "mapshare-$(sed -n 's/^VERSION *[:?]*= *//p' "$TOP/Makefile").tar.gz"
	t_ok cmp "$TMP/one/dist/$tarball" "$TMP/two/dist/$tarball"
	cd "$TMP/one/dist"
	t_run 0 sha256sum -c "$tarball.sha256"
	tar -xf "$tarball"
	t_ok [ -e "${tarball%.tar.gz}/Makefile" ]
else
	echo '  not where git tells of no commit'
fi
