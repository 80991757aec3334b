# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# What scenario scripts and shell tests stand on. POSIX sh; source it, never run it:
#
#	set -eu
#	. "$(dirname "$0")/../netns_scripts/lib.sh"	# tests: ../../netns_scripts/lib.sh
#	lib_private "$@"		# root: own network and mount namespace, bpffs, cgroup
#
# Installed by `make install-kit`, it serves scripts that lie anywhere, by its full path.
#
# Without lib_private only the t_* helpers (tests/asserts.sh, sourced from here) are of use:
# that is what a cli test wants.
#
# Set for the script (all absolute):
#	TOP BUILD	the source tree; what make built ($MAPSHARE_BUILD, else TOP/build); where
#			the kit is installed, both are its directory
#	BPF LEGACY OBJ	built objects: bpf/, bpf/legacy/, tests/fixtures/ (not in the kit)
#	TMP		a private directory, removed at exit
#	BPFFS CG	after lib_private: the private bpffs and our own cgroup (v2)
# The tools and traffic (netns_scripts/traffic.c) come first in PATH: call them by name.
#
# Everything made is undone at exit, whatever ends the script: say on_exit on the line after
# the creation. Named network namespaces live in a private tmpfs: the machine's own list
# stays untouched, and equal names in two scripts running at once are two namespaces.

# --- leaving --------------------------------------------------------------------------------

LIB_UNDO=

# on_exit CODE: evaluated at exit, the latest first. Failures in it are ignored.
on_exit() {
	LIB_UNDO="$1
$LIB_UNDO"
}

lib_leave() {
	lib_status=$?
	trap - EXIT
	trap '' INT TERM HUP
	set +eu
	if [ "$lib_status" -eq 0 ] && [ "${LIB_TEST-}" = "$0" ] && [ "$LIB_CHECKS" -eq 0 ]; then
		echo 'FAIL: the script ended without a single check'
		lib_status=1
	elif [ "$lib_status" -eq 0 ] && [ -s "$TMP/t_failed" ]; then
		echo 'FAIL: a command failed that no check looked at'
		sed 's/^/  failed: /' "$TMP/t_failed"
		lib_status=1
	elif [ "$lib_status" -ne 0 ] && [ "$lib_status" -ne 77 ] && [ -n "$LIB_TITLE" ]; then
		echo "stopped with status $lib_status in: $LIB_TITLE"
		[ ! -s "$TMP/t_failed" ] || sed 's/^/  failed: /' "$TMP/t_failed"
	fi
	eval "$LIB_UNDO"
	exit "$lib_status"
}

trap lib_leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# --- where things are -----------------------------------------------------------------------

# The directory of the installed kit; make install-kit fills it in.
LIB_KIT=

# lib_find_top: above this file, if the shell tells where it is; else above the script; else the
# installed kit.
lib_find_top() {
	# shellcheck disable=SC3028 # empty where there is no such variable
	for lib_d in "${BASH_SOURCE-}" "$0"; do
		[ -e "$lib_d" ] || continue
		lib_d=$(cd "$(dirname "$lib_d")" && pwd)
		while [ ! -e "$lib_d/netns_scripts/lib.sh" ] && [ "$lib_d" != / ]; do
			lib_d=$(dirname "$lib_d")
		done
		[ "$lib_d" = / ] || break
	done
	[ -e "$lib_d/netns_scripts/lib.sh" ] || lib_d=$LIB_KIT
	[ -e "$lib_d/tests/asserts.sh" ] || {
		echo "lib.sh: the tree it belongs to is not above '$0'; source it where it was installed" >&2
		return 1
	}
	echo "$lib_d"
}

TOP=$(lib_find_top)
# In the kit what was built stands beside the scripts, and the tools where they were installed.
if [ -x "$TOP/netns_scripts/traffic" ]; then
	BUILD=$TOP
	PATH=$PATH:$TOP/../../sbin
else
	BUILD=${MAPSHARE_BUILD:-$TOP/build}
