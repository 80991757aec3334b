#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the map verbs do beyond bpftool: values in terms of BTF, --sum, load, export, watch.
# State goes in and comes out through bpftool wherever it can.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

M=$BPFFS/maps
bpftool prog loadall "$OBJ/btf_kinds.o" "$BPFFS/kinds" pinmaps "$M"
cpus=$(getconf _NPROCESSORS_CONF)

# formatted MAP KEY…: the value as bpftool reads it.
formatted() {
	map=$1
	shift
	bpftool -j map lookup pinned "$M/$map" key "$@" | t_json .formatted.value
}

t_begin 'an element in terms of BTF'
t_run 0 cgroup_loader map update pinned "$M/m_flow" key '{ip:1,port:80}' value 5
t_is "$(bpftool map lookup pinned "$M/m_flow" key 1 0 0 0 80 0 0 0 | tr -d ' \n')" \
	'{"key":{"ip":1,"port":80,"pad":0},"value":5}'
t_run 0 cgroup_loader -j map lookup pinned "$M/m_flow" key '{ip:1,port:80}'
t_is "$(t_out | t_json .formatted.value)" 5
t_run 0 cgroup_loader map getnext pinned "$M/m_flow"
t_run 255 cgroup_loader map lookup pinned "$M/m_flow" key '{ip:1,port:81}'
t_run 0 cgroup_loader map update pinned "$M/m_value64" key 9 value \
	'{packets: 7, bytes: 0x10, proto: 17, state: MODE_BUSY, name: "eth0"}' any
t_is "$(formatted m_value64 9 0 0 0)" '{"packets":7,"bytes":16,"src":0,"dst":0,"sport":0,"dport":0,"proto":17,"flags":0,"pad":0,"state":"MODE_BUSY","name":"eth0","seen":0}'

t_begin 'a shell that takes the braces apart changes nothing'
t_run 0 cgroup_loader map update pinned "$M/m_value64" value packets:8 bytes:9 key 9
t_is "$(formatted m_value64 9 0 0 0 | cut -c1-24)" '{"packets":8,"bytes":9,"'
t_run 0 cgroup_loader map update pinned "$M/m_value64" value '{' packets: 3, bytes: 4 '}' key 9
t_is "$(formatted m_value64 9 0 0 0 | cut -c1-24)" '{"packets":3,"bytes":4,"'

t_begin 'nested structs, arrays, unions, bit-fields, enums, data sections'
t_run 0 cgroup_loader map update pinned "$M/m_nested" key '{x:-1,y:2}' value \
	'{p:{x:1,y:-2},in_anon:3,byte:[1,2],grid:[[{x:1}],[{},{y:7}]],u:{as_point:{x:5}},last:9}'
t_run 0 cgroup_loader -j map lookup pinned "$M/m_nested" key x:-1 y:2
t_is "$(t_out | t_json .formatted.value.grid)" \
	'[[{"x":1,"y":0},{"x":0,"y":0},{"x":0,"y":0}],[{"x":0,"y":0},{"x":0,"y":7},{"x":0,"y":0}]]'
t_run 0 cgroup_loader map update pinned "$M/m_bits" key 0 value '{b:5,sg:-3,m:MODE_BUSY,wide:1099511627775}'
t_is "$(formatted m_bits 0 0 0 0 | cut -c1-62)" \
	'{"a":"0x0","b":"0x5","c":"0x0","d":"0x0","wide":"0xffffffffff"'
t_run 0 cgroup_loader map update pinned "$M/m_enums" key MODE_IDLE value '{m:MODE_LOST,list:[7,MODE_BUSY]}'
t_is "$(formatted m_enums 0 0 0 0 | cut -c1-17)" '{"m":"MODE_LOST",'
t_run 0 cgroup_loader map update pinned "$M/m_int" key 0 value -- -5
t_is "$(formatted m_int 0 0 0 0)" -5

