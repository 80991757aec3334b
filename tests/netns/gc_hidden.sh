#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# share gc inside `ip netns exec`, which hides bpffs: it lists and removes the caller's pins
# under the paths the caller sees, those of --pin-root too.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

GLOBALS=$BPFFS/tc/globals
OWN=$BPFFS/own
ns_add a
ip -n a link add v0 type veth peer name v1
mkdir -p "$GLOBALS" "$OWN"
for pin in "$GLOBALS/gone$$" "$GLOBALS/used$$" "$OWN/own$$"; do
	bpftool map create "$pin" type array key 4 value 8 entries 1 name "$(basename "$pin")"
done

in_a() {
	ip netns exec a "$@"
}

t_begin 'listed under the path of the caller'
t_run 0 in_a tc_loader share gc
t_out_has "$GLOBALS/gone$$ "
t_out_lacks "$OWN"
t_run 0 in_a cgroup_loader --pin-root "$OWN" share gc
t_out_has "$OWN/own$$ "
t_run 255 in_a tc_loader --pin-root "$OWN/none" share gc
t_err_has "--pin-root '$OWN/none': No such file or directory"

t_begin 'what is in use stays'
mkdir "$BPFFS/truth"
bpftool prog loadall "$OBJ/truth.o" "$BPFFS/truth" map name truth_hits pinned "$GLOBALS/used$$"
t_run 255 in_a tc_loader share gc --delete --force-unseen "$GLOBALS/used$$"
t_err_has 'uses it'
t_ok [ -e "$GLOBALS/used$$" ]

t_begin 'removed, and nothing else'
t_run 0 in_a tc_loader share gc --delete --force-unseen "$GLOBALS/gone$$"
t_ok [ ! -e "$GLOBALS/gone$$" ]
t_run 255 in_a tc_loader share gc --delete --force-unseen "$OWN/own$$"
t_err_has 'not ours to remove'
t_run 0 in_a tc_loader --pin-root "$OWN" share gc --delete --force-unseen "$OWN/own$$"
t_is "$(find "$OWN" "$GLOBALS" -type f)" "$GLOBALS/used$$"

t_begin 'a pin that went while it was listed is nothing to tell of, one that cannot be opened is'
TOLD=$BUILD/tests/netns/told OBJ_GET=7 ENOENT=2 EPERM=1
t_run any "$TOLD" call $OBJ_GET $ENOENT tc_loader share gc
t_err_lacks "$GLOBALS/used$$"
t_run any "$TOLD" call $OBJ_GET $EPERM tc_loader share gc
t_err_has "pin '$GLOBALS/used$$': Operation not permitted"
