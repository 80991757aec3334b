# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# By a link that is pinned already, and lost its cgroup: the pin is exchanged.
own_object "$OBJ/by_name.o" by_name
before() {
	mkdir "$CG/a"
	cgroup_loader cgroup attach "$CG/a" egress obj "$OWN/by_name.o" link pinned "$BPFFS/link"
	rmdir "$CG/a"
	mkdir "$CG/a"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(bpftool -j link show pinned "$BPFFS/link" | jq .cgroup_id)" != 0 ] || return 0
		sleep 0.1
	done
	return 1
}
IDEMPOTENT=yes
CMD=(cgroup_loader cgroup attach "$CG/a" egress obj "$OWN/by_name.o" link pinned "$BPFFS/link")
