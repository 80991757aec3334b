#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The way to a pin: one call where no link is on it, and as strict as step by step. Who owns the
# directories is in foreign_pins.sh.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

command -v strace >/dev/null || t_skip strace 'strace counts the calls'

OBJECT=$OBJ/layout_u64.o
PIN=$BPFFS/tc/globals/layout_stats
dev_add v0
tc qdisc add dev v0 clsact

# steps OPTION...: how often a step of the way was opened alone by a load.
steps() {
	t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=openat,openat2 -o "$TMP/opened" tc_loader "$@" \
		filter replace dev v0 ingress pref 1 handle 1 bpf da obj "$OBJECT" section tc
	grep -c '"fs", [^)]*O_PATH' "$TMP/opened" || :
}

t_begin 'no step of it is opened alone, and what is there is used'
t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OBJECT" section tc
map=$(stat -c %i "$PIN")
if [ "$(uname -r | awk -F. '{ print $1 * 100 + $2 }')" -ge 506 ]; then
	t_is "$(steps)" 0 'steps of their own'
	t_ok grep -q "openat2.*\"${PIN%/*}\"" "$TMP/opened"
fi
t_is "$(stat -c %i "$PIN")" "$map"

t_begin 'with a link of root on it each step is looked at'
ln -s "$BPFFS/tc" "$TMP/way"
[ "$(steps --pin-root "$TMP/way/globals")" -gt 0 ] || t_fail 'nobody walked'
t_is "$(stat -c %i "$PIN")" "$map"

t_begin 'a BPF file system inside another one: directories of both count'
mkdir -m 0700 "$BPFFS/outer" "$BPFFS/outer/inner"
mount -t bpf bpf -o mode=0700 "$BPFFS/outer/inner"
on_exit 'umount -l "$BPFFS/outer/inner"'
replace() {
	t_run "$1" tc_loader --pin-root "$BPFFS/outer/inner" filter replace dev v0 ingress \
		pref 1 handle 1 bpf da obj "$OBJECT" section tc
}
replace 0
t_ok [ -e "$BPFFS/outer/inner/layout_stats" ]
chown 65534:65534 "$BPFFS/outer"
replace 1
t_err_has "directory '$BPFFS/outer' belongs to uid 65534"
chown 0:0 "$BPFFS/outer"
chmod 0777 "$BPFFS/outer"
replace 1
t_err_has "directory '$BPFFS/outer' of uid 0 has mode 0777"

t_begin 'one more link to a cgroup is one more open, link and pin, not one more way to it'
# calls NR: how many it takes to make NR links.
calls() {
	mkdir -m 0700 "$BPFFS/links"
	mkdir "$CG/nr"
	for ((i = 0; i < $1; i++)); do
		mkdir "$CG/nr/a_$i"
	done
	t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/calls" cgroup_loader cgroup attach each "$CG/nr" egress \
		pinned "$BPFFS/egress" link pinned "$BPFFS/links"
	t_is "$(find "$BPFFS/links" -type f | wc -l)" "$1" links
	rm -r "$BPFFS/links"
	rmdir "$CG"/nr/a_* "$CG/nr"
	CALLS=$(wc -l <"$TMP/calls")
}
t_run 0 bpftool prog load "$OBJ/no_maps.o" "$BPFFS/egress" type cgroup_skb/egress
calls 4
few=$CALLS
calls 24
[ $((CALLS - few)) -le $((20 * 16)) ] || t_fail "20 more links take $((CALLS - few)) calls"
