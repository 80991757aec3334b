# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A first load: a map pinned by name and a filter.
DEVS=v0
own_object "$OBJ/by_name.o" by_name
before() {
	tc qdisc add dev v0 clsact
}
CMD=(tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OWN/by_name.o" section tc)
