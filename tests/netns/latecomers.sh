#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Programs and maps that come while all are listed are found where they stand: at hooks, in slots,
# in maps of maps, and as what others use; and from them what they lead to.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

# found ID…: ascending, each once and behind a blank.
found() {
	printf '%s\n' "$@" | sort -nu | sed 's/^/ /' | tr -d '\n'
}

dev_add v0
tc qdisc add dev v0 clsact
t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$LEGACY/graft.o"
jumps=$(map_id "$BPFFS/tc/globals/graft_jumps")
planted=$(bpftool -j map lookup pinned "$BPFFS/tc/globals/graft_jumps" key 0 0 0 0 | python3 -c '
import json, sys
print(int.from_bytes(bytes(int(b, 16) for b in json.load(sys.stdin)["value"]), sys.byteorder))')
IFS=, read -ra own <<<"$(maps_of "$planted")"

t_begin 'a program in a slot, with the maps that it uses'
t_run 0 "$BUILD/tests/netns/latecomers" program "$planted"
t_out_is "programs $planted
maps$(found "${own[@]}")"

t_begin 'a prog array that is used, with the program in it and its maps'
t_run 0 "$BUILD/tests/netns/latecomers" use "$jumps"
t_out_is "programs $planted
maps$(found "$jumps" "${own[@]}")"

t_begin 'a program that a hook has, with its maps and what is in them'
t_run 0 "$BUILD/tests/netns/latecomers" hook "$(prog_at v0 ingress)"
t_out_is "programs$(found "$planted" "$(prog_at v0 ingress)")
maps$(found "${own[@]}")"

t_begin 'a map in a map'
bpftool map create "$BPFFS/in" type array key 4 value 8 entries 1 name late_in
bpftool map create "$BPFFS/out" type array_of_maps key 4 value 4 entries 1 name late_out \
	inner_map pinned "$BPFFS/in"
bpftool map update pinned "$BPFFS/out" key 0 0 0 0 value pinned "$BPFFS/in"
inner=$(map_id "$BPFFS/in") outer=$(map_id "$BPFFS/out")
t_run 0 "$BUILD/tests/netns/latecomers" map "$inner"
t_out_is "programs
maps $inner"
t_run 0 "$BUILD/tests/netns/latecomers" map "$outer"
t_out_is "programs
maps$(found "$inner" "$outer")"

t_begin 'what cannot be opened is not taken for gone'
TOLD=$BUILD/tests/netns/told
PROG_GET_FD_BY_ID=13 MAP_GET_FD_BY_ID=14 OBJ_GET_INFO_BY_FD=15 EMFILE=24
for call in $PROG_GET_FD_BY_ID $OBJ_GET_INFO_BY_FD; do
	t_run 0 "$TOLD" call "$call" $EMFILE "$BUILD/tests/netns/latecomers" program "$planted"
	t_out_is "programs
maps
hidden program id $planted: Too many open files"
done
t_run 0 "$TOLD" call $MAP_GET_FD_BY_ID $EMFILE "$BUILD/tests/netns/latecomers" use "$inner"
t_out_is "programs
maps
hidden map id $inner: Too many open files"
