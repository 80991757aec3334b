#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What an embedding program that has not set libbpf's print callback finds on its stderr:
# nothing, whether it is refused or not, but where libbpf alone finds the reason (mapshare.h).
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
! sanitized || t_skip library_quiet 'its own program is built without the sanitizer'
for tool in cc setpriv; do
	command -v "$tool" >"$TMP/null" || t_skip embed "needs $tool"
done

L=$TMP/library
cc -O2 -Wall -I"$TOP/common" -o "$L" "$TOP/tests/netns/library.c" "$BUILD/lib/libmapshare.so" \
	-Wl,-rpath,"$(realpath "$BUILD")/lib" -pthread
dev_add q0
cg_add q

# refused WORDS CMD…: in the context's words, and in nobody else's.
refused() {
	local words=$1
	shift
	t_run 1 "$@"
	t_out_has "$words"
	t_err_is ''
}

t_begin 'refused before libbpf is asked'
own_objects layout_stats
stats=$(own_word layout_stats)
refused 'open: No such file' "$L" load "$TMP/none" x
refused 'not an ELF file' "$L" load "$0" x
head -c 2000 "$OBJ/layout_u64.o" >"$TMP/cut.o"
refused 'truncated' "$L" load "$TMP/cut.o" layout_skb
refused 'need BTF' "$L" load "$OBJ/layout_u64.nog.o" layout_skb
refused "no program 'nosuch'" "$L" load "$OBJ/layout_u64.o" nosuch
refused 'does not show its type' "$L" load "$OBJ/near_sections.o" near_sockops
refused 'no constant of that name' "$L" load "$OBJ/set_values.o" set_skb set nosuch 1
refused 'is not a BPF file system' env PLACE="$TMP" "$L" load "$OBJ/layout_u64.o" layout_skb
t_run 0 "$L" load "$OBJ/layout_u64.o" layout_skb pin "$BPFFS/first" keep
t_err_is ''
refused "map '$stats'" "$L" load "$OBJ/layout_halves.o" layout_skb
refused 'File exists' "$L" load "$OBJ/layout_u64.o" layout_skb pin "$BPFFS/first"
rm "$BPFFS/tc/globals/$stats"
refused 'missing CAP_BPF' setpriv --bounding-set=-all --inh-caps=-all \
	"$L" load "$OBJ/layout_u64.o" layout_skb
refused "device 'q9'" "$L" load "$OBJ/layout_u64.o" layout_cls tc q9 1 1
refused "filter on 'q0'" "$L" load "$OBJ/layout_u64.o" layout_cls tc q0 1 1
refused "link on 'q0'" "$L" load "$OBJ/layout_u64.o" layout_cls link q0 "$BPFFS/link"
refused 'No such file' "$L" load "$OBJ/layout_u64.o" layout_skb cgroup "$CG/none" multi
refused 'set type' "$L" load "$OBJ/layout_u64.o" layout_cls cgroup "$CG/q" multi
refused 'error 2: ' "$L" check nosuch_$$

t_begin 'loads that libbpf would otherwise remark upon'
# gcc's .comment and empty .data; sections of BPF_ANNOTATE_KV_PAIR; typed slots of prog arrays.
for object in elf28.gcc.nog:cls tailcalls.gcc.nog:cls kv:cls again:again_count; do
	[ -e "$OBJ/${object%:*}.o" ] || continue
	t_run 0 "$L" load "$OBJ/${object%:*}.o" "${object#*:}"
	t_err_is ''
done

t_begin 'the verifier: lines of libbpf, and not the log'
t_run 1 "$L" load "$OBJ/refused.o" bad_verdict
t_is "$(t_err | grep -cv '^libbpf: ' || :)" 0
t_ok [ "$(t_err | wc -l)" -le 3 ]
