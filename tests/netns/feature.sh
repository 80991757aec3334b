#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# `feature` of both tools: the same answers, by probes that change nothing; without the rights
# to ask the answer is unknown, never no; what is said to be there is there.
# differs: own-feature
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

answer_of() {
	sed -n "s/^$1  *\([a-z]*\) .*/\1/p" "$TMP/t_out"
}

t_begin 'both tools give one list, as text and as JSON'
t_run 0 tc_loader feature
cp "$TMP/t_out" "$TMP/text"
t_run 0 cgroup_loader feature show
t_ok cmp "$TMP/t_out" "$TMP/text"
t_run 0 cgroup_loader -j feature
t_is "$(t_json '[name]|length' <"$TMP/t_out")" "$(wc -l <"$TMP/text")"
t_run 255 cgroup_loader feature probe
t_err_has "unknown command 'probe'"

t_begin 'the answers are what the kernel does'
t_run 0 cgroup_loader feature
t_is "$(answer_of btf)" "$([ -r /sys/kernel/btf/vmlinux ] && echo yes || echo no)"
map=$(answer_of map_extra)
t_run any bpftool map create "$BPFFS/bloom" type bloom_filter key 0 value 4 entries 8 name bloom
t_is "$([ "$T_STATUS" = 0 ] && echo yes || echo no)" "$map"

t_begin 'without the rights to ask it is unknown'
t_run 0 setpriv --reuid=65534 --clear-groups "$MAPSHARE_BUILD/bin/cgroup_loader" feature
t_is "$(answer_of tcx)" unknown
t_out_has "list: not EINVAL: Operation not permitted)"
