# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# To all devices or to none.
DEVS='v0 v1 v2'
own_object "$OBJ/by_name.o" by_name
printf '%s\n' v0 v1 v2 >"$OWN/devs"
before() {
	for dev in v0 v1 v2; do
		tc qdisc add dev "$dev" clsact
	done
}
CMD=(tc_loader filter add devs "@$OWN/devs" ingress pref 1 handle 1 bpf da obj "$OWN/by_name.o"
	section tc)
