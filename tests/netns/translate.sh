#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every good fixture, with and without -g, stripped and not, passes the verifier; and what
# object convert writes is loaded by the stock tc and bpftool.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
tc qdisc add dev v0 clsact
mkdir -p "$TMP/etc"
mount -t tmpfs tmpfs /etc/iproute2
on_exit 'umount /etc/iproute2'
echo '42 custom' >/etc/iproute2/bpf_pinning
PREFIX=/sys/fs/bpf/p

clear() {
	tc filter del dev v0 ingress
	find "$BPFFS" -mindepth 1 -depth ! -name '*.debug' -delete
}

# section FILE: the section of its first program.
section() {
	tc_loader -j object show "$1" | t_json '.[0].programs[0].section'
}

GOOD='elf36 elf28 def20 def28 statics subprogs printk core longnames own_sections many mixed
modern nested_elf nested_samples tailcalls sizes'

for name in $GOOD; do
	for object in "$OBJ/$name".o "$OBJ/$name".nog.o "$OBJ/$name".bare.o "$OBJ/$name".nog.bare.o; do
		[ -e "$object" ] || continue
		case $name.$object in
		modern.*.nog.* | mixed.*.nog.*) continue ;; # BTF-defined maps need BTF
		def28.*.nog.*) layout='--maps-layout samples' ;;
		sizes.*) layout='--maps-layout elf' ;;
		*) layout= ;;
		esac
		t_begin "load ${object##*/}"
		# shellcheck disable=SC2086 # words or none
		t_run 0 tc_loader $layout filter add dev v0 ingress bpf da obj "$object" section "$(section "$object")"
		t_is "$(filters v0 ingress)" 1
		clear
	done
done

t_begin 'spin locks need BTF, and that is said'
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/kv.o"
clear
t_run 1 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/kv.nog.o"
t_err_has 'rebuild with -g'

for name in elf36 statics subprogs printk core many nested_elf; do
	for object in "$OBJ/$name.o" "$OBJ/$name.nog.o"; do
		t_begin "convert ${object##*/}: refused before, loaded after"
		t_run any tc filter add dev v0 ingress bpf da obj "$object" sec classifier
		t_isnt "$T_STATUS" 0 'tc before'
		t_run any bpftool prog loadall "$object" "$PREFIX" type classifier
		t_isnt "$T_STATUS" 0 'bpftool before'
		t_run 0 tc_loader object convert "$object" "$TMP/modern.o"
		t_run 0 tc filter add dev v0 ingress bpf da obj "$TMP/modern.o" sec "$(section "$TMP/modern.o")"
		t_run 0 bpftool prog loadall "$TMP/modern.o" "$PREFIX" type classifier
		t_is "$(filters v0 ingress)" 1
		clear
	done
done

t_begin 'a converted PIN_GLOBAL_NS map is the one that the original shares'
tc_loader object convert "$LEGACY/counter_elf.o" "$TMP/modern.o"
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$LEGACY/counter_elf.o"
t_run 0 tc filter add dev v0 ingress bpf da obj "$TMP/modern.o" sec classifier
t_run 0 tc_loader share check traffic dev v0
t_out_has "shared: map 'traffic'"
