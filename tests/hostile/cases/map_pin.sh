# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A second pin.
before() {
	bpftool map create "$BPFFS/map" type hash key 4 value 8 entries 16 name "$OWN_NAME"
}
CMD=(cgroup_loader map pin pinned "$BPFFS/map" "$BPFFS/second")
