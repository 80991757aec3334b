#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The value of a struct_ops map is a type of the kernel's BTF: map dump and map lookup through
# bpftool and through ours, the same bytes.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
. "$TOP/tests/lines.sh"
lib_private "$@"

own_objects congestion
map=$BPFFS/m/$(own_word congestion)
mkdir "$BPFFS/m"
bpftool prog loadall "$OBJ/congestion.o" "$BPFFS/progs" pinmaps "$BPFFS/m" 2>"$TMP/err"

# Nothing is registered: its functions are not there yet, its state says so.
t_begin 'a struct_ops map'
same_all map dump pinned "$map"
same_all map lookup pinned "$map" key 0 0 0 0
t_run 0 cgroup_loader -j map dump pinned "$map"
t_is "$(t_out | t_json '.[0].formatted.value.common.state')" BPF_STRUCT_OPS_STATE_INIT
t_run 0 cgroup_loader map dump pinned "$map"
t_out_has '"ssthresh": (nil)'

t_begin 'two of them in one answer'
bpftool prog loadall "$OBJ/congestion.o" "$BPFFS/more" pinmaps "$BPFFS" 2>"$TMP/err"
same_all map dump name "$(own_word congestion)"

t_begin 'without the BTF of the kernel it is bytes'
mkdir "$TMP/empty"
mount --bind "$TMP/empty" /sys/kernel/btf
t_run 0 cgroup_loader map dump pinned "$map"
t_out_has 'key:'
t_out_lacks ssthresh
umount /sys/kernel/btf
lines_report
