# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# Another program in a slot of a pinned prog array.
DEVS=v0
IDEMPOTENT=yes
own_object "$LEGACY/graft.o" graft
own_object "$LEGACY/graft_new.o" graft
before() {
	tc qdisc add dev v0 clsact
	tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OWN/graft.o"
}
CMD=(tc_loader exec bpf graft "m:globals/${NAMED}_jumps" key 0 obj "$OWN/graft_new.o"
	section replacement)
