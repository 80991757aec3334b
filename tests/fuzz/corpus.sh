#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The corpus of a fuzz target: tests/fuzz/corpus/NOUN, an input a line in base64.
#
#	tests/fuzz/corpus.sh NOUN DIR		as files into DIR
#	tests/fuzz/corpus.sh NOUN keep DIR…	makes it anew: as few of the inputs in DIR… as reach
#						what all of them do
#
# MAPSHARE_BUILD: where the target was built (build).
set -eu
cd "$(dirname "$0")/../.."
noun=$1
shift
corpus=tests/fuzz/corpus/$noun

if [ "$1" = keep ]; then
	shift
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	mkdir "$scratch/few"
	"${MAPSHARE_BUILD:-build}/tests/fuzz/fuzz_$noun" -set_cover_merge=1 -use_counters=0 \
		"$scratch/few" "$@" >"$scratch/said" 2>&1 || {
		tail -n 20 "$scratch/said" >&2
		exit 1
	}
	mkdir -p "${corpus%/*}"
	{
		echo '# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause'
		for file in "$scratch"/few/*; do
			base64 -w 0 "$file"
			echo
		done | sort
	} >"$corpus"
elif [ -e "$corpus" ]; then
	nr=0
	while read -r line; do
		nr=$((nr + 1))
		base64 -d <<<"$line" >"$1/$nr"
	done < <(sed 1d "$corpus")
fi