t_begin 'what does not fit is named'
t_run 255 cgroup_loader map update pinned "$M/m_flow" key '{ip:1,port:70000}' value 5
t_err_is "cgroup_loader: key: member 'port': 70000 is not from 0 to 65535"
t_run 255 cgroup_loader map update pinned "$M/m_flow" key '{ip:1,prot:7}' value 5
t_err_is "cgroup_loader: key: no member named 'prot'; did you mean 'port'?"
t_run 255 cgroup_loader map update pinned "$M/m_value64" key 1 value '{state:MODE_FAST}'
t_err_is "cgroup_loader: value: member 'state': enum mode has no 'MODE_FAST'"
t_run 255 cgroup_loader map update pinned "$M/m_value64" key 1 value '{packets:1'
t_err_has "expected ',' or '}', but the text ends"
bpftool map create "$BPFFS/plain" type hash key 4 value 4 entries 4 name mt_plain
t_run 255 cgroup_loader map update pinned "$BPFFS/plain" key '{a:1}' value 1 0 0 0
t_err_has "the map has no BTF that says what its keys are"
t_run 255 cgroup_loader map update pinned "$BPFFS/plain" key 1 value 1 0 0 0
t_err_has "key expected 4 bytes got 1 before 'value'"
# The type of a data section says nothing of its key.
for map in "$M"/*bss; do
	t_run 255 cgroup_loader map lookup pinned "$map" key '{a:1}'
	t_err_has "key '{a:1}': the map has no BTF that says what its keys are; give 4 bytes"
done

# per_cpu MAP KEY… = VALUE…: the same on every CPU.
t_begin '--sum is one value'
t_run 0 cgroup_loader map update pinned "$M/m_pc_hash" key '{ip:1}' value '{packets:3,bytes:4}'
for tool in cgroup_loader tc_loader; do
	t_run 0 $tool --sum -j map dump pinned "$M/m_pc_hash"
	t_is "$(t_out | t_json '.[0].formatted.value')" \
		"{\"packets\":$((3 * cpus)),\"bytes\":$((4 * cpus))}"
	t_run 0 $tool -j map lookup pinned "$M/m_pc_hash" key '{ip:1}' --sum
	t_is "$(t_out | t_json '.formatted.value.packets')" "$((3 * cpus))"
done
bpftool map create "$BPFFS/pc" type percpu_array key 4 value 8 entries 2 name mt_pc
bpftool map update pinned "$BPFFS/pc" key 1 0 0 0 value 255 0 0 0 0 0 0 0
t_run 0 cgroup_loader map dump pinned "$BPFFS/pc" --sum
sum=$(printf '%02x %02x' $((255 * cpus % 256)) $((255 * cpus / 256)))
t_out_is "key: 00 00 00 00  value: 00 00 00 00 00 00 00 00
key: 01 00 00 00  value: $sum 00 00 00 00 00 00
Found 2 elements"

t_begin '--sum of what has none is refused'
t_run 255 cgroup_loader --sum map dump pinned "$BPFFS/plain"
t_out_is ''
t_err_has "'--sum' is for per-CPU maps"
bpftool map create "$BPFFS/odd" type percpu_array key 4 value 6 entries 1 name mt_odd
t_run 255 cgroup_loader --sum map lookup pinned "$BPFFS/odd" key 0 0 0 0
t_err_has 'values of 6 bytes without BTF are not a row of u32 or u64'

# elements PIN: what bpftool dumps, an element a line, in an order that says nothing.
elements() {
	bpftool -j map dump pinned "$1" | sed -e 's/^\[//' -e 's/\]$//' \
		-e 's/},{"key":\[/}\n{"key":[/g' | sort
}

# fill PIN KEY_SIZE VALUE_SIZE NR: numbered keys, values that differ.
fill() {
	$LIB_PYTHON - "$2" "$3" "$4" <<'END' >"$TMP/fill.batch"
import sys
key, value, nr = map(int, sys.argv[1:])
for i in range(nr):
    print(i.to_bytes(key, "little").hex(), (i * 2654435761 + 1).to_bytes(64, "little")[:value].hex().ljust(2 * value, "5"))
END
	t_run 0 cgroup_loader map load pinned "$1" - <"$TMP/fill.batch"
	t_out_is "Loaded $4 elements"
}

t_begin 'round trip: dump, load into a map that is alike, dump'
set -- hash_4_8 'type hash key 4 value 8' array_4_20 'type array key 4 value 20' \
	percpu_hash_4_12 'type percpu_hash key 4 value 12' \
	percpu_array_4_8 'type percpu_array key 4 value 8' \
	lru_hash_2_1 'type lru_hash key 2 value 1' lpm_8_3 'type lpm_trie key 8 value 3 flags 1'
while [ $# -gt 0 ]; do
	name=$1
	for copy in a b c; do
		# shellcheck disable=SC2086 # words
		bpftool map create "$BPFFS/$name$copy" $2 entries 300 name "mt_$copy"
	done
	shift 2
	size=${name#*_}
	case $name in
	percpu*) size=${size#*_} ;;
	lru*) size=${size#*_} ;;
	lpm*)
		printf '20000000%08x 0102%02x\n' 1 1 2 2 3 3 >"$TMP/fill.batch"
		t_run 0 cgroup_loader map load pinned "$BPFFS/${name}a" "$TMP/fill.batch"
		t_out_is 'Loaded 3 elements'
		size=
		;;
	esac
	[ -z "$size" ] || fill "$BPFFS/${name}a" "${size%_*}" "${size#*_}" 100
	elements "$BPFFS/${name}a" >"$TMP/before"
	# Theirs into ours, and ours, indented, through a pipe.
	bpftool -j map dump pinned "$BPFFS/${name}a" >"$TMP/dump"
	t_run 0 cgroup_loader map load pinned "$BPFFS/${name}b" "$TMP/dump"
	elements "$BPFFS/${name}b" >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
	cgroup_loader -p map dump pinned "$BPFFS/${name}a" >"$TMP/dump"
	t_run 0 tc_loader -j map load pinned "$BPFFS/${name}c" - <"$TMP/dump"
	t_ok [ "$(t_out | t_json .loaded)" -ge 3 ]
	elements "$BPFFS/${name}c" >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
done

t_begin 'round trip of maps with BTF'
for map in m_nested m_bits m_enums m_flow m_value64 m_pc_hash m_pc_array; do
	elements "$M/$map" >"$TMP/before"
	t_ok [ -s "$TMP/before" ]
	cgroup_loader -j map dump pinned "$M/$map" >"$TMP/dump"
	case $map in
	m_bits | m_pc_array) ;;
	*)
		bpftool -j map getnext pinned "$M/$map" >"$TMP/key"
		# shellcheck disable=SC2046 # bytes
		bpftool map delete pinned "$M/$map" key $(t_json .next_key <"$TMP/key" |
			tr -d '[]"' | tr , ' ')
		;;
	esac
	t_run 0 cgroup_loader map load pinned "$M/$map" "$TMP/dump"
	elements "$M/$map" >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
done

t_begin 'load keeps what it may not replace, and says how far it came'
bpftool map create "$BPFFS/small" type hash key 1 value 1 entries 3 name mt_small
printf '01 01\n02 02\n03 03\n04 04\n05 05\n' >"$TMP/five"
t_run 255 cgroup_loader map load pinned "$BPFFS/small" "$TMP/five"
small=$(map_id "$BPFFS/small")
t_err_is "cgroup_loader: '$TMP/five': 3 elements are stored: element 4: update failed: map $small is full: it has 3 of 3 entries"
t_run 255 cgroup_loader -j map load pinned "$BPFFS/small" - noexist <"$TMP/five"
t_is "$(t_out | t_json .error)" "'-': 0 elements are stored: element 1: update failed: File exists"
printf '01 09\n\n02 zz\n' >"$TMP/wrong"
t_run 255 cgroup_loader map load pinned "$BPFFS/small" "$TMP/wrong"
t_err_is "cgroup_loader: '$TMP/wrong': 1 elements are stored: element 2 (line 3): its value is not a row of pairs of hex digits"
t_is "$(bpftool -j map lookup pinned "$BPFFS/small" key 1 | t_json '.value[0]')" 0x09
t_run 255 cgroup_loader map load pinned "$BPFFS/small" "$TMP"
t_err_is "cgroup_loader: '$TMP': 0 elements are stored: read: Is a directory"
t_run 255 cgroup_loader map load pinned "$BPFFS/small" "$TMP/nothing"
t_err_has "open '$TMP/nothing': No such file or directory"
bpftool map freeze pinned "$BPFFS/small"
t_run 255 cgroup_loader map load pinned "$BPFFS/small" "$TMP/five"
t_err_has "update failed: map $small is frozen"

t_begin 'a map of maps takes the ids that its dump shows'
bpftool map create "$BPFFS/outer" type hash_of_maps key 4 value 4 entries 4 name mt_outer \
	inner_map pinned "$BPFFS/plain"
bpftool map update pinned "$BPFFS/outer" key 7 0 0 0 value pinned "$BPFFS/plain"
bpftool -j map dump pinned "$BPFFS/outer" >"$TMP/dump"
bpftool map delete pinned "$BPFFS/outer" key 7 0 0 0
t_run 0 cgroup_loader map load pinned "$BPFFS/outer" "$TMP/dump"
t_is "$(bpftool -j map dump pinned "$BPFFS/outer")" "$(cat "$TMP/dump")"

t_begin 'memory does not grow with what is loaded'
bpftool map create "$BPFFS/big" type hash key 4 value 8 entries 300000 name mt_big
$LIB_PYTHON -c '
for i in range(300000):
    print("%08x %016x" % (i, i))' >"$TMP/big"
# peak FILE: KiB in memory while it is loaded.
peak() {
	"$LIB_PYTHON" - "$BPFFS/big" "$1" <<'END'
import resource, subprocess, sys
subprocess.run(["cgroup_loader", "map", "load", "pinned", sys.argv[1], sys.argv[2]],
               check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
}
head -n 10 "$TMP/big" >"$TMP/few"
few=$(peak "$TMP/few")
most=$((few + 8192))
t_ok [ "$(peak "$TMP/big")" -le "$most" ]
t_run 0 cgroup_loader map load pinned "$BPFFS/big" "$TMP/big"
t_out_is 'Loaded 300000 elements'

# valid FILE: OpenMetrics, as its grammar has it: families in one piece, one type each, no
# sample twice, and the end.
valid() {
	$LIB_PYTHON - "$1" <<'END'
import re, sys
lines = open(sys.argv[1]).read().split("\n")
assert lines[-2:] == ["# EOF", ""], lines[-2:]
label = r'[a-z]+="(?:[^"\\\n]|\\[\\"n])*"'
families, samples = [], set()
for line in lines[:-2]:
    m = re.fullmatch(r"# (TYPE|HELP) ([a-zA-Z_][a-zA-Z0-9_]*) .*", line)
    if m:
        if m[1] == "TYPE":
            assert m[2] not in families, line
            families.append(m[2])
        continue
    m = re.fullmatch(r"([a-zA-Z0-9_]+)(\{%s(?:,%s)*\}) (-?[0-9.e+-]+|nan|-?inf)" % (label, label), line)
    assert m, line
    assert m[1] == families[-1], line
    assert (m[1], m[2]) not in samples, line
    samples.add((m[1], m[2]))
assert samples
END
}

t_begin 'export: fill level, fields by name, the key as a label'
t_run 0 cgroup_loader map export pinned "$M/m_flow" --openmetrics
t_out_is '# TYPE bpf_map_max_entries gauge
# HELP bpf_map_max_entries Elements the map has room for.
bpf_map_max_entries{map="m_flow",type="hash"} 32
# TYPE bpf_map_entries gauge
# HELP bpf_map_entries Elements in the map.
bpf_map_entries{map="m_flow",type="hash"} 1
# TYPE bpf_value_m_flow_value gauge
# HELP bpf_value_m_flow_value '"'value' in the values of map 'm_flow'."'
bpf_value_m_flow_value{map="m_flow",key="{ip:1,port:80,pad:0}"} 5
# EOF'
t_run 0 tc_loader --openmetrics map export pinned "$M/m_pc_hash"
t_out_has "bpf_value_m_pc_hash_packets{map=\"m_pc_hash\",key=\"{ip:1,port:0,pad:0}\"} $((3 * cpus))"
t_run 0 cgroup_loader map export pinned "$M/m_nested" --openmetrics
t_out_has 'bpf_value_m_nested_grid_y{map="m_nested",key="{x:-1,y:2}",index="4"} 7'
t_run 0 cgroup_loader map export pinned "$BPFFS/pc" --openmetrics
t_out_has "bpf_value_mt_pc_value{map=\"mt_pc\",key=\"hex 01 00 00 00\"} $((255 * cpus))"

t_begin 'export: any map gives a valid document'
bpftool map update pinned "$M/m_floats" key 1 0 0 0 value \
	0 0 192 127 0 0 0 0 0 0 0 0 0 0 240 255 7 0 0 0 0 0 128 63 0 0 0 0 0 0 0 0
for pin in "$M"/* "$BPFFS"/hash_4_8a "$BPFFS"/lpm_8_3a "$BPFFS/outer" "$BPFFS/odd"; do
	case $pin in
	*/m_queue | */m_stack) continue ;;
	esac
	t_run 0 cgroup_loader map export pinned "$pin" --openmetrics
	t_ok valid "$TMP/t_out"
