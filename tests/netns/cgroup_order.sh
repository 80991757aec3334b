#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What cgroup_loader adds to bpftool's cgroup verbs: order, replacing in place, where a program
# comes from, many cgroups at once, cgroups by process and unit, detach by object.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"

types=$OBJ/cg_types.o
P=$BPFFS/p

ids() {
	bpftool -j cgroup show "$@" >"$TMP/ids"
	[ -s "$TMP/ids" ] || echo '[]' >"$TMP/ids"
	t_json '.[id]' <"$TMP/ids" 2>"$TMP/ids_err" || echo '[]'
}

# names CGROUP [effective]: in order, one line.
names() {
	ids "$@" | tr -d '[]' | tr , '\n' >"$TMP/each_id"
	names_all=
	while read -r names_id; do
		eval "names_all=\"\$names_all \$name_$names_id\""
	done <"$TMP/each_id"
	echo "${names_all# }"
}

# Programs a to h, known by their ids.
id_of() {
	bpftool -j prog show pinned "$P/$1" | t_json .id
}

for n in a b c d e f g h; do
	t_run 0 cgroup_loader prog load "$types" "$P/$n"
	eval "name_$(id_of $n)=$n"
done

attach() {
	attach_cg=$1 attach_prog=$2
	shift 2
	t_run 0 cgroup_loader cgroup attach "$attach_cg" ingress pinned "$P/$attach_prog" "$@"
}

cg_add one
cg_add one/two
t_begin 'before and after, an anchor or all'
attach "$CG" a multi
attach "$CG" b multi
if ! cgroup_loader cgroup attach "$CG" ingress pinned "$P/c" multi before 2>"$TMP/err"; then
	t_is "$(grep -c 'this kernel does not order cgroup programs' "$TMP/err")" 1
	t_skip cgroup_order 'this kernel does not order cgroup programs'
fi
t_is "$(names "$CG")" 'c a b'
attach "$CG" d multi after
t_is "$(names "$CG")" 'c a b d'
attach "$CG" e multi before id "$(id_of b)"
attach "$CG" f multi after pinned "$P/a"
t_is "$(names "$CG")" 'c a f e b d'
t_is "$(names "$CG" effective)" 'c a f e b d'
t_run 255 cgroup_loader cgroup attach "$CG" ingress pinned "$P/g" multi before id "$(id_of h)"
t_err_has 'the program to stand by is not attached'
t_run 255 cgroup_loader cgroup attach "$CG" ingress pinned "$P/g" multi before after
t_err_has 'exclude each other'
t_is "$(names "$CG")" 'c a f e b d'

t_begin 'links stand by links'
cg_add linked
attach "$CG/linked" a link pinned "$BPFFS/la"
attach "$CG/linked" b link pinned "$BPFFS/lb" before pinned "$BPFFS/la"
attach "$CG/linked" c link pinned "$BPFFS/lc" after \
	id "$(bpftool -j link show pinned "$BPFFS/lb" | t_json .id)"
t_is "$(names "$CG/linked")" 'b c a'
t_run 255 cgroup_loader cgroup attach "$CG/linked" ingress pinned "$P/d" multi \
	before pinned "$P/a"
t_err_has 'not attached to cgroup_inet_ingress without a link'
t_ok [ ! -e "$BPFFS/ld" ]

t_begin 'replace PROG swaps in place'
t_run 0 cgroup_loader cgroup attach "$CG" ingress pinned "$P/g" replace pinned "$P/f"
t_is "$(names "$CG")" 'c a g e b d'
t_is "$(bpftool -j cgroup show "$CG" | t_json '.[2].attach_flags')" multi
t_run 255 cgroup_loader cgroup attach "$CG" ingress pinned "$P/h" replace pinned "$P/f"
t_err_has 'the program to replace is not attached'
t_run 255 cgroup_loader cgroup attach "$CG" ingress pinned "$P/a" replace pinned "$P/g"
t_err_has 'attached to cgroup_inet_ingress already'
t_is "$(names "$CG")" 'c a g e b d'

t_begin 'preorder runs first, from the root down; -v tells where each comes from'
for n in a b c d e g; do
	t_run 0 cgroup_loader cgroup detach "$CG" ingress pinned "$P/$n"
done
attach "$CG" a multi preorder
attach "$CG" b multi
attach "$CG" c multi preorder
attach "$CG/one" d multi
attach "$CG/one" e multi preorder
attach "$CG/one" f multi preorder
attach "$CG/one" b multi
t_is "$(names "$CG/one" effective)" 'a c e f d b b'
t_run 0 cgroup_loader -v -j cgroup show "$CG/one" effective
t_is "$(t_out | t_json '.[cgroup]')" \
	"[\"$CG\",\"$CG\",\"$CG/one\",\"$CG/one\",\"$CG/one\",\"$CG/one\",\"$CG\"]"
