#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# map dump and map lookup through bpftool and through ours: the same bytes on stdout in text,
# -j and -p, for every type of map that can be read and every BTF type a value can have. What
# is different on purpose stands at the end.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

# Maps are asked for by name: no other run's have these.
own_objects m_bool m_flow m_pc_hash
M=$BPFFS/m
P=$BPFFS/plain
mkdir "$M" "$P"

# alike ARG…: one line through both tools, three times. Exit statuses agree in being 0.
alike() {
	for options in '' -j -p; do
		theirs=0
		# shellcheck disable=SC2086 # none or one word
		bpftool $options "$@" >"$TMP/theirs" 2>"$TMP/theirs.err" || theirs=$?
		# shellcheck disable=SC2086
		t_run any cgroup_loader $options "$@"
		[ $((theirs == 0)) -eq $((T_STATUS == 0)) ] || t_fail "bpftool's status is $theirs"
		cmp -s "$TMP/theirs" "$TMP/t_out" ||
			t_fail "stdout differs: $(diff "$TMP/theirs" "$TMP/t_out" | head -n 6)"
	done
}

# repeated N BYTE, counting N FROM: bytes of a key or value on a command line.
repeated() {
	awk -v n="$1" -v b="$2" 'BEGIN { while (n-- > 0) printf "%d ", b }'
}

counting() {
	awk -v n="$1" -v b="$2" 'BEGIN { while (n-- > 0) { printf "%d ", b % 256; b += 7 } }'
}

# put MAP KEY VALUE: both as words.
put() {
	# shellcheck disable=SC2086 # one word a byte
	bpftool map update pinned "$1" key $2 value $3
}

# sizes MAP: its key and value sizes.
sizes() {
	bpftool map show pinned "$1" | sed -n 's/.*key \([0-9]*\)B  value \([0-9]*\)B.*/\1 \2/p'
}

# fill MAP: five elements whose bytes meet every limit: zeros, ones, rising, high bits.
fill() {
	# shellcheck disable=SC2046 # two words
	set -- "$1" $(sizes "$1")
	put "$1" "$(counting "$2" 1)" "$(counting "$3" 1)"
	put "$1" "$(repeated "$2" 255)" "$(repeated "$3" 255)"
	put "$1" "$(repeated "$2" 0)" "$(repeated "$3" 0)"
	put "$1" "$(counting "$2" 65)" "$(counting "$3" 65)"
	put "$1" "$(counting "$2" 130)" "$(counting "$3" 130)"
}

# fill_array MAP: the same for arrays of 32-bit indices.
fill_array() {
	# shellcheck disable=SC2046 # two words
	set -- "$1" $(sizes "$1")
	put "$1" '0 0 0 0' "$(counting "$3" 1)"
	put "$1" '1 0 0 0' "$(repeated "$3" 255)"
	put "$1" '2 0 0 0' "$(counting "$3" 65)"
	put "$1" '3 0 0 0' "$(counting "$3" 200)"
}

# create NAME TYPE KEY VALUE ENTRIES [MORE…]: a map without BTF.
create() {
	name=$1 type=$2 key=$3 value=$4 entries=$5
	shift 5
	bpftool map create "$P/$name" type "$type" key "$key" value "$value" \
		entries "$entries" name "$name" "$@"
}

t_begin 'plain hex: where a row breaks, by the sizes of key and value'
for pair in '4 8' '1 1' '8 8' '8 16' '16 8' '12 12' '12 16' '17 3' '20 17' '3 40' '64 64'; do
	# shellcheck disable=SC2086 # two words
	create "h_${pair% *}_${pair#* }" hash $pair 8
	fill "$P/h_${pair% *}_${pair#* }"
	alike map dump pinned "$P/h_${pair% *}_${pair#* }"
done
alike map lookup pinned "$P/h_4_8" key 255 255 255 255
alike map lookup pinned "$P/h_4_8" key hex ff ff ff ff
alike map lookup pinned "$P/h_4_8" key 9 9 9 9
alike map lookup pinned "$P/h_20_17" key 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9
create empty hash 4 4 4
alike map dump pinned "$P/empty"

t_begin 'plain hex: other types of map'
create array array 4 3 5
create mmapable array 4 8 3 flags 1024
create percpu_array percpu_array 4 3 4
create percpu_tall percpu_array 4 20 4
create percpu_hash percpu_hash 4 3 8
create lru lru_hash 4 4 8
create lru_percpu lru_percpu_hash 8 8 8
create lpm lpm_trie 8 4 4 flags 1
create inner hash 4 8 4
# newer: bpftool 7.3 prints inner_map_id for the bytes of these values, and beside them in JSON.
create outer_hash hash_of_maps 4 4 4 inner_map pinned "$P/inner"
create outer_array array_of_maps 4 4 3 inner_map pinned "$P/inner"
create programs prog_array 4 4 4
create perf perf_event_array 4 4 4
create sockmap sockmap 4 4 3
create cookies sockmap 4 8 3
create sockhash sockhash 4 4 3
create stacks stack_trace 4 16 4
create cgroups cgroup_array 4 4 4
create devmap devmap 4 4 3
create cpumap cpumap 4 4 3
create xskmap xskmap 4 4 3
create storage cgroup_storage 8 4 0
create reuseport reuseport_sockarray 4 8 3
create reuse_small reuseport_sockarray 4 4 3
fill_array "$P/percpu_array"
fill_array "$P/percpu_tall"
fill_array "$P/array"
put "$P/mmapable" '1 0 0 0' '1 2 3 4 5 6 7 8'
for map in percpu_hash lru lru_percpu; do
	fill "$P/$map"
