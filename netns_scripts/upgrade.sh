#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A program gets a new version whose map has one more member, while packets pass: the classifier
# and the cgroup program are exchanged together, and not one packet is missing in the numbers.
set -eu
. "$(dirname "$0")/lib.sh"
lib_private "$@"
. "$(dirname "$0")/topo_veth.sh"

OLD=$BPF/upgrade_old.o
NEW=$BPF/upgrade_new.o
MAP=$PIN_DIR/visits

# count MEMBER SLOT: a number of the map, whatever its definition. Slot 0 is tc's.
count() {
	# shellcheck disable=SC2046 # four words
	bpftool -j map lookup pinned "$MAP" key $(u32_bytes "$2") |
		sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

has_counted() {
	number=$(count "$1" 0)
	[ "${number:-0}" -gt 1000 ]
}

topo_veth
run tc_loader qdisc add dev v0 clsact
run tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OLD"
run cgroup_loader cgroup attach "$JOB" egress obj "$OLD"

step 'version 2 has another value: loaded as it is, it cannot use the map'
refused tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da obj "$NEW"

step 'what would become of it'
run cgroup_loader map migrate pinned "$MAP" to obj "$NEW" --plan

step 'a process sends as fast as answers come; meanwhile the map changes under both programs'
start job ping -q -f "$HOST_ADDR" >"$TMP/sent"
wait_for 20 has_counted packets || die 'nothing is counted'
run cgroup_loader map migrate pinned "$MAP" to obj "$NEW"
wait_for 20 has_counted bytes || die 'the new programs do not count'
kill -INT "$STARTED"
wait "$STARTED" || :
SENT=$(sed -n 's/^\([0-9]*\) packets transmitted.*/\1/p' "$TMP/sent")

step 'every packet was counted once by each of them, before, meanwhile or after'
holds "$(count packets 0)" "$SENT" 'packets that the classifiers counted, old and new together'
holds "$(count packets 1)" "$SENT" 'packets that the cgroup programs counted'
after=$(($(count bytes 1) / 84))
if [ "$after" -eq 0 ] || [ "$after" -ge "$SENT" ]; then
	die "only one version has counted: $after"
fi
say "  ok: the new version counted $after of them"
run tc_loader share check visits dev v0 cgroup "$JOB"
