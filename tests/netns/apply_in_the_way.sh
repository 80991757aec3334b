#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a file meets at its places: filters of other kinds, lists of other modes, pins and links of
# others, two builds of which no record says whose they are, two entries that want one place.
# Each is told, with what to do, and stays as it was.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects pair

STATE=$TMP/state
FILE=$TMP/acct.yaml
MAPS=
CLS=$(own_word pair)_cls
SKB=$(own_word pair)_skb
dev_add v0
tc qdisc add dev v0 clsact
cg_add job
cp "$OBJ/pair_btf_none.o" "$TMP/one.o"
cp "$OBJ/pair_btf_none.o" "$TMP/two.o"
printf x >>"$TMP/two.o"

# write ENTRY…: a file of these entries; a word that begins with "type" is of cgroups.
write() {
	local entry tc='' cgroups=''
	for entry in "$@"; do
		case $entry in
		*type:*) cgroups+="  - { $entry }"$'\n' ;;
		*hook:*) tc+="  - { $entry }"$'\n' ;;
		*) tc+="  - { hook: ingress, interfaces: [ v0 ], $entry }"$'\n' ;;
		esac
	done
	{
		printf 'name: acct\nobjects:\n  one: { file: one.o }\n  two: { file: two.o }\n'
		[ -z "$MAPS" ] || printf 'maps:\n  %s: { %s }\n' "$(own_word pair)_hits_00000" "$MAPS"
		[ -z "$tc" ] || printf 'tc:\n%s' "$tc"
		[ -z "$cgroups" ] || printf 'cgroups:\n%s' "$cgroups"
	} >"$FILE"
}

apply() {
	tc_loader "$1" --state-dir "$STATE" "$FILE"
}

# there: all that could have changed.
there() {
	tc filter show dev v0 ingress
	tc filter show dev v0 egress
	bpftool cgroup show "$CG/job"
	find "$BPFFS"
}

# refused WORD ENTRY…: plan and apply say so, and nothing changes.
refused() {
	local before
	before=$(there)
	write "${@:2}"
	t_run 1 apply plan
	t_out_has "$1"
	t_run 255 apply apply
	t_err_has "$1"
	t_is "$(there)" "$before"
}

# planned ENTRY…: the plan of these has a step at $PLACE.
planned() {
	write "$@"
	t_run any apply plan
	t_out_has "$PLACE"
}

t_begin 'two entries want one place'
refused 'another entry of the file wants the same place' \
	'object: one, preference: 10, handle: 1' 'object: two, preference: 10, handle: 1'
refused 'another entry of the file wants the same place' \
	"object: one, type: egress, cgroups: [ $CG/job ], mode: exclusive" \
	"object: two, type: egress, cgroups: [ $CG/job ], mode: exclusive"

t_begin 'a preference that is chosen is none that another entry names'
PLACE='pref 49151'
planned 'object: one' 'object: two, preference: 49152'

t_begin 'one program is loaded as one type'
write "object: one, program: $SKB" "object: one, type: egress, cgroups: [ $CG/job ]"
t_run 255 apply plan
t_err_has "program '$SKB' is attached as two types, and is loaded as one; name the file a second time"

t_begin 'an interface that is named twice is one place, one that may lack is not told'
write 'object: one, hook: ingress, interfaces: [ v0, "v*" ]' \
	'object: one, hook: egress, interfaces: [ nosuch ], optional: yes'
t_run 0 apply plan
t_is "$(t_out | t_count '^+ attach')" 1
t_out_lacks nosuch

t_begin 'what a pattern of namespaces finds that is none is left out'
mkdir -p /run/netns
: >/run/netns/way_left
write 'object: one, netns: [ "way_*" ], hook: ingress, interfaces: [ v0 ]'
t_run 0 apply plan
t_err_has "'way_left' matches 'way_*', but is not a network namespace"
rm /run/netns/way_left
write 'object: one, netns: way_left, hook: ingress, interfaces: [ v0 ]'
t_run 0 apply plan
t_out_has pending

t_begin 'a map with and without a pin'
for MAPS in 'pin: none' 'shared: yes' "pin: $BPFFS/elsewhere"; do
	write 'object: one'
	t_run 0 apply plan
	case $MAPS in
	*none) t_out_lacks "$BPFFS" ;;
	*yes) t_out_has "$BPFFS/tc/globals/" ;;
	*) t_out_has "$BPFFS/elsewhere" ;;
	esac
done
MAPS=

