#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The same map lines through bpftool and through cgroup_loader, each in a directory of maps of
# its own that began alike: equal stdout, in text, as JSON and as indented JSON, and so, by the
# dumps between, equal maps. bpftool lets errno leak into its exit status; ours is 0 or 255. On
# an error in text both say one line of their own on stderr. Each layout has directories of its
# own, so that no line finds done what another layout did. @ in a line is a letter for the tool
# and one for the layout, since names of maps are the whole machine's.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

mkdir "$BPFFS/t" "$BPFFS/o" "$BPFFS/t-j" "$BPFFS/o-j" "$BPFFS/t-p" "$BPFFS/o-p"
lines=0
mask='cat'

# What the kernel hands out differs: ids, and names by our own letter.
masked() {
	sed -E -e 's/ml[to][0-9]+[jp]?_/ml_/g' -e 's/^[0-9]+: /N: /' -e 's/"id": ?[0-9]+/"id":N/g' \
		"$1" | $mask
}

# Slots of maps of maps and of prog arrays read back as ids.
no_values() {
	sed -E -e 's/value: .*/value: ID/' -e 's/"value": ?\[[^]]*/"value":[ID/g'
}

# one TOOL_OF_OURS LAYOUT WORDS…: one line through both.
one() {
	tool=$1 layout=$2
	shift 2
	theirs=0
	words=$(printf '%s' "$*" | sed "s/@/t$$${layout#-}/g")
	# shellcheck disable=SC2086 # words of one command
	(cd "$BPFFS/t$layout" && bpftool $layout map $words) >"$TMP/theirs" 2>"$TMP/theirs_err" ||
		theirs=255
	words=$(printf '%s' "$*" | sed "s/@/o$$${layout#-}/g")
	# shellcheck disable=SC2086
	t_run any env -C "$BPFFS/o$layout" "$(command -v "$tool")" $layout map $words
	[ "$T_STATUS" -eq "$theirs" ] ||
		t_fail "bpftool's status is $theirs: $(head -n 1 "$TMP/theirs_err")"
	lines=$((lines + 1))
}

same_out() {
	masked "$TMP/theirs" >"$TMP/theirs_masked"
	masked "$TMP/t_out" >"$TMP/our_masked"
	cmp -s "$TMP/theirs_masked" "$TMP/our_masked" || {
		diff "$TMP/theirs_masked" "$TMP/our_masked" | head -n 20
		t_fail 'stdout is not what bpftool prints'
	}
}

# both WORDS…: in all three layouts, one after the other, with one status.
both() {
	for layout in '' -j -p; do
		one cgroup_loader "$layout" "$@"
		same_out
		[ -n "$layout" ] || first=$T_STATUS
		t_is "$T_STATUS" "$first" "status with ${layout:-text}"
		if [ -z "$layout" ] && [ "$theirs" -ne 0 ] && [ ! -s "$TMP/theirs" ]; then
			t_is "$(wc -l <"$TMP/t_err")" 1 'lines on stderr'
		fi
	done
}

# refused WORDS…: by both; ours words it in its own way (cgroup_loader.8, DIFFERENCES), in JSON as one document.
refused() {
	one cgroup_loader '' "$@"
	t_is "$T_STATUS" 255
	t_out_is ''
	t_is "$(wc -l <"$TMP/t_err")" 1 'lines on stderr'
	one cgroup_loader -j "$@"
	t_is "$T_STATUS" 255
	t_ok [ -n "$(t_out | t_json .error)" ]
}

each() {
	while read -r line; do
		"$1" "$line"
	done
}

