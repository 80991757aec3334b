# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A pinned map of another definition, under a filter and a program of a cgroup.
DEVS=v0
IDEMPOTENT=yes
FINISHED_BY_RERUN='run it again to finish, nothing is lost'
own_object "$OBJ/moved_hash_old.o" moved
own_object "$OBJ/moved_hash_new.o" moved
PIN=$BPFFS/tc/globals/${NAMED}_hit_00000
before() {
	tc qdisc add dev v0 clsact
	tc_loader filter add dev v0 egress pref 1 handle 1 bpf da obj "$OWN/moved_hash_old.o"
	cgroup_loader cgroup attach "$CG" egress obj "$OWN/moved_hash_old.o" multi
	tc_loader map update pinned "$PIN" key 1 value '{packets:5,quota:6,bytes:7}'
}
export PIN
CMD=(tc_loader map migrate pinned "$PIN" to obj "$OWN/moved_hash_new.o")
