# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A per-CPU array is migrated under traffic, by the other tool; the cgroup's program first.
# shellcheck source=tests/hostile/migrated.sh
. "$TOP/tests/hostile/migrated.sh"
migrated percpu_array
before() {
	migrated_before cgroup tc
}
CMD=(cgroup_loader -j map migrate pinned "$TRAFFIC" to obj "$NEW_OBJECT")