fi
case $BUILD in
/*) ;;
*) BUILD=$TOP/$BUILD ;;
esac
BPF=$BUILD/bpf
LEGACY=$BUILD/bpf/legacy
OBJ=$BUILD/tests/fixtures
BPFFS=/sys/fs/bpf
CG=
PATH=$BUILD/bin:$BUILD/netns_scripts:$PATH:/usr/local/sbin:/usr/sbin:/sbin
TMP=$(mktemp -d)
on_exit 'rm -rf --one-file-system "$TMP"'
export BUILD BPF LEGACY OBJ BPFFS PATH TMP
export MAPSHARE_BUILD="$BUILD"

say() {
	printf '%s\n' "$*"
}

# step WORDS: what comes next, in one line. run CMD…: shows the command, then runs it.
step() {
	printf '\n# %s\n' "$*"
}

run() {
	lib_show "$@"
	"$@"
}

# refused [STATUS] CMD…: shows the command and what it says; ends the script if it succeeds,
# or with another status than STATUS.
refused() {
	lib_want=
	case $1 in
	[0-9]*)
		lib_want=$1
		shift
		;;
	esac
	lib_show "$@"
	lib_got=0
	"$@" 2>&1 || lib_got=$?
	printf '  -> exit status %s\n' "$lib_got"
	[ "$lib_got" -ne 0 ] || die 'this should have been refused'
	[ "$lib_got" -eq "${lib_want:-$lib_got}" ] || die "the exit status should be $lib_want"
}

# Paths below the source tree are shown as the reader would type them there.
lib_show() {
	printf '$ %s\n' "$*" | sed "s|$TOP/||g"
}

# holds ACTUAL EXPECTED WORDS: one promise of a scenario; the script ends if it is broken.
holds() {
	[ "$1" = "$2" ] || die "$3: $1, but $2 was expected"
	printf '  ok: %s (%s)\n' "$3" "$1"
}

# die WORDS: ends a scenario script that cannot go on.
die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# --- a place of our own ---------------------------------------------------------------------

# lib_private "$@": starts the script again in its own network and mount namespace, then
# gives it a bpffs of its own on /sys/fs/bpf, its own /run/netns and a cgroup of its own.
lib_private() {
	[ "$(id -u)" -eq 0 ] || t_skip root 'network and mount namespaces need root'
	if [ "${LIB_PRIVATE-}" != "$0" ]; then
		LIB_PRIVATE=$0
		export LIB_PRIVATE
		rm -rf --one-file-system "$TMP"
		# exec does not run the EXIT trap: the second run sets everything up again.
		if [ -x "$0" ]; then
			exec unshare --net --mount --propagation private -- "$0" "$@"
		fi
		exec unshare --net --mount --propagation private -- \
			"$([ -n "${BASH_VERSION-}" ] && echo bash || echo sh)" "$0" "$@"
	fi
	# The next script started from here wants a place of its own again.
	unset LIB_PRIVATE
	ip link set lo up
	if [ -d /run/netns ]; then
		mount -t tmpfs tmpfs /run/netns
	else
		# Not even an empty /run/netns stays behind on a machine that had none.
		mount -t tmpfs -o mode=0755 tmpfs /run
		mkdir /run/netns
	fi
	# What the machine has there would come to light in a test that unmounts ours.
	while umount -l "$BPFFS" 2>/dev/null; do :; done
	mount -t bpf bpf "$BPFFS"
	lib_own_cgroup
}

lib_cgroup2_mount() {
	while read -r _ lib_dir lib_type _; do
		[ "$lib_type" = cgroup2 ] || continue
		# A script inside of another covers the private one of that.
		[ "$(stat -f -c %T "$lib_dir" 2>/dev/null)" = cgroup2fs ] || continue
		echo "$lib_dir"
		return 0
	done </proc/mounts
	return 1
}

# In a hybrid layout cgroup2 sits beside the v1 hierarchies, so its mount is looked up. A
# machine that mounts none gets a private one.
lib_own_cgroup() {
	if ! CGROUP2=$(lib_cgroup2_mount); then
		CGROUP2=/run/netns/.cgroup2
		mkdir "$CGROUP2"
		mount -t cgroup2 none "$CGROUP2"
	fi
	CG=$CGROUP2/${LIB_ID:-mapshare}-$$
	mkdir "$CG"
	on_exit 'cg_del "$CG"'
	export CG CGROUP2
}

# --- namespaces, links, cgroups -------------------------------------------------------------

# ns_add NAME: a named network namespace with its loopback up.
ns_add() {
	ip netns add "$1"
	on_exit "ip netns del '$1' 2>/dev/null"
	ip -n "$1" link set lo up
}

# veth_add DEV ADDR/LEN NS PEER PEERADDR/LEN: DEV here, PEER inside NS, both up with their
# addresses (either family). For a link between two namespaces call it as ns_run's CMD does:
# DEV's side is always the caller's namespace.
veth_add() {
	ip link add "$1" type veth peer name "$4" netns "$3"
	on_exit "ip link del '$1' 2>/dev/null"
	# No link-local addresses: nothing announces itself between the packets one counts.
	ip link set "$1" addrgenmode none
	ip -n "$3" link set "$4" addrgenmode none
	addr_add "$1" "$2"
	ip link set "$1" up
	addr_add "$4" "$5" "$3"
	ip -n "$3" link set "$4" up
}

# veth_know DEV ADDR NS PEER PEERADDR: both ends know each other's address for good, so that
# no ARP or neighbour discovery mixes with the traffic.
veth_know() {
	lib_mac=$(lib_mac_of "$1")
	ip -n "$3" neigh replace "$2" lladdr "$lib_mac" dev "$4" nud permanent
	lib_mac=$(lib_mac_of "$4" "$3")
	ip neigh replace "$5" lladdr "$lib_mac" dev "$1" nud permanent
}

lib_mac_of() {
	ip ${2:+-n "$2"} -o link show dev "$1" | sed -n 's/.*link\/ether \([0-9a-f:]*\).*/\1/p'
}