# Flag 0x40 takes chance out of the order of a hash.
# newer: bpftool 7.8 words a pin that exists otherwise and warns of names over 15 bytes.
t_begin 'created alike'
each both <<'END'
create h type hash key 4 value 8 entries 4 name ml@_h flags 0x40
create a type array key 4 value 20 entries 3 name ml@_a flags 0x400
create pa type percpu_array key 4 value 8 entries 2 name ml@_pa
create ph type percpu_hash key 2 value 4 entries 8 name ml@_ph
create lru type lru_hash key 4 value 4 entries 4 name ml@_lru
create lpm type lpm_trie key 8 value 4 entries 4 name ml@_lpm flags 1
create q type queue value 4 entries 16 name ml@_q
create s type stack value 2 entries 16 name ml@_s
create bl type bloom_filter value 4 entries 8 name ml@_bl
create in type array key 4 value 4 entries 2 name ml@_in
create in2 type array key 4 value 4 entries 2 name ml@_in2
create am type array_of_maps key 4 value 4 entries 2 name ml@_am inner_map pinned in
create hm type hash_of_maps key 4 value 4 entries 4 name ml@_hm inner_map name ml@_in
create pr type prog_array key 4 value 4 entries 3 name ml@_pr
create st type stack_trace key 4 value 80 entries 4 name ml@_st
create dm type devmap key 4 value 4 entries 4 name ml@_dm
create rb type ringbuf entries 4096 flags 0 name ml@_rb
cr ty type hash key 1 value 1 entries 4 n ml@_ty
create ab ty array k 4 v 4 e 4 n ml@_ab f 0
create long type hash key 4 value 4 entries 1 name ml@_a_name_of_many_bytes
create order entries 2 name ml@_order value 1 type hash key 1
create twice type hash key 4 value 8 entries 1 name ml@_x name ml@_y
create x type hash key 4 value 8 entries 4 key 8 name ml@_x
create x type hash type array key 4 value 8 entries 1 name ml@_x
create x type hash key 4 value 8 value 4 entries 1 name ml@_x
create x type hash key 4 value 8 entries 1 entries 2 name ml@_x
create x type arr key 4 value 8 entries 4 name ml@_x
create x type hash key four value 8 entries 4 name ml@_x
create x type hash key 4 value 8 entries 1 name ml@_x foo 1
create x type hash key 4 value 8 entries 1 name ml@_x flags 0x4000000
create x type array_of_maps key 4 value 4 entries 1 name ml@_x
create x type array_of_maps key 4 value 4 entries 1 name ml@_x inner_map id 4294967294
create x.y type hash key 4 value 8 entries 4 name ml@_x
create h type hash key 4 value 8 entries 4 name ml@_x
create
create h type hash
END
each refused <<'END'
create x type hash key 4 value 8 entries 0 name ml@_x
create x type array key 8 value 8 entries 1 name ml@_x
END

t_begin 'shown alike'
each both <<'END'
show pinned h
show name ml@_a
list pinned lpm
l pinned q
s pinned long
show pinned twice
show pinned hm
END

t_begin 'updated and looked up alike'
each both <<'END'
update pinned h key 1 0 0 0 value 1 2 3 4 5 6 7 8
update pinned h key hex 0a 0B 0xc d value hex ff 0 1 2 3 4 5 6 any
update name ml@_h value 8 7 6 5 0x4 03 2 1 key 2 0 0 0
update pinned h k 2 0 0 0 v 1 1 1 1 1 1 1 1 e
update pinned h key 3 0 0 0 value 1 1 1 1 1 1 1 1 exist
update pinned h key 1 0 0 0 value 1 1 1 1 1 1 1 1 noexist
update pinned h noexist key 1 0 0 0 value 1 1 1 1 1 1 1 1
update pinned h key 9 9 9 9 value 1 1 1 1 1 1 1 1
lookup pinned h key 1 0 0 0
lookup pinned h key 5 5 5 5
lo pinned h k h 1 0 0 0
dump pinned h
update pinned a key 1 0 0 0 value 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 255
lookup pinned a key 1 0 0 0
dump pinned a
update pinned pa key 1 0 0 0 value 1 2 3 4 5 6 7 8
lookup pinned pa key 1 0 0 0
update pinned ph key 1 2 value 3 4 5 6
update pinned ph key 1 2 value 3 4 5 7 exist
dump pinned ph
dump pinned pa
update pinned lru key 1 1 1 1 value 2 2 2 2
dump pinned lru
update pinned lpm key 24 0 0 0 10 1 2 0 value 7 0 0 0
lookup pinned lpm key 32 0 0 0 10 1 2 3
lookup pinned lpm key 8 0 0 0 10 1 2 3
dump pinned lpm
update pinned in2 key 1 0 0 0 value 4 3 2 1
update pinned dm key 0 0 0 0 value 1 0 0 0
lookup pinned dm key 0 0 0 0
update pinned st key 0 0 0 0 value 1
END
each refused <<'END'
update pinned h key 8 8 8 8 value 1 1 1 1 1 1 1 1
update pinned a key 3 0 0 0 value 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
update pinned lpm key 40 0 0 0 10 1 2 0 value 7 0 0 0
END

