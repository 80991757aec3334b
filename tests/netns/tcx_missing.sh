#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A kernel without tcx, found by asking it: the line is refused in words that name clsact, and
# nothing is made; what is about clsact works as ever.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

OLD=$BUILD/tests/netns/no_tcx

own_objects tcx_seen
dev_add v0
tc qdisc add dev v0 clsact

old() {
	"$OLD" tc_loader "$@"
}

# nothing: no program, no pin, no filter.
nothing() {
	t_is "$(find "$BPFFS" -mindepth 1 -type f ! -name "*.debug")" ''
	t_is "$(filters v0 ingress)" 0
}

t_begin 'add, replace, show and delete are refused, and name clsact'
for verb in add replace; do
	t_run 2 old filter $verb dev v0 ingress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx
	t_err_has "this kernel has no tcx (Linux 6.6"
	t_err_has "clsact takes the filter: leave 'tcx' out"
	nothing
done
t_run 2 old filter add dev v0 egress bpf obj "$OBJ/tcx_count.o" program tcx_count tcx \
	link pinned "$BPFFS/l"
t_err_has 'clsact takes the filter'
nothing
t_run 2 old filter show dev v0 ingress tcx
t_err_has 'this kernel has no tcx'
t_run 2 old filter del dev v0 ingress bpf id 1 tcx
t_err_has 'this kernel has no tcx'

t_begin 'clsact works, and its list has no remark'
t_run 0 old filter replace dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/tcx_count.o" \
	program tcx_count clsact
t_is "$(filters v0 ingress)" 1
t_run 0 old filter show dev v0 ingress
t_err_is ''

t_begin 'a file with attach: tcx'
cat >"$TMP/one.yaml" <<END
name: one
objects:
  c: { file: $OBJ/tcx_count.o }
tc:
  - { object: c, program: tcx_count, interfaces: [ v0 ], hook: egress, attach: tcx }
END
t_run 255 old apply --state-dir "$TMP/state" "$TMP/one.yaml"
t_err_has "this kernel has no tcx"
t_err_has "use 'attach: clsact'"
t_is "$(filters v0 egress)" 0

t_begin 'netkit: the same words, on a kernel or a device without it'
t_run 2 old filter add dev v0 bpf obj "$OBJ/tcx_count.o" program tcx_count netkit primary
t_err_has "this kernel has no netkit (Linux 6.7"
t_run 2 tc_loader filter add dev v0 bpf obj "$OBJ/tcx_count.o" program tcx_count netkit peer
t_ok grep -qE "this kernel has no netkit|'v0' is not a netkit device" "$TMP/t_err"

t_begin 'netkit has two ends'
t_run 1 tc_loader filter add dev v0 bpf obj "$OBJ/tcx_count.o" program tcx_count netkit egress
t_err_is "tc_loader: filter add dev 'v0': netkit 'egress': primary or peer"
