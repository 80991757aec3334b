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

t_begin 'a map of maps whose slots cannot be listed may have others in them'
MAP_GET_NEXT_KEY=4 ENOMEM=12
t_run 255 "$BUILD/tests/netns/told" call $MAP_GET_NEXT_KEY $ENOMEM \
	cgroup_loader cgroup attach "$CG/c" egress obj "$OBJ/again_inner.o" multi
t_err_has 'cannot be determined: map id'
t_is "$(prog_in "$CG/c")" "$id"

t_begin 'and so does what is in the slots of a map of maps'
for map in $(maps_of "$id" | tr ',' ' '); do
	case $(bpftool -j map show id "$map") in
	*_of_maps'"'*) bpftool map delete id "$map" key 1 0 0 0 ;;
	esac
done
t_run 255 attach again_maps
t_err_has 'has other slots filled'
t_is "$(prog_in "$CG/c")" "$id"
