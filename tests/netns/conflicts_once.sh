#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# However many maps of an object conflict, the running kernel is read once to explain it.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace shows what is asked of the kernel'

GLOBALS=$BPFFS/tc/globals
mkdir -m 0700 "$BPFFS/tc" "$GLOBALS"

# walks: how often a refused load walks all programs of the kernel.
walks() {
	t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=bpf -o "$TMP/trace" \
		cgroup_loader prog loadall "$OBJ/many.o" "$BPFFS/programs" type classifier
	t_err_has "map 'map_number_00': the map pinned at '$GLOBALS/map_number_00'"
	t_err_has 'users of the pinned map'
	walks=$(grep -c 'BPF_PROG_GET_NEXT_ID, {start_id=0,' "$TMP/trace") || t_fail 'no walk is seen'
}

pin() {
	bpftool map create "$GLOBALS/map_number_$1" type hash key 4 value 8 entries 1 name "map_number_$1"
}

t_begin 'one conflict, and twenty of them'
pin 00
walks
for digit in 0 1 2 3 4 5 6 7 8 9; do
	[ "$digit" = 0 ] || pin "0$digit"
	pin "1$digit"
done
walks
# A reading is two walks, and some more while programs come and go; twenty readings are forty.
t_ok [ "$walks" -lt 20 ]
