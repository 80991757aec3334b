#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Values of all CPUs as one: as wide as they need, in --sum, watch and export.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

M=$BPFFS/maps
bpftool prog loadall "$OBJ/btf_kinds.o" "$BPFFS/kinds" pinmaps "$M"
cpus=$(bpftool -j map dump pinned "$M/m_pc_array" | t_json '.[0].values|length')
[ "$cpus" -gt 1 ] || t_skip cpus 'one CPU has nothing to add up'

# struct { u64 packets; u32 bytes; }: 2^63 and 3 000 000 000 on every CPU.
key='1 0 0 0 80 0 0 0'
# shellcheck disable=SC2086 # bytes
bpftool map update pinned "$M/m_pc_hash" key $key \
	value hex 05 00 00 00 00 00 00 00 00 5e d0 b2 00 00 00 00
packets=$((5 * cpus))
bytes=$((3000000000 * cpus))

t_begin 'u32 of 3 000 000 000 on every CPU are more than a u32 holds'
t_run 0 cgroup_loader --sum -j map dump pinned "$M/m_pc_hash"
t_is "$(t_out | t_json '.[0].formatted.value')" "{\"packets\":$packets,\"bytes\":$bytes}"
t_is "$(t_out | t_json '.[0].value|length')" 16
t_err_has "the sum of 'bytes' does not fit in its 32 bits: its bytes show the number nearest to it"
# shellcheck disable=SC2086
t_run 0 cgroup_loader map lookup pinned "$M/m_pc_hash" key $key --sum
t_out_has "\"bytes\": $bytes"
t_err_is ''
t_run 0 cgroup_loader map export pinned "$M/m_pc_hash" --openmetrics
t_out_has "bytes{map=\"m_pc_hash\",key=\"{ip:1,port:80,pad:0}\"} $bytes"
t_run 0 cgroup_loader map watch pinned "$M/m_pc_hash" count 1
t_out_has "packets $packets  bytes $bytes"
t_run 0 cgroup_loader -j map watch pinned "$M/m_pc_hash" count 1
t_is "$(t_out | t_json '.[0].elements[0].values')" "{\"packets\":$packets,\"bytes\":$bytes}"

t_begin 'a sum that has no 64 bits is said'
bpftool map update pinned "$M/m_pc_array" key 0 0 0 0 value hex ff ff ff ff ff ff ff ff
t_run 0 cgroup_loader --sum map lookup pinned "$M/m_pc_array" key 0 0 0 0
t_out_has '"value": 18446744073709551615'
t_err_has "the sum of 'value' does not fit in 64 bits"
t_run 0 cgroup_loader map export pinned "$M/m_pc_array" --openmetrics
t_out_has ' 18446744073709551615'
t_err_has "the sum of 'value' does not fit in 64 bits"

t_begin 'without BTF the bytes are all there is'
bpftool map create "$BPFFS/words" type percpu_array key 4 value 4 entries 1 name "ms_$$"
bpftool map update pinned "$BPFFS/words" key 0 0 0 0 value hex 00 5e d0 b2
t_run 0 cgroup_loader --sum map dump pinned "$BPFFS/words"
t_out_has 'value: ff ff ff ff'
t_err_has "the sum of 'value' does not fit in its 32 bits"
t_run 0 cgroup_loader map watch pinned "$BPFFS/words" count 1
t_out_has "value $bytes"

t_begin 'what is no sum: each CPU in an export, and no watch; names that are one in metrics stay two'
bpftool prog load "$OBJ/unsummed.o" "$BPFFS/unsummed" type classifier pinmaps "$BPFFS/un"
bpftool prog run pinned "$BPFFS/unsummed" data_in <(head -c 64 /dev/zero) repeat 3 >"$TMP/run"
t_run 0 cgroup_loader map export pinned "$BPFFS/un/unsummed" --openmetrics
counted=0
for ((cpu = 0; cpu < cpus; cpu++)); do
	for name in load in_a in_a_; do
		t_out_has "bpf_value_unsummed_$name{map=\"unsummed\",key=\"0\",cpu=\"$cpu\"} "
	done
	n=$(sed -n "s/^bpf_value_unsummed_in_a_{.*cpu=\"$cpu\"} //p" "$TMP/t_out")
	counted=$((counted + n))
done
t_is "$counted" 3
t_run 255 cgroup_loader map watch pinned "$BPFFS/un/unsummed" count 1
t_err_has 'cannot be watched: the values of its CPUs are not integers that can be added up'
