#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Tail calls of a prog array that nobody pins run on after the loader has ended, from tc and
# from a cgroup; what is kept for that goes with the last attachment, and only then.
#
# differs: kept-arrays
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/netns_scripts/topo_veth.sh"

KEEP=$BPFFS/tc/keep
own_objects kept_ values_
KEPT=$(own_word kept_)
VALUES=$(own_word values_)

# ran PIN: rounds through entry, first and second stage.
ran() {
	for stage in 0 1 2; do
		map_u64s "$1" 0$stage 00 00 00
	done | tr '\n' ' '
}

# runs PIN WORDS: what passes now goes through all three stages.
runs() {
	before=$(ran "$1")
	send_pings 3
	# shellcheck disable=SC2046,SC2086 # numbers
	set -- "$1" "$2" $before $(ran "$1")
	t_is "$(($6 - $3)) $(($7 - $4)) $(($8 - $5))" '3 3 3' "$2"
}

# kept: what is kept, a path a line, below $KEEP.
kept() {
	[ ! -d "$KEEP" ] || (cd "$KEEP" && find . -type f | sort)
}

tc_add() {
	t_run 0 tc_loader filter "$@"
}

topo_veth
t_run 0 tc_loader qdisc add dev v0 clsact

for obj in kept kept.nog kept_values; do
	case $obj in
	kept_values) name=${VALUES}jumps stages=$PIN_DIR/${VALUES}stages ;;
	*) name=${KEPT}jumps stages=$PIN_DIR/${KEPT}stages ;;
	esac

	t_begin "$obj in tc: kept, said once, runs"
	tc_add add dev v0 ingress pref 1 handle 1 bpf obj "$OBJ/$obj.o"
	prog=$(prog_at v0 ingress)
	t_is "$(kept)" "./$prog/$name"
	t_is "$(t_err | grep -c "$name")" 1 'lines about it'
	t_err_has "kept at $KEEP/$prog/$name"
	t_err_lacks warning
	runs "$stages" "$obj in tc"

	t_begin "$obj: replaced by another load: its own array is kept, the old one goes"
	tc_add replace dev v0 ingress pref 1 handle 1 bpf obj "$OBJ/$obj.o"
	new=$(prog_at v0 ingress)
	t_isnt "$new" "$prog"
	t_is "$(kept)" "./$new/$name"
	runs "$stages" "$obj replaced"

	t_begin "$obj: attached twice, the array goes with the last one"
	bpftool prog pin id "$new" "$BPFFS/held"
	t_run 0 tc_loader filter add dev v0 egress pref 1 handle 1 bpf object-pinned "$BPFFS/held"
	rm "$BPFFS/held"
	t_run 0 tc_loader filter del dev v0 ingress pref 1
	t_is "$(kept)" "./$new/$name"
	t_run 0 tc_loader filter del dev v0 egress
	t_err_is ''
	t_ok [ ! -e "$KEEP" ]

	t_begin "$obj: change and qdisc del drop it too"
	tc_add add dev v0 ingress pref 1 handle 1 bpf obj "$OBJ/$obj.o"
	tc_add change dev v0 ingress pref 1 handle 1 bpf obj "$OBJ/$obj.o"
	prog=$(prog_at v0 ingress)
	t_is "$(kept)" "./$prog/$name"
	t_run 0 tc_loader qdisc del dev v0 clsact
	t_ok [ ! -e "$KEEP" ]
	t_run 0 tc_loader qdisc add dev v0 clsact

	t_begin "$obj in a cgroup: kept, runs, goes with detach"
	t_run 0 cgroup_loader cgroup attach "$JOB" egress obj "$OBJ/$obj.o" program egress
	prog=$(prog_in "$JOB")
	t_is "$(kept)" "./$prog/$name"
	t_is "$(t_err | grep -c "$name")" 1 'lines about it'
	runs "$stages" "$obj in a cgroup"

	t_begin "$obj in a cgroup: the same again changes nothing"
	t_run 0 cgroup_loader cgroup attach "$JOB" egress obj "$OBJ/$obj.o" program egress replace
	t_err_is "cgroup_loader: already attached (id $prog)"
	t_is "$(kept)" "./$prog/$name"
	runs "$stages" "$obj attached once more"

	t_begin "$obj in a cgroup: replaced, and back"
	t_run 0 cgroup_loader cgroup attach "$JOB" egress obj "$OBJ/cg_types.o" replace
	t_ok [ ! -e "$KEEP" ]
	t_run 0 cgroup_loader cgroup attach "$JOB" egress obj "$OBJ/$obj.o" program egress replace
	new=$(prog_in "$JOB")
	t_isnt "$new" "$prog"
	t_is "$(kept)" "./$new/$name"
	runs "$stages" "$obj replaced in a cgroup"
	t_run 0 cgroup_loader cgroup detach "$JOB" egress id "$new"
	t_ok [ ! -e "$KEEP" ]

	t_begin "$obj through a link: kept as long as the link is, gc finds it afterwards"
	t_run 0 cgroup_loader cgroup attach "$JOB" egress obj "$OBJ/$obj.o" program egress \
		link pinned "$BPFFS/link"
	prog=$(prog_in "$JOB")
	t_is "$(kept)" "./$prog/$name"
	runs "$stages" "$obj through a link"
	t_run 0 cgroup_loader share gc --delete
	t_is "$(kept)" "./$prog/$name"
	rm "$BPFFS/link"
	t_ok wait_for 5 test -z "$(prog_in "$JOB")"
	t_run 0 cgroup_loader share gc
	t_out_has "$KEEP/$prog/$name"
	t_run 0 cgroup_loader share gc --delete
	t_ok [ ! -e "$KEEP" ]

	t_begin "$obj: removed by the stock tc, gc lists it and removes it"
	tc_add add dev v0 ingress pref 1 handle 1 bpf obj "$OBJ/$obj.o"
	prog=$(prog_at v0 ingress)
	t_run 0 tc_loader share gc --delete
	t_is "$(kept)" "./$prog/$name"
	tc filter del dev v0 ingress
	t_run 0 tc_loader share gc
	t_out_has "$KEEP/$prog/$name"
	t_is "$(kept)" "./$prog/$name"
	t_run 0 tc_loader -j share gc --delete
	t_is "$(t_out | t_json .deleted[0].path)" "$KEEP/$prog/$name"
	t_ok [ ! -e "$KEEP" ]
