# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# Over a file that is there.
IDEMPOTENT=yes
before() {
	bpftool map create "$BPFFS/map" type hash key 4 value 8 entries 16 name "$OWN_NAME"
	bpftool map update pinned "$BPFFS/map" key 1 0 0 0 value 1 0 0 0 0 0 0 0
	echo old >"$WORK/map.prom"
	chmod 0640 "$WORK/map.prom"
}
CMD=(cgroup_loader map export pinned "$BPFFS/map" --openmetrics file "$WORK/map.prom")
