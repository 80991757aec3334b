#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# .ci/package/deb.sh BUILD VERSION: packages for Debian from the tarball in BUILD/dist, into
# BUILD/deb. The commit that the tarball was made of gives the date; PACKAGER="NAME <MAIL>" names
# another maintainer than its author.
set -eu
cd "$(dirname "$0")/../.."
build=$1
version=$2
for tool in dpkg-buildpackage dh fakeroot; do
	command -v "$tool" >/dev/null || {
		echo "make deb: $tool is missing; packages: dpkg-dev debhelper fakeroot lintian" >&2
		exit 1
	}
done
tarball=$build/dist/mapshare-$version.tar.gz
commit=$(gzip -dc "$tarball" | git get-tar-commit-id)
PACKAGER=${PACKAGER:-$(git log -1 --format='%an <%ae>' "$commit")}
date=$(git log -1 --format=%cD "$commit")

# Always below the same path: what is built may not depend on it, but logs do.
place=$build/deb
rm -rf "$place"
mkdir -p "$place"
tar -xf "$tarball" -C "$place"
cp "$tarball" "$place/mapshare_$version.orig.tar.gz"
source=$place/mapshare-$version
cp -r "$source/.ci/package/debian" "$source/debian"
sed -i "s|@PACKAGER@|$PACKAGER|; s|@VERSION@|$version|; s|@DATE@|$date|" \
	"$source/debian/control" "$source/debian/changelog"
cd "$source"
# Nothing of a make around this one.
env -u MAKEFLAGS -u MAKELEVEL -u CC -u CLANG -u B dpkg-buildpackage -us -uc -j"${JOBS:-2}" \
	>../build.log 2>&1 || {
	tail -n 40 ../build.log
	exit 1
}
cd ..
rm -rf "mapshare-$version"
sha256sum ./*.deb
