#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tests/run.sh KIND[,KIND]|all [NAME…]: runs what tests/README.md describes, found by glob.
# For fuzz a number among the names is the seconds each fuzzer gets.
#
#	V=1			everything a test prints, as it comes, one test at a time
#	JOBS=N			how many at once (3: each waits for something half of its time)
#	MAPSHARE_PATIENCE=N	how much longer than alone on a quiet machine a test may take;
#				without it as the load of each processor is when the test begins
#	MAPSHARE_BUILD=DIR	what make built (build)
#	MAPSHARE_EXPECT_SKIP=PROBES	a skip fails unless its probe is named here
#	RUN_REACH=DIR		what was built with --coverage leaves its counts in DIR/KIND.NAME,
#				apart for each test, with the milliseconds it took
#
# A test that leaves a process, cgroup, pin, mount or namespace behind has failed.
#
# Maps and programs have no namespace. A test that judges all of the machine's says so in a line
# "# alone: WHY"; it waits until no other kernel test runs, here or in another run, except those
# that take turns at another place: RUN_TURNS=DIR, for a run inside of a test.
set -u

top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
self=$top/tests/run.sh
export MAPSHARE_BUILD=${MAPSHARE_BUILD:-build}
PATH=$PATH:/usr/sbin:/sbin

limit_of() {
	case $1 in
	unit | cli) echo 60 ;;
	fuzz) echo $((FUZZ_SECONDS + 60)) ;;
	*) echo 180 ;;
	esac
}

# patience: as text, from 1 to 8.
patience() {
	echo "${MAPSHARE_PATIENCE-} $(cut -d' ' -f1 /proc/loadavg) $(nproc)" |
		awk '{ n = NF == 3 ? $1 : int($1 / $2 + 0.999); print (n < 1 ? 1 : n > 8 && NF < 3 ? 8 : n) }'
}

# The argv of one test, in the array cmd.
command_of() {
	local kind=$1 name=$2
	case $kind in
	unit) cmd=("$MAPSHARE_BUILD/tests/unit/test_$name") ;;
	fuzz)
		mkdir -p "$scratch/corpus" "$scratch/objects"
		local seconds=10
		local -a from=("$MAPSHARE_BUILD/bpf")
		# Each takes a child and the kernel: one that loads begins with fewer, and has longer.
		if [ "$name" = load ]; then
			seconds=60
		else
			from+=("$MAPSHARE_BUILD/tests/fixtures")
		fi
		find "${from[@]}" -name '*.o' \
			-size -64k -exec cp --backup=numbered -t "$scratch/objects" {} + 2>/dev/null
		tests/fuzz/corpus.sh "$name" "$scratch/corpus"
		# A sample begins the same way each time: a change is not to fail by what another meets.
		cmd=("$MAPSHARE_BUILD/tests/fuzz/fuzz_$name" "-max_total_time=$FUZZ_SECONDS"
			"-seed=$((FUZZ_SECONDS < 60))" -error_exitcode=1
			-print_final_stats=1 -rss_limit_mb=2048
			"-timeout=$seconds"
			"-artifact_prefix=$MAPSHARE_BUILD/fuzz-$name-" "$scratch/corpus")
		[ ! -d "tests/fuzz/seeds/$name" ] || cmd+=("tests/fuzz/seeds/$name")
		cmd+=("$scratch/objects")
		;;
	# Whatever its first line says: the checks need it.
	*) cmd=(bash "tests/$kind/$name.sh") ;;
	esac
}

# is_alone KIND NAME
is_alone() {
	grep -qs '^# alone: ' "tests/$1/$2.sh"
}

