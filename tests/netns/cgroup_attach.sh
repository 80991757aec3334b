#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Every cgroup attach type, attached from an object in one step, read back with bpftool; the
# modes; what is refused leaves everything as it was, and says why.
# alone: prog show without a program lists those of the whole machine
#
# differs: no-eviction
# differs: detach-compares
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
. "$TOP/tests/lines.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"

TYPES='ingress egress sock_create sock_ops device bind4 bind6 connect4 connect6 post_bind4
post_bind6 sendmsg4 sendmsg6 sysctl recvmsg4 recvmsg6 getsockopt setsockopt getpeername4
getpeername6 getsockname4 getsockname6 sock_release'
UNIX='connect sendmsg recvmsg getpeername getsockname'
types=$OBJ/cg_types.o
events=$OBJ/cg_events.o
spellings=$OBJ/cg_spellings.o

# gives FEATURE yes|no: what this kernel says of it.
gives() {
	cgroup_loader feature >"$TMP/features"
	grep -q "^$1  *$2 " "$TMP/features"
}

# The list of a cgroup as bpftool sees it, for "nothing has changed".
state() {
	bpftool cgroup tree "$CG"
	find "$BPFFS" -type f | sort
	find "$BPFFS" -type d | sort
}

# refused WORD… -- LINE…: status 255, each WORD on stderr, nothing changed.
refused() {
	state >"$TMP/before"
	refused_words=
	while [ "$1" != -- ]; do
		refused_words="$refused_words$1
"
		shift
	done
	shift
	t_run 255 cgroup_loader "$@"
	t_out_is ''
	printf '%s' "$refused_words" >"$TMP/words"
	while read -r word; do
		t_err_has "$word"
	done <"$TMP/words"
	t_is "$(wc -l <"$TMP/t_err")" 1 'lines of the error'
	state >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
}

ids() {
	bpftool -j cgroup show "$@" | t_json '.[id]'
}

t_begin 'every type attaches from an object, with and without BTF, in every mode'
cg_add a/b
cg_add z
for type in $TYPES; do
	t_run 0 cgroup_loader cgroup attach "$CG" "$type" obj "$types" multi
	t_run 0 cgroup_loader cgroup attach "$CG/a" "$type" obj "$OBJ/cg_types.nog.o"
	t_run 0 cgroup_loader cgroup attach "$CG/z" "$type" obj "$types" override
done
for dir in "$CG" "$CG/a" "$CG/z"; do
	# shellcheck disable=SC2086 # counted as words
	set -- $TYPES
	t_is "$(bpftool -j cgroup show "$dir" | t_json '.|length')" $#
done
t_is "$(bpftool -j cgroup show "$CG" | t_json '.[3].attach_type')" cgroup_sock_ops
t_is "$(bpftool -j cgroup show "$CG" | t_json '.[3].name')" cg_sock_ops
t_is "$(bpftool -j cgroup show "$CG" | t_json '.[0].attach_flags')" multi
t_is "$(bpftool -j cgroup show "$CG/a" | t_json '.[0].attach_flags')" ''
t_is "$(bpftool -j cgroup show "$CG/z" | t_json '.[0].attach_flags')" override

t_begin 'show, list and tree print what bpftool prints'
for options in '' -j -p; do
	for word in '' effective; do
		for dir in "$CG" "$CG/a" "$CG/z"; do
			# shellcheck disable=SC2086 # no word at all when empty
			same $options cgroup show "$dir" $word
		done
		# shellcheck disable=SC2086
		same $options cgroup list "$CG/a/b" effective
		# shellcheck disable=SC2086
		same $options cgroup tree "$CG" $word
	done
	# shellcheck disable=SC2086
	same $options cgroup tree
done
cd "$CG"
same cgroup tree .//
same cgroup show a/ eff
same cgroup -j show a
same c t .
cd "$TOP"
same prog show
same prog -j
same -p -f prog list
same prog show name cg_connect4
same prog show name cg_connect4 -j
same -j prog show id "$(bpftool -j cgroup show "$CG" | t_json '.[0].id')"
t_err_is ''
same cgroup show "$CG/a/b"
same cgroup tree "$CG/a/b"
t_run 0 cgroup_loader -j cgroup show "$CG/a/b"
t_out_is '[]'
mkdir "$TMP/empty"
mount --bind "$TMP/empty" /sys/kernel/btf
same cgroup show "$CG"
same -j cgroup show "$CG"
umount /sys/kernel/btf