done
put "$P/lpm" '8 0 0 0 10 0 0 0' '1 2 3 4'
put "$P/lpm" '32 0 0 0 10 1 2 3' '5 6 7 8'
bpftool map update pinned "$P/outer_hash" key 1 2 3 4 value pinned "$P/inner"
bpftool map update pinned "$P/outer_array" key 1 0 0 0 value pinned "$P/inner"
bpftool prog load "$OBJ/verdicts.o" "$BPFFS/prog" type classifier
bpftool map update pinned "$P/programs" key 2 0 0 0 value pinned "$BPFFS/prog"
put "$P/devmap" '1 0 0 0' '1 0 0 0'
bpftool map freeze pinned "$P/mmapable"
for map in "$P"/*; do
	alike map dump pinned "$map"
done
alike map lookup pinned "$P/percpu_array" key 1 0 0 0
alike map lookup pinned "$P/percpu_tall" key 1 0 0 0
alike map lookup pinned "$P/percpu_hash" key 255 255 255 255
alike map lookup pinned "$P/outer_array" key 1 0 0 0
alike map lookup pinned "$P/outer_array" key 2 0 0 0
alike map lookup pinned "$P/programs" key 2 0 0 0

t_begin 'several batches and full buffers'
create large hash 4 200 3000
awk -v pin="$P/large" 'BEGIN {
	for (i = 0; i < 3000; i++) {
		printf "map update pinned %s key %d %d 0 0 value", pin, i % 256, i / 256
		for (k = 0; k < 200; k++)
			printf " %d", (i * 31 + k * 7) % 256
		print ""
	}
}' >"$TMP/large"
bpftool batch file "$TMP/large" >"$TMP/loaded"
t_is "$(bpftool map dump pinned "$P/large" | tail -n 1)" 'Found 3000 elements'
alike map dump pinned "$P/large"

t_begin 'BTF: every type there is'
bpftool prog loadall "$OBJ/btf_kinds.o" "$BPFFS/kinds" pinmaps "$M"
for map in "$M"/*; do
	case ${map##*/} in
	*_bss | *_data | *_rodata) ;; # data sections keep what the object gave them
	m_queue | m_sockets) ;;
	m_lpm) put "$map" '16 0 0 0 1 2 3 4' '1 2 3 4' ;;
	m_int | m_bits | m_timed | m_pc_array | m_pc_odd) fill_array "$map" ;;
	*) fill "$map" ;;
	esac
done
put "$M/m_enums" '7 0 0 0' "7 0 0 0 0 0 0 128 254 255 255 255 $(repeated 8 0) 1 0 0 0"
for map in "$M"/*; do
	case ${map##*/} in
	m_queue | *float*) continue ;;
	esac
	alike map dump pinned "$map"
done

t_begin 'BTF: strings'
text=0
for bytes in "97 98 99 0 0 0 0 0" "105 116 39 115 47 0 120 255" "34 113 34 0 0 0 0 0" \
	"37 115 37 110 38 60 62 0" "49 50 51 52 53 54 55 56" "97 9 0 0 0 0 0 0" \
	"195 169 0 0 0 0 0 0" "127 0 0 0 0 0 0 0" "0 97 98 99 100 101 102 103"; do
	put "$M/m_text" "$bytes" "$(counting 8 $text)"
	text=$((text + 1))
done
for from in 32 39 46 53 60 67 74 81 94 101 108 115 119; do
	put "$M/m_text" "$(awk -v b=$from 'BEGIN { for (i = 0; i < 7; i++) printf "%d ", b + i }') 0" \
		"$(repeated 8 1)"
done
alike map dump pinned "$M/m_text"

