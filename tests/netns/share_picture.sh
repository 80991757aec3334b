#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The picture: graphviz draws it without a warning, from the state that the demo shows and from
# one with many nodes; --svg runs dot with no capability left.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$(dirname "$0")/../../netns_scripts/topo_veth.sh"

# picture FILE CMD…: what CMD prints. Others may have the map open in just that moment, and
# processes are drawn too: then it is tried again.
picture() {
	picture_file=$1
	shift
	"$@" >"$picture_file" 2>/dev/null && ! grep -q shape=plaintext "$picture_file"
}

# drawn FILE CMD…: CMD draws into FILE what the demo's picture shows.
drawn() {
	drawn_file=$1
	shift
	"$@" >"$TMP/said" 2>/dev/null && cmp -s "$TMP/demo.svg" "$drawn_file"
}

t_begin "the demo's state is drawn"
command -v dot >/dev/null || t_skip dot 'graphviz is not installed'
topo_veth
tc qdisc add dev v0 clsact
tc_loader filter add dev v0 ingress bpf da object-file "$LEGACY/counter_elf.o" 2>/dev/null
cgroup_loader cgroup attach "$JOB" egress obj "$LEGACY/counter_def.o" 2>/dev/null
map=$(map_id "$PIN_DIR/traffic")
t_ok wait_for 5 picture "$TMP/demo.dot" cgroup_loader share show id "$map" --dot
for edge in "\"dev .*\" -> p$(prog_at v0 ingress) " "p$(prog_at v0 ingress) -> m$map;" \
	"\"cgroup .*\" -> p$(prog_in "$JOB") " "p$(prog_in "$JOB") -> m$map;"; do
	t_ok grep -q "$edge" "$TMP/demo.dot"
done
t_run 0 dot -Tsvg "$TMP/demo.dot"
t_err_is ''
mv "$TMP/t_out" "$TMP/demo.svg"
sed 's/&#45;/-/g' "$TMP/demo.svg" >"$TMP/t_out"
for words in traffic "$JOB" "$PIN_DIR/traffic" v0; do
	t_out_has ">$words<"
done

t_begin '--svg FILE is the same picture'
t_ok wait_for 5 drawn "$TMP/ours.svg" tc_loader share show id "$map" --svg "$TMP/ours.svg"
t_ok [ ! -s "$TMP/said" ]
t_ok wait_for 5 drawn "$TMP/again.svg" cgroup_loader share show --svg="$TMP/again.svg" id "$map"

t_begin 'many nodes: no warning, each of them once'
for i in $(seq 25); do
	cg_add "many/$i"
	bpftool cgroup attach "$CG/many/$i" egress id "$(prog_in "$JOB")" multi
done
t_run 0 cgroup_loader share show id "$map" --dot
t_is "$(grep -c 'shape=folder' "$TMP/t_out")" 26
cp "$TMP/t_out" "$TMP/many.dot"
t_run 0 dot -Tsvg "$TMP/many.dot"
t_err_is ''

t_begin 'everything there is, whatever it is called'
t_run 0 cgroup_loader share show --dot
cp "$TMP/t_out" "$TMP/all.dot"
t_run 0 dot -Tsvg "$TMP/all.dot"
t_err_is ''

t_begin 'no dot: said, and what helps'
t_run 255 env PATH=/nowhere "$BUILD/bin/tc_loader" share show --svg "$TMP/none.svg"
t_err_has "'dot' is not installed"
t_err_has 'graphviz'
t_ok [ ! -e "$TMP/none.svg" ]

t_begin 'dot is no shell command, has no capability, and its failure is ours'
mkdir "$TMP/bin"
printf '#!/bin/sh\ngrep Cap /proc/self/status\ngrep NoNewPrivs /proc/self/status\ncat >/dev/null\n' >"$TMP/bin/dot"
chmod +x "$TMP/bin/dot"
t_run 0 env PATH="$TMP/bin:$PATH" cgroup_loader share show id "$map" --svg "$TMP/caps"
t_is "$(grep -cE '^Cap(Inh|Prm|Eff|Bnd|Amb):.0000000000000000$' "$TMP/caps")" 5
t_ok grep -q '^NoNewPrivs:.1$' "$TMP/caps"
printf '#!/bin/sh\nexit 3\n' >"$TMP/bin/dot"
t_run 255 env PATH="$TMP/bin:$PATH" cgroup_loader share show id "$map" --svg "$TMP/failed"
t_err_has "'dot' ended with status 3"
t_ok [ ! -e "$TMP/failed" ]
t_run 0 cgroup_loader share show id "$map" --svg "$TMP/a;touch $(basename "$TMP")"
t_ok [ ! -e "$(basename "$TMP")" ]
