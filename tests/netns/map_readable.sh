#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Addresses and ports are taken as people write them, by BTF's types, names and tags, and shown
# so with --readable; without it all output is bpftool's, byte for byte.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

own_objects readable
t_run 0 cgroup_loader prog load "$OBJ/readable.o" "$BPFFS/prog" pinmaps "$BPFFS/maps"
flows=$(echo "$BPFFS"/maps/flows_*)
nets=$(echo "$BPFFS"/maps/nets_*)
jobs=$(echo "$BPFFS"/maps/jobs_*)
bytes=$(echo "$BPFFS"/maps/bytes_*)
trie=$(echo "$BPFFS"/maps/trie_*)

t_begin 'they are written in their own terms, and lie in network order'
key='{saddr:192.0.2.1,sport::80,src_mac:02:00:00:00:00:0a,six:2001:db8::1,hops:[10.0.0.1,"10.0.0.2"],number:5,tagged:198.51.100.7,raw:192.0.2.9}'
t_run 0 tc_loader map update pinned "$flows" key "$key" value 7
laid='c0 00 02 01 00 50 02 00 00 00 00 0a 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 0a 00 00 01 0a 00 00 02'
# shellcheck disable=SC2086 # bytes
t_run 0 bpftool map lookup pinned "$flows" key hex $laid 05 00 00 00 c6 33 64 07 c0 00 02 09
t_run 0 tc_loader map update pinned "$nets" key 203.0.113.0/24 value 192.0.2.254
t_run 0 bpftool map lookup pinned "$nets" key hex 18 00 00 00 cb 00 71 00

t_begin 'a number is a number still'
t_run 0 tc_loader map update pinned "$flows" key '{saddr:16777343,sport:80}' value 8
# shellcheck disable=SC2046
t_run 0 bpftool map lookup pinned "$flows" key hex 7f 00 00 01 50 00 $(printf '00 %.0s' {1..42})
t_run 0 cgroup_loader map delete pinned "$flows" key '{saddr:16777343,sport:80}'

t_begin 'without the option the output is bpftool'\''s'
for form in '' -j -p; do
	# shellcheck disable=SC2086
	t_run 0 bpftool $form map dump pinned "$flows"
	cp "$TMP/t_out" "$TMP/theirs"
	# shellcheck disable=SC2086
	t_run 0 cgroup_loader $form map dump pinned "$flows"
	t_ok cmp "$TMP/t_out" "$TMP/theirs"
done

t_begin 'with it, in both tools, text and JSON, dump and lookup'
t_run 0 cgroup_loader -j --readable map dump pinned "$flows"
t_out_has '"formatted":{"key":{"saddr":"192.0.2.1","sport":":80","src_mac":"02:00:00:00:00:0a","six":"2001:db8::1","hops":["10.0.0.1","10.0.0.2"],"number":5,"tagged":"198.51.100.7","raw":151126208},"value":7}'
t_run 0 tc_loader map dump pinned "$nets" --readable
t_out_has '"key": "203.0.113.0/24"'
t_out_has '"value": "192.0.2.254"'
t_run 0 tc_loader map lookup pinned "$nets" key 203.0.113.9/32 --readable
t_out_has '"value": "192.0.2.254"'

t_begin 'what is shown can be typed; labels of metrics and lines of watch'
t_run 0 cgroup_loader --readable map watch pinned "$flows" count 1
shown=$(sed -n 's/^[^{]*\({.*}\)  .*/\1/p' "$TMP/t_out")
t_run 0 cgroup_loader map lookup pinned "$flows" key "$shown"
t_run 0 tc_loader map export pinned "$flows" --openmetrics --readable
t_out_has 'key="{saddr:192.0.2.1,'

t_begin 'no address: the message is the one of numbers, and nothing is stored'
t_run any tc_loader map update pinned "$nets" key 203.0.113.0/33 value 1.2.3.4
t_isnt "$T_STATUS" 0
t_run any tc_loader map update pinned "$nets" key 203.0.113.0/8 value 1.2.3
t_isnt "$T_STATUS" 0
t_err_has "'1.2.3' is not a number"
t_is "$(bpftool -j map dump pinned "$nets" | grep -o formatted | wc -l)" 1