# addr_add DEV ADDR/LEN [NS]: without duplicate address detection, so that IPv6 works at once.
addr_add() {
	case $2 in
	*:*) lib_dad=nodad ;;
	*) lib_dad= ;;
	esac
	# shellcheck disable=SC2086 # no word at all when empty
	ip ${3:+-n "$3"} addr add "$2" dev "$1" $lib_dad
}

# dev_add DEV…: interfaces to attach to, nothing more. Each is one end of a veth pair, since
# not every kernel has dummy.
dev_add() {
	for lib_dev; do
		ip link add "$lib_dev" type veth peer name "peer-$lib_dev"
		on_exit "ip link del '$lib_dev' 2>/dev/null"
		ip link set "$lib_dev" up
	done
}

# cg_add NAME: a cgroup $CG/NAME; cg_del of $CG takes it along at exit.
cg_add() {
	mkdir -p "$CG/$1"
}

# cg_del DIR: ends what still runs in it, then removes it and everything below.
cg_del() {
	[ -d "$1" ] || return 0
	[ ! -e "$1/cgroup.kill" ] || echo 1 >"$1/cgroup.kill"
	wait_for 5 lib_cg_rmdir "$1"
}

lib_cg_rmdir() {
	find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
}

# run_in CGROUP NETNS CMD…: a program run inside both; '-' leaves one as it is. It enters the
# network namespace only: `ip netns exec` would hide the mounts below /sys, pins and cgroups.
run_in() {
	lib_cg=$1
	lib_ns=$2
	shift 2
	[ "$lib_ns" = - ] || set -- nsenter --net="/run/netns/$lib_ns" -- "$@"
	if [ "$lib_cg" = - ]; then
		${LIB_EXEC-} "$@"
	else
		${LIB_EXEC-} sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$lib_cg" "$@"
	fi
}

# ns_run NETNS CMD…, cg_run CGROUP CMD…: one of the two.
ns_run() {
	lib_ns=$1
	shift
	run_in - "$lib_ns" "$@"
}

cg_run() {
	lib_cg=$1
	shift
	run_in "$lib_cg" - "$@"
}

# start CMD…: runs it in the background, ends it at exit; its pid is in $STARTED. CMD is a
# program or one of the functions above.
start() {
	# exec, so that $! is the program itself and no shell between.
	(
		case $(command -v "$1") in
		*/*) exec "$@" ;;
		esac
		LIB_EXEC='exec'
		"$@"
	) &
	STARTED=$!
	on_exit "kill $STARTED 2>/dev/null; wait $STARTED 2>/dev/null"
}

# wait_for SECONDS CMD…: until CMD succeeds; status 1 if it does not in that time, which is
# longer on a machine that is busy (LIB_PATIENCE, tests/run.sh). In a test CMD may have checks.
wait_for() {
	lib_tries=$(($1 * 20 * ${LIB_PATIENCE:-1}))
	shift
	while ! ${LIB_TRY-} "$@"; do
		lib_tries=$((lib_tries - 1))
		[ "$lib_tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

# --- what the kernel says, through bpftool --------------------------------------------------

# map_id PIN: the id of a pinned map.
map_id() {
	lib_json=$(bpftool -j map show pinned "$1")
	printf '%s' "$lib_json" | t_json .id
}

# maps_of PROGID: the ids of the maps a program uses, in one line.
maps_of() {
	lib_text=$(bpftool prog show id "$1")
	printf '%s\n' "$lib_text" | sed -n 's/.*map_ids \([0-9,]*\).*/\1/p'
}

# prog_at DEV ingress|egress, prog_in CGROUP: the id of the one program attached there.
prog_at() {
	lib_text=$(tc filter show dev "$1" "$2")
	printf '%s\n' "$lib_text" | sed -n 's/.* id \([0-9]*\) .*/\1/p'
}

# A bpftool since 6.0 asks for the flags of each program, which older kernels refuse. Of what is
# in force it does not, and what comes from above is left out.
prog_in() {
	lib_text=$(bpftool cgroup show "$1" 2>/dev/null) || {
		lib_text=$(bpftool cgroup show "$1" effective)
		lib_above=$(bpftool cgroup show "${1%/*}" effective 2>/dev/null) || lib_above=none
		lib_text=$(printf '%s\n' "$lib_text" | grep -vxF "$lib_above") || lib_text=
	}
	printf '%s\n' "$lib_text" | sed -n 's/^\([0-9][0-9]*\) .*/\1/p'
}

# Numbers in maps: map_u64s, map_inner, u32_bytes of tests/asserts.sh.
# shellcheck source=../tests/asserts.sh
. "$TOP/tests/asserts.sh"
