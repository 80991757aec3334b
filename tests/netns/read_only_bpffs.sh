#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A bpffs that is read-only: nothing is pinned or attached, and that is said; maps in it are read.
#
# alone: a program or link pinned in such a file system is seen by nobody, and every look says so
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
tc qdisc add dev v0 clsact
mkdir "$BPFFS/place"
bpftool map create "$BPFFS/place/m" type array key 4 value 4 entries 1 name "ro$$"
bpftool map update pinned "$BPFFS/place/m" key 0 0 0 0 value 7 0 0 0
mount -o remount,ro "$BPFFS"
on_exit 'mount -o remount,rw "$BPFFS"'

t_begin 'nothing is attached'
t_run 1 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/layout_u64.o" section tc
t_err_has 'Read-only file system'
t_is "$(filters v0 ingress)" 0

t_begin 'a map is read'
t_run 0 cgroup_loader map lookup pinned "$BPFFS/place/m" key 0 0 0 0
t_out_has '07 00 00 00'
t_run 255 cgroup_loader map update pinned "$BPFFS/place/m" key 0 0 0 0 value 8 0 0 0
t_err_has 'Read-only file system'
t_run 0 tc_loader share show "ro$$"
t_out_has "$BPFFS/place/m"
t_err_lacks "$BPFFS/place/m"