done
t_run 0 cgroup_loader map export pinned "$M/m_floats" --openmetrics
t_out_has '} nan'
t_out_has '} -inf'
for copy in '' 2; do
	bpftool map create "$BPFFS/twin$copy" type array key 4 value 8 entries 2 name "mt_twin$$"
done
t_run 0 cgroup_loader map export name "mt_twin$$" --openmetrics
t_ok valid "$TMP/t_out"
t_is "$(grep -c "^bpf_value_mt_twin$$" "$TMP/t_out")" 4

t_begin 'export to a file replaces it whole'
echo old >"$TMP/x.prom"
t_run 0 cgroup_loader map export pinned "$M/m_flow" --openmetrics file "$TMP/x.prom"
t_out_is ''
t_ok valid "$TMP/x.prom"
t_is "$(stat -c %a "$TMP/x.prom")" 644
bpftool map create "$BPFFS/queue" type queue value 4 entries 2 name mt_queue
t_run 255 cgroup_loader map export pinned "$BPFFS/queue" --openmetrics file "$TMP/x.prom"
t_ok valid "$TMP/x.prom"
t_is "$(find "$TMP" -name 'x.prom*' | wc -l)" 1
t_run 255 cgroup_loader map export pinned "$M/m_flow" --openmetrics file "$TMP/no/x.prom"
t_err_has 'No such file or directory'
t_run 255 cgroup_loader map export pinned "$M/m_flow"
t_err_has '--openmetrics'
t_run 255 cgroup_loader -j map export pinned "$M/m_flow" --openmetrics
t_ok [ -n "$(t_out | t_json .error)" ]

