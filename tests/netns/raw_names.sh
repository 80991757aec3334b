#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Names that other users choose (files, interfaces, cgroups, pins) come to root's terminal: no
# text of either tool lets their control bytes through, and no newline of theirs forges a line.
# JSON keeps them as they are, and stays valid.
#
# differs: control-bytes
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

ESC=$(printf '\033')
CSI=$(printf '\302\233')
BAD=$(printf 'a\033[2J\nfilter forged%s\377\303\244' "$CSI")
# The same as the tools show it: letters of other alphabets pass.
SEEN='a\x1b[2J\x0afilter forged\xc2\x9b\xff'$(printf '\303\244')
DEV="v${ESC}[2J"
JOB="$CG/x${ESC}[31m$CSI"

# clean: nothing of the last t_run reaches a terminal but text in lines.
clean() {
	for stream in out err; do
		LIB_CHECKS=$((LIB_CHECKS + 1))
		! LC_ALL=C grep -q '[^[:print:][:space:]]' <<END || t_fail "std$stream has control bytes"
$(sed "s/$(printf '\303\244')/ae/g" "$TMP/t_$stream")
END
		! grep -q '^filter forged' "$TMP/t_$stream" || t_fail "std$stream has a forged line"
	done
}

# shown STATUS CMD…: runs it; its outputs are clean.
shown() {
	t_run "$@"
	clean
}

ip link add "$DEV" type veth peer name w0
dev_add v0
cp "$LEGACY/counter_elf.o" "$TMP/$BAD.o"
cp "$BPF/counter_cgroup.o" "$TMP/c$BAD.o"
mkdir "$JOB"
on_exit 'rmdir "$JOB/sub" 2>/dev/null; rmdir "$JOB" 2>/dev/null || :'
mkdir "$BPFFS/$BAD"
PIN="$BPFFS/$BAD/$BAD"

t_begin 'tc_loader: show, -echo, monitor, verbose'
tc_loader monitor >"$TMP/events" 2>&1 &
on_exit "kill $! 2>/dev/null || :"
t_ok wait_for 5 sh -c 'tc qdisc replace dev lo clsact && [ -s "$1" ]' sh "$TMP/events"
for dev in "$DEV" v0; do
	shown 0 tc_loader qdisc add dev "$dev" clsact
	shown 0 tc_loader -echo filter add dev "$dev" ingress bpf da obj "$TMP/$BAD.o"
	t_out_has "$SEEN.o:[classifier]"
done
shown 0 tc_loader qdisc show
t_out_has 'dev v\x1b[2J parent'
shown 0 tc_loader filter show dev v0 ingress
t_is "$(wc -l <"$TMP/t_out")" 2
shown 0 tc_loader filter add dev v0 egress bpf da obj "$TMP/$BAD.o" verbose
t_run 0 tc_loader -j filter show dev v0 ingress
t_is "$(t_out | t_json '.[1].options.bpf_name' | sed -n 1p)" "a${ESC}[2J"
t_ok wait_for 5 grep -q 'dev v0 egress' "$TMP/events"
cp "$TMP/events" "$TMP/t_out"
clean
t_out_has "$SEEN.o:[classifier]"
t_out_has 'dev v\x1b[2J'

t_begin 'tc_loader: errors and remarks'
shown 1 tc_loader filter add dev v0 egress bpf da obj "$TMP/$BAD.o" sec "$BAD"
t_err_has "no section '$SEEN'"
shown 1 tc_loader filter add dev "$DEV-" egress bpf da obj "$TMP/$BAD.o"
shown 2 tc_loader filter del dev "$DEV" egress pref 7
printf 'qdisc show dev %s\n' "$DEV-" >"$TMP/batch"
shown 1 tc_loader -b "$TMP/batch"

t_begin 'cgroup_loader: attach, show, tree, programs, links'
shown 0 cgroup_loader cgroup attach "$JOB" egress obj "$TMP/c$BAD.o" multi
shown 0 cgroup_loader cgroup tree "$CG"
t_out_has 'x\x1b[31m\xc2\x9b'
mkdir "$JOB/sub"
shown 0 cgroup_loader cgroup show "$JOB/sub" effective
t_run 0 cgroup_loader -j cgroup tree "$CG"
t_is "$(t_out | t_json '.[0].cgroup')" "$JOB"
shown 0 cgroup_loader cgroup attach "$JOB/sub" egress obj "$TMP/c$BAD.o" link pinned "$PIN-link"
shown 0 cgroup_loader -f link show pinned "$PIN-link"
t_out_has "pinned $BPFFS/$SEEN/$SEEN-link"
rm "$PIN-link"
rmdir "$JOB/sub"
shown 0 cgroup_loader prog load "$TMP/c$BAD.o" "$PIN-prog"
shown 0 cgroup_loader -f prog show pinned "$PIN-prog"
t_out_has "pinned $BPFFS/$SEEN/$SEEN-prog"

t_begin 'both: maps, shares, objects'
bpftool map create "$PIN" type hash key 4 value 16 entries 4 name raw_map
for tool in tc_loader cgroup_loader; do
	shown 0 $tool map show pinned "$PIN"
	shown 0 $tool share show pinned "$PIN"
	t_out_has 'a\x1b[2J\x0afilter'
	shown 0 $tool share check traffic dev "$DEV" cgroup "$JOB"
	shown 0 $tool object show "$TMP/$BAD.o"
	t_out_has "$SEEN.o: 1 map"
	shown 255 $tool map show pinned "$PIN-none"
	shown 0 $tool share show --dot pinned "$PIN"
done
shown 0 cgroup_loader -f map show pinned "$PIN"
t_out_has "pinned $BPFFS/$SEEN/$SEEN"
t_run 0 cgroup_loader -f -j map show pinned "$PIN"
t_is "$(t_out | t_json '.pinned[0]' | sed -n 1p)" "$BPFFS/a${ESC}[2J"
mkdir "$BPFFS/tc/globals/$BAD"
shown any tc_loader share gc --delete
