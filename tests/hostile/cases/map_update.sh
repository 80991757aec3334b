# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# One element.
IDEMPOTENT=yes
before() {
	bpftool map create "$BPFFS/map" type hash key 4 value 8 entries 16 name "$OWN_NAME"
	bpftool map update pinned "$BPFFS/map" key 1 0 0 0 value 1 0 0 0 0 0 0 0
}
CMD=(cgroup_loader map update pinned "$BPFFS/map" key 1 0 0 0 value 7 0 0 0 0 0 0 0)
