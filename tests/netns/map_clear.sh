#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# map clear: each kind of map that holds data is empty afterwards, or zero where elements are
# always there; others are refused and stay as they are. Where the kernel refuses half way, what is
# done is said.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"

M=$BPFFS/m
# map TYPE WORDS…: a map of that type at $M.
map() {
	rm -f "$M"
	type=$1
	shift
	bpftool map create "$M" type "$type" entries 8 name clear$$ "$@"
}
left() {
	bpftool -j map dump pinned "$M" | t_json '.|length'
}

for type in hash percpu_hash lru_hash lru_percpu_hash; do
	t_begin "$type"
	map $type key 4 value 8
	for key in 1 2 3; do
		bpftool map update pinned "$M" key $key 0 0 0 value 7 0 0 0 0 0 0 0
	done
	t_run 0 cgroup_loader map clear pinned "$M"
	t_out_is "map $(map_id "$M"): 3 elements removed"
	t_is "$(left)" 0
	t_run 0 tc_loader -j map clear pinned "$M"
	t_out_is "{\"id\":$(map_id "$M"),\"removed\":0}"
done

t_begin 'a trie'
map lpm_trie key 8 value 1 flags 1
bpftool map update pinned "$M" key 8 0 0 0 10 0 0 0 value 1
bpftool map update pinned "$M" key 16 0 0 0 10 1 0 0 value 2
t_run 0 tc_loader map clear pinned "$M"
t_is "$(left)" 0

for type in array percpu_array; do
	t_begin "$type"
	map $type key 4 value 4
	bpftool map update pinned "$M" key 5 0 0 0 value 7 7 7 7
	t_run 0 cgroup_loader map clear pinned "$M"
	t_out_is "map $(map_id "$M"): 8 elements set to 0"
	bpftool map lookup pinned "$M" key 5 0 0 0 >"$TMP/element"
	! grep -q '07 07' "$TMP/element" || t_fail 'a value stayed'
done

for type in queue stack; do
	t_begin "$type"
	map $type value 2
	for verb in push push push; do
		bpftool map $verb pinned "$M" value 1 2
	done
	t_run 0 cgroup_loader map clear pinned "$M"
	t_out_has '3 elements removed'
	t_run any bpftool map peek pinned "$M"
	t_out_lacks value
done

t_begin 'one element alone, as people say it'
map hash key 4 value 8
bpftool map update pinned "$M" key 1 0 0 0 value 7 0 0 0 0 0 0 0
t_run 0 cgroup_loader map clear pinned "$M"
t_out_has ': 1 element removed'

t_begin 'what cannot be cleared, and says so'
bpftool map update pinned "$M" key 1 0 0 0 value 7 0 0 0 0 0 0 0
t_run 0 cgroup_loader map freeze pinned "$M"
t_run 255 cgroup_loader map clear pinned "$M"
t_err_has 'is frozen'
t_is "$(left)" 1
map prog_array key 4 value 4
t_run 255 cgroup_loader map clear pinned "$M"
t_err_has 'holds no plain data'
t_run 255 cgroup_loader -j map clear pinned "$BPFFS/nosuch"
t_is "$(t_out | t_json .kind)" missing

refill() {
	case $type in
	hash)
		for key in 1 2 3; do
			bpftool map update pinned "$M" key $key value 7
		done
		;;
	array)
		bpftool map update pinned "$M" key 0 0 0 0 value 7
		bpftool map update pinned "$M" key 1 0 0 0 value 7
		;;
	*)
		bpftool map push pinned "$M" value 1 2
		bpftool map push pinned "$M" value 3 4
		;;
	esac
}

# half PATTERN ERRNO: clears $M, whose second call that matches fails.
half() {
	local spec number
	calls_of cgroup_loader map clear pinned "$M" >"$TMP/usual"
	refill
	number=$(grep -n "$1" "$TMP/calls" | sed -n '2s/:.*//p')
	spec=$(call_spec "$number")
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/failed" -e "inject=${spec% *}:error=$2:when=${spec#* }" \
		cgroup_loader map clear pinned "$M"
}

t_begin 'half way, key by key'
map hash key 1 value 1
refill
t_run 255 half BPF_MAP_DELETE_ELEM EFAULT
t_err_is 'cgroup_loader: 1 of 3 elements are cleared: clear failed: Bad address'
t_is "$(left)" 2
t_run 0 half BPF_MAP_DELETE_ELEM ENOENT
t_out_is "map $(map_id "$M"): 2 elements removed"

t_begin 'half way, of an array'
map array key 4 value 1
refill
t_run 255 half BPF_MAP_UPDATE_ELEM EFAULT
t_err_is 'cgroup_loader: 1 of 8 elements are cleared: clear failed: Bad address'
t_is "$(bpftool -j map lookup pinned "$M" key 1 0 0 0 | t_json .value)" '["0x07"]'

t_begin 'half way, of a queue'
map queue value 2
refill
t_run 255 half BPF_MAP_LOOKUP_AND_DELETE_ELEM EFAULT
t_err_is 'cgroup_loader: 1 element is removed: clear failed: Bad address'
t_is "$(bpftool -j map peek pinned "$M" | t_json .value)" '["0x03","0x04"]'

t_begin 'what cannot be read is not taken for empty'
map hash key 1 value 1
refill
calls_of cgroup_loader map clear pinned "$M" >"$TMP/usual"
refill
# A batch of none asks whether it is a map.
first=$(grep -nE 'BPF_MAP_(GET_NEXT_KEY|LOOKUP_BATCH)' "$TMP/calls" | grep -v 'count=0' | sed -n '1s/:.*//p')
spec=$(call_spec "$first")
t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/failed" \
	-e "inject=bpf:error=EFAULT:when=${spec#* }" cgroup_loader map clear pinned "$M"
t_err_has "read map $(map_id "$M"): Bad address"
t_is "$(left)" 3
