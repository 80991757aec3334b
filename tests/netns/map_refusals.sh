#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the kernel refuses with an errno alone is said in terms of the map.
#
# differs: refused-element
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

bpftool map create "$BPFFS/hash" type hash key 1 value 1 entries 2 name "mf_h_$$"
bpftool map create "$BPFFS/array" type array key 4 value 1 entries 3 name "mf_a_$$"
bpftool map create "$BPFFS/trie" type lpm_trie key 8 value 1 entries 1 flags 1 name "mf_t_$$"
bpftool map create "$BPFFS/queue" type queue value 1 entries 1 name "mf_q_$$"
hash=$(map_id "$BPFFS/hash") array=$(map_id "$BPFFS/array") trie=$(map_id "$BPFFS/trie")
queue=$(map_id "$BPFFS/queue")

# refused WORDS MAP UPDATE…
refused_with() {
	words=$1
	t_run 255 cgroup_loader map "$2" pinned "$BPFFS/$3" "${@:4}"
	t_is "$(sed 's/; user space cannot undo.*//' "$TMP/t_err")" "cgroup_loader: $words"
	t_run 255 cgroup_loader -j map "$2" pinned "$BPFFS/$3" "${@:4}"
	t_is "$(t_out | t_json .error)" "$words"
}

t_begin 'full'
bpftool map update pinned "$BPFFS/hash" key 1 value 1
bpftool map update pinned "$BPFFS/hash" key 2 value 1
refused_with "update failed: map $hash is full: it has 2 of 2 entries" update hash key 3 value 1
bpftool map update pinned "$BPFFS/trie" key 8 0 0 0 1 0 0 0 value 1
refused_with "update failed: map $trie is full: it has 1 of 1 entries" \
	update trie key 8 0 0 0 2 0 0 0 value 1
bpftool map push pinned "$BPFFS/queue" value 1
refused_with "update failed: map $queue is full: it has 1 of 1 entries" push queue value 1

t_begin 'past the end of an array'
refused_with "update failed: index 3 is past the end: map $array has 3 entries, the first is 0" \
	update array key 3 0 0 0 value 1
refused_with 'delete failed: elements of an array cannot be deleted, only updated' \
	delete array key 1 0 0 0

t_begin 'a prefix longer than the key'
refused_with "update failed: prefix length 33 is more than the 32 bits of the key; the length comes first, in the byte order of this machine" \
	update trie key 33 0 0 0 1 0 0 0 value 1

t_begin 'frozen'
bpftool map freeze pinned "$BPFFS/array"
t_run 255 cgroup_loader map freeze pinned "$BPFFS/array"
t_err_has "cgroup_loader: failed to freeze map: map $(map_id "$BPFFS/array") is frozen; "
# As kernels up to 6.1 say it.
ASAN_OPTIONS=detect_leaks=0 strace -qq -e trace=bpf -o "$TMP/calls" cgroup_loader map freeze pinned "$BPFFS/array" 2>"$TMP/err" || :
number=$(grep -n BPF_MAP_FREEZE "$TMP/calls" | sed -n '1s/:.*//p')
for pin in array hash; do
	t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/calls" -e trace=bpf \
		-e "inject=bpf:error=EBUSY:when=$number" cgroup_loader map freeze pinned "$BPFFS/$pin"
	cp "$TMP/t_err" "$TMP/$pin"
done
t_ok grep -q "failed to freeze map: map $array is frozen; " "$TMP/array"
t_ok grep -qx "cgroup_loader: failed to freeze map: Device or resource busy" "$TMP/hash"
refused_with "update failed: map $array is frozen" update array key 1 0 0 0 value 1

# create WORDS ARGUMENT…
create() {
	words=$1
	shift
	t_run 255 cgroup_loader map create "$BPFFS/new" "$@" name "mf_n_$$"
	t_err_is "cgroup_loader: map create failed: $words"
	t_ok [ ! -e "$BPFFS/new" ]
}

t_begin 'maps that cannot be'
create "a map of type hash needs 'entries N'" type hash key 4 value 4
create "a map of type hash needs 'entries N'" type hash key 4 value 4 entries 0
create "a map of type lpm_trie needs 'flags 1' (BPF_F_NO_PREALLOC)" \
	type lpm_trie key 8 value 4 entries 1
create 'keys of a map of type array have 4 bytes, not 8' type array key 8 value 4 entries 1

t_begin 'the least that makes a map: its type has no entries, and the pin names it'
t_run 255 cgroup_loader map create "$BPFFS/least" type cgroup_storage key 16
t_err_has "'create' needs at least 7 arguments, 5 found"
t_run 0 cgroup_loader map create "$BPFFS/least" type cgroup_storage key 16 value 8
t_is "$(bpftool -j map show pinned "$BPFFS/least" | t_json .name)" least

t_begin 'a key or a value that is not given; JSON keeps the words of bpftool'
for verb in lookup delete update; do
	t_run 255 cgroup_loader map $verb pinned "$BPFFS/array"
	t_err_is "cgroup_loader: did not find key: each of map $array has 4 bytes; add 'key' and those bytes"
	t_run 255 cgroup_loader -j map $verb pinned "$BPFFS/array"
	t_out_is '{"error":"did not find key"}'
done
t_run 255 cgroup_loader map update pinned "$BPFFS/array" key 1 0 0 0
t_err_is "cgroup_loader: did not find value: each of map $array has 1 bytes; add 'value' and those bytes"
t_run 255 cgroup_loader map delete pinned "$BPFFS/queue"
t_err_is "cgroup_loader: did not find key: elements of map $queue have none; 'map pop' takes the next one"

t_begin 'a lookup past the end is told from an element that is not there'
end="index 3 is past the end: map $array has 3 entries, the first is 0"
bpftool map lookup pinned "$BPFFS/array" key 3 0 0 0 >"$TMP/theirs" && t_fail 'found'
for layout in '' -j; do
	t_run 255 cgroup_loader ${layout:+"$layout"} map lookup pinned "$BPFFS/array" key 3 0 0 0
	t_err_is "cgroup_loader: $end"
	[ -n "$layout" ] || t_is "$(cat "$TMP/t_out")" "$(cat "$TMP/theirs")"
done
t_out_is null
t_run 0 cgroup_loader map lookup pinned "$BPFFS/array" key 2 0 0 0
t_err_is ''
t_run 255 cgroup_loader map lookup pinned "$BPFFS/hash" key 9
t_err_is ''

# without_proc CMD…: nothing is mounted where it looks.
without_proc() {
	unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$@"
}

t_begin 'a program is no map and a map no program, also where /proc is not mounted'
bpftool prog load "$OBJ/no_maps.o" "$BPFFS/program" type cgroup_skb/egress
for map in hash array trie queue; do
	t_run 255 without_proc cgroup_loader prog show pinned "$BPFFS/$map"
	t_err_has "pin '$BPFFS/$map' is not a program"
	t_run 0 without_proc cgroup_loader map show pinned "$BPFFS/$map"
done
t_run 255 without_proc cgroup_loader map show pinned "$BPFFS/program"
t_err_has 'incorrect object type: program'
t_run 0 without_proc cgroup_loader prog show pinned "$BPFFS/program"