done

t_begin 'a program in its own array keeps itself alive: who else does cannot be told'
tc_add add dev v0 ingress pref 1 handle 1 bpf obj "$OBJ/kept.o"
prog=$(prog_at v0 ingress)
bpftool prog pin id "$prog" "$BPFFS/held"
bpftool map update pinned "$KEEP/$prog/${KEPT}jumps" key 2 0 0 0 value pinned "$BPFFS/held"
rm "$BPFFS/held"
tc filter del dev v0 ingress
t_ok bpftool prog show id "$prog"
t_run 0 tc_loader share gc --delete
t_err_has 'nothing is removed'
t_ok [ -e "$KEEP/$prog/${KEPT}jumps" ]
t_run 255 tc_loader share gc --delete "$KEEP/$prog/${KEPT}jumps"
t_err_has "program id $prog uses it, which something that cannot be seen from here keeps"
rm -r "$KEEP"
gone() {
	! bpftool prog show id "$prog" >/dev/null 2>&1
}
t_ok wait_for 5 gone

t_begin 'so it does for our own del'
tc_add add dev v0 ingress pref 1 handle 1 bpf obj "$OBJ/kept.o"
prog=$(prog_at v0 ingress)
bpftool prog pin id "$prog" "$BPFFS/held"
bpftool map update pinned "$KEEP/$prog/${KEPT}jumps" key 2 0 0 0 value pinned "$BPFFS/held"
rm "$BPFFS/held"
t_run 0 tc_loader filter del dev v0 ingress
t_ok [ ! -e "$KEEP" ]
t_ok wait_for 5 gone

t_begin 'and for a graft, in a slot that two programs had one after the other'
# graft SECTION OBJECT: into slot 0
graft() {
	t_run 0 tc_loader exec bpf graft m:globals/graft_jumps key 0 obj "$2" sec "$1"
}
tc_add add dev v0 ingress pref 1 handle 1 bpf da obj "$LEGACY/graft.o"
graft classifier "$OBJ/kept.o"
prog=$(kept | cut -d/ -f2)
bpftool prog pin id "$prog" "$BPFFS/held"
bpftool map update pinned "$KEEP/$prog/${KEPT}jumps" key 2 0 0 0 value pinned "$BPFFS/held"
rm "$BPFFS/held"
graft replacement "$LEGACY/graft_new.o"
t_ok [ ! -e "$KEEP" ]
t_ok wait_for 5 gone
t_run 0 tc_loader filter del dev v0 ingress

t_begin 'a filter that is refused keeps nothing'
t_run 2 tc_loader filter change dev v0 ingress pref 77 handle 1 bpf obj "$OBJ/kept.o"
t_ok [ ! -e "$KEEP" ]
t_run 255 cgroup_loader cgroup attach "$JOB" egress obj "$OBJ/kept.o" program egress \
	link pinned "$BPFFS/no/such.dir"
t_ok [ ! -e "$KEEP" ]

