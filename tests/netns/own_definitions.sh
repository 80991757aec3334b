#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Definitions with names of the author's own: read as the stock tc reads them, with BTF and
# without.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

GLOBALS=$BPFFS/tc/globals
dev_add v0
tc qdisc add dev v0 clsact

t_begin 'members of .maps that libbpf does not know: passed over by tc, not by bpftool'
t_run 0 tc filter add dev v0 ingress bpf da obj "$OBJ/own_members.o" sec tc
id=$(map_id "$GLOBALS/own_members")
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/own_members.o"
t_is "$(map_id "$GLOBALS/own_members")" "$id"
t_is "$(maps_of "$(tc filter show dev v0 ingress | sed -n 's/.* id \([0-9]*\) .*/\1/p' | sed -n 1p)")" "$id"
t_run any bpftool prog load "$OBJ/own_members.o" "$BPFFS/x"
t_isnt "$T_STATUS" 0 'status of bpftool'
t_run 255 cgroup_loader prog load "$OBJ/own_members.o" "$BPFFS/x"
t_run 0 cgroup_loader -m prog load "$OBJ/own_members.o" "$BPFFS/x"

t_begin 'an old definition is read by its bytes, with names of its own and without'
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/own_names.nog.o"
id=$(map_id "$GLOBALS/own_names")
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/own_names.o"
t_is "$(map_id "$GLOBALS/own_names")" "$id"
t_run 0 tc_loader --maps-layout elf filter add dev v0 ingress bpf da obj "$OBJ/own_names.o"
t_is "$(map_id "$GLOBALS/own_names")" "$id"

t_begin 'what 28 bytes without names may mean is said'
t_run 0 cgroup_loader object show "$OBJ/elf28.nog.o"
t_err_has "map 'old_global': its 28 bytes are read as a bpf_elf_map that is pinned"
t_run 0 cgroup_loader object show "$OBJ/elf28.o"
t_err_lacks 'its 28 bytes'
t_run 0 tc_loader object show "$OBJ/elf28.nog.o"
t_err_lacks 'its 28 bytes'