t_begin 'watch: plain lines through a pipe, rates from the second look on'
bpftool map create "$BPFFS/live" type array key 4 value 8 entries 1 name mt_live
t_run 0 cgroup_loader map watch pinned "$BPFFS/live" count 1
t_ok grep -qxE '[0-9:]{8} hex 00 00 00 00  value 0' "$TMP/t_out"
start cgroup_loader map watch pinned "$BPFFS/live" interval 0.5 count 3 >"$TMP/watched"
t_ok wait_for 5 grep -q 'value 0' "$TMP/watched"
bpftool map update pinned "$BPFFS/live" key 0 0 0 0 value 100 0 0 0 0 0 0 0
t_ok wait_for 5 grep -qE 'value 100 \(\+[0-9]{3}\.[0-9]/s\)' "$TMP/watched"
t_ok wait_for 5 grep -qF 'value 100 (+0.0/s)' "$TMP/watched"
t_run 0 tc_loader map watch pinned "$M/m_pc_hash" count 1
t_out_has "{ip:1,port:0,pad:0}  packets $((3 * cpus))  bytes $((4 * cpus))"

t_begin 'watch: Ctrl-C ends it, with status 0 and JSON that is whole'
t_run 0 timeout --preserve-status -s INT 1 cgroup_loader -j map watch \
	pinned "$BPFFS/live" interval 0.2
