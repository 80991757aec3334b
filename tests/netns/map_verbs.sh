#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# map show, dump, lookup: every line also through bpftool, and stdout compared byte for byte.
# bpftool lets errno leak into its exit status; ours is 0 or 255. Ids and names are the whole
# machine's: our names begin with mv_, and lists of all maps are only searched.
#
# alone: maps are looked up by names, which are the whole machine's
#
# differs: unknown-name
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

# same ARG…: plain, as JSON, as indented JSON.
same() {
	for layout in '' -j -p; do
		# shellcheck disable=SC2086 # no layout is no word
		same_once $layout "$@"
	done
}

same_once() {
	want=0
	bpftool "$@" >"$TMP/theirs" 2>"$TMP/theirs_err" || want=255
	t_run "$want" cgroup_loader "$@"
	cmp -s "$TMP/theirs" "$TMP/t_out" || {
		diff "$TMP/theirs" "$TMP/t_out" | head -n 20
		t_fail 'stdout is not what bpftool prints'
	}
}

create() {
	name=$1
	shift
	bpftool map create "$BPFFS/$name" "$@" name "mv_$name"
}

# set NAME KEY… value VALUE…
set_element() {
	name=$1
	shift
	bpftool map update pinned "$BPFFS/$name" key "$@"
}

key16='1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16'

create h type hash key 4 value 8 entries 16
create lru type lru_hash key 16 value 8 entries 16
create arr type array key 4 value 20 entries 3
create tall type hash key 20 value 3 entries 4
create edge type hash key 9 value 16 entries 4
create tiny type hash key 1 value 1 entries 4
create pch type percpu_hash key 4 value 24 entries 4
create pca type percpu_array key 4 value 5 entries 2
create plru type lru_percpu_hash key 20 value 3 entries 4
create lpm type lpm_trie key 8 value 1 entries 4 flags 1
create inner type array key 4 value 4 entries 1
create hom type hash_of_maps key 4 value 4 entries 4 inner_map pinned "$BPFFS/inner"
create aom type array_of_maps key 4 value 4 entries 4 inner_map pinned "$BPFFS/inner"
create progs type prog_array key 4 value 4 entries 3
create perf type perf_event_array key 4 value 4 entries 2
create socks type reuseport_sockarray key 4 value 4 entries 2
create devs type devmap key 4 value 4 entries 2
create stk type stack key 0 value 24 entries 2
bpftool map create "$BPFFS/twin1" type hash key 2 value 2 entries 4 name mv_twin
bpftool map create "$BPFFS/twin2" type hash key 2 value 2 entries 4 name mv_twin
set_element h 9 0 0 0 value 1 2 3 4 5 6 7 8
set_element h 1 0 0 0 value 0 0 0 4 5 6 7 255
# shellcheck disable=SC2086 # sixteen words
{
	set_element lru $key16 value 1 2 3 4 5 6 7 8
	set_element tall $key16 17 18 19 20 value 1 2 3
	set_element plru $key16 17 18 19 20 value 1 2 3
	set_element edge 1 2 3 4 5 6 7 8 9 value $key16
	set_element pch 1 0 0 0 value $key16 1 2 3 4 5 6 7 8
}
set_element lpm 8 0 0 0 1 0 0 0 value 7
set_element lpm 8 0 0 0 2 0 0 0 value 8
set_element hom 1 0 0 0 value pinned "$BPFFS/inner"
set_element aom 1 0 0 0 value pinned "$BPFFS/inner"
set_element twin1 1 2 value 3 4
bpftool map update pinned "$BPFFS/stk" value 1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8

t_begin 'dump, every type'
for m in h lru arr tall edge tiny pch pca plru lpm inner hom aom progs perf socks devs \
	twin1 twin2; do
	same map dump pinned "$BPFFS/$m"
done

t_begin 'a map that fills many batches, and one whose buckets are uneven'
create many type hash key 4 value 4 entries 3000
create few type hash key 4 value 4 entries 3000 flags 1
i=0
while [ "$i" -lt 2000 ]; do
	echo "map update pinned $BPFFS/many key $((i % 256)) $((i / 256)) 0 0 value 1 2 3 4"
	[ $((i % 7)) -ne 0 ] ||
		echo "map update pinned $BPFFS/few key 0 0 $((i % 256)) $((i / 256)) value 4 3 2 1"
	i=$((i + 1))
done >"$TMP/updates"
bpftool batch file "$TMP/updates" >"$TMP/batch_out"
same map dump pinned "$BPFFS/many"
t_run 0 cgroup_loader map dump pinned "$BPFFS/many"
t_out_has 'Found 2000 elements'
same map dump pinned "$BPFFS/few"

t_begin 'show'
bpftool map freeze pinned "$BPFFS/tiny"
for m in h tiny lpm hom progs stk; do
	same map show pinned "$BPFFS/$m"
	same -f map show pinned "$BPFFS/$m"
done
id=$(map_id "$BPFFS/h")
same map show id "$id"
same map list id "$id"
same m s i "$id"
same map show name mv_lru

