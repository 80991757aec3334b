# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A link is given another program under traffic.
# shellcheck source=tests/hostile/counted.sh
. "$TOP/tests/hostile/counted.sh"
before() {
	counted_tc
	cgroup_loader cgroup attach "$CG" egress obj "$OWN/counter_cgroup.o" link pinned "$BPFFS/link"
	cgroup_loader prog load "$OWN/counter_cgroup.o" "$BPFFS/prog"
}
CMD=(cgroup_loader link update pinned "$BPFFS/link" pinned "$BPFFS/prog")
