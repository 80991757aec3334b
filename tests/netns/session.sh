#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# One journal over tc, cgroups and pins (session.c): all of a command stays, or nothing.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add ses0
tc qdisc add dev ses0 clsact
cg_add ses

session() {
	"$BUILD/tests/netns/session" "$OBJ/by_name.o" ses0 "$CG/ses" "$BPFFS/link" \
		"$BPFFS/dir/prog" "$@"
}

filters() {
	tc filter show dev ses0 ingress
}

entries() {
	prog_in "$CG/ses" | wc -w
}

pins() {
	find "$BPFFS" -type f ! -name '*.debug' | sort | tr '\n' ' '
}

t_begin 'freed without commit: nothing is left'
t_run 0 session leave
t_out_is attached
t_is "$(filters)" ''
t_is "$(entries)" 0
t_is "$(find "$BPFFS" -mindepth 1 ! -name '*.debug')" ''

t_begin 'a step that is refused takes the steps before it back'
mkdir "$BPFFS/dir"
t_run 0 bpftool map create "$BPFFS/dir/prog" type array key 4 value 4 entries 1 name ses
t_run 1 session commit
t_err_has "pin '$BPFFS/dir/prog': File exists"
t_is "$(filters)" ''
t_is "$(entries)" 0
t_is "$(pins)" "$BPFFS/dir/prog "
rm -r "$BPFFS/dir"

t_begin 'committed: all of it stays, on one map'
t_run 0 session commit
t_is "$(pins)" "$BPFFS/dir/prog $BPFFS/link $BPFFS/tc/globals/by_name_hits "
t_is "$(entries)" 2
first=$(prog_at ses0 ingress)
t_ok [ "$first" -gt 0 ]
t_is "$(maps_of "$first")" "$(map_id "$BPFFS/tc/globals/by_name_hits")"

t_begin 'what was replaced comes back'
before=$(filters)
rm "$BPFFS/dir/prog" "$BPFFS/link"
bpftool cgroup detach "$CG/ses" egress id "$(prog_in "$CG/ses" | sed -n 1p)" multi
t_run 0 session leave replace
t_is "$(prog_at ses0 ingress)" "$first"
t_is "$(filters)" "$before"
t_is "$(entries)" 0
t_is "$(pins)" "$BPFFS/tc/globals/by_name_hits "

t_begin 'what somebody else put in its place meanwhile is his'
bpftool prog load "$OBJ/by_name.o" "$BPFFS/theirs" type cgroup/skb
theirs=$(bpftool prog show pinned "$BPFFS/theirs" | sed -n '1s/:.*//p')
bpftool prog load "$OBJ/by_name.o" "$BPFFS/theirs_tc" type classifier
bpftool prog load "$OBJ/by_name.o" "$BPFFS/before" type cgroup/skb
bpftool cgroup attach "$CG/ses" egress pinned "$BPFFS/before"
MEDDLE="tc_loader filter replace dev ses0 ingress pref 7 handle 3 bpf da pinned $BPFFS/theirs_tc &&
	bpftool cgroup attach $CG/ses egress pinned $BPFFS/theirs"
t_run 0 env MEDDLE="$MEDDLE" EXCLUSIVE=1 "$BUILD/tests/netns/session" "$OBJ/by_name.o" ses0 "$CG/ses" - "$BPFFS/p" leave replace
t_ok [ "$(prog_at ses0 ingress)" != "$first" ]
t_is "$(prog_in "$CG/ses")" "$theirs"