t_begin 'the next key alike'
each both <<'END'
getnext pinned lpm
getnext pinned lpm key 24 0 0 0 10 1 2 0
getnext pinned a
getnext pinned a key 0 0 0 0
g pinned a k 2 0 0 0
getnext pinned q
getnext pinned a key 0 0
getnext pinned a foo
getnext pinned a value 1
END
each refused <<'END'
getnext pinned a key 0 0 0 0 0
END

t_begin 'deleted alike'
each both <<'END'
delete pinned lpm key 24 0 0 0 10 1 2 0
delete pinned lpm key 24 0 0 0 10 1 2 0
del pinned ph key 1 2
dump pinned ph
delete pinned h
delete pinned q
delete pinned h key 1 0 0 0 foo
delete pinned h key 1 0 0 0 value 1
END
each refused <<'END'
delete pinned a key 1 0 0 0
END

t_begin 'queues and stacks alike'
each both <<'END'
push pinned s value 1 2
pop pinned s
peek pinned s
pop pinned s
enqueue pinned q value 1 2 3 4
en pinned q v 4 3 2 1
peek pinned q
dequeue pinned q
deq pinned q
pe pinned q
po pinned s
u pinned q v 1 1 1 1
lookup pinned q
push pinned bl value 1 2 3 4
push pinned q
push pinned q value 1 2 3
push pinned q key 1 value 1
peek pinned q extra
peek pinned h
push pinned h value 1 2 3 4 5 6 7 8
update pinned rb value 1
END
each refused <<'END'
push pinned q 1 2 3 4
END

t_begin 'maps of maps and of programs alike'
bpftool prog load "$OBJ/kv.o" "$BPFFS/prog" type cgroup/skb 2>/dev/null ||
	bpftool prog load "$OBJ/verdicts.o" "$BPFFS/prog" type classifier
# A name and a tag that no other program of the machine has, and some that two have: the tag is
# made of the instructions, of which one sets what is returned.
own=$(printf 'm%06d' $(($$ % 1000000)))
twice=$(printf 'n%06d' $(($$ % 1000000)))
imm=$(printf '\\x%02x\\x%02x' $(($$ % 256)) $(($$ / 256 % 256)))
LC_ALL=C sed "s/no_maps/$own/g
	s/\([\xb4\xb7]\x00\x00\x00\)\x00\x00\x00\x00\x95/\1$imm\x01\x00\x95/" "$OBJ/no_maps.o" >"$TMP/own.o"
sed "s/no_maps/$twice/g" "$OBJ/no_maps.o" >"$TMP/twice.o"
bpftool prog load "$TMP/own.o" "$BPFFS/own" type classifier
bpftool prog load "$TMP/twice.o" "$BPFFS/twice1" type classifier
bpftool prog load "$TMP/twice.o" "$BPFFS/twice2" type classifier
tag=$(bpftool -j prog show pinned "$BPFFS/own" | t_json .tag)
id=$(bpftool -j prog show pinned "$BPFFS/own" | t_json .id)
twice_tag=$(bpftool -j prog show pinned "$BPFFS/twice1" | t_json .tag)
t_isnt "$tag" "$twice_tag"
mask=no_values
each both <<END
update pinned am key 0 0 0 0 value pinned in
update pinned am key 1 0 0 0 value name ml@_in2
update pinned am key 0 0 0 0 value 1 2 3 4
update pinned am key 0 0 0 0 value id
update pinned am key 0 0 0 0 value
update pinned am key 0 0 0 0 value pinned h
update pinned am key 0 0 0 0 value pinned lpm
lookup pinned am key 1 0 0 0
dump pinned am
delete pinned am key 1 0 0 0
lookup pinned am key 1 0 0 0
update pinned hm key 1 2 3 4 value pinned in any
update pinned hm value pinned in2 noexist key 1 2 3 4
dump pinned hm
delete pinned hm key 1 2 3 4
update pinned pr key 1 0 0 0 value pinned $BPFFS/prog
update pinned pr key 0 0 0 0 value tag $tag
update pinned pr key 0 0 0 0 value name $own
update pinned pr key 0 0 0 0 value id $id
update pinned pr key 0 0 0 0 value n $own
update pinned pr key 0 0 0 0 value 1 2 3 4
update pinned pr key 0 0 0 0 value id 4294967294
lookup pinned pr key 1 0 0 0
dump pinned pr
delete pinned pr key 1 0 0 0
delete pinned pr key 1 0 0 0
END
each refused <<END
update pinned am key 2 0 0 0 value name ml@_in2
update pinned pr key 9 0 0 0 value pinned $BPFFS/prog
update pinned pr key 0 0 0 0 value tag 0000000000000000
update pinned pr key 0 0 0 0 value tag $twice_tag
update pinned pr key 0 0 0 0 value name $twice
update pinned pr key 0 0 0 0 value name
update pinned pr key 0 0 0 0 value id x
update pinned pr key 0 0 0 0 value pinned /proc/version
update pinned pr key 0 0 0 0 value pinned nosuch
update pinned pr key 0 0 0 0 value pinned h
update pinned pr key 0 0 0 0 value nosuch 1
update pinned pr key 0 0 0 0 value
update pinned pr key 0 0 0 0 value name no_such_program
END
mask='cat'

