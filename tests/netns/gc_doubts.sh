#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What share gc could not look at is not idle, not there or another pin: it says so and keeps it.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'
own_objects pair

GLOBALS=$BPFFS/tc/globals
LOOKS='?access,faccessat,?faccessat2'

new_map() {
	bpftool map create "$1" type "${2:-hash}" key "${3:-4}" value "${4:-4}" entries 4096 name "${1##*/}"
}

# failing PATH CALLS ERRNO CMD…: calls with that path do.
failing() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/failed" -P "$1" -e "trace=$2" \
		-e "inject=$2:error=$3" "${@:4}"
}

mkdir -p "$GLOBALS"

t_begin 'whether a migration needs the pin'
new_map "$GLOBALS/hits"
ASIDE=$GLOBALS/mapshare_migrates_hits
for errno in ENOMEM EIO EACCES; do
	t_run 255 failing "$ASIDE" "$LOOKS" $errno \
		tc_loader share gc --delete --force-unseen "$GLOBALS/hits"
	t_err_has "'$GLOBALS/hits' stays: "
	t_ok [ -e "$GLOBALS/hits" ]
done
t_run 0 failing "$ASIDE" "$LOOKS" ENOMEM tc_loader share gc
t_err_has "not seen: pin '$GLOBALS/hits': "
t_out_has 'not all users could be seen'
t_run 0 tc_loader share gc --delete --force-unseen "$GLOBALS/hits"

t_begin 'a pin that was left, of a name that another one bears: not that one'
new_map "$GLOBALS/hits"
LEFT=$GLOBALS/mapshare_removes_1/hits
mkdir -m 700 "${LEFT%/*}"
new_map "$LEFT"
new=$(map_id "$GLOBALS/hits")
t_run any failing "$LEFT" "$LOOKS,?stat,newfstatat" ENOMEM \
	-e inject=newfstatat:error=ENOMEM:when=2+ \
	tc_loader share gc --delete --force-unseen "$LEFT"
t_is "$(map_id "$GLOBALS/hits")" "$new"
rm -rf "${LEFT%/*}" "$GLOBALS/hits"

t_begin 'a map whose type is not told may be held by what only its type tells: a policy'
new_map "$GLOBALS/sockets" sockmap
bpftool prog load "$OBJ/bound_policy.o" "$BPFFS/policy"
bpftool prog attach pinned "$BPFFS/policy" sk_msg_verdict pinned "$GLOBALS/sockets"
DELETE=(tc_loader share gc --delete --force-unseen "$GLOBALS/sockets")
ASAN_OPTIONS=detect_leaks=0 strace -qq -e signal=none -e trace=bpf -o "$TMP/calls" "${DELETE[@]}" >"$TMP/usual" 2>&1 || :
grep -q 'is attached to it' "$TMP/usual"
numbers=$(awk '/BPF_OBJ_GET_INFO_BY_FD/ && n++ < 4 { print NR }' "$TMP/calls")
for number in $numbers; do
	t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/failed" -e trace=bpf \
		-e "inject=bpf:error=ENOMEM:when=$number" "${DELETE[@]}"
	t_ok [ -e "$GLOBALS/sockets" ]
done
bpftool prog detach pinned "$BPFFS/policy" sk_msg_verdict pinned "$GLOBALS/sockets"
rm "$BPFFS/policy" "$GLOBALS/sockets"

t_begin 'kept prog arrays that cannot be looked for'
KEEP=$BPFFS/tc/keep
mkdir -p "$KEEP/1"
new_map "$KEEP/1/jumps" prog_array
t_run 255 failing "$KEEP" "$LOOKS,?stat,newfstatat" ENOMEM \
	tc_loader share gc --delete --force-unseen
t_err_has "'$KEEP': "
t_ok [ -e "$KEEP/1/jumps" ]
rm -r "$KEEP"
