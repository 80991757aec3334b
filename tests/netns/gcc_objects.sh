#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What gcc makes of the legacy sources uses the same maps, in the same order, as what clang
# makes of them: loaded, and converted for the stock tools.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

[ -e "$OBJ/elf36.gcc.o" ] || t_skip bpf-gcc 'no objects of gcc were built'

dev_add v0
tc qdisc add dev v0 clsact
mount -t tmpfs tmpfs /etc/iproute2
on_exit 'umount /etc/iproute2'
echo '42 custom' >/etc/iproute2/bpf_pinning

clear() {
	tc filter del dev v0 ingress
	find "$BPFFS" -mindepth 1 -depth ! -name '*.debug' -delete
}

# used: type, name and flags of the maps of the one filter, in the order of their first use.
used() {
	for id in $(maps_of "$(prog_at v0 ingress)" | tr , ' '); do
		bpftool map show id "$id" | sed -n '1s/^[0-9]*: //p'
	done
}

# load FILE: by our tool, as a classifier.
load() {
	t_run 0 tc_loader --maps-layout "$layout" filter add dev v0 ingress bpf da obj "$1" section classifier
}

for name in elf36 elf28 def20 statics longnames own_sections many nested_elf nested_samples; do
	case $name in
	elf* | nested_elf | longnames) layout=elf ;;
	nested_samples) layout=samples ;;
	*) layout=def ;;
	esac
	load "$OBJ/$name.o"
	used >"$TMP/wanted"
	clear
	for object in "$OBJ/$name.gcc.o" "$OBJ/$name.gcc.nog.o"; do
		t_begin "${object##*/}: the maps that clang's object uses"
		load "$object"
		used >"$TMP/used"
		t_ok [ -s "$TMP/used" ]
		t_ok diff "$TMP/wanted" "$TMP/used"
		clear
	done
done

t_begin 'a converted one, loaded by the stock tc'
layout=elf
load "$OBJ/elf36.o"
used >"$TMP/wanted"
clear
for object in "$OBJ/elf36.gcc.o" "$OBJ/elf36.gcc.nog.o"; do
	t_run 0 tc_loader object convert "$object" "$TMP/modern.o"
	t_run 0 tc filter add dev v0 ingress bpf da obj "$TMP/modern.o" sec classifier
	used >"$TMP/used"
	t_ok diff "$TMP/wanted" "$TMP/used"
	clear
done

t_begin 'tail calls are found, too'
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/tailcalls.o" section classifier
t_run 0 tc_loader -j object show "$OBJ/tailcalls.o"
t_out | t_json ".[0].slots" | tr -d " " >"$TMP/wanted"
t_run 0 tc_loader -j object show "$OBJ/tailcalls.gcc.o"
t_out | t_json ".[0].slots" | tr -d " " >"$TMP/used"
t_ok diff "$TMP/wanted" "$TMP/used"
clear

t_begin 'BTF-defined maps of both compilers are one map'
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/layout_u64.o" section tc
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/layout_u64.gcc.o" section tc
t_is "$(filters v0 ingress)" 2
