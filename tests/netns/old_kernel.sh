#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Kernels back to 5.10, as far as bpf(2) tells them apart: each feature taken away, and the
# commands that would use it do without, or say what is missing. No version is asked.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

OLD=$MAPSHARE_BUILD/tests/netns/old_kernel
ALL=batch,map_extra,link,link_update,link_detach,tcx,cgroup_order,preorder,unix,token,path_fd,query_flags

without() {
	"$OLD" "$@"
}

t_begin 'feature names each probe that says no'
t_run 0 without "$ALL" tc_loader feature
for name in batch map_extra link link_update link_detach tcx token cgroup_unix cgroup_preorder path_fd; do
	t_ok grep -q "^$name  *no  *.*(.* not EINVAL)$" "$TMP/t_out"
done
t_ok grep -q '^cgroup_order  *no  *.*(.* tells a revision)$' "$TMP/t_out"

t_begin 'a type of map that the kernel does not know is named, whoever creates it'
t_run 255 without map_extra cgroup_loader map create "$BPFFS/bloom" type bloom_filter key 0 value 4 entries 8 name "old_$$"
t_err_has 'map create failed: Invalid argument'
t_err_has 'this kernel has no maps of this type'
t_run 255 without map_extra cgroup_loader prog loadall "$OBJ/again_bloom.o" "$BPFFS/again"
t_err_has "map 'again_bloom'"
t_err_has '(this kernel has no maps of type bloom_filter)'
t_run 255 without map_extra cgroup_loader prog loadall "$OBJ/again_bloom.o" "$BPFFS/again" \
	map name again_bloom shared
t_err_has '(this kernel has no maps of type bloom_filter)'
t_ok [ ! -e "$BPFFS/again" ] && t_ok [ ! -e "$BPFFS/bloom" ]
# Another mistake is not taken for it.
t_run 255 cgroup_loader map create "$BPFFS/bloom" type bloom_filter key 4 value 4 entries 8 name "old_$$"
t_err_lacks 'this kernel has no'

t_begin 'a map is dumped without batches, element by element'
bpftool map create "$BPFFS/hash" type hash key 4 value 4 entries 64 name "old_$$"
for key in 1 2 3 4 5; do
	bpftool map update pinned "$BPFFS/hash" key $key 0 0 0 value $key 0 0 0
done
bpftool -j map dump pinned "$BPFFS/hash" >"$TMP/want"
t_run 0 without batch cgroup_loader -j map dump pinned "$BPFFS/hash"
t_is "$(t_out)" "$(cat "$TMP/want")"

t_begin 'maps without BTF, without names: shared all the same'
dev_add v0
tc qdisc add dev v0 clsact
t_run 0 without map_btf tc_loader filter add dev v0 ingress pref 1 bpf da obj "$OBJ/layout_u64.o" section tc
id=$(map_id "$BPFFS/tc/globals/layout_stats")
t_is "$(maps_of "$(prog_at v0 ingress)")" "$id"
t_run 0 without names tc_loader filter add dev v0 egress pref 1 bpf da obj "$LEGACY/counter_elf.o"
id=$(map_id "$BPFFS/tc/globals/traffic")
t_is "$(maps_of "$(prog_at v0 egress)")" "$id"
t_run 0 without names cgroup_loader cgroup attach "$CG" egress obj "$LEGACY/counter_def.o" multi
t_is "$(maps_of "$(prog_in "$CG")")" "$id"

t_begin 'a kernel without links says so; a program without one attaches'
mkdir "$CG/a"
cgroup_loader prog load "$LEGACY/counter_def.o" "$BPFFS/count"
t_run 255 without link cgroup_loader cgroup attach "$CG/a" egress pinned "$BPFFS/count" link pinned "$BPFFS/link"
t_err_has "this kernel has no links; attach without 'link'"
t_ok [ ! -e "$BPFFS/link" ]
t_is "$(prog_in "$CG/a")" ''
t_run 0 cgroup_loader cgroup attach "$CG/a" egress pinned "$BPFFS/count" multi
t_run 255 without preorder cgroup_loader cgroup attach "$CG/a" ingress pinned "$BPFFS/count" multi preorder
t_err_has "this kernel does not take 'preorder'"

t_begin 'an order is refused by its name; who comes in between is looked for by a query'
types=$OBJ/cg_types.o
mkdir "$CG/b"
cgroup_loader cgroup attach "$CG/b" egress pinned "$BPFFS/count" multi
t_run 255 without cgroup_order cgroup_loader cgroup attach "$CG/b" egress obj "$types" multi before
t_err_has "'$CG/b': this kernel does not order cgroup programs; 'feature' lists what it gives"
t_run 255 without cgroup_order cgroup_loader cgroup attach "$CG/b" egress obj "$types" \
	multi link pinned "$BPFFS/link" before
