# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A new build over what an earlier apply made, under traffic: replaced in place on both hooks, and
# one of each kind that the file no longer names.
DEVS='v0 v1'
own_object "$BPF/counter_tc.o" traffic
own_object "$BPF/counter_cgroup.o" traffic
TRAFFIC=$BPFFS/tc/globals/$NAMED
TRAFFIC_MAP=$NAMED
write_file() {
	cat <<END
name: acct
objects:
  tc: { file: tc.o }
  cg: { file: cg.o }
maps:
  $NAMED: { shared: yes }
tc:
  - { object: tc, interfaces: [ $1 ], hook: egress }
cgroups:
  - { object: cg, type: egress, cgroups: [ $CG ] }
$2
END
}
write_file '"v?"' "  - { object: cg, type: egress, cgroups: [ $CG/a ] }
  - { object: cg, type: egress, cgroups: [ $CG/b ], mode: link }" >"$OWN/more.yaml"
write_file v0 '' >"$OWN/acct.yaml"
before() {
	rm -rf "$OWN/state"
	cp "$OWN/counter_tc.o" "$OWN/tc.o"
	cp "$OWN/counter_cgroup.o" "$OWN/cg.o"
	mkdir "$CG/a" "$CG/b"
	tc_loader apply --state-dir "$OWN/state" "$OWN/more.yaml"
	printf x >>"$OWN/tc.o"
	printf x >>"$OWN/cg.o"
}
IDEMPOTENT=yes
CMD=(tc_loader apply --state-dir "$OWN/state" "$OWN/acct.yaml")
