#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Process 1 of a guest of tests/kernels/run.sh: a plain system with the cgroup layout that the
# kernel's command line names (cg=v2|hybrid|v1), then the features, the demo, the scenarios and
# some tests. What run.sh reads begins with GUEST, FEATURE or RESULT.
export PATH=/mapshare/build/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8
export MAPSHARE_BUILD=/mapshare/build MAPSHARE_PATIENCE=20 JOBS=1
cg=v2 scenarios='' tests=''
read -r -a words </proc/cmdline
for word in "${words[@]}"; do
	case $word in
	cg=*) cg=${word#cg=} ;;
	scenarios=*) IFS=, read -r -a scenarios <<<"${word#scenarios=}" ;;
	tests=*) IFS=, read -r -a tests <<<"${word#tests=}" ;;
	esac
done

mount -t tmpfs t /run
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

# result NAME STATUS OUTPUT: and the seconds it took, by the guest's clock.
result() {
	echo "RESULT $1 $2 $((SECONDS - began))s"
	case $2 in 0 | 77) ;; *) tail -n 25 "$3" | sed 's/^/    /' ;; esac
}

for name in "${scenarios[@]}"; do
	began=$SECONDS
	setsid sh "netns_scripts/$name.sh" </dev/null >/run/out 2>&1
	result "scenario/$name" $? /run/out
done
for name in "${tests[@]}"; do
	began=$SECONDS
	setsid bash "tests/$name.sh" </dev/null >/run/out 2>&1
	result "$name" $? /run/out
done
echo 'GUEST end'
sync
echo o >/proc/sysrq-trigger
sleep 100
