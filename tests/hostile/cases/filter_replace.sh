# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# Another program in its place, with a prog array that is kept for it.
DEVS=v0
IDEMPOTENT=yes
own_object "$OBJ/kept.o" kept
before() {
	tc qdisc add dev v0 clsact
	tc_loader filter add dev v0 ingress pref 1 handle 1 bpf obj "$OWN/kept.o"
}
CMD=(tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf obj "$OWN/kept.o")
