#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The kernel floor against the running kernel: maps, batches, pins (kernel_floor.c), and where
# a BPF file system is looked for, found, mounted or refused.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
driver=$BUILD/tests/netns/kernel_floor

# Mounts that the machine brought along are hidden here: what is listed below is ours.
while read -r _ path type _; do
	[ "$type" != bpf ] || [ "$path" = "$BPFFS" ] || umount -l "$path"
done </proc/self/mounts

t_begin 'maps, batches, BTF, pins'
t_run 0 "$driver" all "$BPFFS"
t_out_is 'kernel floor holds'

t_begin 'a bpffs that is there is found; TC_BPF_MNT says where'
t_run 0 "$driver" find
t_out_is "found $BPFFS"
mkdir "$TMP/other place"
mount -t bpf bpf "$TMP/other place"
# shellcheck disable=SC2016 # expanded at exit
on_exit 'umount -q "$TMP/other place" 2>/dev/null'
t_run 0 env TC_BPF_MNT="$TMP/other place//" "$driver" find mount
t_out_is "found $TMP/other place"

t_begin 'another mount is named, never chosen'
umount -l "$BPFFS"
t_run 1 env TC_BPF_MNT="$TMP/nowhere" "$driver" find
t_out_has "'$TMP/nowhere' is not a directory that exists"
t_out_has "BPF file systems are at $TMP/other place"
t_out_has "mount -t bpf -o mode=0700 bpf $TMP/nowhere"

t_begin 'without any, in a mount namespace of our own: the words for ip netns exec'
umount -l "$TMP/other place"
t_run 1 env TC_BPF_MNT="$TMP" "$driver" find
t_out_has 'no BPF file system is mounted here'
t_out_has "inside 'ip netns exec': use -n NETNS from outside"

t_begin 'it is mounted on an empty directory, and taken back'
t_run 0 "$driver" find
t_out_has 'mounted /sys/fs/bpf'
t_run 0 "$driver" find mount
t_out_is 'mounted /sys/fs/bpf'
t_is "$(stat -f -c %T "$BPFFS")" sysfs

t_begin 'never on what is not an empty directory'
mkdir "$TMP/full"
: >"$TMP/full/file"
t_run 1 env TC_BPF_MNT="$TMP/full" "$driver" find mount
t_out_has 'not empty'
t_run 1 env TC_BPF_MNT="$TMP/full/file" "$driver" find mount
t_run 1 env TC_BPF_MNT="$TMP/absent" "$driver" find mount
t_out_has "'$TMP/absent' is not a directory that exists"
t_is "$(t_count " bpf " /proc/self/mounts)" 0 'bpffs mounts'
