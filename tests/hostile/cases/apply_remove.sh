# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# What an apply made goes: a filter, an entry of a list, a link.
DEVS=v0
own_object "$OBJ/by_name.o" by_name
cat >"$OWN/acct.yaml" <<END
name: acct
objects:
  tc: { file: by_name.o }
  cg: { file: by_name.o }
maps:
  ${NAMED}_hits: { shared: yes }
tc:
  - { object: tc, section: tc, interfaces: [ v0 ], hook: ingress }
cgroups:
  - { object: cg, type: egress, cgroups: [ $CG/a ] }
  - { object: cg, type: egress, cgroups: [ $CG/b ], mode: link }
END
before() {
	rm -rf "$OWN/state"
	mkdir "$CG/a" "$CG/b"
	tc_loader apply --state-dir "$OWN/state" "$OWN/acct.yaml"
}
IDEMPOTENT=yes
GONE_IS_DONE=yes
CMD=(tc_loader remove --state-dir "$OWN/state" "$OWN/acct.yaml")