t_is "$(t_out | t_json '.[1].elements[0].values.value')" 100
t_is "$(t_out | t_json '.[1].elements[0].rates.value')" 0.0

t_begin 'watch: a terminal is redrawn'
t_run 0 "$LIB_PYTHON" - "$BPFFS/live" <<'END'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp("cgroup_loader", ["cgroup_loader", "map", "watch", "pinned", sys.argv[1],
                                "interval", "0.2", "count", "2"])
text = b""
try:
    while chunk := os.read(fd, 4096):
        text += chunk
except OSError:
    pass
status = os.waitpid(pid, 0)[1]
assert status == 0, status
assert text.count(b"\033[H\033[J") == 2, text
assert b"1 of 1 elements" in text and b"+0.0" in text, text
END

t_begin 'watch: what has no numbers is refused'
t_run 255 cgroup_loader map watch pinned "$BPFFS/outer"
t_err_has 'maps of its type hold no numbers'
t_run 255 cgroup_loader map watch pinned "$BPFFS/odd"
t_err_has 'values of 6 bytes without BTF are not a row of u32 or u64'
t_run 255 cgroup_loader map watch pinned "$BPFFS/live" interval 0
t_err_has "interval '0': not a number of seconds"
t_run 255 cgroup_loader -j map watch pinned "$BPFFS/live" count 0
t_ok [ -n "$(t_out | t_json .error)" ]

t_begin 'event_pipe: what a program reports, until Ctrl-C'
ns_add ev
t_run 0 tc_loader -n ev qdisc add dev lo clsact
ip -n ev link set lo up
t_run 0 tc_loader -n ev filter add dev lo egress bpf da obj "$OBJ/perf_events.o"
id=$(ip netns exec ev tc -j filter show dev lo egress | t_json '.[options.prog.id]' | tr -d '[]')
map=$(bpftool -j prog show id "$id" | t_json '.map_ids[0]')
start ip netns exec ev ping -q -i 0.2 -c 30 127.0.0.1
t_run 0 timeout --preserve-status -s INT 1 cgroup_loader map event_pipe id "$map"
t_out_has '== @'
t_out_has '
30 31 32 33 34 35 36 37  38 39 00 00'
t_run 0 timeout --preserve-status -s INT 1 cgroup_loader -p map event_pipe id "$map"
t_is "$(t_out | t_json '.[0].type')" 9
t_is "$(t_out | t_json '.[0].data' | cut -c1-10)" '[48,49,50,'
