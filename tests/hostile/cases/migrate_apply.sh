# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A map whose change is to be migrated, by an apply under traffic.
# shellcheck source=tests/hostile/migrated.sh
. "$TOP/tests/hostile/migrated.sh"
migrated hash
write_file() {
	cat <<END
name: acct
objects:
  tc: { file: $1 }
  cg: { file: $1 }
maps:
  $TRAFFIC_MAP: { shared: yes, on-change: migrate }
tc:
  - { object: tc, hook: egress, interfaces: [ v0 ] }
cgroups:
  - { object: cg, type: egress, cgroups: [ $CG ] }
END
}
write_file "$OLD_OBJECT" >"$OWN/old.yaml"
write_file "$NEW_OBJECT" >"$OWN/acct.yaml"
before() {
	rm -rf "$OWN/state"
	tc_loader apply --state-dir "$OWN/state" "$OWN/old.yaml"
}
CMD=(tc_loader apply --state-dir "$OWN/state" "$OWN/acct.yaml")