t_begin 'the unix socket types too, which bpftool may not know'
if cgroup_loader cgroup attach "$CG/a" cgroup_unix_connect obj "$types" 2>"$TMP/err"; then
	for verb in $UNIX; do
		[ "$verb" = connect ] || t_run 0 cgroup_loader cgroup attach "$CG/a" \
			"cgroup_unix_$verb" obj "$types"
		t_run 0 cgroup_loader -j cgroup show "$CG/a"
		t_out_has "\"attach_type\":\"cgroup_unix_$verb\""
		t_run 0 cgroup_loader cgroup detach "$CG/a" "cgroup_unix_$verb" \
			id "$(t_out | t_json '.[-1].id')"
		t_run 0 cgroup_loader -j cgroup show "$CG/a"
		t_out_lacks cgroup_unix
	done
else
	t_is "$(grep -c 'Linux 6.7' "$TMP/err")" 1 'explanation of an old kernel'
fi

t_begin 'detach takes away the program it is told, no other'
old=$(ids "$CG/a" | tr -d '[]' | cut -d, -f1)
other=$(ids "$CG/z" | tr -d '[]' | cut -d, -f1)
refused "id $other is not attached" "id $old 'cg_ingress'" -- \
	cgroup detach "$CG/a" ingress id "$other"
for dir in "$CG" "$CG/a" "$CG/z"; do
	ids "$dir" | tr -d '[]' | tr , '\n' >"$TMP/ids"
	for type in $TYPES; do
		read -r id
		t_run 0 cgroup_loader cgroup detach "$dir" "$type" id "$id"
	done <"$TMP/ids"
	t_is "$(bpftool cgroup show "$dir")" ''
done

t_begin 'prog load and loadall pin what they are told'
t_run 0 cgroup_loader prog load "$types" "$BPFFS/one"
t_out_is ''
t_is "$(bpftool -j prog show pinned "$BPFFS/one" | t_json .name)" cg_ingress
t_run 0 cgroup_loader -j prog load "$types" "$BPFFS/sub/dir/two" type cgroup_skb/egress
t_out_is null
known=$types known_nr=28
if gives cgroup_unix no; then
	refused 'this kernel has no attach type cgroup_unix_' -- prog loadall "$types" "$BPFFS/all"
	known=$OBJ/cg_types_old.o known_nr=23
fi
t_run 0 cgroup_loader prog loadall "$known" "$BPFFS/all"
t_is "$(find "$BPFFS/all" -type f | wc -l)" "$known_nr"
t_is "$(bpftool -j prog show pinned "$BPFFS/all/cg_device" | t_json .type)" cgroup_device
refused "'$BPFFS/one'" 'File exists' -- prog load "$types" "$BPFFS/one"
refused "'$BPFFS/all/cg_ingress'" 'File exists' -- prog loadall "$known" "$BPFFS/all"
refused 'may not contain a dot' -- prog load "$types" "$BPFFS/x.y"
refused 'not on a BPF file system' -- prog load "$types" "$TMP/x"
t_run 0 cgroup_loader prog pin pinned "$BPFFS/one" "$BPFFS/pins/again"
t_is "$(bpftool -j prog show pinned "$BPFFS/pins/again" | t_json .id)" \
	"$(bpftool -j prog show pinned "$BPFFS/one" | t_json .id)"
refused "'$BPFFS/pins/again'" 'File exists' -- prog pin pinned "$BPFFS/one" "$BPFFS/pins/again"
refused 'not on a BPF file system' -- prog pin pinned "$BPFFS/one" "$TMP/x"
refused 'my_own_section' -- prog loadall "$spellings" "$BPFFS/new/dir"
refused "'bogus'" -- prog load "$types" "$BPFFS/x" type bogus
refused "'$TMP/nosuch.o'" -- prog load "$TMP/nosuch.o" "$BPFFS/x"

refused 'nothing is attached to cgroup_inet_ingress' -- \
	cgroup detach "$CG/a" ingress pinned "$BPFFS/one"

