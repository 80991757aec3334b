#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Files of a room use one another one way: who reads one of them need not read all. Between
# rooms floors.sh sees to it. The linker's names tell.
set -eu
cd "$(dirname "$0")/../.."
build=${B:-build}
status=0

for room in common/*/ tc_loader/ cgroup_loader/; do
	room=${room%/}
	objects=
	for source in "$room"/*.c; do
		objects="$objects $build/${source%.c}.o"
	done
	# shellcheck disable=SC2086 # names without blanks
	nm -A -P $objects | awk '
		{ sub(/:$/, "", $1); sub(/.*[/]/, "", $1); sub(/[.]o$/, "", $1) }
		$3 ~ /^[TDBRVW]$/ { defined[$2] = $1 }
		$3 == "U" { used[$1 " " $2] }
		END {
			for (u in used) {
				split(u, p, " ")
				if (p[2] in defined && defined[p[2]] != p[1])
					print p[1], defined[p[2]]
			}
		}' | sort -u >"$build/circles"
	tsort "$build/circles" >/dev/null 2>"$build/circles.found" || {
		echo "$room: files that use one another both ways:"
		sed -n 's/^tsort: \([a-z_0-9]*\)$/\t\1/p' "$build/circles.found"
		status=1
	}
done
exit "$status"
