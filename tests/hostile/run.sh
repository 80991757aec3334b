#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tests/hostile/run.sh [CASE…]: commands whose system calls fail, or that are killed there.
#
#	HOSTILE_SECONDS=N	how long all of it may take (60); FULL=1: every call, every errno
#	HOSTILE_TRIES=N		no more than that of each case: the same ones however fast it is
#	SEED=N			which calls are tried
#	CLASSES="errno kill"	these only: errno kill term limits streams environ caps pins names storm
#	AT=CALL:N:WHAT		only that one: an errno, KILL or TERM; or CLASS:NAME
#	V=1			every try
#	JOBS=N			how many cases at once (4: each waits for the kernel two thirds of its time)
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
export SEED=${SEED:-$RANDOM} LIB_ID=mapshare-h$$
# How much longer than on a quiet machine a command may take, as for tests: by the load.
export MAPSHARE_PATIENCE=${MAPSHARE_PATIENCE:-$(awk -v cpus="$(nproc)" '
	{ n = int($1 / cpus + 0.999); print (n < 1 ? 1 : n > 8 ? 8 : n) }' /proc/loadavg)}

# What `make coverage` counts in a case, each file of counts empty in a place of its own: the call
# that fails may be one that reads them, and what was there before is lost then.
counts_apart() {
	local dir
	[ -e "$MAPSHARE_BUILD/common/base/err.gcno" ] || return 0
	dir=$(realpath "$MAPSHARE_BUILD")
	export GCOV_PREFIX=$1 GCOV_PREFIX_STRIP
	GCOV_PREFIX_STRIP=$(tr -cd / <<<"$dir" | wc -c)
	(cd "$dir" && find . -name '*.gcno' -printf '%h\n' | sort -u | (cd "$1" && xargs -d '\n' mkdir -p))
	(cd "$dir" && find . -name '*.gcno') | sed 's/gcno$/gcda/' |
		(cd "$1" && xargs -d '\n' -n 1 install -m 0666 /dev/null)
}

# counts_join DIR: what was counted there joins all the rest, one case after the other.
counts_join() {
	[ -n "${GCOV_PREFIX-}" ] || return 0
	unset GCOV_PREFIX GCOV_PREFIX_STRIP
	find "$1" -name '*.gcda' -empty -delete
	flock "$MAPSHARE_BUILD" bash -euc 'gcov-tool merge "$1" "$2" -o "$3" 2>"$3.said" && cp -r "$3/." "$1"' \
		sh "$MAPSHARE_BUILD" "$1" "$1.joined" || cat "$1.joined.said"
	rm -rf "$1" "$1.joined"
}

if [ "${1-}" = --one ]; then
	export RESULT=$3/$2.tried LIB_TEST=
	mkdir "$3/$2.counts"
	counts_apart "$3/$2.counts"
	# A session of its own, which ends with us.
	status=0
	setsid bash tests/hostile/case.sh "$2" "$4" >"$3/out.$2" 2>&1 </dev/null &
	pid=$!
	trap 'kill -- "-$pid"; wait "$pid"; exit 130' HUP INT TERM
	wait "$pid" || status=$?
	awk '$3 == "cgroup2" { print $2 }' /proc/mounts | while read -r dir; do
		for left in "$dir/$LIB_ID"-*; do
			[ ! -d "$left" ] || echo "$left"
		done
	done >"$3/left.$2"
	if [ -s "$3/left.$2" ]; then
		sed "s/^/failed: $2 left behind: /" "$3/left.$2" >>"$3/out.$2"
		status=1
	fi
	counts_join "$3/$2.counts" >>"$3/out.$2"
	cat "$3/out.$2"
	[ "$status" -eq 0 ] || echo "$2" >>"$3/failed"
	exit 0
fi

command -v strace >/dev/null || {
	echo 'hostile: strace is not installed; tests/deps.sh installs it' >&2
	exit 1
}
valgrind=
if [ $# -eq 0 ]; then
	[ "${FULL-}" != 1 ] || [ -n "${AT-}${CLASSES-}" ] || valgrind=yes
	set -- tests/hostile/cases/*.sh
	set -- "${@##*/}"
	# shellcheck source=tests/hostile/lines.sh
	mapfile -t lines < <(. tests/hostile/lines.sh && line_names)
	set -- "${@%.sh}" "${lines[@]}"
fi
jobs=${JOBS:-4}
[ $# -ge "$jobs" ] || jobs=$#
seconds=$((${HOSTILE_SECONDS:-60} * jobs / $#))
[ "${FULL-}" != 1 ] || seconds=1000000
results=$(mktemp -d)
shopt -s nullglob
trap 'rm -rf "$results"' EXIT
echo "hostile: seed $SEED, $seconds seconds a case"
printf '%s\n' "$@" | xargs -P "$jobs" -I '{}' bash tests/hostile/run.sh --one '{}' "$results" "$seconds"
if [ -n "$valgrind" ]; then
	bash tests/valgrind.sh | tee "$results/valgrind"
	awk '/^valgrind: / { print "valgrind", $2, $2 - $4 }' "$results/valgrind" >"$results/all.tried"
	! grep -q '^failed: ' "$results/valgrind" || echo valgrind >>"$results/failed"
fi
# A line a class, then all of it.
cat "$results"/[a-z]*.tried 2>/dev/null | awk -v seed="$SEED" '
	!($1 in tried) { order[++n] = $1 }
	{ tried[$1] += $2; survived[$1] += $3; all += $2; good += $3 }
	END {
		for (i = 1; i <= n; i++) if (tried[order[i]])
			printf "  %-8s %6d tried, %6d survived; again: make check-hostile SEED=%s CLASSES=%s\n",
				order[i], tried[order[i]], survived[order[i]], seed, order[i]
		printf "hostile: %d tried, %d survived\n", all, good
		exit !all
	}'
[ ! -e "$results/failed" ]
