#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The library where its caller is of another version, forks, or has no /proc (library_odd.c).
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
! sanitized || t_skip library_odd 'its own programs are built without the sanitizer'
command -v cc >"$TMP/null" || t_skip embed 'needs cc'

for name in library library_odd; do
	cc -O2 -Wall -I"$TOP/common" -o "$TMP/$name" "$TOP/tests/netns/$name.c" \
		"$BUILD/lib/libmapshare.so" -Wl,-rpath,"$(realpath "$BUILD")/lib" -pthread
done
own_objects layout_stats
G=$BPFFS/tc/globals
stats=$(own_word layout_stats)
dev_add v0
tc qdisc add dev v0 clsact

t_begin 'structs of older and newer callers'
t_run 0 "$TMP/library_odd" sizes "$OBJ/layout_u64.o"
t_out_is ''

t_begin 'a forked child frees, and takes nothing back'
t_run 0 "$TMP/library_odd" fork "$OBJ/layout_u64.o" v0 layout_cls
t_out_is ''
t_is "$(filters v0 ingress)" 1
t_ok [ -e "$G/$stats" ]
tc filter del dev v0 ingress
rm "$G/$stats"

t_begin 'without /proc'
bare() {
	unshare -m --propagation private sh -c 'umount -l /proc && exec "$@"' sh "$@"
}
t_run 0 bare "$TMP/library" load "$OBJ/layout_u64.o" layout_cls tc v0 1 1 keep
t_err_is ''
t_is "$(filters v0 ingress)" 1
t_run 0 bare "$TMP/library" load "$OBJ/layout_u64.o" layout_skb pin "$BPFFS/p"
t_ok [ ! -e "$BPFFS/p" ]
t_run 0 bare "$TMP/library" check "$stats" v0
t_out_has 'verdict 1'
t_run 0 bare "$TMP/library" check "$stats"
t_out_has 'verdict 4'
tc filter del dev v0 ingress
rm "$G/$stats"
