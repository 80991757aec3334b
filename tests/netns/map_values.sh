#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a dump prints can be given back, one byte too; what would be another value is refused
# and changes nothing.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

M=$BPFFS/maps
bpftool prog loadall "$OBJ/btf_kinds.o" "$BPFFS/kinds" pinmaps "$M"

t_begin 'one byte in terms of its type'
t_run 0 cgroup_loader map update pinned "$M/m_bool" key true value true
t_is "$(bpftool -j map lookup pinned "$M/m_bool" key 1 | t_json '.value[0]')" 0x01
t_run 0 cgroup_loader map update pinned "$M/m_bool" key false value 0x1
t_is "$(bpftool -j map lookup pinned "$M/m_bool" key 0 | t_json '.value[0]')" 0x01
t_run 0 cgroup_loader map update pinned "$M/m_char" key '"A"' value '"5"'
t_is "$(bpftool -j map lookup pinned "$M/m_char" key 65 | t_json '.value[0]')" 0x35
t_run 255 cgroup_loader map update pinned "$M/m_bool" key maybe value true
t_err_is "cgroup_loader: key: 'maybe' is neither true nor false"

t_begin 'a dump of bit-fields and of enums goes back'
# shellcheck disable=SC2046 # bytes
bpftool map update pinned "$M/m_bits" key 0 0 0 0 value hex \
	$(bpftool -j map lookup pinned "$M/m_bits" key 0 0 0 0 | t_json '.value' |
		tr -d '[]"' | sed -e 's/0x00/a5/g' -e 's/,/ /g')
bpftool -j map lookup pinned "$M/m_bits" key 0 0 0 0 | t_json '.formatted.value' >"$TMP/bits"
t_run 0 cgroup_loader map update pinned "$M/m_bits" key 0 value '{}'
t_run 0 cgroup_loader map update pinned "$M/m_bits" key 0 value "$(cat "$TMP/bits")"
t_is "$(bpftool -j map lookup pinned "$M/m_bits" key 0 0 0 0 | t_json '.formatted.value')" \
	"$(cat "$TMP/bits")"

t_begin 'values of CPUs that are not there, missing or there twice are refused'
bpftool map create "$BPFFS/pc" type percpu_array key 4 value 1 entries 1 name "mv_pc_$$"
bpftool map update pinned "$BPFFS/pc" key 0 0 0 0 value 7
key='"key":[0,0,0,0]'
for values in '' '{"cpu":"two","value":[1]}' '{"cpu":4294967297,"value":[1]}' \
	'{"cpu":0,"value":[1]},{"cpu":0,"value":[1]}'; do
	printf '[{%s,"values":[%s]}]' "$key" "$values" >"$TMP/load"
	t_run 255 cgroup_loader map load pinned "$BPFFS/pc" "$TMP/load"
	t_err_has '0 elements are stored: element 1'
	t_is "$(bpftool -j map dump pinned "$BPFFS/pc" | t_json '.[0].values[0].value[0]')" 0x07
done
printf '[{%s,%s,"values":[]}]' "$key" "$key" >"$TMP/load"
t_run 255 cgroup_loader map load pinned "$BPFFS/pc" "$TMP/load"
t_err_has 'it has two keys'

t_begin 'bytes that are too few or too many are counted'
bpftool map create "$BPFFS/plain" type hash key 4 value 2 entries 4 name "mv_plain_$$"
t_run 255 cgroup_loader map update pinned "$BPFFS/plain" key 1 2 value 1 2
t_err_has "cgroup_loader: key expected 4 bytes got 2 before 'value'; separate the bytes"
t_run 255 cgroup_loader map update pinned "$BPFFS/plain" key 1 2 3 4 5 value 1 2
t_err_has "expected key or value, got: 5; keys of map"
t_err_has 'have 4 bytes, values 2'