t_begin 'filters of another kind, protocol or make'
tc filter add dev v0 ingress pref 10 protocol all u32 match u32 0 0
refused "pref 10 has filters of kind 'u32'" 'object: one, preference: 10, handle: 1'
# In another chain there is room.
PLACE='pref 10'
planned 'object: one, preference: 10, handle: 1, chain: 5'
tc filter del dev v0 ingress pref 10
tc filter add dev v0 ingress pref 10 protocol 0x1234 handle 1 bpf bytecode '1,6 0 0 0'
refused 'protocol unknown (0x1234)' 'object: one, preference: 10, handle: 1'
tc filter del dev v0 ingress pref 10
tc filter add dev v0 ingress pref 10 handle 1 bpf bytecode '1,6 0 0 0'
refused 'a filter without an eBPF program is in the way' 'object: one, preference: 10, handle: 1'
# A handle that is chosen keeps clear of it.
PLACE='pref 10 handle 0x2'
planned 'object: one, preference: 10'
tc filter del dev v0 ingress pref 10

t_begin 'an ingress qdisc has no egress'
dev_add v1
tc qdisc add dev v1 ingress
refused 'replace it with clsact' 'object: one, interfaces: [ v1 ], hook: egress'
tc qdisc del dev v1 ingress

t_begin 'two builds, and no record says which one is ours'
t_run 0 cgroup_loader prog loadall "$TMP/one.o" "$BPFFS/theirs"
for pref in 20 30; do
	tc filter add dev v0 ingress pref $pref handle 1 bpf da object-pinned "$BPFFS/theirs/$CLS"
done
refused "2 filters run a program '$CLS', and no record says which one is ours" \
	'object: one, adopt: yes'
# Told the preference or the handle, it is that one.
for words in 'preference: 20' 'preference: 30, handle: 1'; do
	write "object: one, adopt: yes, $words"
	t_run 0 apply plan
	t_out_has "pref ${words:12:2} handle 0x1"
	t_out_has 'of no record'
done
PLACE='pref 49152 handle 0x7'
planned 'object: one, adopt: yes, handle: 7'
tc filter del dev v0 ingress pref 30
tc filter del dev v0 ingress pref 20

# job WORDS: an entry of our cgroup.
job() {
	echo "type: egress, cgroups: [ $CG/job ], $1"
}

mode() {
	bpftool -j cgroup show "$CG/job" | t_json '[0].attach_flags'
}

t_begin 'a list of another mode, of one or several'
for words in '' override; do
	# shellcheck disable=SC2086 # no word, or one
	bpftool cgroup attach "$CG/job" egress pinned "$BPFFS/theirs/$SKB" $words
	refused "'mode: multi' does not join it" "$(job 'object: one, mode: multi')"
	refused "'mode: link' does not join it" "$(job 'object: one, mode: link')"
	bpftool cgroup detach "$CG/job" egress pinned "$BPFFS/theirs/$SKB"
done
bpftool cgroup attach "$CG/job" egress pinned "$BPFFS/theirs/$SKB" multi
refused "'mode: override' does not join it" "$(job 'object: one, mode: override')"
bpftool cgroup detach "$CG/job" egress pinned "$BPFFS/theirs/$SKB"

t_begin 'override: attached, replaced by the next build, removed'
write "$(job 'object: one, mode: override')"
t_run 0 apply apply
t_is "$(mode)" override
was=$(prog_in "$CG/job")
write "$(job 'object: two, mode: override')"
t_run 0 apply plan
t_run 0 apply apply
t_is "$(cg_progs "$CG/job")" 1
t_isnt "$(prog_in "$CG/job")" "$was"
t_is "$(mode)" override
t_run 0 apply check
t_run 0 apply remove
t_is "$(cg_progs "$CG/job")" 0

t_begin 'two builds in a list, and no record says which one is ours'
t_run 0 cgroup_loader prog loadall "$TMP/two.o" "$BPFFS/others"
for dir in theirs others; do
	bpftool cgroup attach "$CG/job" egress pinned "$BPFFS/$dir/$SKB" multi
done
refused "2 programs '$SKB' are attached there" "$(job 'object: one, adopt: yes')"
for dir in theirs others; do
	bpftool cgroup detach "$CG/job" egress pinned "$BPFFS/$dir/$SKB"
done

