#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The links ip and xdp that tc makes beside its tree: with the first pin below it, never by a
# command that pins nothing, and a word where they cannot be made.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

links() {
	find "$BPFFS" -maxdepth 1 -type l | sort | tr '\n' ' '
}

dev_add v0 v1
tc qdisc add dev v0 clsact
mkdir -m 0700 "$BPFFS/tc" "$BPFFS/tc/globals"
bpftool map create "$BPFFS/tc/globals/idle" type hash key 4 value 4 entries 1 name "tl$$"
# Where some process may not be looked into, even by root, what is removed is removed by force.
FORCE=
[ "$(tc_loader share gc 2>&1 | t_count 'not seen: open files')" -eq 0 ] || FORCE=--force-unseen

t_begin 'what only removes pins makes no links, not even for a moment'
# shellcheck disable=SC2086 # one word or none
t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -f -o "$TMP/trace" -e trace=symlink,symlinkat \
	tc_loader share gc --delete $FORCE "$BPFFS/tc/globals/idle"
t_ok [ ! -e "$BPFFS/tc/globals/idle" ]
t_is "$(t_count symlink "$TMP/trace")" 0
t_is "$(links)" ''

t_begin 'a load makes them with its pin'
t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/by_name.o" section tc
t_is "$(links)" "$BPFFS/ip $BPFFS/xdp "
t_is "$(readlink "$BPFFS/ip")" "$BPFFS/tc/"
tc filter del dev v0 ingress
rm -r "$BPFFS/tc" "$BPFFS/ip" "$BPFFS/xdp"

t_begin 'a load that is refused takes them back'
t_run 2 tc_loader filter add dev v1 ingress bpf da obj "$OBJ/by_name.o" section tc
t_is "$(links)" ''

t_begin 'one that cannot be made is named, and the load goes on'
t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -f -o "$TMP/trace" -e trace=symlinkat \
	-e inject=symlinkat:error=ENOSPC:when=1 \
	tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/by_name.o" section tc
t_err_has "cannot make tc's link '$BPFFS/xdp': No space left on device"
t_is "$(links)" "$BPFFS/ip "
t_is "$(filters v0 ingress)" 1
