#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Least privilege: CAP_BPF and CAP_NET_ADMIN are enough to load, pin, attach and share; what is
# missing is named.
#
# differs: unread-programs
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

PIN=$BPFFS/tc/globals/layout_stats
dev_add v0
tc qdisc add dev v0 clsact
# The tools are reached through directories that only root may enter.
cp "$BUILD/bin/tc_loader" "$BUILD/bin/cgroup_loader" "$OBJ/layout_u64.o" "$TMP"
chmod 755 "$TMP"
chown -R nobody "$BPFFS"
chmod 755 "$BPFFS"

# as CAPS CMD…: uid nobody with these capabilities only.
as() {
	caps=$1
	shift
	setpriv --reuid=nobody --clear-groups --bounding-set="-all$caps" --inh-caps="-all$caps" \
		--ambient-caps="-all$caps" -- "$@"
}

FILTER="$TMP/tc_loader filter add dev v0 ingress bpf da obj $TMP/layout_u64.o section tc"
ATTACH="$TMP/cgroup_loader cgroup attach $CG egress obj $TMP/layout_u64.o multi"

t_begin 'without capabilities nothing is made and the missing ones are named'
# shellcheck disable=SC2086 # words of a command
t_run 1 as '' $FILTER
t_err_has CAP_BPF
t_err_has CAP_NET_ADMIN
# shellcheck disable=SC2086
t_run 255 as '' $ATTACH
t_err_has 'CAP_BPF and CAP_NET_ADMIN'
t_err_lacks RLIMIT_MEMLOCK
for verb in add del; do
	t_run any as '' "$TMP/tc_loader" qdisc $verb dev v0 clsact
	t_isnt "$T_STATUS" 0
	t_err_has 'missing CAP_NET_ADMIN'
done
t_ok [ ! -e "$PIN" ]

t_begin 'CAP_BPF alone: the missing one is named'
# shellcheck disable=SC2086
t_run 1 as ,+bpf $FILTER
t_err_has CAP_NET_ADMIN
t_err_lacks CAP_BPF
t_ok [ ! -e "$PIN" ]
t_is "$(find "$BPFFS" -type d)" "$BPFFS" directories

t_begin 'CAP_BPF and CAP_NET_ADMIN load, pin, attach and share'
# shellcheck disable=SC2086
t_run 0 as ,+bpf,+net_admin $FILTER
# shellcheck disable=SC2086
t_run 0 as ,+bpf,+net_admin $ATTACH
id=$(map_id "$PIN")
t_is "$(maps_of "$(prog_at v0 ingress)")" "$id"
t_is "$(maps_of "$(prog_in "$CG")")" "$id"

t_begin 'filter show says what it cannot ask of a program'
for json in '' -j; do
	# shellcheck disable=SC2086 # no word
	t_run 0 as ,+bpf,+net_admin "$TMP/tc_loader" $json filter show dev v0 ingress
	t_err_is 'tc_loader: warning: name and state of 1 program are not shown: Operation not permitted (missing CAP_SYS_ADMIN)'
	t_run 0 tc_loader $json filter show dev v0 ingress
	t_err_is ''
done

t_begin 'prog show says what the kernel hides'
t_run 0 as ,+bpf,+net_admin "$TMP/cgroup_loader" prog load "$TMP/layout_u64.o" "$BPFFS/shown"
t_run 0 as ,+bpf,+net_admin "$TMP/cgroup_loader" prog show pinned "$BPFFS/shown"
t_err_lacks 'the kernel hides'
# Some kernels refuse to open it, others show zeros.
t_run any as ,+net_admin "$TMP/cgroup_loader" prog show pinned "$BPFFS/shown"
t_err_has CAP_BPF
rm "$BPFFS/shown"

t_begin 'layouts that cannot be compared without CAP_SYS_ADMIN are said, once'
# shellcheck disable=SC2086
t_run 0 as ,+bpf,+net_admin $FILTER
t_is "$(grep -c "map 'layout_stats': the layout of keys and values is not compared: .*(missing CAP_SYS_ADMIN)" "$TMP/t_err")" 1
t_run 1 as ,+bpf,+net_admin "$TMP/tc_loader" --require-shared filter add dev v0 ingress \
	bpf da obj "$TMP/layout_u64.o" section tc
t_err_has "is not compared: the BTF of the map at '$PIN' cannot be read (missing CAP_SYS_ADMIN)"

t_begin 'and object show says the same before a load'
t_run 0 as ,+bpf,+net_admin "$TMP/cgroup_loader" object show "$TMP/layout_u64.o"
t_is "$(t_out | tr -d '\n ' | grep -c "reuseid$id.*,thelayoutofkeysandvaluesisnotcompared:.*(missingCAP_SYS_ADMIN)")" 1
t_run 0 as ,+bpf,+net_admin "$TMP/cgroup_loader" -j object show "$TMP/layout_u64.o"
t_is "$(t_out | t_json '.[0].maps[0].would')" reuse
t_is "$(t_out | t_json '.[0].maps[0].unchecked')" \
	"the layout of keys and values is not compared: the BTF of the map at '$PIN' cannot be read (missing CAP_SYS_ADMIN)"
t_run 0 as ,+bpf,+net_admin "$TMP/cgroup_loader" --require-shared object show "$TMP/layout_u64.o"
t_out_has conflict
t_run 0 as ,+bpf,+net_admin,+sys_admin "$TMP/cgroup_loader" object show "$TMP/layout_u64.o"
t_out_lacks 'not compared'

t_begin 'with it they are compared'
tc filter del dev v0 ingress
# shellcheck disable=SC2086
t_run 0 as ,+bpf,+net_admin,+sys_admin $FILTER
t_err_lacks 'not compared'

t_begin 'ids need CAP_SYS_ADMIN: said, not left out'
t_run 255 as ,+bpf,+net_admin "$TMP/cgroup_loader" share check layout_stats
t_err_has CAP_SYS_ADMIN

t_begin 'what could not be looked at is neither denied nor attached once more'
# shellcheck disable=SC2086 # words of a command
t_run 255 as ,+bpf,+net_admin $ATTACH
t_err_has 'cannot be determined'
t_err_has CAP_SYS_ADMIN
t_is "$(cg_progs "$CG")" 1
t_run 255 as ,+bpf,+net_admin "$TMP/cgroup_loader" cgroup detach "$CG" egress \
	obj "$TMP/layout_u64.o"
t_err_has 'whether 1 of the 1 programs'
t_err_has CAP_SYS_ADMIN
t_is "$(cg_progs "$CG")" 1
