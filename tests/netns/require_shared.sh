#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Ways in which one map becomes two, beside those of order_matrix: each is told at the load and
# by object show, and refused with --require-shared before anything is made.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

NAME=pair_hits_$(printf %05d $(($$ % 100000)))
for dialect in elf_global def btf_name btf_none; do
	sed "s/pair_hits_00000/$NAME/g" "$OBJ/pair_$dialect.o" >"$TMP/$dialect.o"
done
GLOBAL=$BPFFS/tc/globals/$NAME
dev_add v0
tc qdisc add dev v0 clsact

add() {
	t_run "$1" tc_loader filter add dev v0 ingress bpf da obj "$TMP/$2.o" section tc
}

# attach STATUS OBJECT OPTION...: in a cgroup of its own each time.
attach() {
	status=$1
	object=$TMP/$2.o
	shift 2
	nth=$((${nth-0} + 1))
	cg_add "job$nth"
	t_run "$status" cgroup_loader "$@" cgroup attach "$CG/job$nth" egress obj "$object"
}

# told WORDS OBJECT OPTION...: refused where that is asked, else a remark; object show has it.
told() {
	words=$1
	shift
	find "$BPFFS" | sort >"$TMP/before"
	attach 255 "$1" --require-shared "$2" "$3"
	t_err_has "map '$NAME': --require-shared: would be "
	t_err_has "$words"
	find "$BPFFS" | sort >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
	t_is "$(cg_progs "$CG/job$nth")" 0
	t_run 0 cgroup_loader "$2" "$3" object show "$TMP/$1.o"
	t_out_has "${words##*\'}"
	t_run 0 cgroup_loader "$2" "$3" -j object show "$TMP/$1.o"
	t_is "$(t_out | t_json '.[0].maps[split]|length')" 1
	attach 0 "$1" "$2" "$3"
	t_err_has "warning: map '$NAME': "
	t_err_has "$words"
}

t_begin 'the first load is nobody'\''s twin'
t_run 0 tc_loader --require-shared filter add dev v0 ingress bpf da obj "$TMP/btf_name.o" section tc
t_err_is ''
id=$(map_id "$GLOBAL")

t_begin 'the second one shares, without a word'
attach 0 btf_name --require-shared
t_err_is ''
t_is "$(maps_of "$(prog_in "$CG/job$nth")")" "$id"

t_begin 'a slip in --pin-root'
told "but '$GLOBAL' (id $id) is another map of this name; 'map name $NAME pinned $GLOBAL' uses it" \
	btf_name --pin-root "$BPFFS/tc/global"
rm -r "$BPFFS/tc/global"

t_begin 'pinning forgotten'
told "but '$GLOBAL' (id $id) is another map of this name; 'map name $NAME shared' uses it" \
	btf_none --maps-layout elf

t_begin 'what is asked for in words is no slip'
for given in private "pinned $GLOBAL" "id $id"; do
	cg_add "given${given%% *}"
	# shellcheck disable=SC2086 # two words
	t_run 0 cgroup_loader --require-shared cgroup attach "$CG/given${given%% *}" egress \
		obj "$TMP/btf_none.o" map name "$NAME" $given
done
attach 0 btf_name --pin-root none

t_begin "bpftool's place, pinned and in use"
tc filter del dev v0 ingress
rm "$GLOBAL"
bpftool map create "$BPFFS/$NAME" type array key 4 value 8 entries 1 name "$NAME"
other=$(map_id "$BPFFS/$NAME")
told "but '$BPFFS/$NAME' (id $other) is another map of this name; 'map name $NAME pinned $BPFFS/$NAME' uses it" \
	btf_name --maps-layout elf
id=$(map_id "$GLOBAL")
t_begin 'and when both are there, the reused one has a twin'
attach 0 btf_name
t_err_has "map '$NAME': at '$GLOBAL' (id $id), but '$BPFFS/$NAME' (id $other) is another map of this name"
attach 255 btf_name --require-shared
t_err_has 'is another map of this name'
rm "$BPFFS/$NAME"
attach 0 btf_name --require-shared

t_begin 'a name that is pinned as another type is another thing'
rm "$GLOBAL"
find "$CG" -mindepth 1 -type d -exec rmdir {} +
t_ok wait_for 10 sh -c "! bpftool map list | grep -q $NAME"
bpftool map create "$BPFFS/$NAME" type hash key 4 value 8 entries 1 name "$NAME"
nth=0
attach 0 btf_none --require-shared
t_err_is ''
rm "$BPFFS/$NAME"

t_begin 'a directory that --pin-root makes'
nth=100
rmdir "$CG/job1"
t_ok wait_for 10 sh -c "! bpftool map list | grep -q $NAME"
told "in '$BPFFS/new', which --pin-root creates" btf_name --pin-root "$BPFFS/new"
rm -r "$BPFFS/new"
mkdir -m 0700 "$BPFFS/new"
rmdir "$CG"/job*
t_ok wait_for 10 sh -c "! bpftool map list | grep -q $NAME"
attach 0 btf_name --require-shared --pin-root "$BPFFS/new"

t_begin 'what cannot be looked at is said, and refused'
rm -r "$BPFFS/new"
unprivileged() {
	setpriv --bounding-set=+bpf,+net_admin,+perfmon,-sys_admin,-sys_ptrace \
		--inh-caps=+bpf,+net_admin,+perfmon -- "$@"
}
t_run 1 unprivileged tc_loader --require-shared filter add dev v0 ingress bpf da obj "$TMP/btf_name.o" section tc
t_err_has 'cannot be seen'
t_err_has CAP_SYS_ADMIN
t_ok [ ! -e "$GLOBAL" ]
t_run 0 unprivileged tc_loader filter add dev v0 ingress bpf da obj "$TMP/btf_name.o" section tc
t_err_has 'cannot be seen'
t_ok [ -e "$GLOBAL" ]

t_begin 'shared needs a place'
t_run 1 tc_loader --pin-root none filter add dev v0 ingress bpf da obj "$TMP/btf_name.o" map name "$NAME" shared
t_err_has "'shared' needs a place"

t_begin 'data sections, whose names no pin can have, are no reason to refuse'
own_objects constants
t_run 0 tc_loader --require-shared filter add dev v0 ingress bpf da obj "$OBJ/constants.o"
t_err_lacks 'cannot be seen'
