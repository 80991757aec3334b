#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What `make demo` runs: a classifier and a cgroup program, written for two different loaders of
# the past, count the same real packets in one map. Ends non-zero if a number does not add up;
# everything happens in a network and mount namespace of its own and is gone afterwards.
set -eu
. "$(dirname "$0")/lib.sh"
# One stream: what the tools remark belongs where it was said.
exec 2>&1
shared_bpffs=no
[ "$(stat -f -c %T "$BPFFS" 2>/dev/null)" != bpf_fs ] || shared_bpffs=yes
lib_private "$@"
. "$(dirname "$0")/topo_veth.sh"

TC_OBJ=$LEGACY/counter_elf.o
CG_OBJ=$LEGACY/counter_def.o
MAP=$PIN_DIR/traffic
PINGS=5
REQUESTS=10
DATAGRAMS=20

# compare PROTO: the row of one protocol, all three numbers of which must be the same.
compare() {
	tc_slot=$(slot "$MAP" tc "$1")
	cg_slot=$(slot "$MAP" cgroup "$1")
	printf '  %-6s %12s %14s %14s %12s\n' "$1" "$SENT" "${tc_slot% *}" "${cg_slot% *}" \
		"${tc_slot#* }"
	[ "${tc_slot% *}" = "$SENT" ] || die "$1: the classifier missed packets"
	[ "$cg_slot" = "$tc_slot" ] || die "$1: the two programs disagree"
}

# stock CMD…: refused, as on any system with libbpf 1.0 or newer; an older tc or bpftool may
# know one of the two dialects, which is said and taken back.
stock() {
	lib_show "$@"
	if "$@"; then
		say '  -> accepted: this machine is older than libbpf 1.0'
		tc filter del dev v0 ingress
		rm -rf "$BPFFS/stock" "$BPFFS/tc"
	else
		say "  -> exit status $?"
	fi
}

topo_veth

say 'One map, two hooks: a tc classifier and a cgroup program count the same packets.'
say ''
say '  process in a cgroup, namespace "guest"'
say '    |  cgroup egress hook   <- cgroup program, map as struct bpf_map_def'
say "    |  eth0 ===== veth ===== v0"
say '    |  tc ingress hook of v0 <- classifier, map as struct bpf_elf_map'
say '    v  answered here'
if [ $shared_bpffs = yes ]; then
	say "(On a private bpffs over $BPFFS, so that none of your pins is touched.)"
else
	say "(No bpffs is mounted on $BPFFS here: the demo uses a private one.)"
fi

step "The machine's own tc and bpftool refuse both objects."
run tc qdisc add dev v0 clsact
stock tc filter add dev v0 ingress bpf da object-file "$TC_OBJ"
stock bpftool prog load "$CG_OBJ" "$BPFFS/stock"
stock tc filter add dev v0 ingress bpf da object-file "$CG_OBJ" section cgroup_skb/egress
stock bpftool prog load "$TC_OBJ" "$BPFFS/stock"

step 'tc_loader takes the classifier; its map is made and pinned where tc keeps shared maps.'
run tc_loader filter add dev v0 ingress bpf da object-file "$TC_OBJ"

step 'cgroup_loader takes the cgroup program and finds that map by its name.'
run cgroup_loader cgroup attach "$JOB" egress obj "$CG_OBJ"

step 'A process in the cgroup sends: pings, TCP requests, UDP datagrams.'
send_pings $PINGS
sent_icmp=$SENT
send_tcp $REQUESTS
sent_tcp=$SENT
send_udp $DATAGRAMS
sent_udp=$SENT
say "  $PINGS pings, $REQUESTS TCP requests ($sent_tcp segments with handshake and close)," \
	"$DATAGRAMS datagrams"

step 'The map, slot = hook * 4 + protocol (0-3 tc, 4-7 cgroup; other, ICMP, TCP, UDP).'
run cgroup_loader map dump pinned "$MAP"

step 'What the sender says it sent, beside what each program counted.'
printf '  %-6s %12s %14s %14s %12s\n' packets 'sender says' 'tc classifier' 'cgroup program' \
	'bytes, both'
SENT=$sent_icmp
compare icmp
SENT=$sent_tcp
compare tcp
SENT=$sent_udp
compare udp

step 'The proof: the kernel says that both attached programs use the same map.'
run cgroup_loader share check traffic dev v0 cgroup "$JOB"
tc_map=$(maps_of "$(prog_at v0 ingress)")
cg_map=$(maps_of "$(prog_in "$JOB")")
[ "$tc_map" = "$cg_map" ] || die "bpftool sees two maps: $tc_map and $cg_map"
say "  bpftool agrees: map $tc_map behind the classifier, map $cg_map behind the cgroup program"

step 'The same in a file: apply takes over what is attached already, check tells when it is not so any more.'
cat >"$TMP/traffic.yaml" <<END
name: demo
objects: { tc: { file: $TC_OBJ }, cg: { file: $CG_OBJ } }
maps: { traffic: { shared: yes } }
tc: [ { object: tc, interfaces: v0, hook: ingress, preference: 49152, handle: 1, adopt: yes } ]
cgroups: [ { object: cg, type: egress, cgroups: $JOB, mode: exclusive, adopt: yes } ]
END
cd "$TMP"
run cgroup_loader apply --state-dir . traffic.yaml
run cgroup_loader check --state-dir . traffic.yaml
[ "$(maps_of "$(prog_at v0 ingress)")" = "$tc_map" ] || die 'apply has exchanged the map'
cd "$TOP"

step 'Version 2 of a program, whose map has another member: both are exchanged while packets pass.'
netns_scripts/upgrade.sh >"$TMP/upgrade" 2>&1 || {
	cat "$TMP/upgrade"
	die 'upgrade.sh has failed'
}
grep '^  ok: ' "$TMP/upgrade"

# The picture in the README: DEMO_SVG=netns_scripts/demo.svg netns_scripts/demo.sh
if [ -n "${DEMO_SVG-}" ]; then
	run cgroup_loader share show traffic --svg "$DEMO_SVG"
fi
