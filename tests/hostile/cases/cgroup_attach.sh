# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# Exclusively, with a map pinned by name.
IDEMPOTENT=yes
own_object "$OBJ/by_name.o" by_name
CMD=(cgroup_loader cgroup attach "$CG" egress obj "$OWN/by_name.o")
