#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Per-CPU values have one number for each possible CPU, whatever /sys and /proc tell: a buffer
# that is sized by less is overrun by the kernel.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

cpus=$(($(sed 's/.*-//' /sys/devices/system/cpu/possible) + 1))
bpftool map create "$BPFFS/pc" type percpu_array key 4 value 4096 entries 64 name "pc_$$"
bpftool map create "$BPFFS/one" type percpu_array key 4 value 8 entries 1 name "pc1_$$"
bpftool map update pinned "$BPFFS/one" key 0 0 0 0 value 1 2 3 4 5 6 7 8
bpftool -j map dump pinned "$BPFFS/pc" >"$TMP/dump"
bpftool -j map dump pinned "$BPFFS/one" >"$TMP/one"

# With one CPU online and no /sys, the C library counts one.
mount -t tmpfs none /sys/devices/system/cpu
printf 'cpu  1 1 1 1 1 1 1 1 1 1\ncpu0 1 1 1 1 1 1 1 1 1 1\n' >"$TMP/stat"
mount --bind "$TMP/stat" /proc/stat

t_begin 'without /sys the kernel is asked'
t_is "$(getconf _NPROCESSORS_CONF)" 1
t_run 0 cgroup_loader -j map dump pinned "$BPFFS/pc"
t_ok cmp "$TMP/t_out" "$TMP/dump"
t_run 0 cgroup_loader -j map lookup pinned "$BPFFS/one" key 0 0 0 0
t_is "$(t_out | t_json '.values|length')" "$cpus"
t_run 0 cgroup_loader map load pinned "$BPFFS/one" "$TMP/one"

t_begin 'where the kernel may not be asked either, per-CPU values are refused in words'
t_run 0 cgroup_loader map create "$BPFFS/plain" type array key 4 value 8 entries 1 \
	name "plain_$$"
chmod 711 "$BPFFS" "$TMP"
chmod 666 "$BPFFS/one" "$BPFFS/plain"
as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups cgroup_loader "$@"
}
[ "$(cat /proc/sys/kernel/unprivileged_bpf_disabled)" -gt 0 ] ||
	t_skip unprivileged_bpf 'everybody may create maps here'
for line in 'dump pinned' 'lookup key 0 0 0 0 pinned' 'export --openmetrics pinned' 'watch pinned'; do
	case $line in
	lookup*) set -- lookup pinned "$BPFFS/one" key 0 0 0 0 ;;
	export*) set -- export pinned "$BPFFS/one" --openmetrics ;;
	*) set -- "${line% *}" pinned "$BPFFS/one" ;;
	esac
	t_run 255 as_nobody map "$@"
	t_out_is ''
	t_err_has 'has a value for each possible CPU, and their number is unknown'
done
printf '00000000 0102030405060708\n' >"$TMP/lines"
t_run 255 as_nobody map load pinned "$BPFFS/one" - <"$TMP/lines"
t_err_has 'their number is unknown'
t_run 0 as_nobody map dump pinned "$BPFFS/plain"
