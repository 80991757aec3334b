#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A build whose private maps are defined otherwise is another program, though its instructions
# are the same.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

attach() {
	cgroup_loader cgroup attach "$CG/c" egress obj "$OBJ/$1.o" multi
}

t_begin 'inner maps and the extra word of a definition count'
cg_add c
t_run 0 attach again_maps
id=$(prog_in "$CG/c")
t_run 0 attach again_maps
t_err_has "already attached (id $id)"
t_run 255 attach again_inner
t_err_has "map 'again_inner' is defined otherwise"
t_run 255 attach again_bloom
t_err_has "map 'again_bloom' is defined otherwise"
t_is "$(prog_in "$CG/c")" "$id"