t_is "$(t_out | t_json '.|length')" 7
t_run 0 cgroup_loader cgroup show "$CG/one" effective -v
t_is "$(t_out | sed -n 1p | tr -s ' ')" 'ID AttachType Name Cgroup'
t_is "$(t_out | sed -n 2p | tr -s ' ')" "$(id_of a) cgroup_inet_ingress cg_ingress $CG"
t_run 0 cgroup_loader -v -j cgroup tree "$CG/one" effective
t_is "$(t_out | t_json '.[1].programs[0].cgroup')" "$CG"
for options in '' -j -p; do
	# shellcheck disable=SC2086 # words
	bpftool $options cgroup tree "$CG" effective >"$TMP/theirs"
	# shellcheck disable=SC2086
	t_run 0 cgroup_loader $options cgroup tree "$CG" effective
	t_ok cmp "$TMP/theirs" "$TMP/t_out"
	# shellcheck disable=SC2086
	bpftool $options cgroup show "$CG" >"$TMP/theirs"
	# shellcheck disable=SC2086
	t_run 0 cgroup_loader -v $options cgroup show "$CG"
	t_ok cmp "$TMP/theirs" "$TMP/t_out"
done
t_run 255 cgroup_loader cgroup attach "$CG" ingress pinned "$P/h" multi before pinned "$P/a"
t_err_has "with or without 'preorder'"

t_begin 'each: every leaf below, or none'
cg_add many
for n in 1 2 3 4 5; do
	cg_add "many/$n/leaf.service"
done
t_run 0 cgroup_loader cgroup attach each "$CG/many" egress obj "$types" multi
t_err_has 'attached to 5 cgroups'
id=$(ids "$CG/many/1/leaf.service")
t_isnt "$id" '[]'
for n in 1 2 3 4 5; do
	t_is "$(ids "$CG/many/$n/leaf.service")" "$id"
	t_is "$(ids "$CG/many/$n")" '[]'
done
t_is "$(ids "$CG/many")" '[]'
bpftool cgroup tree "$CG/many" >"$TMP/before"
t_run 0 cgroup_loader cgroup attach "$CG/many/4/leaf.service" device \
	obj "$OBJ/cg_events.o"
find "$BPFFS" >"$TMP/pins"
t_run 0 cgroup_loader cgroup attach "$CG/many/2/leaf.service" connect4 obj "$types"
bpftool cgroup tree "$CG/many" >"$TMP/before"
t_run 255 cgroup_loader cgroup attach each "$CG/many" device obj "$types"
t_err_has "'$CG/many/4/leaf.service'"
t_err_has "'replace'"
t_run 255 cgroup_loader cgroup attach each "$CG/many" connect4 obj "$types" multi
t_run 255 cgroup_loader cgroup attach each "$CG/many" connect4 obj "$types" \
	link pinned "$BPFFS/each"
bpftool cgroup tree "$CG/many" >"$TMP/after"
t_ok cmp "$TMP/before" "$TMP/after"
find "$BPFFS" >"$TMP/pins_after"
t_ok cmp "$TMP/pins" "$TMP/pins_after"
t_run 0 cgroup_loader cgroup attach each "$CG/many/" sysctl obj "$types" \
	link pinned "$BPFFS/each"
t_is "$(find "$BPFFS/each" -type f | sort | sed -n 1p)" "$BPFFS/each/1/leaf_service"
t_is "$(find "$BPFFS/each" -type f | wc -l)" 5
t_run 255 cgroup_loader cgroup attach each "$CG/one/two" sysctl obj "$types"
t_err_has 'no cgroup below'

# The odd one is the last of the walk, which is the order of the directory; the calls show that
# the others were replaced and put back.
refused_each() {
	find "$CG/$1" -mindepth 1 -maxdepth 1 -type d >"$TMP/walk"
	odd=$(tail -n 1 "$TMP/walk")
	for dir in "$CG/$1"/[1-5]; do
		mode=
		[ "$dir" != "$odd" ] || mode=override
		# shellcheck disable=SC2086 # no word at all when empty
		t_run 0 cgroup_loader cgroup attach "$dir/leaf.service" bind4 obj "$OBJ/cg_events.o" $mode
	done
	bpftool cgroup tree "$CG/$1" | sort >"$TMP/before"
	t_run 255 calls_of cgroup_loader cgroup attach each "$CG/$1" bind4 obj "$types" replace
	t_is "$(t_count 'BPF_PROG_ATTACH.* = 0' "$TMP/calls")" "$2" 'replaced and put back'
	bpftool cgroup tree "$CG/$1" | sort >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
}
t_begin 'a refused each puts back what it replaced'
refused_each many 8
t_begin 'a refused each puts back the one before it'
cg_add two
cg_add two/1/leaf.service
cg_add two/2/leaf.service
refused_each two 2