t_begin 'a link that lost its cgroup is made anew, one of no record is adopted where that is said'
write "$(job 'object: one, mode: link')"
t_run 0 apply apply
was=$(prog_in "$CG/job")
pin=$(find "$BPFFS/mapshare" -type f)
bpftool link detach pinned "$pin"
t_is "$(cg_progs "$CG/job")" 0
t_run 1 apply check
t_out_has 'its link lost its cgroup'
t_run 0 apply apply
t_is "$(cg_progs "$CG/job")" 1
t_run 0 apply check
rm "$STATE"/acct@*.json
t_run 255 apply apply
t_err_has "'adopt: yes'"
write "$(job 'object: one, mode: link, adopt: yes')"
t_run 0 apply apply
t_is "$(prog_in "$CG/job")" "$was"
t_run 0 apply remove

t_begin 'something else where the pin of a link would be'
mkdir -p "${pin%/*}"
bpftool prog pin pinned "$BPFFS/theirs/$SKB" "$pin"
refused "is not a link of ours to this cgroup; remove it" "$(job 'object: one, mode: link')"
rm -r "$BPFFS/mapshare"

t_begin 'each, units, and paths that name nothing'
cg_add job/a
cg_add job/b
cg_add "job/way$$.service"
write "object: one, type: egress, each: $CG/job"
t_run 0 apply apply
t_is "$(cg_progs "$CG/job") $(cg_progs "$CG/job/a") $(cg_progs "$CG/job/b")" '0 1 1'
t_run 0 apply check
t_run 0 apply remove
write "object: one, type: egress, units: [ way$$ ]"
t_run 0 apply apply
t_is "$(cg_progs "$CG/job/a") $(cg_progs "$CG/job/way$$.service")" '0 1'
# The record's come first: twice named is once there.
write "object: one, type: egress, cgroups: [ $CG/job/way$$.service, $CG/job/way*, $CG/job/a, $CG/job/* ], limit: 2"
t_run 0 apply apply
t_err_has 'names more than 2 cgroups'
t_is "$(cg_progs "$CG/job/a") $(cg_progs "$CG/job/b") $(cg_progs "$CG/job/way$$.service")" '1 0 1'
t_run 0 apply remove
cg_add "job/a/way$$.service"
write "object: one, type: egress, units: [ way$$ ]"
t_run 255 apply apply
t_err_has "are called 'way$$.service'; name the path in 'cgroups'"
t_is "$(cg_progs "$CG/job/way$$.service")" 0
write "object: one, type: egress, cgroups: [ /proc/self/x, $CG/job/none/*, \"/none*/x\" ]"
t_run 0 apply plan
t_is "$(t_out | t_count '^? pending')" 3

t_begin 'slots of a prog array: more than the file leaves it, and one that others emptied'
jumps() {
	cat >"$FILE" <<-END
		name: acct
		objects:
		  jumps: { file: $OBJ/odd_slots.o }
		maps:
		  odd_jumps: { max-entries: $1 }
		tc:
		  - { object: jumps, interfaces: [ v0 ], hook: ingress }
	END
}
JUMPS=$BPFFS/tc/globals/odd_jumps
jumps 1
t_run 255 apply apply
t_err_has "section '5/1': slot 1 is out of bounds, prog array 'odd_jumps' has max_entries 1"
t_is "$(filters v0 ingress) $(find "$BPFFS" -name odd_jumps)" '0 '
jumps 8
t_run 0 apply apply
t_is "$(bpftool -j map show pinned "$JUMPS" | t_json .max_entries)" 8
t_run 0 apply check
was=$(prog_at v0 ingress)
bpftool map delete pinned "$JUMPS" key 1 0 0 0
t_run 1 apply check
t_out_has 'slot 1 of prog array id'
t_run 0 apply apply
t_isnt "$(prog_at v0 ingress)" "$was"
t_is "$(bpftool -j map dump pinned "$JUMPS" | t_json '.|length')" 2
t_run 0 apply check
t_run 0 apply remove

t_begin 'slots for programs of one type, where the file takes several from one object'
cat >"$FILE" <<END
name: acct
objects:
  one: { file: $OBJ/kept.o }
tc:
  - { object: one, interfaces: [ v0 ], hook: ingress }
cgroups:
  - { object: one, type: egress, cgroups: [ $CG/job ] }
END
t_run 255 apply apply
t_err_has "its tail calls would be reached from programs of several types; name the file once for each type in 'objects'"
t_is "$(filters v0 ingress) $(cg_progs "$CG/job")" '0 0'
sed -i "s|^  one:.*|&\n  two: { file: $OBJ/kept.o }|; s|object: one, type|object: two, type|" "$FILE"
t_run 0 apply apply
t_is "$(filters v0 ingress) $(cg_progs "$CG/job")" '1 1'
t_run 0 apply remove
