# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# What came from an object; another program stays.
own_object "$OBJ/by_name.o" by_name
own_object "$OBJ/again.o" again
before() {
	cgroup_loader cgroup attach "$CG" egress obj "$OWN/by_name.o" multi
	cgroup_loader cgroup attach "$CG" egress obj "$OWN/again.o" multi
}
GONE_IS_DONE=yes
CMD=(cgroup_loader cgroup detach "$CG" egress obj "$OWN/again.o")