t_begin 'a cgroup by one of its processes, or by its unit'
hold() {
	# shellcheck disable=SC2031 # set by start, in this very subshell
	$LIB_EXEC sleep 60
}
start hold
pid=$STARTED
unit=mapshare-test-$$
cg_add "$unit.service"
echo "$pid" >"$CG/$unit.service/cgroup.procs"
t_run 0 cgroup_loader cgroup attach pid "$pid" bind4 obj "$types" multi
t_run 0 cgroup_loader cgroup attach unit "$unit" bind6 obj "$types" multi
t_is "$(cg_progs "$CG/$unit.service")" 2
bpftool -j cgroup show "$CG/$unit.service" >"$TMP/theirs"
t_run 0 cgroup_loader -j cgroup show pid "$pid"
t_ok cmp "$TMP/theirs" "$TMP/t_out"
t_run 0 cgroup_loader -j cgroup show unit "$unit.service"
t_ok cmp "$TMP/theirs" "$TMP/t_out"
t_run 255 cgroup_loader cgroup show pid 2147483647
t_err_has 'no process has the id'
t_run 255 cgroup_loader cgroup show unit "no-$unit"
t_err_has "'no-$unit.service' has no cgroup"
cg_add "one/$unit.service"
t_run 255 cgroup_loader cgroup show unit "$unit"
t_err_has 'several cgroups'
t_err_has "$CG/one/$unit.service"
kill "$pid"

t_begin 'detach by object: what came from it, nothing else'
cg_add own
counter=$LEGACY/counter_def.o
t_run 0 cgroup_loader cgroup attach "$CG/own" egress obj "$counter" multi
mine=$(ids "$CG/own")
t_run 0 cgroup_loader --pin-root none prog load "$counter" "$BPFFS/copy"
t_run 0 cgroup_loader cgroup attach "$CG/own" egress pinned "$BPFFS/copy" multi
t_run 0 cgroup_loader cgroup attach "$CG/own" egress obj "$types" multi
t_run 0 cgroup_loader cgroup attach "$CG/own" egress obj "$counter" link pinned "$BPFFS/own"
t_is "$(cg_progs "$CG/own")" 4
ids "$CG/own" >"$TMP/before"
t_run 255 cgroup_loader cgroup detach "$CG/own" egress all
t_err_has 'does not record who attached what'
t_run 255 cgroup_loader cgroup detach "$CG/own" egress obj "$LEGACY/lifetime.o"
t_is "$(ids "$CG/own")" "$(cat "$TMP/before")"
find "$BPFFS" ! -path "$BPFFS/own" >"$TMP/pins"
t_run 0 cgroup_loader cgroup detach "$CG/own" egress obj "$counter"
t_out_has "$(echo "$mine" | tr -d '[]') "
t_is "$(t_out | grep -c count_cgroup)" 2 'listed'
t_is "$(cg_progs "$CG/own")" 2
find "$BPFFS" >"$TMP/pins_after"
t_ok cmp "$TMP/pins" "$TMP/pins_after"
t_run 255 cgroup_loader -j cgroup detach "$CG/own" egress all obj "$counter"
t_is "$(t_out | t_json .error | cut -d: -f2)" ' none of the 2 programs attached to cgroup_inet_egress came from '"'$counter'"
t_run 0 cgroup_loader -j cgroup detach "$CG/own" egress all obj "$types"
t_is "$(t_out | t_json '.[0].name')" cg_egress

t_begin 'detach by object, where not every program may be looked at'
PROG_GET_FD_BY_ID=13
for _ in 1 2; do
	t_run 0 cgroup_loader cgroup attach "$CG/own" ingress obj "$types" multi
done
ids "$CG/own" >"$TMP/before"
t_run 255 "$BUILD/tests/netns/told" call $PROG_GET_FD_BY_ID 1 \
	cgroup_loader cgroup detach "$CG/own" ingress all obj "$types"
t_err_has "'$CG/own': whether 1 of the 1 programs attached to cgroup_inet_ingress came from '$types' cannot be determined: "
t_is "$(ids "$CG/own")" "$(cat "$TMP/before")"
t_run 0 cgroup_loader cgroup detach "$CG/own" ingress all obj "$types"

t_begin 'detach by link'
t_run 255 cgroup_loader cgroup detach "$CG/own" ingress link pinned "$BPFFS/la"
t_err_has 'not attached to cgroup_inet_ingress here'
t_run 0 cgroup_loader cgroup detach "$CG/linked" ingress link pinned "$BPFFS/la"
t_is "$(names "$CG/linked")" 'b c'
