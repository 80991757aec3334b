#!/bin/sh
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
t_run 0 cgroup_loader map update pinned "$M/m_value64" value { packets: 3, bytes: 4 } key 9
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
t_err_is "cgroup_loader: key: there is no member 'prot'"
t_run 255 cgroup_loader map update pinned "$M/m_value64" key 1 value '{state:MODE_FAST}'
t_err_is "cgroup_loader: value: member 'state': enum mode has no 'MODE_FAST'"
t_run 255 cgroup_loader map update pinned "$M/m_value64" key 1 value '{packets:1'
t_err_has "expected ',' or '}', but the text ends"
bpftool map create "$BPFFS/plain" type hash key 4 value 4 entries 4 name mt_plain
t_run 255 cgroup_loader map update pinned "$BPFFS/plain" key '{a:1}' value 1 0 0 0
t_err_has "the map has no BTF that says what its keys are"
t_run 255 cgroup_loader map update pinned "$BPFFS/plain" key 1 value 1 0 0 0
t_err_has 'error parsing byte: value'

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
t_err_has 'values of 6 bytes without BTF are no row of u32 or u64'
