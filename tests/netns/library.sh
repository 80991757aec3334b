#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# libmapshare as other programs meet it: installed below a directory, found by pkg-config and
# nothing else, from C and C++. It joins the maps of the loaders, takes back what is not
# committed, says nothing by itself.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
for tool in cc c++ pkg-config clang; do
	command -v "$tool" >"$TMP/null" || t_skip embed "needs $tool"
done

PRE=$TMP/pre
export PKG_CONFIG_PATH=$PRE/lib/pkgconfig LD_LIBRARY_PATH=$PRE/lib
G=$BPFFS/tc/globals
dev_add v0
tc qdisc add dev v0 clsact

t_begin 'what is installed'
# Built already: the targets are named old, so that nothing is built as root.
make -s -C "$TOP" B="$BUILD" -o bins -o lib PREFIX="$PRE" install >"$TMP/null"
t_is "$(nm -D --defined-only "$PRE/lib/libmapshare.so" | grep -cv ' mapshare_[a-z_]*@@MAPSHARE_0$')" 1 'names beside ours: the version'
t_is "$(readlink "$PRE/lib/libmapshare.so")" libmapshare.so.0
t_ok [ -e "$PRE/lib/libmapshare.so.0" ]
t_is "$(pkg-config --modversion mapshare)" "$(sed -n 's/^VERSION *:= //p' "$TOP/Makefile")"

# Its sanitizer wants to be there before a program that has none.
if sanitized; then
	LD_PRELOAD=$(cc -print-file-name=libasan.so)
	export LD_PRELOAD ASAN_OPTIONS=detect_leaks=0
fi

t_begin 'each installed header compiles alone, as C and as C++'
for header in mapshare.h mapshare_apply.h mapshare_migrate.h mapshare/legacy_maps.h; do
	printf '#include <%s>\n' "$header" >"$TMP/alone.c"
	t_run 0 cc -std=c99 -Wall -Wextra -pedantic -Werror -I"$PRE/include" -fsyntax-only "$TMP/alone.c"
	t_run 0 c++ -x c++ -std=c++11 -Wall -Wextra -pedantic -Werror -I"$PRE/include" -fsyntax-only "$TMP/alone.c"
done

t_begin 'the example is built with pkg-config alone'
cp -r "$PRE/share/doc/mapshare/examples/embed" "$TMP/embed"
t_run 0 make -C "$TMP/embed" CC=cc CXX=c++ CLANG=clang \
	CFLAGS='-O2 -Wall -Wextra -pedantic -Werror' CXXFLAGS='-O2 -Wall -Wextra -pedantic -Werror'
t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$TMP/embed/count.bpf.o"
id=$(map_id "$G/frames")

t_begin 'from C and from C++ it joins the map of the classifier'
for embed in embed embed++; do
	t_run 0 "$TMP/embed/$embed" "$TMP/embed/count.bpf.o" v0
	t_out_has "shared: map 'frames', id $id, 2 attached programs"
	t_out_has "'count_xdp' xdp, xdp "
	t_err_is ''
done
t_is "$(map_id "$G/frames")" "$id"
t_run 0 tc_loader filter del dev v0 ingress pref 1
rm "$G/frames"

# By the shared library, and by the archive with what the .pc names behind it.
pkg-config --cflags --libs mapshare >"$TMP/flags"
read -ra shared <"$TMP/flags"
pkg-config --static --cflags --libs mapshare | sed 's/-lmapshare/-l:libmapshare.a/' >"$TMP/flags"
read -ra archive <"$TMP/flags"
! sanitized || archive+=(-fsanitize=address -fsanitize=undefined)
! grep -q -- ' --coverage ' "$BUILD/.flags" || archive+=(--coverage)
cc -O2 -Wall -o "$TMP/library" "$TOP/tests/netns/library.c" "${shared[@]}" -pthread
cc -O2 -Wall -o "$TMP/library.static" "$TOP/tests/netns/library.c" "${archive[@]}"

