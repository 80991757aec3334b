# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A first apply: a map pinned by name, clsact and filter, an entry of a cgroup, a link.
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
  - { object: cg, type: egress, cgroups: [ $CG ] }
  - { object: cg, type: egress, cgroups: [ $CG/b ], mode: link }
END
before() {
	rm -rf "$OWN/state"
	mkdir "$CG/b"
}
IDEMPOTENT=yes
CMD=(tc_loader apply --state-dir "$OWN/state" "$OWN/acct.yaml")