# take_turn KIND NAME: a lock of the whole machine, held through descriptor 9. Directories stand
# for locks, so that no lock file stays behind. Everybody comes through a gate, where one that
# waits to be alone holds up who comes later: else there might always be another one running.
take_turn() {
	case $1/$2 in
	netns/* | compat/* | fuzz/load) ;;
	*) return 0 ;;
	esac
	exec 8<"${RUN_TURNS:-/sys/kernel}/mm" 9<"${RUN_TURNS:-/sys/kernel}"
	flock -x 8
	if is_alone "$1" "$2"; then
		flock -x 9
	else
		flock -s 9
	fi
	exec 8>&-
}

# own_place RESULTS KIND NAME: as root a test gets a mount namespace, a bpffs and a /run/netns
# that nothing else uses, so that what changes there meanwhile is the test's and no other's.
own_place() {
	if [ "$(id -u)" -ne 0 ] || [ "${RUN_PLACE-}" = $PPID ]; then
		[ -z "${RUN_PLACE-}" ] || furnish
		unset RUN_PLACE
		return 0
	fi
	RUN_PLACE=$$ unshare --mount --propagation private -- "$self" --one "$@"
	exit
}

furnish() {
	mount -t bpf bpf /sys/fs/bpf
	[ ! -d /run/netns ] || mount -t tmpfs tmpfs /run/netns
}

# What others could trip over, as text: compared before and after.
surroundings() {
	[ "$(id -u)" -eq 0 ] || return 0
	cat /proc/self/mounts
	ls /run/netns 2>/dev/null
	find /sys/fs/bpf
}

# What one test left behind, a line each.
residue() {
	local id=$1 pid
	while read -r pid; do
		# A process on its way out may still be seen for a moment.
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			# Its init may reap slowly: a zombie holds nothing any more.
			case $(ps -o stat= -p "$pid" 2>/dev/null) in
			'' | Z*) continue 2 ;;
			esac
			sleep 0.05
		done
		echo "process $(ps -o pid=,args= -p "$pid")"
		kill -9 "$pid"
	done < <(ps -e -o sid=,stat=,pid= | awk -v s="$2" '$1 == s && $2 !~ /Z/ { print $3 }')
	awk '$3 == "cgroup2" { print $2 }' /proc/mounts | while read -r dir; do
		find "$dir" -type d -name "$id-*" 2>/dev/null
	done
	surroundings | diff "$scratch/before" - | while read -r sign line; do
		case $sign in
		'>') ;;
		# What others mounted is gone from here, too, when they remove the directory.
		'<') [ -z "${line##/*}" ] || [ -e "$(mount_point "$line")" ] || continue ;;
		*) continue ;;
		esac
		echo "changed: $sign $line"
	done
}

# mount_point LINE: of a line of /proc/self/mounts, whose blanks are octal there.
mount_point() {
	local point=${1#* }
	printf '%b' "${point%% *}"
}

# skips_expected WHY: lines of 'PROBE: words', each probe named in MAPSHARE_EXPECT_SKIP.
skips_expected() {
	local line
	while read -r line; do
		case " ${MAPSHARE_EXPECT_SKIP-} " in
		*" ${line%%:*} "*) ;;
		*) return 1 ;;
		esac
	done <<<"$1"
}

# run_one KIND NAME RESULTS: one test, one line, one result file.
run_one() {
	local kind=$1 name=$2 status=0 verdict=passed why='' left start sid
	local id=mapshare-t$$ seconds
	local -a cmd
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	take_turn "$kind" "$name"
	start=$SECONDS
	command_of "$kind" "$name"
	surroundings >"$scratch/before"
	LIB_PATIENCE=$(patience)
	local limit=$(($(limit_of "$kind") * LIB_PATIENCE))
	# What a fuzzer does is a matter of time.
	[ "$kind" != fuzz ] || limit=$(limit_of fuzz)
	local reach=${RUN_REACH:+$RUN_REACH/$kind.$name} begun
	if [ -n "$reach" ]; then
		mkdir -p "$reach"
		begun=$(($(date +%s%N) / 1000000))
		# The objects' own directory is left out of the path.
		export GCOV_PREFIX=$reach GCOV_PREFIX_STRIP
		GCOV_PREFIX_STRIP=$(tr -cd / <<<"$(realpath "$MAPSHARE_BUILD")" | wc -c)
	fi
	export LIB_PATIENCE LIB_TEST=${cmd[-1]} LIB_ID=$id LIB_SKIP_FILE=$scratch/skip
	# A session of its own: what still runs in it afterwards was left behind. What a shell
	# starts in the background ignores SIGINT, and our caller may ignore others: not the test.
	cmd=(setsid timeout -k 10 "$limit" env --default-signal "${cmd[@]}")
	if [ "${V-0}" = 1 ]; then
		printf '== %s/%s\n' "$kind" "$name"
		"${cmd[@]}" </dev/null 9>&- &
	else
		"${cmd[@]}" >"$scratch/out" 2>&1 </dev/null 9>&- &
	fi
	sid=$!
	wait $sid || status=$?
	[ -z "$reach" ] || echo $(($(date +%s%N) / 1000000 - begun)) >"$reach/milliseconds"
	left=$(residue "$id" "$sid")

	case $status in
	# A unit test goes on behind a skip.
	0) [ "$kind" != unit ] || [ ! -s "$scratch/skip" ] || verdict=skipped why=$(sort -u "$scratch/skip") ;;
	77) verdict=skipped why=$(cat "$scratch/skip" 2>/dev/null || echo 'unnamed: no reason') ;;
	124 | 137) verdict=failed why="over its limit of $limit s" ;;
	*) verdict=failed why="status $status" ;;
	esac
	[ $verdict != skipped ] || skips_expected "$why" || verdict=failed why="unexpected skip: $why"
	[ -z "$left" ] || verdict=failed why="$why${why:+, }left something behind"

	seconds=$((SECONDS - start))
	echo "$verdict" >"$3/$kind.$name"
	{
		printf '  %-7s %s/%s%s%s\n' "$verdict" "$kind" "$name" "${why:+ (${why//$'\n'/, })}" \
			"$([ $seconds -lt 5 ] || echo " [$seconds s]")"
		if [ $verdict = failed ]; then
			[ -z "$left" ] || printf '%s\n' "$left"
			[ ! -s "$scratch/out" ] || sed 's/^/    /' "$scratch/out"
		fi
	} >"$scratch/line"
	cat "$scratch/line"
	[ $verdict != failed ] || cp "$scratch/line" "$3/said.$kind.$name"
}

# names_of KIND [NAME…]: every test of a kind, or those asked for, each once.
names_of() {
	local kind=$1 file
	shift
	if [ $# -gt 0 ]; then
		printf '%s\n' "$@" | awk '!seen[$0]++'
		return
	fi
	case $kind in
	unit) set -- tests/unit/test_*.c ;;
	fuzz) set -- tests/fuzz/fuzz_*.c ;;
	*) set -- tests/"$kind"/*.sh ;;
	esac
	for file; do
		[ -e "$file" ] || continue
		file=${file##*/}
		file=${file%.*}
		file=${file#test_}
		echo "${file#fuzz_}"
	done
}