t_begin 'contexts in threads that load at once meet in one map'
for n in 2 8; do
	t_run 0 "$TMP/library" threads "$TMP/embed/count.bpf.o" count_xdp $n frames
	t_is "$(t_out | sort -u)" "map $(map_id "$G/frames")"
	t_is "$(t_out | wc -l)" $n
	rm "$G/frames"
done
cg_add threads
for n in 2 8; do
	t_run 0 "$TMP/library" threads "$OBJ/layout_u64.o" layout_skb $n layout_stats "$CG/threads"
	t_is "$(cg_progs "$CG/threads")" 1 'the same program in each thread is attached once'
done
rm "$G/layout_stats"
t_run 0 "$TMP/library.static" threads "$TMP/embed/count.bpf.o" count_xdp 2 frames
t_is "$(t_out | sort -u)" "map $(map_id "$G/frames")"
rm "$G/frames"

t_begin 'without commit everything is taken back'
before=$(find "$BPFFS" | sort)
t_run 0 "$TMP/library" load "$TMP/embed/count.bpf.o" count_tc tc v0 5 1 tc v0 0 0 pin "$BPFFS/p"
t_is "$(find "$BPFFS" | sort)" "$before"
t_is "$(filters v0 ingress)" 0
t_run 0 "$TMP/library" load "$OBJ/layout_u64.o" layout_skb cgroup "$CG" multi
t_is "$(cg_progs "$CG")" 0
t_is "$(find "$BPFFS" | sort)" "$before"

t_begin 'with it everything stays'
t_run 0 "$TMP/library" load "$TMP/embed/count.bpf.o" count_tc tc v0 5 1 keep
t_is "$(filters v0 ingress)" 1
first=$(prog_at v0 ingress)
t_is "$(maps_of "$first")" "$(map_id "$G/frames")"
t_run 0 "$TMP/library" load "$TMP/embed/count.bpf.o" count_xdp link v0 "$BPFFS/link" keep
t_run 0 "$TMP/library" check frames v0
t_out_has 'verdict 3'
t_out_has "user count_tc of map $(map_id "$G/frames") at tc ingress dev v0 pref 5 handle 0x1"
rm "$BPFFS/link"

t_begin 'what was replaced comes back'
t_run 0 "$TMP/library" load "$TMP/embed/count.bpf.o" count_tc replace v0 5 1
t_is "$(prog_at v0 ingress)" "$first"
t_run 0 "$TMP/library" load "$TMP/embed/count.bpf.o" count_tc replace v0 5 1 keep
t_ok [ "$(prog_at v0 ingress)" != "$first" ]

t_begin 'attaching again is a success that changes nothing'
for mode in multi exclusive "$BPFFS/again"; do
	cg_add again
	t_run 0 "$TMP/library" load "$OBJ/again.o" again_count cgroup "$CG/again" "$mode" keep
	t_out_lacks already
	before="$(bpftool cgroup show "$CG/again") $(find "$BPFFS" | sort)"
	t_run 0 "$TMP/library" load "$OBJ/again.o" again_count cgroup "$CG/again" "$mode" keep
	t_out_has "message 1: already attached (id $(prog_in "$CG/again"))"
	t_is "$(bpftool cgroup show "$CG/again") $(find "$BPFFS" | sort)" "$before"
	t_run 1 "$TMP/library" load "$OBJ/again_insn.o" again_count cgroup "$CG/again" "$mode" keep
	t_out_has 'error 17'
	t_is "$(bpftool cgroup show "$CG/again") $(find "$BPFFS" | sort)" "$before"
	rm -f "$BPFFS/again"
	rmdir "$CG/again"
done
cg_add again
t_run 0 "$TMP/library" load "$OBJ/again.o" again_count cgroup "$CG/again" multi keep
first=$(prog_in "$CG/again")
t_run 0 "$TMP/library" load "$OBJ/again_insn.o" again_count cgroup "$CG/again" multi-replace
t_is "$(prog_in "$CG/again")" "$first" 'not committed'
t_run 0 "$TMP/library" load "$OBJ/again_insn.o" again_count cgroup "$CG/again" multi-replace keep
t_ok [ "$(prog_in "$CG/again")" != "$first" ]
t_is "$(cg_progs "$CG/again")" 1