t_begin 'pinned and frozen alike'
each both <<'END'
pin pinned h h2
pin name ml@_h h3
pi pinned h h4
p pinned h h5
pin pinned h a
pin pinned h h.x
pin pinned h
pin
freeze pinned h extra
freeze pinned h
f pinned in
freeze
lookup pinned h key 2 0 0 0
show pinned h5
dump pinned h4
END
each refused <<'END'
update pinned h key 2 0 0 0 value 1 1 1 1 1 1 1 1
delete pinned h key 2 0 0 0
END

t_begin 'mistakes, the words are equal in JSON'
each both <<'END'
update pinned h key 1 0 0 0
update pinned h value 1 2 3 4 5 6 7 8
update pinned h
update pinned h key 1 0 0 0 key 1 0 0 0 value 1 2 3 4 5 6 7 8
update pinned h value 1 2 3 4 5 6 7 8 value 1 2 3 4 5 6 7 8 key 1 0 0 0
update pinned h key 1 0 0 0 value 1 2 3 4 5 6 7 8 bogus
update pinned h key 1 0 0 0 value 1 2 3 4 5 6 7 8 any exist
update pinned h key 1 0 0 0 value 1 2 3 4 5 6 7
update pinned h key zz 0 0 0 value 1 2 3 4 5 6 7 8
update pinned h key hex zz 0 0 0 value 1 2 3 4 5 6 7 8
update pinned h key 1 0 0 0 value hex
update pinned h key 1 0 0 0 value
update pinned h key
update bogus h key 1
update id 4294967294 key 1
lookup pinned h
lookup pinned h key 1 0 0 0 foo
lookup pinned h key 1 0 0 0 value 1
lookup pinned q key 1
lookup id x key 1
lookup pinned nothing key 1
show pinned nothing
peek id 4294967294
freeze id 4294967294
event_pipe pinned h
END
each refused <<'END'
update pinned h key 1 0 0 value 1 2 3 4 5 6 7 8
END

t_begin 'mistakes in words of our own'
each refused <<'END'
update
update id
lookup
delete
getnext
pop
nosuchverb
lookup pinned h key 1 0 0 0 any
update name no_such_map key 1 0 0 0 value 1
update pinned am key 0 0 0 0 value name no_such_map
create no/such/dir type hash
create nothing/here/h type arr key 4 value 4 entries 4 name ml@_x
create x type hash key 4 value 8 entries 4 name
END

t_begin 'tc_loader has the same verbs'
for layout in '' -j; do
	while read -r line; do
		one tc_loader "$layout" "$line"
		same_out
	done <<'END'
create tc type hash key 4 value 4 entries 2 name ml@_tc
update pinned tc key 1 0 0 0 value 1 2 3 4
lookup pinned tc key 1 0 0 0
getnext pinned tc
dump pinned tc
delete pinned tc key 1 0 0 0
pin pinned tc tc2
freeze pinned tc
lookup pinned tc key 1 0 0 0
push pinned q value 1 2 3 4
dequeue pinned q
END
done

t_begin 'the end'
t_ok [ "$lines" -ge 240 ]
echo "$lines command lines through both tools"
