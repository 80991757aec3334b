#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A link that autoattach makes lives by its pin alone: a batch of them does not run out of
# descriptors, and removing a pin detaches while the batch goes on.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

tracers=$OBJ/tracers.o
i=0
while [ $i -lt 60 ]; do
	echo "prog load $tracers $BPFFS/auto$i autoattach"
	i=$((i + 1))
done >"$TMP/batch"

t_begin 'a long batch within few descriptors'
t_run 0 sh -c "ulimit -n 40 && exec cgroup_loader batch file '$TMP/batch'"
t_out_has 'processed 60 commands'
t_is "$(find "$BPFFS" -name 'auto*' | wc -l)" 60
rm "$BPFFS"/auto*

# answer FD: the next line, which must come before the batch ends.
answer() {
	read -r -t 20 line <&"$1" || t_fail 'no answer while the batch waits for more'
}

t_begin 'each line is answered at once, and a pin that goes is the end of its link'
coproc BATCH { exec cgroup_loader batch file -; }
# shellcheck disable=SC2153 # set by coproc
echo 'version' >&"${BATCH[1]}"
answer "${BATCH[0]}"
t_is "${line%% *}" cgroup_loader
answer "${BATCH[0]}"
answer "${BATCH[0]}"
echo "prog load $tracers $BPFFS/auto autoattach" >&"${BATCH[1]}"
echo "link show pinned $BPFFS/auto" >&"${BATCH[1]}"
answer "${BATCH[0]}"
id=${line%%:*}
t_ok bpftool link show id "$id"
rm "$BPFFS/auto"
gone() {
	! bpftool link show id "$id" >/dev/null 2>&1
}
t_ok wait_for 10 gone
# shellcheck disable=SC2154 # set by coproc
kill "$BATCH_PID"

t_begin 'a cgroup that is none is refused before a program is loaded'
mkdir "$TMP/none"
for none in "$TMP/none" "$CG/nosuch"; do
	t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -qq -e trace=bpf -o "$TMP/calls" \
		cgroup_loader prog load "$OBJ/kept_auto.o" "$BPFFS/none" autoattach cgroup "$none"
	t_err_has "'$none'"
	t_is "$(t_count 'BPF_PROG_LOAD.*CGROUP_SKB' "$TMP/calls")" 0
done
