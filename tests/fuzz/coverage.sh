#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tests/fuzz/coverage.sh BUILD: how much of the files whose names begin as each fuzz target says
# in "Reads:" its seeds, its corpus and the built objects reach, in lines and branches; with
# CORPUS=DIR, what is in DIR/NOUN, too. `make fuzz-coverage` builds what this runs. A target that
# reaches nothing of them has failed.
set -eu
cd "$(dirname "$0")/../.."
build=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mkdir "$scratch/objects"
find "$build/bpf" "$build/tests/fixtures" -name '*.o' -size -64k \
	-exec cp --backup=numbered -t "$scratch/objects" {} +
for target in tests/fuzz/fuzz_*.c; do
	noun=${target##*/fuzz_}
	noun=${noun%.c}
	if [ "$noun" = load ] && [ "$(id -u)" != 0 ]; then
		echo '  load: not measured, it takes root'
		continue
	fi
	mkdir "$scratch/$noun"
	tests/fuzz/corpus.sh "$noun" "$scratch/$noun"
	inputs=("$scratch/objects" "$scratch/$noun")
	for dir in "tests/fuzz/seeds/$noun" ${CORPUS:+"$CORPUS/$noun"}; do
		[ ! -d "$dir" ] || inputs+=("$dir")
	done
	files=()
	while read -r front; do
		# shellcheck disable=SC2206 # a pattern
		[ -z "$front" ] || files+=($front*.c)
	done < <(awk '/Reads:/ { on = 1 }
		on { end = /\*\//; gsub(/.*Reads:|\*\/|^ \*/, ""); gsub(/ +/, "\n"); print }
		end { exit }' "$target")
	find "$build" -name '*.gcda' -delete
	"$build/tests/fuzz/replay_$noun" "${inputs[@]}" >"$scratch/said" 2>&1 </dev/null || {
		cat "$scratch/said" >&2
		exit 1
	}
	tests/coverage.py "$build" "$noun" "${files[@]}" | tee "$scratch/line"
	if grep -q '^ *0.0 %' "$scratch/line"; then
		exit 1
	fi
done
