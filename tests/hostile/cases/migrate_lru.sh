# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# An LRU map with room is migrated under traffic.
# shellcheck source=tests/hostile/migrated.sh
. "$TOP/tests/hostile/migrated.sh"
migrated lru
before() {
	migrated_before
}
CMD=(cgroup_loader map migrate pinned "$TRAFFIC" to obj "$NEW_OBJECT")