t_begin 'an exclusive program is not evicted, unless replace is said'
t_run 0 cgroup_loader cgroup attach "$CG" ingress pinned "$BPFFS/all/cg_ingress"
t_run 0 cgroup_loader cgroup attach "$CG" ingress pinned "$BPFFS/all/cg_ingress"
id=$(ids "$CG" | tr -d '[]')
refused "program id $id 'cg_ingress'" "'replace'" -- \
	cgroup attach "$CG" ingress pinned "$BPFFS/one"
refused "program id $id 'cg_ingress'" "'replace'" -- cgroup attach "$CG" ingress obj "$events"
refused 'attaching as multi conflicts' "id $id" -- \
	cgroup attach "$CG" ingress pinned "$BPFFS/one" multi
refused 'attaching as override conflicts' -- \
	cgroup attach "$CG" ingress pinned "$BPFFS/one" override
refused "'$CG'" "id $id 'cg_ingress' attached exclusively" 'forbids' -- \
	cgroup attach "$CG/a" ingress obj "$types"
refused "'$CG'" 'forbids' -- cgroup attach "$CG/a/b" ingress obj "$types" multi
refused "'$CG'" 'forbids' -- \
	cgroup attach "$CG/a/b" ingress obj "$types" link pinned "$BPFFS/new/link"
t_run 0 cgroup_loader cgroup attach "$CG" ingress pinned "$BPFFS/one" replace
t_isnt "$(ids "$CG" | tr -d '[]')" "$id"
t_run 0 cgroup_loader cgroup detach "$CG" ingress pinned "$BPFFS/one"

# Where lists have no revision the kernel cannot be told which state was looked at.
if gives cgroup_order yes; then
	t_begin 'who comes between the look and the attaching of another wins, and is not replaced'
	t_run 0 calls_of cgroup_loader cgroup attach "$CG" egress obj "$types"
	t_run 0 bpftool cgroup detach "$CG" egress id "$(prog_in "$CG")"
	stopped_after $(($(call_number BPF_PROG_ATTACH) - 1)) \
		cgroup_loader cgroup attach "$CG" egress obj "$types"
	# Exclusive, too: the kernel lets the second replace the first.
	t_run 0 cgroup_loader cgroup attach "$CG" egress obj "$LEGACY/counter_def.o"
	id=$(prog_in "$CG")
	goes_on 255
	t_ok grep -q "is taken by program id $id" "$TMP/stopped_err"
	t_is "$(prog_in "$CG")" "$id"
	t_run 0 bpftool cgroup detach "$CG" egress id "$id"
fi

t_begin 'of many that come at once one attaches, the others find it done'
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	{
		cgroup_loader cgroup attach "$CG" egress obj "$types" 2>"$TMP/race.$i" ||
			echo failed >>"$TMP/race.$i"
	} &
done
wait
t_is "$(cat "$TMP"/race.* | grep -c 'already attached')" 11 'finders'
t_is "$(cat "$TMP"/race.* | wc -l)" 11 'remarks'
id=$(ids "$CG" | tr -d '[]')
t_run 0 cgroup_loader cgroup detach "$CG" egress id "$id"

t_begin 'of many different ones that come at once, one wins'
for i in 1 2 3 4 5 6; do
	for obj in "$types" "$events"; do
		{
			cgroup_loader cgroup attach "$CG" egress obj "$obj" \
				2>"$TMP/race.$i.${obj##*/}" || :
		} &
	done
done
wait
t_is "$(cat "$TMP"/race.*.o | grep -c 'already attached')" 5
t_is "$(cat "$TMP"/race.*.o | grep -c 'is taken by program id')" 6
id=$(ids "$CG" | tr -d '[]')
t_run 0 cgroup_loader cgroup detach "$CG" egress id "$id"

t_begin 'override gives way to the same mode only when told, multi takes a program once'
t_run 0 cgroup_loader cgroup attach "$CG" egress obj "$types" override
refused "'replace'" 'attached as override' -- \
	cgroup attach "$CG" egress obj "$events" override
t_run 0 cgroup_loader cgroup attach "$CG" egress obj "$events" override replace
t_run 0 cgroup_loader cgroup attach "$CG/a" egress obj "$types"
t_run 0 cgroup_loader cgroup attach "$CG/z" egress pinned "$BPFFS/all/cg_egress" multi
refused 'attached to cgroup_inet_egress already' -- \
	cgroup attach "$CG/z" egress pinned "$BPFFS/all/cg_egress" multi