t_err_has 'this kernel does not order cgroup programs'
t_ok [ ! -e "$BPFFS/link" ]
t_is "$(prog_in "$CG/b")" "$(prog_in "$CG/a")"
mkdir "$CG/c"
t_run 0 without cgroup_order cgroup_loader cgroup attach "$CG/c" egress obj "$LEGACY/counter_def.o"
id=$(prog_in "$CG/c")
t_run 255 without cgroup_order cgroup_loader cgroup attach "$CG/c" egress obj "$types"
t_err_has "is taken by program id $id"
t_run 0 without cgroup_order cgroup_loader cgroup attach "$CG/c" egress obj "$types" replace
t_isnt "$(prog_in "$CG/c")" "$id"

t_begin 'lists without flags of each program: ours are read, and prog_in has another way'
t_run 0 cgroup_loader -j cgroup show "$CG/b"
cp "$TMP/t_out" "$TMP/want_list"
"$OLD" query_flags,cgroup_order cgroup_loader -j cgroup show "$CG/b" >"$TMP/list"
t_ok cmp "$TMP/list" "$TMP/want_list"
id=$(prog_in "$CG/b")
# Without the bpftool of this machine there would be nothing to see.
t_run 255 without query_flags bpftool cgroup show "$CG/b"
bpftool_old() {
	"$OLD" query_flags "$(command -v bpftool)" "$@" || { [ $? = 124 ] || return; }
}
t_is "$(bpftool() { bpftool_old "$@"; } && prog_in "$CG/b")" "$id"
above=$(prog_in "$CG")
t_isnt "$above" ''
t_is "$(bpftool() { bpftool_old "$@"; } && prog_in "$CG/b")" "$id" 'without what is inherited'
t_is "$(bpftool() { bpftool_old "$@"; } && prog_in "$CG")" "$above"

t_begin 'a file is applied, checked and removed with all of it missing'
mkdir "$CG/file"
dev_add v1
cat >"$TMP/old.yaml" <<END
name: old
objects: { tc: { file: $LEGACY/counter_elf.o }, cg: { file: $LEGACY/counter_def.o } }
maps: { traffic: { shared: yes } }
tc: [ { object: tc, interfaces: v1, hook: ingress } ]
cgroups: [ { object: cg, type: egress, cgroups: $CG/file, mode: exclusive } ]
END
t_run 0 without "$ALL" cgroup_loader apply --state-dir "$TMP" "$TMP/old.yaml"
id=$(map_id "$BPFFS/tc/globals/traffic")
t_is "$(maps_of "$(prog_at v1 ingress)") $(maps_of "$(prog_in "$CG/file")")" "$id $id"
t_run 0 without "$ALL" cgroup_loader check --state-dir "$TMP" "$TMP/old.yaml"
t_run 0 without "$ALL" cgroup_loader remove --state-dir "$TMP" "$TMP/old.yaml"
t_is "$(filters v1 ingress)$(prog_in "$CG/file")" 0

t_begin 'a link keeps its program where it cannot be exchanged, and itself where it cannot end'
mkdir "$CG/d"
t_run 0 cgroup_loader cgroup attach "$CG/d" egress obj "$types" link pinned "$BPFFS/link"
id=$(prog_in "$CG/d")
t_run 255 without link_update cgroup_loader link update pinned "$BPFFS/link" pinned "$BPFFS/count"
t_err_has "this kernel cannot exchange the program of a link; 'feature' lists what it gives"
t_run 255 without link_update cgroup_loader cgroup attach "$CG/d" egress pinned "$BPFFS/count" \
	link pinned "$BPFFS/link" replace
t_err_has 'this kernel cannot exchange the program of a link'
t_run 255 without link_detach cgroup_loader link detach pinned "$BPFFS/link"
t_err_has "this kernel has no 'link detach': remove the link's pins and end who holds it"
t_is "$(prog_in "$CG/d")" "$id"

t_begin 'without /proc pins are reached as before path_fd: by their path'
t_run 0 without path_fd cgroup_loader prog load "$LEGACY/counter_def.o" "$BPFFS/by_path"
t_ok [ -e "$BPFFS/by_path" ]

t_begin 'a pin that may only be read is refused as any other that is closed'
chmod 755 "$BPFFS" "$TMP"
chmod 444 "$BPFFS/hash"
cp "$BUILD/bin/cgroup_loader" "$TMP/tool"
as_reader() {
	setpriv --reuid=nobody --clear-groups --inh-caps=-all,+bpf --ambient-caps=-all,+bpf "$@"
}
t_run 0 as_reader "$TMP/tool" -j map dump pinned "$BPFFS/hash"
t_is "$(t_out)" "$(cat "$TMP/want")"
t_run 255 without read_only setpriv --reuid=nobody --clear-groups --inh-caps=-all,+bpf \
	--ambient-caps=-all,+bpf "$TMP/tool" -j map dump pinned "$BPFFS/hash"
t_out_has 'ermission'

t_begin 'an attach type that the kernel does not know is named when it is loaded'
t_run 255 without unix cgroup_loader prog loadall "$OBJ/cg_events.o" "$BPFFS/events"
t_err_has '(this kernel has no attach type cgroup_unix_'
t_ok [ ! -e "$BPFFS/events" ]

t_begin 'who is attached where is found without tcx'
t_run any without tcx tc_loader share check traffic dev v0 cgroup "$CG"
t_is "$T_STATUS" 0
