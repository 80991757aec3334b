# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# To all cgroups or to none.
IDEMPOTENT=yes
own_object "$OBJ/by_name.o" by_name
before() {
	mkdir "$CG/a" "$CG/b" "$CG/c"
}
CMD=(cgroup_loader cgroup attach each "$CG" egress obj "$OWN/by_name.o" multi)
