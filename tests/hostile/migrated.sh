# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
#
# What cases of migrations begin with, sourced by them: migrated TYPE has a map of that type under
# a filter and a program of a cgroup, which count the packets that are sent all the time.

migrated() {
	DEVS=v0
	IDEMPOTENT=yes
	STANDS=yes
	FINISHED_BY_RERUN='run it again to finish, nothing is lost'
	own_object "$OBJ/moved_$1_old.o" moved
	own_object "$OBJ/moved_$1_new.o" moved
	OLD_OBJECT=$OWN/moved_$1_old.o
	NEW_OBJECT=$OWN/moved_$1_new.o
	TRAFFIC_MAP=${NAMED}_hit_00000
	TRAFFIC=$BPFFS/tc/globals/$TRAFFIC_MAP
	TRAFFIC_MEMBERS='packets bytes'
	TRAFFIC_SEND='packets 192.0.2.2 1 40'
	TRAFFIC_PAUSE=0.01
	TRAFFIC_LOST='what the new ones wrote in that moment is lost'
	TRAFFIC_DOUBT='not added up'
	export OLD_OBJECT NEW_OBJECT
}

# migrated_before [PLACE…], by "before" of a command line: programs are replaced as they were loaded.
migrated_before() {
	local place
	[ $# -gt 0 ] || set -- tc cgroup
	tc qdisc add dev v0 clsact
	for place; do
		case $place in
		tc) tc_loader filter add dev v0 egress pref 1 handle 1 bpf da obj "$OLD_OBJECT" ;;
		*) cgroup_loader cgroup attach "$CG" egress obj "$OLD_OBJECT" multi ;;
		esac
	done
}
export -f migrated_before
