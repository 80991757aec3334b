# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
# shellcheck disable=SC2034 # names for those who source it
#
# The scene of most scenarios, to be sourced after lib.sh; topo_veth sets it:
#
#	process in $CG/job, in namespace "guest"          here
#	  eth0 10.9.0.2  ===== veth =====================  v0 10.9.0.1, traffic serve, port 7777
#
# What the process sends passes the cgroup's egress hook first, then v0's tc ingress hook:
# both see the same packets.

JOB=
HOST_ADDR=10.9.0.1
PORT=7777
PIN_DIR=$BPFFS/tc/globals

topo_veth() {
	command -v tc_loader >/dev/null || die 'no tc_loader: build first (make), or install it'
	ns_add guest
	veth_add v0 $HOST_ADDR/24 guest eth0 10.9.0.2/24
	veth_know v0 $HOST_ADDR guest eth0 10.9.0.2
	cg_add job
	JOB=$CG/job
	start traffic serve $HOST_ADDR $PORT >"$TMP/served"
	wait_for 5 grep -q ready "$TMP/served" || die 'the server does not start'
}

# job CMD…: as the process of the picture.
job() {
	run_in "$JOB" guest "$@"
}

# send_pings N, send_tcp N, send_udp N: from the job; what the sender says it sent is in
# $SENT.
send_pings() {
	job ping -q -c "$1" -i 0.02 "$HOST_ADDR" >"$TMP/sent" || die 'no answer to ping'
	SENT=$(sed -n 's/^\([0-9]*\) packets transmitted.*/\1/p' "$TMP/sent")
}

send_tcp() {
	SENT=$(job traffic send tcp "$HOST_ADDR" "$PORT" "$1")
}

send_udp() {
	SENT=$(job traffic send udp "$HOST_ADDR" "$PORT" "$1")
}

# slot MAP tc|cgroup other|icmp|tcp|udp: "PACKETS BYTES" of a map of bpf/counter_shared.h,
# given by pin or id.
slot() {
	case $2 in
	tc) slot_n=0 ;;
	*) slot_n=4 ;;
	esac
	case $3 in
	icmp) slot_n=$((slot_n + 1)) ;;
	tcp) slot_n=$((slot_n + 2)) ;;
	udp) slot_n=$((slot_n + 3)) ;;
	esac
	map_u64s "$1" 0$slot_n 00 00 00
}

# packets MAP HOOK PROTO: the first of the two numbers.
packets() {
	slot_text=$(slot "$@")
	echo "${slot_text% *}"
}
