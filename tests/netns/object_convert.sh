#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# object convert: what shares keeps sharing, whichever tool converts; the input is never lost;
# what cannot be used afterwards is not written.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

OUT=$TMP/out.o
dev_add v0
tc qdisc add dev v0 clsact
cg_add job

pinnings() {
	t_run 0 tc_loader -j object show "$OUT"
	t_json '.[0].maps[pinning]' <"$TMP/t_out"
}

t_begin 'data maps of bpf_map_def are pinned by name, by both tools alike'
for tool in tc_loader cgroup_loader; do
	for object in "$OBJ/def20.o" "$OBJ/def20.nog.o"; do
		t_run 0 "$tool" object convert "$object" "$OUT"
		t_err_has "map 'zz_first': pinned by name in the new object"
		t_is "$(pinnings)" '["name","name"]'
		t_run 0 "$tool" object convert "$object" "$OUT" --private
		t_is "$(pinnings)" '["none","none"]'
	done
done
t_run 0 tc_loader object convert "$OBJ/elf36.o" "$OUT"
t_is "$(pinnings | tr , '\n' | grep -c name)" 1 'maps with a pinning of their own'

t_begin 'a pair that shares is still one after both were converted'
t_run 0 cgroup_loader object convert "$LEGACY/counter_elf.o" "$TMP/for_tc.o"
t_run 0 cgroup_loader object convert "$LEGACY/counter_def.o" "$TMP/for_cgroup.o"
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$TMP/for_tc.o"
t_run 0 cgroup_loader cgroup attach "$CG/job" egress obj "$TMP/for_cgroup.o" multi
t_run 0 cgroup_loader share check traffic dev v0 cgroup "$CG/job"
t_out_has "shared: map 'traffic'"

t_begin 'the input is never written over, by whatever name'
cp "$OBJ/elf28.o" "$TMP/in.o"
ln "$TMP/in.o" "$TMP/hard.o"
ln -s in.o "$TMP/soft.o"
for to in in.o hard.o soft.o ../"${TMP##*/}"/in.o; do
	t_run 255 cgroup_loader object convert "$TMP/in.o" "$TMP/$to"
	t_err_has 'are one file'
	t_run 255 cgroup_loader object convert "$TMP/soft.o" "$TMP/$to"
	t_ok cmp "$OBJ/elf28.o" "$TMP/in.o"
done

t_begin 'an object that nothing can load afterwards is not written'
llvm-objcopy --strip-symbol=twice "$OBJ/subprogs.nog.o" "$TMP/stripped.o"
echo old >"$OUT"
t_run 255 cgroup_loader object convert "$TMP/stripped.o" "$OUT"
t_err_has 'where no function begins; rebuild without stripping symbols'
t_is "$(cat "$OUT")" old

t_begin 'where the list of what was lost cannot be told, nothing is written'
t_run 255 sh -c 'cgroup_loader object convert "$1" "$2" >/dev/full' sh "$OBJ/elf36.o" "$OUT"
t_err_has "'$OUT' is not written"
t_is "$(cat "$OUT")" old