# in_order: "KIND NAME" lines, those first that have to be alone and, between them, who waits for
# nobody: each fills the other's time. Behind others they would hold up a job each.
in_order() {
	local kind name
	while read -r kind name; do
		is_alone "$kind" "$name" && echo "alone $kind $name" || echo "$kind $kind $name"
	done | awk '
		{ line = $2 " " $3 }
		$1 == "alone" { alone[++nr_alone] = line; next }
		$1 == "unit" || $1 == "cli" { quick[++nr_quick] = line; next }
		{ rest = rest line "\n" }
		END {
			for (i = j = 1; i <= nr_alone; i++) {
				print alone[i]
				for (; j <= nr_quick * i / nr_alone; j++)
					print quick[j]
			}
			for (; j <= nr_quick; j++)
				print quick[j]
			printf "%s", rest
		}'
}

usage='usage: tests/run.sh unit|cli|netns|compat|fuzz[,…]|all [NAME…]'
[ $# -gt 0 ] || { echo "$usage" >&2; exit 1; }

# Without a word about it: a moment for each fuzzer by hand, a longer one in CI.
if [ -z "${FUZZ_SECONDS-}" ]; then
	FUZZ_SECONDS=5
	[ "${CI-}" != true ] || FUZZ_SECONDS=10
fi
export FUZZ_SECONDS

if [ "$1" = --one ]; then
	own_place "$2" "$3" "$4"
	run_one "$3" "$4" "$2"
	exit
fi

kind=$1
shift
if [ "$kind" = fuzz ]; then
	names=()
	for word; do
		case $word in
		*[!0-9]*) names+=("$word") ;;
		*) FUZZ_SECONDS=$word ;;
		esac
	done
	set -- "${names[@]}"
fi
[ "$kind" != all ] || kind=unit,cli,netns,compat,fuzz
IFS=, read -ra kinds <<<"$kind"
for kind in "${kinds[@]}"; do
	case $kind in
	unit | cli | netns | compat | fuzz) ;;
	*) echo "$usage" >&2; exit 1 ;;
	esac
done

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
jobs=${JOBS:-3}
[ "${V-0}" != 1 ] || jobs=1
list=$(for kind in "${kinds[@]}"; do
	names_of "$kind" "$@" | sed "s/^/$kind /"
done | in_order)
total=$(grep -c . <<<"$list")
[ "$total" -eq 0 ] || xargs -P "$jobs" -L 1 "$self" --one "$results" <<<"$list"

count() {
	cat "$results"/* 2>/dev/null | grep -cx "$1"
}
# Once more, and short: a log is often seen by its end alone.
for said in "$results"/said.*; do
	[ -e "$said" ] || continue
	head -1 "$said"
	sed 1d "$said" | tail -12
	rm "$said"
done
passed=$(count passed)
skipped=$(count skipped)
# A test without a result file died with its runner: that is no pass.
failed=$((total - passed - skipped))
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$total" -gt 0 ]
