#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Something else than expected stands at a path: in the place of a pin, of a pin root, of the
# file that convert writes. It is called by its name and left as it is.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
tc qdisc add dev v0 clsact
OBJECT=$OBJ/layout_u64.o
GLOBALS=$BPFFS/tc/globals
PIN=$GLOBALS/layout_stats

add() {
	t_run "$1" tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc
}

# odd WORDS: with what now stands at the pin's path neither tool loads, both say the same
# words, and it is still there afterwards.
odd() {
	find "$BPFFS" -printf '%p %y %l\n' | sort >"$TMP/before"
	add 1
	t_err_has "map 'layout_stats': $1"
	t_run 255 cgroup_loader cgroup attach "$CG" egress obj "$OBJECT"
	t_err_has "map 'layout_stats': $1"
	t_run 0 tc_loader -j object show "$OBJECT"
	t_out_has "${1%%\'*}"
	would=$(t_out | t_json '.[0].maps[0].would')
	case $would in
	blocked | conflict) ;;
	*) t_fail "object show says '$would'" ;;
	esac
	find "$BPFFS" -printf '%p %y %l\n' | sort >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
}

add 0
tc filter del dev v0 ingress
rm "$PIN"

t_begin 'a directory in the place of a pin'
mkdir "$PIN"
odd "'$PIN' is not a pin"
rmdir "$PIN"

t_begin 'links in the place of a pin'
ln -s /etc/passwd "$PIN"
odd "'$PIN' is not on a BPF file system"
rm "$PIN"
ln -s layout_stats "$PIN"
odd "follow the link '$PIN': Too many levels of symbolic links"
rm "$PIN"
ln -s "$BPFFS/nothing" "$PIN"
odd "follow the link '$PIN': No such file"
rm "$PIN"
bpftool map create "$BPFFS/real" type array key 4 value 8 entries 4 name real
ln -s "$BPFFS/real" "$PIN"
add 0
t_is "$(maps_of "$(prog_at v0 ingress)")" "$(map_id "$BPFFS/real")"
tc filter del dev v0 ingress
rm "$PIN"

t_begin 'pin roots with odd spellings are the same place'
attach() {
	t_run "$1" cgroup_loader --pin-root "$2" cgroup attach "$CG" egress obj "$OBJECT" multi
}
attach 0 "$BPFFS/place"
id=$(map_id "$BPFFS/place/layout_stats")
ln -s "$BPFFS/place" "$TMP/link"
top=$PWD
cd "$BPFFS"
for root in "$BPFFS/place/" "$BPFFS//place//" "$BPFFS/./place" "$BPFFS/place/../place" \
	"$TMP/link" place ./place/; do
	attach 0 "$root"
	for prog in $(prog_in "$CG"); do
		t_is "$(maps_of "$prog")" "$id" "map by --pin-root $root"
	done
done
cd "$top"

t_begin 'pin roots that are none'
ln -s loop "$BPFFS/loop"
ln -s "$BPFFS/gone" "$TMP/gone"
progs=$(cg_progs "$CG")
for root in "$BPFFS/loop" "$TMP/gone" "$BPFFS/place/layout_stats" "$BPFFS/do.t" "$TMP" relative; do
	attach 255 "$root"
	t_err_has "$root"
done
t_is "$(cg_progs "$CG")" "$progs"
t_ok [ ! -e "$BPFFS/gone" ]

t_begin 'a map of the command line that is no pin'
t_run 1 tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc \
	map name layout_stats pinned /etc/passwd
t_err_has "'/etc/passwd' is not a pin"
t_run 1 tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc \
	map name layout_stats private map idx 0 pinned "$BPFFS/real"
t_err_has "map 'layout_stats' is given twice"

# convert STATUS OUT
convert() {
	t_run "$1" tc_loader object convert "$LEGACY/counter_elf.o" "$2"
}

t_begin 'convert writes over files, keeps their mode, follows links'
convert 0 "$TMP/out.o"
cp "$LEGACY/counter_elf.o" "$TMP/self.o"
t_run 255 tc_loader object convert "$TMP/self.o" "$TMP/self.o"
t_ok cmp "$TMP/self.o" "$LEGACY/counter_elf.o"
echo old >"$TMP/mode.o"
chmod 600 "$TMP/mode.o"
convert 0 "$TMP/mode.o"
t_ok cmp "$TMP/mode.o" "$TMP/out.o"
t_is "$(stat -c %a "$TMP/mode.o")" 600
echo old >"$TMP/target.o"
ln -s target.o "$TMP/link.o"
convert 0 "$TMP/link.o"
t_is "$(readlink "$TMP/link.o")" target.o
t_ok cmp "$TMP/target.o" "$TMP/out.o"
t_run 0 sh -c 'umask 077 && exec tc_loader object convert "$1" "$2"' sh "$LEGACY/counter_elf.o" "$TMP/mine.o"
t_is "$(stat -c %a "$TMP/mine.o")" 600

t_begin 'convert leaves devices and FIFOs what they are'
mknod "$TMP/null" c 1 3
convert 0 "$TMP/null"
t_is "$(stat -c %F "$TMP/null")" 'character special file'
mknod "$TMP/full" c 1 7
convert 255 "$TMP/full"
t_err_has 'No space left'
mkfifo "$TMP/fifo"
start cat "$TMP/fifo" >"$TMP/through.o"
convert 0 "$TMP/fifo"
wait "$STARTED"
t_ok cmp "$TMP/through.o" "$TMP/out.o"

t_begin 'convert that cannot write leaves nothing and takes nothing away'
mkdir "$TMP/small" "$TMP/readonly"
mount -t tmpfs -o size=8k tmpfs "$TMP/small"
on_exit 'umount -l "$TMP/small"'
echo old >"$TMP/small/x.o"
convert 255 "$TMP/small/x.o"
t_err_has 'No space left'
t_is "$(ls "$TMP/small")" x.o
t_is "$(cat "$TMP/small/x.o")" old
mount -t tmpfs -o ro tmpfs "$TMP/readonly"
on_exit 'umount -l "$TMP/readonly"'
convert 255 "$TMP/readonly/x.o"
t_err_has 'Read-only'
convert 255 "$TMP/small"
t_err_has 'Is a directory'
convert 255 ''
