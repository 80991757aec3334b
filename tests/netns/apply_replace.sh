#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Applying while packets pass: no packet meets an empty hook, and a refusal brings the very
# programs back that were there.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

STATE=$TMP/state
FILE=$TMP/acct.yaml
MAP=t$(printf %06d $(($$ % 1000000)))
PIN=$BPFFS/tc/globals/$MAP
for side in tc cgroup; do
	LC_ALL=C sed "s/traffic/$MAP/g" "$BPF/counter_$side.o" >"$TMP/$side.o"
done

ns_add peer
veth_add v0 192.0.2.1/24 peer p0 192.0.2.2/24
veth_know v0 192.0.2.1 peer p0 192.0.2.2
dev_add v1
cg_add sender
cg_add parent/child

apply() {
	tc_loader "$1" --state-dir "$STATE" "$FILE"
}

write_file() {
	cat >"$FILE" <<END
name: acct
objects:
  tc: { file: tc.o }
  cg: { file: cgroup.o }
maps:
  $MAP: { shared: yes }
tc:
  - { object: tc, interfaces: [ v0${1:+, v1} ], hook: egress, preference: 10, handle: 1 }
cgroups:
  - { object: cg, type: egress, cgroups: [ $CG/sender ] }
${1:+  - { object: cg, type: egress, cgroups: [ $CG/parent/child ] \}}
END
}

# newer: the next build of both objects, which differ from the last in a byte behind their end.
newer() {
	printf x >>"$TMP/tc.o"
	printf x >>"$TMP/cgroup.o"
}

# counted SLOT: hook * 4 + 3 are datagrams (bpf/counter_shared.h); a slot has packets and bytes.
counted() {
	map_u64s "$PIN" "0$1" 00 00 00 | cut -d ' ' -f 1
}

has_more() {
	[ "$(wc -l <"$TMP/sent")" -gt "$1" ]
}

t_begin 'ten builds one after the other: each datagram is counted once on both hooks'
start ns_run peer traffic serve 192.0.2.2 9 >"$TMP/served"
t_ok wait_for 20 grep -q ready "$TMP/served"
write_file ''
t_run 0 apply apply
map=$(map_id "$PIN")
cat >"$TMP/send.sh" <<END
while [ ! -e "$TMP/enough" ]; do
	traffic send udp 192.0.2.2 9 200
done >"$TMP/sent"
END
start cg_run "$CG/sender" bash "$TMP/send.sh"
sender=$STARTED
t_ok wait_for 20 test -s "$TMP/sent"
for _ in 1 2 3 4 5 6 7 8 9 10; do
	newer
	before=$(prog_at v0 egress)
	lines=$(wc -l <"$TMP/sent")
	t_run 0 apply apply
	t_ok [ "$(prog_at v0 egress)" -ne "$before" ]
	t_ok wait_for 20 has_more "$lines"
done

t_begin 'a refusal at the last place: the programs are those that were there'
# An exclusive program above refuses all below; no plan sees it.
bpftool prog load "$BPF/counter_cgroup.o" "$BPFFS/alone" type cgroup/skb
bpftool cgroup attach "$CG/parent" egress pinned "$BPFFS/alone"
newer
write_file more
at_dev=$(prog_at v0 egress)
in_cgroup=$(prog_in "$CG/sender")
record=$(cat "$STATE"/*.json)
t_run 255 apply apply
t_err_has "$CG/parent"
t_is "$(prog_at v0 egress)" "$at_dev" 'the program at v0'
t_is "$(prog_in "$CG/sender")" "$in_cgroup" 'the program of the cgroup'
t_is "$(tc qdisc show dev v1 clsact)" '' 'the clsact that it made'
t_is "$(cg_progs "$CG/parent/child")" 0
t_is "$(cat "$STATE"/*.json)" "$record" 'the record'
t_is "$(find "$STATE" -name '*.journal')" '' 'the journal'

t_begin 'and a datagram neither way was lost'
touch "$TMP/enough"
wait "$sender"
sent=$(awk '{ n += $1 } END { print n }' "$TMP/sent")
t_is "$(map_id "$PIN")" "$map" 'the map'
t_is "$(counted 3)" "$sent" 'counted by the classifiers'
t_is "$(counted 7)" "$sent" 'counted by the programs of the cgroup'

t_begin 'once nothing stands in the way all of it is done'
bpftool cgroup detach "$CG/parent" egress pinned "$BPFFS/alone"
rm "$BPFFS/alone"
t_run 0 apply apply
t_is "$(cg_progs "$CG/parent/child")" 1
t_is "$(filters v1 egress)" 1
t_run 0 apply check
t_run 0 apply remove
