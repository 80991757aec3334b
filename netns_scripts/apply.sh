#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# netns_scripts/apply.sh: one file says what should be attached on both sides. `plan` says what
# that takes, `apply` does it, `check` tells when somebody has changed it, `remove` ends it.
# shellcheck disable=SC2086 # STATE is two words
set -eu
. "$(dirname "$0")/lib.sh"
# One stream: what the tools remark belongs where it was said.
exec 2>&1
lib_private "$@"
. "$(dirname "$0")/topo_veth.sh"

MAP=$PIN_DIR/traffic
cd "$TMP"
# Where the record is kept; /run/mapshare, if nothing else is said.
STATE='--state-dir state'

topo_veth
cat >acct.yaml <<END
name: acct
objects:
  tc: { file: $LEGACY/counter_elf.o }
  cg: { file: $LEGACY/counter_def.o }
maps:
  traffic: { shared: yes }
tc:
  - { object: tc, interfaces: [ "v*" ], hook: ingress, preference: 10, handle: 1 }
cgroups:
  - { object: cg, type: egress, cgroups: [ $JOB ] }
END

step 'What should be: a classifier on every v*, a program on a cgroup, one map between them.'
sed "s|$TOP/||" acct.yaml

step 'What that takes. Nothing is changed yet.'
run tc_loader plan $STATE acct.yaml
holds "$(filters v0 ingress 2>/dev/null || echo 0)" 0 'filters on v0'

step 'All of it or nothing: loaded first, then attached, then proved to share.'
run tc_loader apply $STATE acct.yaml
id=$(map_id "$MAP")
holds "$(maps_of "$(prog_at v0 ingress)")" "$id" 'map of the classifier'
holds "$(maps_of "$(prog_in "$JOB")")" "$id" 'map of the cgroup program'
send_pings 5
holds "$(packets "$MAP" tc icmp)" "$SENT" 'pings the classifier counted'
holds "$(packets "$MAP" cgroup icmp)" "$SENT" 'pings the cgroup program counted'

step 'Again: nothing is loaded, the other tool says the same.'
prog=$(prog_at v0 ingress)
run cgroup_loader apply $STATE acct.yaml
holds "$(prog_at v0 ingress)" "$prog" 'program of v0, the same one'
run cgroup_loader check $STATE acct.yaml

step 'Somebody removes the filter; check tells, apply brings it back.'
run tc filter del dev v0 ingress
refused 1 tc_loader check $STATE acct.yaml
run tc_loader apply $STATE acct.yaml
holds "$(maps_of "$(prog_at v0 ingress)")" "$id" 'map of the classifier, the old one'

step 'The end: what apply made is detached; the pinned map and the clsact qdisc may be of use to others.'
run tc_loader remove $STATE acct.yaml
holds "$(filters v0 ingress)" 0 'filters on v0'
holds "$(cg_progs "$JOB")" 0 'programs on the cgroup'
holds "$(map_id "$MAP")" "$id" 'the map, with its numbers'
