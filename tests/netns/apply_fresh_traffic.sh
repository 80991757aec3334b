#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A map begins afresh while packets pass: each is counted once, in the old map or in the new one.
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
cg_add sender

# write_file ENTRIES
write_file() {
	cat >"$FILE" <<END
name: acct
objects:
  tc: { file: tc.o }
  cg: { file: cgroup.o }
maps:
  $MAP: { shared: yes, on-change: fresh, max-entries: $1 }
tc:
  - { object: tc, interfaces: [ v0 ], hook: egress }
cgroups:
  - { object: cg, type: egress, cgroups: [ $CG/sender ] }
END
}

# counted PIN SLOT: hook * 4 + 3 are datagrams (bpf/counter_shared.h); a slot has packets and bytes.
counted() {
	map_u64s "$1" "0$2" 00 00 00 | cut -d ' ' -f 1
}

sum_of() {
	local pin n=0
	for pin in "$BPFFS"/kept_* "$PIN"; do
		n=$((n + $(counted "$pin" "$1")))
	done
	echo "$n"
}

has_more() {
	[ "$(wc -l <"$TMP/sent")" -gt "$1" ]
}

t_begin 'six maps one after the other, with packets all the time'
start ns_run peer traffic serve 192.0.2.2 9 >"$TMP/served"
t_ok wait_for 20 grep -q ready "$TMP/served"
write_file 16
t_run 0 tc_loader apply --state-dir "$STATE" "$FILE"
cat >"$TMP/send.sh" <<END
while [ ! -e "$TMP/enough" ]; do
	traffic send udp 192.0.2.2 9 200
done >"$TMP/sent"
END
start cg_run "$CG/sender" bash "$TMP/send.sh"
sender=$STARTED
t_ok wait_for 20 test -s "$TMP/sent"
for entries in 17 18 19 20 21 22; do
	write_file "$entries"
	was=$(map_id "$PIN")
	bpftool map pin id "$was" "$BPFFS/kept_$entries"
	lines=$(wc -l <"$TMP/sent")
	t_run 0 tc_loader apply --state-dir "$STATE" "$FILE"
	t_out_has "max_entries $((entries - 1))/$entries"
	t_ok [ "$(map_id "$PIN")" -ne "$was" ]
	t_ok wait_for 20 has_more "$lines"
done

t_begin 'and none met an empty hook, nor was counted twice'
touch "$TMP/enough"
wait "$sender"
sent=$(awk '{ n += $1 } END { print n }' "$TMP/sent")
t_ok [ "$sent" -gt 0 ]
t_is "$(sum_of 3)" "$sent" 'counted by the classifiers'
t_is "$(sum_of 7)" "$sent" 'counted by the programs of the cgroup'
t_is "$(find "$BPFFS/tc" -name 'mapshare_*')" ''
