#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Two builds of one source, in folders of different names and lengths: the same bytes in the
# tools, the library and every BPF object; of the committed tree, in the tarball and the packages
# for Debian, too.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# built FOLDER TARGET…: what make says is shown if it fails.
built() {
	local folder=$1
	shift
	# Nothing of a make around this one.
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$folder" -j"${JOBS:-2}" "$@" >"$work/log" 2>&1 || {
		tail -n 20 "$work/log"
		exit 1
	}
}

# sums FOLDER FIND-WORD…: of the files found there, sorted.
sums() (
	cd "$1"
	shift
	find "$@" -print0 | sort -z | xargs -0 sha256sum
)

same() {
	if diff "$work/sums.1" "$work/sums.2"; then
		echo "reproducible: $(wc -l <"$work/sums.1") files are the same: $1"
	else
		echo "reproducible: FAILED: $1"
		failed=1
	fi
}

nr=0
for folder in a "a much/longer name"; do
	nr=$((nr + 1))
	mkdir -p "$work/$folder"
	tar -c --exclude=./.git --exclude='./build*' . | tar -x -C "$work/$folder"
	built "$work/$folder" bins lib bpf
	# gcc writes the folder into the BTF of test fixtures.
	sums "$work/$folder/build" bin lib bpf tests -type f \( -perm -100 -o -name '*.o' -o -name '*.a' \) \
		! -name '*.gcc.*' >"$work/sums.$nr"
	rm -rf "${work:?}/$folder/build"
done
same 'tools, library, BPF objects'

deb=deb
for tool in dpkg-buildpackage dh fakeroot; do
	command -v "$tool" >/dev/null || {
		echo "reproducible: packages not compared, $tool is missing (dpkg-dev debhelper fakeroot)"
		deb=
	}
done
nr=0
for folder in deb/b deb/longer/name-of-one; do
	nr=$((nr + 1))
	git clone -q . "$work/$folder"
	built "$work/$folder" dist $deb
	sums "$work/$folder/build" dist ${deb:+deb} -type f \( -name '*.tar.gz*' -o -name '*.deb' \) \
		>"$work/sums.$nr"
done
same "tarball${deb:+, packages}"
exit "$failed"
