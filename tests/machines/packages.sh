#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Packages of the committed tree: built twice they are the same, lintian has nothing to say, each
# file that is installed is in one of them, and the tools in them run. The spec file is read.
set -eu
cd "$(dirname "$0")/../.."
build=${MAPSHARE_BUILD:-build}
out=$build-machines
for tool in dpkg-buildpackage dh fakeroot lintian; do
	command -v "$tool" >/dev/null || {
		echo "packages: skipped, $tool is missing (dpkg-dev debhelper fakeroot lintian)"
		exit 77
	}
done
mkdir -p "$out" && touch "$out/.flags" # ours, see clean

failed=0
wrong() {
	echo "packages: FAILED: $*"
	failed=1
}

make -s B="$build" dist >"$out/dist"
version=$(sed -n 's/^VERSION *:= //p' Makefile)
for run in 1 2; do
	.ci/package/deb.sh "$build" "$version" >"$out/deb.$run" || {
		cat "$out/deb.$run"
		exit 1
	}
done
diff <(grep '[.]deb$' "$out/deb.1") <(grep '[.]deb$' "$out/deb.2") || wrong 'two builds differ'

# Nothing is uploaded, so no bug is closed.
lintian --suppress-tags initial-upload-closes-no-bugs --fail-on error,warning "$build"/deb/*.changes ||
	wrong lintian

rm -rf "$out/installed"
for package in "$build"/deb/*.deb; do
	dpkg-deb -x "$package" "$out/installed"
done
for tool in tc_loader cgroup_loader; do
	"$out/installed/usr/sbin/$tool" help >"$out/help" 2>&1 || :
	grep -q "^Usage: $tool" "$out/help" || wrong "$tool does not run"
done
for file in usr/share/man/man7/mapshare.7.gz usr/include/mapshare/shared_maps.h \
	usr/lib/mapshare/netns_scripts/lib.sh usr/share/doc/libmapshare-dev/examples/Makefile; do
	[ -e "$out/installed/$file" ] || wrong "$file is in no package"
done

if command -v rpmspec >/dev/null; then
	rpmspec -q .ci/package/mapshare.spec >"$out/spec" || wrong 'the spec file'
	[ "$(wc -l <"$out/spec")" -eq 4 ] || wrong 'the spec file has not four packages'
fi
[ "$failed" -ne 0 ] || echo 'packages: the same twice, lintian clean'
exit "$failed"