t_run 0 cgroup_loader cgroup attach "$CG/z" egress obj "$events" multi
same cgroup tree "$CG"

t_begin 'a link lives by its pin, beside a direct entry of the same program'
t_run 0 cgroup_loader cgroup attach "$CG/z" egress pinned "$BPFFS/all/cg_egress" \
	link pinned "$BPFFS/links/one"
t_run 0 cgroup_loader cgroup attach "$CG/z" connect4 obj "$types" \
	link pinned "$BPFFS/links/two"
t_is "$(bpftool -j link show pinned "$BPFFS/links/two" | t_json .attach_type)" \
	cgroup_inet4_connect
refused "'$BPFFS/links/two'" 'File exists' -- \
	cgroup attach "$CG/z" connect6 obj "$types" link pinned "$BPFFS/links/two"
refused 'not on a BPF file system' -- \
	cgroup attach "$CG/z" connect6 obj "$types" link pinned "$TMP/link"
refused 'may not contain a dot' -- \
	cgroup attach "$CG/z" connect6 obj "$types" link pinned "$BPFFS/new/a.b"
t_run 0 cgroup_loader cgroup detach "$CG/z" egress pinned "$BPFFS/all/cg_egress"
refused 'by a link' -- cgroup detach "$CG/z" egress pinned "$BPFFS/all/cg_egress"
t_is "$(bpftool -j cgroup show "$CG/z" | t_json '.|length')" 3
rm -r "$BPFFS/links"
detached() {
	[ "$(bpftool -j cgroup show "$CG/z" | t_json '.|length')" = 1 ]
}
t_ok wait_for 2 detached

t_begin 'the program is found by its section, in the spellings of older objects'
cg_add old
t_run 0 cgroup_loader cgroup attach "$CG/old" ingress obj "$spellings"
t_run 0 cgroup_loader cgroup attach "$CG/old" connect4 obj "$spellings"
t_run 0 cgroup_loader cgroup attach "$CG/old" sock_ops obj "$spellings"
t_run 0 cgroup_loader cgroup attach "$CG/old" sendmsg4 obj "$spellings"
t_run 0 cgroup_loader cgroup attach "$CG/old" recvmsg6 obj "$spellings" \
	program cg_own_section
t_run 0 cgroup_loader cgroup attach "$CG/old" bind4 obj "$spellings" program cg_bind4_second
t_is "$(bpftool -j cgroup show "$CG/old" | t_json '.[name]')" \
	'["cg_any_direction_of_traffic","cg_sockops1","cg_bind4_second","cg_connect4_old","cg_bare_sendmsg4","cg_own_section"]'
same cgroup show "$CG/old"
refused "'cg_bind4_first'" "'cg_bind4_second'" -- \
	cgroup attach "$CG/z" bind4 obj "$spellings"
refused "'cg_sockops1'" "'cg_xdp'" -- cgroup attach "$CG/z" bind6 obj "$spellings"
refused "section 'sockops/1'" 'for cgroup_sock_ops' -- \
	cgroup attach "$CG/z" bind4 obj "$spellings" section sockops/1
refused "section 'xdp'" -- cgroup attach "$CG/z" bind4 obj "$spellings" program cg_xdp
refused "'nosuch'" -- cgroup attach "$CG/z" bind4 obj "$spellings" section nosuch

t_begin 'one map for every program that is loaded here, and none left by a refusal'
rm -r "$BPFFS/tc" # of cg_events
cg_add shared/below
cg_add shared/nog
cg_add shared/other
cg_add taken
counter=$LEGACY/counter_def.o
maps_of() {
	bpftool -j prog show id "$1" | t_json .map_ids
}
t_run 0 cgroup_loader cgroup attach "$CG/taken" egress pinned "$BPFFS/all/cg_egress"
refused 'is taken by' -- cgroup attach "$CG/taken" egress obj "$counter"
t_ok [ ! -e "$BPFFS/tc" ]
refused "'nosuch'" -- \
	cgroup attach "$CG/shared" egress obj "$counter" map name nosuch id 1
