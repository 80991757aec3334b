#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What lies at the top was put there on purpose: a slip in a script leaves files there.
set -eu
cd "$(dirname "$0")/../.."

there=$(git ls-files | cut -d/ -f1 | sort -u)
for name in $there; do
	case $name in
	.ci | .clang-format | .clang-tidy | .editorconfig | .git* | .shellcheckrc) ;;
	LICENSE | Makefile | README.md | bpf | *_loader | common | netns_scripts | tests) ;;
	*)
		echo "$name: no such name belongs at the top of the tree"
		exit 1
		;;
	esac
done
