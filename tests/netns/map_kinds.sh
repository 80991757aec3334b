#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Maps of every kind are found again by a second load, however the kernel rounded sizes and
# completed flags when the first made them.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
tc qdisc add dev v0 clsact

# ids: name and id of everything pinned.
ids() {
	for pin in "$BPFFS"/tc/globals/*; do
		echo "${pin##*/} $(map_id "$pin")"
	done
}

for object in kinds_elf kinds_elf.nog kinds_btf; do
	t_begin "$object: made, then shared by both tools"
	rm -rf "$BPFFS/tc" "$BPFFS/ip" "$BPFFS/xdp"
	t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/$object.o" section tc
	ids >"$TMP/first"
	t_is "$(wc -l <"$TMP/first")" 22 'pins'
	t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/$object.o" section tc
	t_run 0 cgroup_loader prog load "$OBJ/$object.o" "$BPFFS/${object%.nog}" type classifier
	rm "$BPFFS/${object%.nog}"
	ids >"$TMP/then"
	t_ok cmp "$TMP/first" "$TMP/then"
	t_run 0 tc_loader -j object show "$OBJ/$object.o"
	t_is "$(t_out | t_json '.[0].maps[would]' | tr , '\n' | grep -c reuse)" 22 'maps that a load would reuse'
done

t_begin 'those that the stock tc made are taken, too'
rm -rf "$BPFFS/tc" "$BPFFS/ip" "$BPFFS/xdp"
t_run 0 tc filter add dev v0 ingress bpf da obj "$OBJ/kinds_btf.o" sec tc
ids >"$TMP/first"
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/kinds_btf.o" section tc
ids >"$TMP/then"
t_ok cmp "$TMP/first" "$TMP/then"