t_begin 'several pins of one map'
mkdir "$BPFFS/dir"
ln "$BPFFS/h" "$BPFFS/again"
ln "$BPFFS/h" "$BPFFS/dir/h"
# Their order is that of a hash table in bpftool, which grows with the pins of the machine.
bpftool -f map show pinned "$BPFFS/h" | sort >"$TMP/theirs"
t_run 0 cgroup_loader -f map show pinned "$BPFFS/h"
t_is "$(sort "$TMP/t_out")" "$(cat "$TMP/theirs")"
rm "$BPFFS/again" "$BPFFS/dir/h"
rmdir "$BPFFS/dir"

t_begin 'several maps of one name'
same map show name mv_twin
same map dump name mv_twin

t_begin 'maps of a loaded object: BTF, the owner of a prog array'
bpftool prog loadall "$OBJ/by_name.o" "$BPFFS/set" pinmaps "$BPFFS"
same map show pinned "$BPFFS/by_name_hits"
same -f map show pinned "$BPFFS/by_name_hits"
for prog in "$BPFFS"/set/*; do break; done
bpftool map update pinned "$BPFFS/progs" key 1 0 0 0 value pinned "$prog" 2>"$TMP/warning"
same map show pinned "$BPFFS/progs"
same map dump pinned "$BPFFS/progs"

t_begin 'all maps'
t_run 0 cgroup_loader map show
t_out_has "$(bpftool map show pinned "$BPFFS/by_name_hits")"
t_out_has "$(bpftool map show pinned "$BPFFS/h")"
t_run 0 cgroup_loader -f map
t_err_is ''
t_out_has "$(bpftool -f map show pinned "$BPFFS/h")"
t_run 0 cgroup_loader -f -j map list
t_out_has ",$(bpftool -f -j map show pinned "$BPFFS/twin1")"
t_out_has ",$(bpftool -f -j map show pinned "$BPFFS/twin2")"
t_ok [ "$(t_out | t_json '.|length')" -gt 20 ]

t_begin 'lookup'
same map lookup pinned "$BPFFS/h" key 9 0 0 0
same map lookup pinned "$BPFFS/h" key hex 09 0 0 0
same map lookup id "$id" key 0x9 0 0 0
same map lookup name mv_lru key 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
same map lookup pinned "$BPFFS/pch" key 1 0 0 0
same map lookup pinned "$BPFFS/pca" key 1 0 0 0
same map lookup pinned "$BPFFS/arr" key 2 0 0 0
same map lookup pinned "$BPFFS/hom" key 1 0 0 0
same map lookup pinned "$BPFFS/stk"

t_begin 'an absent key: said on stdout, null in JSON, status 255'
same map lookup pinned "$BPFFS/h" key 5 0 0 0
same map lookup pinned "$BPFFS/pca" key 9 0 0 0
same map lookup pinned "$BPFFS/hom" key 9 0 0 0

t_begin 'refusals are one line, and one document in JSON'
# no STATUS-carrying words of bpftool here: the program under test only
for words in 'show name no_such_map' 'dump name no_such_map' 'show id 4294967295' \
	"dump pinned $BPFFS/none" "dump pinned $BPFFS/stk" 'dump foo 1' "dump id $id extra" \
	"lookup id $id" "lookup id $id key 1 0 0" "lookup id $id key 300 0 0 0" \
	"lookup id $id key 1 0 0 zz" "lookup id $id key 1 0 0 0 key 1 0 0 0" \
	"lookup id $id key 1 0 0 0 more" "lookup pinned $BPFFS/stk key 1" \
	'lookup name mv_twin key 1 2' "lookup pinned $BPFFS/set key 1" 'bogus'; do
	# shellcheck disable=SC2086 # words of one command
	t_run 255 cgroup_loader map $words
	t_out_is ''
	t_is "$(wc -l <"$TMP/t_err")" 1 'lines on stderr'
	# shellcheck disable=SC2086
	t_run 255 cgroup_loader -j map $words
	t_is "$(t_out | t_json '.|length')" 1 'members of the document'
	t_ok [ -n "$(t_out | t_json .error)" ]
	t_err_is ''
done
t_run 255 cgroup_loader map show name no_such_map
t_err_is "cgroup_loader: no map is named 'no_such_map'; 'map show' lists the maps there are"
t_run 255 cgroup_loader map lookup id "$id" key 300 0 0 0
t_err_is "cgroup_loader: error parsing byte: 300 is not from 0 to 255; separate the bytes: 'hex 01 02', not 'hex 0102'"

t_begin 'a program is no map'
t_run 255 cgroup_loader map dump pinned "$prog"
t_err_has 'incorrect object type: prog'

t_begin 'tc_loader has the same verbs'
t_run 0 tc_loader map dump pinned "$BPFFS/h"
t_out_is "$(bpftool map dump pinned "$BPFFS/h")"
t_run 0 tc_loader -j map lookup pinned "$BPFFS/h" key 9 0 0 0
t_out_is "$(bpftool -j map lookup pinned "$BPFFS/h" key 9 0 0 0)"
