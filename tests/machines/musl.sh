#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The C library of Alpine, as far as it goes where libbpf for it is not packaged: each file
# compiles against musl's headers, with those of the other libraries; nothing is linked.
set -eu
cd "$(dirname "$0")/../.."
musl=${MUSL_INCLUDE:-/usr/include/$(uname -m)-linux-musl}
[ -d "$musl" ] || {
	echo "musl: no headers at $musl; package musl-dev"
	exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Of the machine's headers only those that do not belong to its C library.
mkdir "$work/include"
for name in bpf libelf.h gelf.h elfutils libmnl json-c libsmartcols cap-ng.h yaml.h sha1.h libmd md5.h linux asm-generic zlib.h; do
	for at in /usr/include "/usr/include/$(gcc -dumpmachine)"; do
		[ ! -e "$at/$name" ] || ln -sfn "$at/$name" "$work/include/$name"
	done
done
ln -sfn "/usr/include/$(gcc -dumpmachine)/asm" "$work/include/asm"
failed=0
nr=0
for file in common/*/*.c *_loader/*.c; do
	nr=$((nr + 1))
	gcc -nostdinc -isystem "$musl" -isystem "$(gcc -print-file-name=include)" -isystem "$work/include" \
		-std=gnu11 -D_GNU_SOURCE -DMAPSHARE_VERSION='"0"' -Icommon -Wall -Wextra -Werror \
		-Wno-missing-field-initializers -fsyntax-only "$file" || failed=$((failed + 1))
done
echo "musl: $nr files, $failed failed"
[ "$failed" = 0 ]
