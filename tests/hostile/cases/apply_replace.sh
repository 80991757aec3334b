# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A new build over what an earlier apply made: replaced in place on both hooks.
DEVS=v0
own_object "$OBJ/by_name.o" by_name
cat >"$OWN/acct.yaml" <<END
name: acct
objects:
  tc: { file: now.o }
  cg: { file: now.o }
maps:
  ${NAMED}_hits: { shared: yes }
tc:
  - { object: tc, section: tc, interfaces: [ v0 ], hook: ingress }
cgroups:
  - { object: cg, type: egress, cgroups: [ $CG ] }
END
before() {
	rm -rf "$OWN/state"
	cp "$OWN/by_name.o" "$OWN/now.o"
	tc_loader apply --state-dir "$OWN/state" "$OWN/acct.yaml"
	printf x >>"$OWN/now.o"
}
IDEMPOTENT=yes
CMD=(tc_loader apply --state-dir "$OWN/state" "$OWN/acct.yaml")
