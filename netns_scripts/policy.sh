#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# One policy for two hooks: a destination written into the shared map from user space is
# dropped by the classifier and denied by the cgroup program from the next packet on; removed
# again, traffic flows.
set -eu
. "$(dirname "$0")/lib.sh"
lib_private "$@"
. "$(dirname "$0")/topo_veth.sh"

# 10.9.0.1 as it stands in the packet.
KEY='0a 09 00 01'

block() {
	# shellcheck disable=SC2086 # four words
	run bpftool map update pinned "$PIN_DIR/blocked" key hex $KEY \
		value 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
}

# outside: a ping by a process of the namespace that is not in the cgroup. inside: a datagram
# by one that is (ping keeps to itself that it may not send).
outside() {
	ns_run guest ping -q -c 1 -W 1 "$HOST_ADDR" 2>&1
}

inside() {
	job traffic send udp "$HOST_ADDR" "$PORT" 1 2>&1
}

# refusals: "BY_TC BY_CGROUP"
refusals() {
	# shellcheck disable=SC2086
	map_u64s "$PIN_DIR/blocked" $KEY
}

topo_veth
run tc_loader qdisc add dev v0 clsact
run tc_loader filter add dev v0 ingress bpf da object-file "$LEGACY/policy_elf.o"
run cgroup_loader cgroup attach "$JOB" egress obj "$LEGACY/policy_def.o"

step 'nothing is listed: traffic flows'
outside >/dev/null || die 'blocked without a rule'
inside >/dev/null || die 'blocked without a rule'

step 'the address is written into the map, once'
block
holds "$(refusals)" '0 0' 'refusals by tc and by the cgroup'

step 'from outside the cgroup: the packet is sent, and the classifier drops it'
if outside >"$TMP/ping"; then
	die 'the classifier lets it pass'
fi
holds "$(sed -n 's/.* \([0-9]*\) received.*/\1/p' "$TMP/ping")" 0 'answers'
holds "$(refusals)" '1 0' 'refusals by tc and by the cgroup'

step 'from inside: the process is not even allowed to send'
if inside >"$TMP/send"; then
	die 'the cgroup program lets it pass'
fi
cat "$TMP/send"
holds "$(grep -c 'Operation not permitted' "$TMP/send")" 1 'refusals the process was told'
holds "$(refusals)" '1 1' 'refusals by tc and by the cgroup'

step 'the address is removed: both let traffic pass at once'
# shellcheck disable=SC2086
run bpftool map delete pinned "$PIN_DIR/blocked" key hex $KEY
outside >/dev/null || die 'still dropped'
inside >/dev/null || die 'still denied'
say '  ok: both get through'
run tc_loader share check blocked dev v0 cgroup "$JOB"
