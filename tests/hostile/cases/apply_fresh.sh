# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A map that is defined otherwise by now, under traffic: its pin goes to an empty one.
DEVS=v0
own_object "$BPF/counter_tc.o" traffic
own_object "$BPF/counter_cgroup.o" traffic
TRAFFIC="$BPFFS/tc/globals/$NAMED $BPFFS/was"
TRAFFIC_MAP=$NAMED
TRAFFIC_LOST=yes
write_file() {
	cat <<END
name: acct
objects:
  tc: { file: counter_tc.o }
  cg: { file: counter_cgroup.o }
maps:
  $NAMED: { shared: yes, on-change: fresh, max-entries: $1 }
tc:
  - { object: tc, interfaces: [ v0 ], hook: egress }
cgroups:
  - { object: cg, type: egress, cgroups: [ $CG ] }
END
}
write_file 16 >"$OWN/old.yaml"
write_file 32 >"$OWN/acct.yaml"
before() {
	rm -rf "$OWN/state"
	tc_loader apply --state-dir "$OWN/state" "$OWN/old.yaml"
	bpftool map pin pinned "$BPFFS/tc/globals/$TRAFFIC_MAP" "$BPFFS/was"
}
IDEMPOTENT=yes
CMD=(tc_loader apply --state-dir "$OWN/state" "$OWN/acct.yaml")
