# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# Lists of tcx: one program is replaced, one moves there from clsact, one comes and one goes.
DEVS='v0 v1'
IDEMPOTENT=yes
own_object "$OBJ/tcx_count.o" tcx_
entries() {
	cat <<END
name: lists
objects:
  c: { file: tcx_count.o }
  d: { file: tcx_count.o }
maps:
  ${NAMED}seen: { shared: yes }
tc:
END
	printf '  - { object: %s }\n' "$@"
}
entries "c, program: ${NAMED}count, interfaces: [ v0 ], hook: ingress, attach: tcx" \
	"c, program: ${NAMED}other, interfaces: [ v0 ], hook: egress" \
	"c, program: ${NAMED}other, interfaces: [ v1 ], hook: ingress, attach: tcx" >"$OWN/before.yaml"
entries "c, program: ${NAMED}count, interfaces: [ v0 ], hook: ingress, attach: tcx" \
	"d, program: ${NAMED}other, interfaces: [ v0 ], hook: egress, attach: tcx" \
	"d, program: ${NAMED}count, interfaces: [ v1 ], hook: egress, attach: tcx" >"$OWN/lists.yaml"
# What has no pin goes with its interface.
before() {
	local dev
	rm -rf "$OWN/state"
	for dev in v0 v1; do
		ip link del "$dev"
		ip link add "$dev" type veth peer name "peer-$dev"
	done
	tc_loader apply --state-dir "$OWN/state" "$OWN/before.yaml"
}
CMD=(tc_loader apply --state-dir "$OWN/state" "$OWN/lists.yaml")