t_run 0 cgroup_loader cgroup attach "$CG/shared" egress obj "$counter" multi
t_err_has "map 'traffic': shared at $BPFFS/tc/globals/traffic (created id"
map=$(bpftool -j map show pinned "$BPFFS/tc/globals/traffic" | t_json .id)
t_run 0 cgroup_loader cgroup attach "$CG/shared" egress obj "$LEGACY/counter_def.nog.o" multi
t_err_has 'already attached'
t_run 0 cgroup_loader cgroup attach "$CG/shared/nog" egress obj "$LEGACY/counter_def.nog.o" multi
t_err_has "(reused id $map)"
t_run 0 cgroup_loader cgroup attach "$CG/shared/below" egress obj "$counter" \
	link pinned "$BPFFS/shared_link"
for id in $(ids "$CG/shared" | tr -d '[]') $(ids "$CG/shared/nog" | tr -d '[]') \
	$(ids "$CG/shared/below" | tr -d '[]'); do
	t_is "$(maps_of "$id")" "[$map]"
done
t_run 0 cgroup_loader prog loadall "$counter" "$BPFFS/apart" pinmaps "$BPFFS/apart_maps"
other=$(bpftool -j map show pinned "$BPFFS/apart_maps/traffic" | t_json .id)
t_isnt "$other" "$map"
same -f prog show pinned "$BPFFS/apart/count_cgroup"
same -j -f prog show pinned "$BPFFS/apart/count_cgroup"
refused "'$BPFFS/apart_maps/traffic' exists" -- \
	prog loadall "$counter" "$BPFFS/new/apart" pinmaps "$BPFFS/apart_maps"
refused "map 'traffic' is id $map there, id $other here" -- \
	cgroup attach "$CG/shared" egress obj "$counter" map name traffic id "$other" multi
t_run 0 cgroup_loader cgroup attach "$CG/shared/other" egress obj "$counter" map name traffic \
	id "$other" multi
t_is "$(maps_of "$(bpftool -j cgroup show "$CG/shared/other" | t_json '.[-1].id')")" "[$other]"
t_run 0 cgroup_loader prog load "$LEGACY/tail_calls.o" "$BPFFS/entry" type cgroup_skb/egress
t_is "$(bpftool -j prog show pinned "$BPFFS/entry" | t_json .name)" entry

t_begin 'what is no cgroup v2 directory is called by its name'
refused 'is not a directory' -- cgroup attach "$CG/cgroup.procs" ingress obj "$types"
refused 'No such file' -- cgroup attach "$CG/nosuch" ingress obj "$types"
refused 'not a cgroup directory' "$CGROUP2" -- cgroup attach "$TMP" ingress obj "$types"
refused 'is unknown' -- cgroup attach "$CG" ingres5 obj "$types"
refused 'is of type cgroup_skb' 'takes cgroup_sock_addr' -- \
	cgroup attach "$CG/z" bind4 pinned "$BPFFS/one"
refused 'loaded for another attach type' -- \
	cgroup attach "$CG/z" bind4 pinned "$BPFFS/all/cg_bind6"
v1=$(sed -n 's/^[^ ]* \([^ ]*\) cgroup .*/\1/p' /proc/mounts | sed -n 1p)
if [ -n "$v1" ]; then
	refused 'cgroup v1' "$CGROUP2" -- cgroup show "$v1"
	refused 'cgroup v1' -- cgroup attach "$v1" ingress obj "$types"
fi
ns_add blue
t_run 255 ip netns exec blue cgroup_loader --no-caller-pins cgroup tree
t_err_has "inside 'ip netns exec' it is hidden"
t_run 255 ip netns exec blue cgroup_loader --no-caller-pins cgroup show "$CG"
t_err_has "inside 'ip netns exec' it is hidden"

t_begin 'a missing capability is named'
t_run 255 setpriv --bounding-set=-net_admin,-sys_admin --inh-caps=-all \
	cgroup_loader cgroup attach "$CG/z" bind4 pinned "$BPFFS/all/cg_bind4"
t_err_has 'CAP_NET_ADMIN'
t_run 255 setpriv --bounding-set=-sys_admin --inh-caps=-all cgroup_loader prog show
t_err_has 'CAP_SYS_ADMIN'

t_begin 'a walk survives cgroups that come and go'
churn() {
	while :; do
		mkdir "$CG/churn1" "$CG/churn1/x" "$CG/churn2"
		rmdir "$CG/churn1/x" "$CG/churn1" "$CG/churn2"
	done
}
start churn
for i in 1 2 3 4 5 6 7 8 9 10; do
	t_run 0 cgroup_loader cgroup tree "$CG"
done
kill "$STARTED"
