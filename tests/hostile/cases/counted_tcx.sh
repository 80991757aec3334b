# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A program of a tcx hook is replaced under traffic.
# shellcheck source=tests/hostile/counted.sh
. "$TOP/tests/hostile/counted.sh"
before() {
	tc_loader filter add dev v0 egress bpf da obj "$OWN/counter_tc.o" tcx link pinned "$BPFFS/tcx"
	counted_cgroup
}
CMD=(tc_loader filter replace dev v0 egress bpf da obj "$OWN/counter_tc.o" tcx link pinned "$BPFFS/tcx")
