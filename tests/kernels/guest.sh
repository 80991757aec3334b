#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Process 1 of a guest of tests/kernels/run.sh: a plain system with the cgroup layout that the
# kernel's command line names (cg=v2|hybrid|v1), then the features, the demo, the scenarios and
# some tests. What run.sh reads begins with GUEST, FEATURE or RESULT.
export PATH=/mapshare/build/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8
export MAPSHARE_BUILD=/mapshare/build MAPSHARE_PATIENCE=20 JOBS=1
cg=v2 scenarios=() tests=() seconds=0
read -r -a words </proc/cmdline
for word in "${words[@]}"; do
	case $word in
	cg=*) cg=${word#cg=} ;;
	scenarios=*) IFS=, read -r -a scenarios <<<"${word#scenarios=}" ;;
	tests=*) IFS=, read -r -a tests <<<"${word#tests=}" ;;
	seconds=*) seconds=${word#seconds=} ;;
	esac
done

mount -t tmpfs -o mode=0755 t /run
mount -t tmpfs t /tmp
ln -sfn /proc/self/fd /dev/fd
ln -sfn /proc/self/fd/0 /dev/stdin
ln -sfn /proc/self/fd/1 /dev/stdout
ln -sfn /proc/self/fd/2 /dev/stderr
mkdir -p /run/netns /dev/pts /dev/shm
mount -t devpts d /dev/pts
mount -t tmpfs t /dev/shm
v1() {
	mkdir -p "/sys/fs/cgroup/$1"
	mount -t cgroup -o "$1" "$1" "/sys/fs/cgroup/$1"
}
case $cg in
v2) mount -t cgroup2 c /sys/fs/cgroup ;;
*)
	mount -t tmpfs c /sys/fs/cgroup
	v1 memory
	v1 cpu
	if [ "$cg" = hybrid ]; then
		mkdir /sys/fs/cgroup/unified
		mount -t cgroup2 c /sys/fs/cgroup/unified
	fi
	;;
esac
mount -t bpf b /sys/fs/bpf
mount -t securityfs s /sys/kernel/security 2>/run/null
mount -t tracefs t /sys/kernel/tracing 2>/run/null
ip link set lo up
cd /mapshare || exit
echo "GUEST start $(uname -r) cgroup=$cg"

tc_loader feature >/run/tc.txt && cgroup_loader feature >/run/feature.txt
cmp -s /run/tc.txt /run/feature.txt || echo 'RESULT feature/both 1 0s'
sed 's/^/FEATURE /' /run/feature.txt

# result NAME: its status and the seconds it took, by the guest's clock, said in one piece. What would
# begin behind the guest's time, or does not end in it, has not passed.
result() {
	local name=$1 began left status=0 out command
	began=$(date +%s)
	left=$((seconds ? booted + seconds - began : 99999))
	case $name in
	scenario/*) command=(sh "netns_scripts/${name#*/}.sh") ;;
	*) command=(bash "tests/$name.sh") ;;
	esac
	if [ "$left" -le 0 ]; then
		printf 'RESULT %s 124 0s\n    no time left: KERNEL_MINUTES\n' "$name"
		return
	fi
	out=$(mktemp /run/out.XXXXXX)
	timeout -k 5 "$left" setsid "${command[@]}" </dev/null >"$out" 2>&1 || status=$?
	printf '%s\n' "RESULT $name $status $(($(date +%s) - began))s$(
		case $status in 0 | 77) exit ;; esac
		# What failed; else how far it came.
		sed -n '/FAIL/,$p' "$out" | head -n 40 >"$out.said"
		[ -s "$out.said" ] || tail -n 12 "$out" >"$out.said"
		sed 's/^/    /; 1s/^/\n/' "$out.said"
	)"
	rm -f "$out" "$out.said"
}

booted=$(($(date +%s) - SECONDS))
export booted seconds
export -f result
together=("${scenarios[@]/#/scenario/}") alone=()
for name in "${tests[@]}"; do
	if grep -q '^# alone:' "tests/$name.sh"; then
		alone+=("$name")
	else
		together+=("$name")
	fi
done
printf '%s\n' "${together[@]}" | xargs -P "$(nproc)" -I NAME bash -c 'result NAME'
for name in "${alone[@]}"; do
	result "$name"
done
echo "GUEST end after ${SECONDS}s"
sync
echo o >/proc/sysrq-trigger
sleep 100