t_begin 'an array that the object pins is not kept'
tc_add add dev v0 ingress bpf da obj "$LEGACY/tail_calls.o"
t_err_lacks kept
t_ok [ ! -e "$KEEP" ]
t_run 0 tc_loader filter del dev v0 ingress

t_begin 'loading without attaching warns as before'
t_run 0 cgroup_loader prog load "$OBJ/kept.o" "$BPFFS/loaded" type classifier
t_err_has "prog array '${KEPT}jumps' is not pinned"
t_ok [ ! -e "$KEEP" ]
rm "$BPFFS/loaded"

t_begin 'a load that attaches by itself keeps'
t_run 0 cgroup_loader prog loadall "$OBJ/kept_auto.o" "$BPFFS/auto" autoattach cgroup "$JOB"
prog=$(bpftool cgroup show "$JOB" | sed -n 's/^\([0-9]*\) .* auto_entry .*/\1/p')
t_is "$(kept)" "./$prog/auto_jumps"
send_pings 3
rm -r "$BPFFS/auto"
t_ok wait_for 5 test -z "$(prog_in "$JOB")"
t_run 0 cgroup_loader share gc --delete
t_ok [ ! -e "$KEEP" ]

t_begin 'an array of another program, kept for it, is kept for whoever is given it'
tc_add add dev v0 ingress pref 1 handle 1 bpf obj "$OBJ/kept.o"
prog=$(prog_at v0 ingress)
id=$(map_id "$KEEP/$prog/${KEPT}jumps")
tc_add add dev v0 egress pref 1 handle 1 bpf obj "$OBJ/kept.o" map name "${KEPT}jumps" id "$id"
other=$(prog_at v0 egress)
t_is "$(kept)" "$(printf "./%s/${KEPT}jumps\n" "$prog" "$other" | sort)"
t_run 0 tc_loader filter del dev v0 ingress
t_ok [ -e "$KEEP/$other/${KEPT}jumps" ]
t_is "$(map_id "$KEEP/$other/${KEPT}jumps")" "$id"
t_run 0 tc_loader filter del dev v0 egress
t_run 0 tc_loader share gc --delete
t_ok [ ! -e "$KEEP" ]

t_begin 'a loader that is killed anywhere: the next one ends as if nothing had been'
for delay in 002 004 006 008 010 012 014 016 018 020 022 024; do
	timeout -s KILL "0.$delay" tc_loader filter replace dev v0 ingress pref 1 handle 1 \
		bpf obj "$OBJ/kept.o" >"$TMP/killed" 2>&1 || :
done
# What was killed may still be on its way out.
settled() {
	t_run 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf obj "$OBJ/kept.o"
	[ "$(kept)" = "./$(prog_at v0 ingress)/${KEPT}jumps" ]
}
t_ok wait_for 5 settled
runs "$PIN_DIR/${KEPT}stages" 'after the kills'
t_run 0 tc_loader filter del dev v0 ingress
t_ok [ ! -e "$KEEP" ]

t_begin 'the lines of a batch: what went is dropped, what came back is not'
tc_add add dev v0 ingress pref 1 handle 1 bpf obj "$OBJ/kept.o"
prog=$(prog_at v0 ingress)
given=$KEEP/$prog/${KEPT}jumps
cat >"$TMP/batch" <<-END
	filter add dev v0 egress pref 1 handle 1 bpf obj $OBJ/kept.o map name ${KEPT}jumps pinned $given
	filter del dev v0 egress pref 1
	filter add dev v0 egress pref 1 handle 1 bpf obj $OBJ/kept.o map name ${KEPT}jumps pinned $given
	filter replace dev v0 ingress pref 1 handle 1 bpf obj $OBJ/kept.o
	filter replace dev v0 ingress pref 1 handle 1 bpf obj $OBJ/kept.o
END
t_run 0 tc_loader -batch "$TMP/batch"
new=$(prog_at v0 ingress)
other=$(prog_at v0 egress)
t_ok [ -e "$KEEP/$new/${KEPT}jumps" ]
t_ok [ -e "$KEEP/$other/${KEPT}jumps" ]
# The first one's entry stays while anybody runs on its array.
t_is "$(kept | wc -l)" 3
t_run 0 tc_loader filter del dev v0 egress
t_is "$(kept)" "./$new/${KEPT}jumps"
t_run 0 tc_loader filter del dev v0 ingress
t_ok [ ! -e "$KEEP" ]

t_begin 'without bpffs the filter runs, and the loss is said'
# Who looks for pins in every mount namespace may be in it.
umount -l "$BPFFS"
t_run 0 tc_loader --no-caller-pins filter add dev v0 ingress bpf obj "$OBJ/kept_private.o"
t_err_has "prog array 'private_jumps' is not pinned"
t_is "$(filters v0 ingress)" 1
