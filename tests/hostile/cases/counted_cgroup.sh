# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A program of a cgroup is replaced under traffic.
# shellcheck source=tests/hostile/counted.sh
. "$TOP/tests/hostile/counted.sh"
before() {
	counted_tc
	counted_cgroup
}
CMD=(cgroup_loader cgroup attach "$CG" egress obj "$OWN/counter_cgroup.o" multi replace)