t_begin 'a signal that the program has blocked is its own to fetch'
t_run 0 env SIGNAL=1 "$TMP/library" load "$OBJ/again.o" again_count cgroup "$CG/again" multi-replace

t_begin 'errors are lines of the context, and leave everything as it was'
before=$(find "$BPFFS" | sort)
t_run 1 "$TMP/library" load "$TMP/embed/count.bpf.o" count_tc tc v9 5 1
t_out_is "error 19: device 'v9': No such device"
t_run 1 "$TMP/library" load "$TMP/embed/count.bpf.o" count_tc tc v0 5 1
t_out_has "error 17: filter on 'v0'"
t_run 1 "$TMP/library" load "$TMP/embed/count.bpf.o" count_egress
t_out_has "error 2: object '$TMP/embed/count.bpf.o': no program 'count_egress'"
t_run 1 env PLACE="$TMP" "$TMP/library" load "$TMP/embed/count.bpf.o" count_tc
t_out_has "'$TMP' is not a BPF file system"
t_is "$(filters v0 ingress)" 1
t_is "$(find "$BPFFS" | sort)" "$before"

t_begin 'a conflict is a state of the plan, and costs no map'
t_run 0 tc_loader filter add dev v0 egress bpf da obj "$OBJ/layout_u64.o" section tc
t_run 0 "$TMP/library" plan "$OBJ/layout_halves.o"
t_out_has "map layout_stats value_size 8: conflict $G/layout_stats: "
t_run 1 "$TMP/library" load "$OBJ/layout_halves.o" layout_skb
t_out_has "'rx'"
t_err_is ''
t_run 0 "$TMP/library" plan "$OBJ/layout_u64.o" layout_stats layout_stats
t_out_has 'map layout_stats value_size 8: given -'

t_begin 'a refused program: the verifier says why, through the context alone'
t_run 1 "$TMP/library" load "$OBJ/refused.o" bad_verdict
t_out_has "programs 'target', 'bad_verdict': the kernel refuses one of them"
t_out_has 'processed '
t_err_lacks 'BEGIN PROG LOAD LOG'
t_run 1 "$TMP/library" load "$OBJ/rejected.o" unchecked
t_out_has "program 'unchecked': the kernel refuses it"

t_begin 'constants get their value before the load, and only as their type allows'
own_objects set_sum
word=$(own_word set_sum)
t_run 0 "$TMP/library" load "$OBJ/set_values.o" set_skb set config '{limit:1}' \
	set config.mode SET_BUSY set a_u8 1 set a_u8 2 pin "$BPFFS/set" keep
for id in $(maps_of "$(bpftool -j prog show pinned "$BPFFS/set" | t_json .id)" | tr , ' '); do
	bpftool map show id "$id" >"$TMP/map"
	! grep -q 'rodata ' "$TMP/map" || bpftool -j map dump id "$id" >"$TMP/rodata"
done
t_is "$(grep -c '"a_u8":2}' "$TMP/rodata")" 1
t_is "$(grep -c '"config":{"limit":1,"mode":"SET_BUSY","in":\[{"port":0,' "$TMP/rodata")" 1
t_is "$(grep -c '"a_s8":-1}' "$TMP/rodata")" 1
rm "$BPFFS/set" "$G/$word"
before=$(find "$BPFFS" | sort)
t_run 1 "$TMP/library" load "$OBJ/set_values.o" set_skb set a_u8 256 pin "$BPFFS/set" keep
t_out_is "error 22: object '$OBJ/set_values.o': set 'a_u8': 256 is not from 0 to 255"
t_run 1 "$TMP/library" load "$OBJ/set_values.o" set_skb set '' 1 pin "$BPFFS/set" keep
t_out_has "error 2: object '$OBJ/set_values.o': set '': the object has no constant of that name"
t_is "$(find "$BPFFS" | sort)" "$before"