t_begin 'BTF: one element'
alike map lookup pinned "$M/m_flow" key 255 255 255 255 255 255 255 255
alike map lookup pinned "$M/m_flow" key 9 9 9 9 9 9 9 9
alike map lookup pinned "$M/m_pc_hash" key 0 0 0 0 0 0 0 0
alike map lookup pinned "$M/m_pc_array" key 1 0 0 0
alike map lookup pinned "$M/m_sockets" key 1 0 0 0
alike map lookup pinned "$M/m_nested" key 255 255 255 255
for map in "$M"/*rodata "$M"/*data "$M"/*bss; do
	alike map lookup pinned "$map" key 0 0 0 0
done

t_begin 'several maps of one name in one answer'
bpftool map create "$BPFFS/twin" type hash key 4 value 8 entries 4 name "twin_$$"
bpftool map create "$BPFFS/other_twin" type hash key 12 value 12 entries 4 name "twin_$$"
put "$BPFFS/twin" "$(counting 4 1)" "$(counting 8 1)"
put "$BPFFS/other_twin" "$(counting 12 1)" "$(counting 12 1)"
alike map dump name "twin_$$"
bpftool prog loadall "$OBJ/btf_kinds.o" "$BPFFS/more" pinmaps "$BPFFS"
alike map dump name "$(own_word m_flow)"
alike map dump name "$(own_word m_pc_hash)"

t_begin 'differs: floats are numbers, and every member behind them is there'
put "$M/m_one_float" '7 0 0 0' '1 0 0 0 0 0 32 192'
put "$M/m_floats" '7 0 0 0' "0 0 0 63 0 0 0 0 $(repeated 4 0) 0 0 2 64 9 0 0 0 0 0 192 127 0 0 128 255 $(repeated 4 0)"
t_run 0 cgroup_loader -j map lookup pinned "$M/m_one_float" key 7 0 0 0
t_is "$(t_json .formatted <"$TMP/t_out")" '{"key":7,"value":{"before":1,"f":-2.5}}'
t_run 0 cgroup_loader -j map lookup pinned "$M/m_floats" key 7 0 0 0
t_is "$(t_json .formatted.value <"$TMP/t_out")" \
	'{"f":0.5,"d":2.25,"after":9,"list":["nan","-inf"]}'
t_run 0 cgroup_loader map lookup pinned "$M/m_one_float" key 7 0 0 0
t_out_has '"f": -2.5'
for options in -j -p; do
	t_run 0 cgroup_loader $options map dump pinned "$M/m_floats"
	t_is "$(t_json '.|length' <"$TMP/t_out")" 6
done

t_begin 'differs: a backslash in a string is one, not a newline'
put "$M/m_text" '97 92 98 0 0 0 0 0' "$(repeated 8 0)"
t_run 0 cgroup_loader -j map lookup pinned "$M/m_text" key 97 92 98 0 0 0 0 0
t_is "$(t_json .formatted.key.s <"$TMP/t_out")" 'a\b'
t_run 0 cgroup_loader map lookup pinned "$M/m_text" key 97 92 98 0 0 0 0 0
t_out_has '"s": "a\\b"'

t_begin 'differs: bit-fields, wide and anonymous members, sections are all valid JSON'
for map in "$M"/*; do
	case $map in
	*/m_queue) continue ;;
	esac
	t_run 0 cgroup_loader -j map dump pinned "$map"
	t_ok t_json '.|length' <"$TMP/t_out" >"$TMP/length"
done

t_begin 'differs: what cannot be walked is an error that says so, in one document'
create queue queue 0 4 4
create ring ringbuf 0 0 4096
create bloom bloom_filter 0 4 4
for map in queue ring bloom; do
	t_run 255 cgroup_loader map dump pinned "$P/$map"
	t_out_is ''
	t_err_has 'dump map'
	t_run 255 cgroup_loader -j map dump pinned "$P/$map"
	t_ok t_json .error <"$TMP/t_out" >"$TMP/error"
done

t_begin 'differs: a name nobody has is said, not just a status'
t_run 255 cgroup_loader map dump name nobody_has_it_x
t_err_has "'nobody_has_it_x'"

t_begin 'differs: of two maps only one has types, so both are plain text'
bpftool map create "$BPFFS/untyped" type hash key 4 value 4 entries 4 name "$(own_word m_bool)"
put "$BPFFS/untyped" '1 2 3 4' '5 6 7 8'
t_run 0 cgroup_loader map dump name "$(own_word m_bool)"
t_out_has 'key: 01 02 03 04  value: 05 06 07 08'
t_out_has 'Found 1 element'
t_out_lacks '{'
t_run 0 cgroup_loader -j map dump name "$(own_word m_bool)"
t_is "$(t_json .[2].elements <"$TMP/t_out")" \
	'[{"key":["0x01","0x02","0x03","0x04"],"value":["0x05","0x06","0x07","0x08"]}]'

t_begin 'a reader that goes away ends the dump, without a word'
# closed IGNORED: the status behind a pipe whose reader has read one line.
closed() {
	(
		[ -z "$1" ] || trap '' PIPE
		status=0
		cgroup_loader map dump pinned "$P/large" 2>"$TMP/closed.err" || status=$?
		echo $status >"$TMP/closed"
	) | head -n 1 >"$TMP/closed.out" # cut: that is what is tried
	wait_for 5 test -s "$TMP/closed"
	t_is "$(cat "$TMP/closed.out")" 'key:'
	t_is "$(cat "$TMP/closed.err")" ''
	t_isnt "$(cat "$TMP/closed")" 0
}
closed ''
closed ignored

t_begin 'a full disk is an error'
t_run 255 sh -c 'cgroup_loader map dump pinned "$0" >/dev/full' "$P/large"
t_err_has 'No space left on device'
