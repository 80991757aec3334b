#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Files that are no good object: one line that names the file and what is wrong, status 1 or
# 255 and never a signal, and no path made or touched outside or inside bpffs.
#
# differs: one-line-errors
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
tc qdisc add dev v0 clsact
find "$BPFFS" | sort >"$TMP/before"

# refused FILE WORDS: by a load through each tool, by object show and by object convert.
refused() {
	t_begin "${1##*/}: $2"
	while read -r status command; do
		# shellcheck disable=SC2086 # words of a command
		t_run "$status" $command
		t_is "$(grep -c '^[a-z]*_loader: ' "$TMP/t_err")" 1 'lines of the error'
		t_err_has "$2"
		t_err_has "$1"
	done <<-EOF
		1 tc_loader filter add dev v0 ingress bpf da obj $1
		255 cgroup_loader cgroup attach $CG egress obj $1
		255 cgroup_loader prog loadall $1 $BPFFS/never
		255 cgroup_loader object show $1
		255 cgroup_loader object convert $1 $TMP/never.o
	EOF
	find "$BPFFS" | sort >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
	t_ok [ ! -e "$TMP/never.o" ]
}

good=$LEGACY/counter_elf.o
echo text >"$TMP/text.o"
: >"$TMP/empty.o"
head -c 1500 "$good" >"$TMP/cut.o"
cp "$good" "$TMP/bits32.o"
printf '\001' | dd of="$TMP/bits32.o" bs=1 seek=4 conv=notrunc 2>/dev/null
mkdir "$TMP/dir.o"
mkfifo "$TMP/fifo.o"

refused "$TMP/nothing.o" 'No such file'
refused "$TMP/dir.o" 'a directory'
refused "$TMP/fifo.o" 'not a regular file'
refused "$TMP/empty.o" 'empty'
refused "$TMP/text.o" 'not an ELF file'
refused "$TMP/cut.o" 'truncated'
refused "$TMP/bits32.o" '32-bit'
cp /bin/true "$TMP/host.o"
refused "$TMP/host.o" "not for BPF"
refused "$OBJ/elf36.eb.o" 'big-endian'
LC_ALL=C sed 's/\.bss/.BTF/' "$OBJ/subprogs.o" >"$TMP/twice.o"
refused "$TMP/twice.o" "section '.BTF' is damaged"
refused "$OBJ/wrong_name.o" "has a '/'"
refused "$OBJ/wrong_tail.o" "'shade'"
refused "$OBJ/wrong_tail.nog.o" '--maps-layout'
refused "$OBJ/wrong_small.o" 'too small'
refused "$OBJ/wrong_key.o" '2 entries'
refused "$OBJ/wrong_array.o" 'array of definitions'
refused "$OBJ/def24.nog.o" '--maps-layout'

t_begin 'cut anywhere: an error, never a signal'
size=$(wc -c <"$good")
n=0
while [ $n -lt "$size" ]; do
	head -c $n "$good" >"$TMP/cut.o"
	t_run 255 cgroup_loader object show "$TMP/cut.o"
	n=$((n + 97))
done
t_ok [ $n -gt 1000 ]
