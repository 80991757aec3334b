# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A filter is replaced under traffic.
# shellcheck source=tests/hostile/counted.sh
. "$TOP/tests/hostile/counted.sh"
before() {
	counted_tc
	counted_cgroup
}
CMD=(tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OWN/counter_tc.o")