t_begin 'what a trie compares is a prefix, whatever it is declared as'
t_run 0 tc_loader map update pinned "$bytes" key 203.0.113.0/24 value 7
t_run 0 bpftool map lookup pinned "$bytes" key hex 18 00 00 00 cb 00 71 00
t_run 0 tc_loader map lookup pinned "$bytes" key 203.0.113.77/32 --readable
t_out_has '"key": "203.0.113.77/32"'
t_run 0 tc_loader map update pinned "$trie" key 2001:db8::/32 value 8
t_run 0 tc_loader map update pinned "$trie" key fe80::/16 value 8
t_run 0 tc_loader map delete pinned "$trie" key fe80::/16
# shellcheck disable=SC2046
t_run 0 bpftool map lookup pinned "$trie" key hex 20 00 00 00 20 01 0d b8 $(printf '00 %.0s' {1..12})
t_run 0 tc_loader -j --readable map dump pinned "$trie"
t_out_has '"formatted":{"key":"2001:db8::/32","value":8}'
t_run 0 tc_loader map update pinned "$bytes" key '{prefixlen:8,data:[10,0,0,0]}' value 9
t_run 0 tc_loader map delete pinned "$bytes" key 10.0.0.0/8

t_begin 'ids of cgroups are paths, both ways; 64 bits in network order a number'
mkdir "$CG/a b"
id=$(stat -c %i "$CG")
blank=$(stat -c %i "$CG/a b")
# le64 NUMBER: its bytes.
le64() {
	"$LIB_PYTHON" -c 'import sys; print(*["%02x" % b for b in int(sys.argv[1]).to_bytes(8, sys.byteorder)])' "$1"
}
t_run 0 cgroup_loader map update pinned "$jobs" \
	key "{cgroup_id:$CG,token::258,tagged:\"$CG/a b\",job_cgid:$id}" value "$CG"
# shellcheck disable=SC2046 # bytes
t_run 0 bpftool map lookup pinned "$jobs" \
	key hex $(le64 "$id") 00 00 00 00 00 00 01 02 $(le64 "$blank") $(le64 "$id")
t_out_has "\"value\": $id"
cp "$TMP/t_out" "$TMP/theirs"
# shellcheck disable=SC2046
t_run 0 cgroup_loader map lookup pinned "$jobs" \
	key hex $(le64 "$id") 00 00 00 00 00 00 01 02 $(le64 "$blank") $(le64 "$id")
t_ok cmp "$TMP/t_out" "$TMP/theirs"
t_run 0 tc_loader -j --readable map dump pinned "$jobs"
t_out_has "\"formatted\":{\"key\":{\"cgroup_id\":\"$CG\",\"token\":\":258\",\"tagged\":\"$CG/a b\",\"job_cgid\":$id},\"value\":\"$CG\"}"
t_run 0 cgroup_loader --readable map watch pinned "$jobs" count 1
t_out_has "{cgroup_id:\"$CG\",token:\":258\","
shown=$(sed -n 's/^[^{]*\({.*}\)  .*/\1/p' "$TMP/t_out")
t_run 0 cgroup_loader map lookup pinned "$jobs" key "$shown"
t_run 0 tc_loader map export pinned "$jobs" --openmetrics --readable
t_out_has "{cgroup_id:\\\"$CG\\\","

t_begin 'a cgroup that is gone is its number; one that never was is refused by name'
rmdir "$CG/a b"
t_run 0 tc_loader -j --readable map dump pinned "$jobs"
t_out_has "\"tagged\":$blank,"
t_run 255 cgroup_loader map lookup pinned "$jobs" key "{cgroup_id:$CG/nosuch}"
t_err_has "key: member 'cgroup_id': cgroup '$CG/nosuch': No such file or directory"
t_run 255 cgroup_loader map lookup pinned "$jobs" key "{tagged:/tmp}"
t_err_has "'/tmp' is not a cgroup directory; the cgroup v2 tree is at"
t_run 255 cgroup_loader map lookup pinned "$jobs" key "{job_cgid:$CG}"
t_err_has 'is not a number'
