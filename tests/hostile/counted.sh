# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
#
# What cases begin with in which a program is replaced while both hooks count packets, sourced by
# them: whatever fails or is killed on the way, each packet is counted once on either hook.

DEVS=v0
IDEMPOTENT=yes
STANDS=yes
# What is attached all the time is not gone.
IMPOSSIBLE=BPF_PROG_GET_FD_BY_ID:ENOENT
own_object "$BPF/counter_tc.o" traffic
own_object "$BPF/counter_cgroup.o" traffic
TRAFFIC=$BPFFS/tc/globals/$NAMED
TRAFFIC_MAP=$NAMED

# By "before" of a command line; counted_tc and counted_cgroup: one of them, in a way of its own.
counted_tc() {
	tc qdisc add dev v0 clsact
	tc_loader filter add dev v0 egress pref 1 handle 1 bpf da obj "$OWN/counter_tc.o"
}

counted_cgroup() {
	cgroup_loader cgroup attach "$CG" egress obj "$OWN/counter_cgroup.o" multi
}
export -f counted_tc counted_cgroup
