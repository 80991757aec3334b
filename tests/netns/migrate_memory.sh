#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A migration of 1 000 000 elements needs less than 64 MiB of its own, whatever becomes of them,
# no more than one of 700 000, and all of them are there afterwards. A terminal is told how far it is,
# and nothing else is.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects moved

MAP=$(own_word moved)_hit_00000
PIN=$BPFFS/tc/globals/$MAP
dev_add v0
tc qdisc add dev v0 clsact

# peak CMD…: its largest resident size in KiB, on the last line.
peak() {
	python3 -c '
import resource, subprocess, sys
subprocess.check_call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

# on_terminal CMD…: what a terminal gets that is its stderr.
on_terminal() {
	$LIB_PYTHON -c '
import os, pty, subprocess, sys
ours, theirs = pty.openpty()
child = subprocess.Popen(sys.argv[1:], stderr=theirs, stdout=subprocess.DEVNULL)
os.close(theirs)
text = b""
try:
	while True:
		part = os.read(ours, 4096)
		if not part:
			break
		text += part
except OSError:
	pass
sys.stdout.write(text.decode())
sys.exit(child.wait())' "$@"
}

sanitized && t_skip asan 'ASan keeps what was freed'

t_begin "700 000 elements"
tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_many_old.o"
python3 -c '
import struct
for i in range(1000000):
	print(struct.pack("<I", i).hex(), struct.pack("<QQQ", i, i & 0xffff, i * 2).hex())' >"$TMP/lines"
head -n 700000 "$TMP/lines" >"$TMP/first"
tail -n 300000 "$TMP/lines" >"$TMP/rest"
t_run 0 tc_loader map load pinned "$PIN" "$TMP/first"
t_run 0 peak tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_many_new.o"
first=$(t_out | tail -1)
t_err_is ''

t_begin "and back, at a terminal"
t_run 0 on_terminal tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_many_old.o"
t_out_has 'map migrate: elements '

t_begin "a million elements in 64 MiB"
t_run 0 tc_loader map load pinned "$PIN" "$TMP/rest"
rm "$TMP/lines" "$TMP/first" "$TMP/rest"
t_run 0 peak tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_many_new.o"
size=$(t_out | tail -1)
echo "  $first KiB, $size KiB"
t_ok [ "$size" -lt $((64 * 1024)) ]
t_ok [ "$size" -lt $((first + 4096)) ]
t_out >"$TMP/out"
t_is "$(sed -n 1p "$TMP/out" | t_json .copied)" 1000000
t_run 0 bpftool -j map lookup pinned "$PIN" key 0x3f 0x42 0x0f 0
t_is "$(t_out | t_json .formatted.value.packets)" 999999
t_is "$(t_out | t_json .formatted.value.bytes)" 1999998
tc filter del dev v0 egress
rm "$PIN"

# Such a map does not say what it forgot: keys are kept to find out.
t_begin "a million elements of a map that forgets, in 64 MiB"
tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_lot_lru_old.o"
"$BUILD/tests/bench/bare_migrate" fill "$PIN" 1000000
t_run 0 peak tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_lot_lru_new.o"
size=$(t_out | tail -1)
echo "  $size KiB"
t_ok [ "$size" -lt $((64 * 1024)) ]
t_out >"$TMP/out"
t_is "$(sed -n 1p "$TMP/out" | t_json .evicted)" 0
t_ok [ "$(sed -n 1p "$TMP/out" | t_json .copied)" -gt 999000 ]
tc filter del dev v0 egress
rm "$PIN"
