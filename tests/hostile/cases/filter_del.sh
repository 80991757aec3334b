# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# The last user of a kept prog array.
DEVS=v0
own_object "$OBJ/kept.o" kept
before() {
	tc qdisc add dev v0 clsact
	tc_loader filter add dev v0 ingress pref 1 handle 1 bpf obj "$OWN/kept.o"
}
CMD=(tc_loader filter del dev v0 ingress pref 1 handle 1 bpf)
