#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What objects written for tc could rely on before libbpf 1.0, each with packets through it:
# pins that an older tc left, custom pin ids, tail calls, inner maps, maps that the kernel
# adjusts, old definitions.
#
# differs: adjusted-maps
# differs: first-function
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

ns_add far
veth_add v0 10.9.0.1/24 far eth0 10.9.0.2/24
veth_know v0 10.9.0.1 far eth0 10.9.0.2
tc qdisc add dev v0 clsact
GLOBALS=$BPFFS/tc/globals
own_objects spelled adjusted_
SPELLED=$(own_word spelled)
ADJUSTED=$GLOBALS/$(own_word adjusted_)

# load OBJECT WORDS…: the only filter, and packets N later it is gone through that often.
load() {
	tc filter del dev v0 ingress
	t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$@"
}

pings() {
	t_run 0 ns_run far ping -q -c "$1" -i 0.02 10.9.0.1
}

# count MAP KEY: the first word of the value behind a small key.
count() {
	map_u64s "$1" "0$2" 00 00 00 | cut -d ' ' -f 1
}

# map_of NAME: the id of the running program's map of this name.
map_of() {
	maps_of "$(prog_at v0 ingress)" | tr , '\n' | while read -r id; do
		[ "$(bpftool -j map show id "$id" | t_json .name)" != "$1" ] || echo "$id"
	done
}

t_begin 'PIN_OBJECT_NS: pins that an old tc made are found, by the SHA-1 of the file'
sum=$(sha1sum <"$LEGACY/tail_calls.o" | cut -d ' ' -f 1)
mkdir -p "$BPFFS/tc/$sum"
bpftool map create "$BPFFS/tc/$sum/jumps" type prog_array key 4 value 4 entries 2 name ''
bpftool map create "$BPFFS/tc/$sum/stages" type array key 4 value 8 entries 4 name ''
stages=$(map_id "$BPFFS/tc/$sum/stages")
jumps=$(map_id "$BPFFS/tc/$sum/jumps")
bpftool map update pinned "$BPFFS/tc/$sum/stages" key 3 0 0 0 value 7 0 0 0 0 0 0 0
load "$LEGACY/tail_calls.o"
t_is "$(map_id "$BPFFS/tc/$sum/stages") $(map_id "$BPFFS/tc/$sum/jumps")" "$stages $jumps"
pings 4
t_is "$(count "$BPFFS/tc/$sum/stages" 0) $(count "$BPFFS/tc/$sum/stages" 1) \
$(count "$BPFFS/tc/$sum/stages" 2) $(count "$BPFFS/tc/$sum/stages" 3)" '4 4 4 7'
t_is "$(find "$BPFFS/tc" -mindepth 1 -maxdepth 1 ! -name globals)" "$BPFFS/tc/$sum"

t_begin 'custom pin ids: the same, in the place that the database names'
mount -t tmpfs tmpfs /etc/iproute2 2>/dev/null || { mkdir -p /etc/iproute2 && mount -t tmpfs tmpfs /etc/iproute2; }
on_exit 'umount /etc/iproute2'
echo '42 foo/bar' >/etc/iproute2/bpf_pinning
load "$OBJ/elf36.o"
custom=$(map_id "$BPFFS/foo/bar/elf_custom")
load "$OBJ/elf36.nog.o"
t_is "$(map_id "$BPFFS/foo/bar/elf_custom")" "$custom"
case ,$(maps_of "$(prog_at v0 ingress)"), in
*,$custom,*) ;;
*) t_fail "map $custom is not behind the filter" ;;
esac

for object in spellings.o spellings.nog.o; do
	t_begin "ID/KEY tail calls in every spelling run: $object"
	rm -f "$GLOBALS/${SPELLED}_ran" "$GLOBALS/$SPELLED"
	load "$OBJ/$object"
	t_err_is ''
	pings 10
	for slot in 0 1 2 3 4; do
		t_is "$(count "$GLOBALS/${SPELLED}_ran" $slot)" 2 "runs of slot $slot"
	done
	t_is "$(count "$GLOBALS/${SPELLED}_ran" 5) $(count "$GLOBALS/${SPELLED}_ran" 6)" '10 0' 'entry and misses'
done

t_begin 'prog arrays with .values run'
load "$OBJ/values.o"
pings 3
t_is "$(count "$GLOBALS/values_ran" 3) $(count "$GLOBALS/values_ran" 0) \
$(count "$GLOBALS/values_ran" 2)" '3 3 3'

t_begin 'inner maps by id: slots filled, -1 is the template only'
load "$OBJ/nested_elf.o"
outer=$(map_of outer)
t_is "$(bpftool map dump id "$outer" | grep -c 'inner_map_id\|^key:')" 2 'filled slots'
pings 3
inner=$(bpftool map lookup id "$outer" key 3 0 0 0 |
	sed -n 's/.*value: \(..\) \(..\) \(..\) \(..\).*/0x\4\3\2\1/p')
# Once through the outer map, once by its own name.
t_is "$(count "$(printf '%d' "$inner")" 0)" 6
t_is "$(count "$(map_of template_only)" 0)" 3

for object in adjusted.o adjusted.nog.o; do
	t_begin "a reload finds maps that the kernel adjusted, and leaves their slots: $object"
	for name in lru dev outer second; do
		rm -f "$ADJUSTED$name"
	done
	load "$OBJ/$object"
	for name in lru dev outer second; do
		map_id "$ADJUSTED$name"
	done >"$TMP/first"
	t_is "$(map_inner "${ADJUSTED}outer" 2)" "$(map_inner "${ADJUSTED}second" 2)"
	slot=$(map_inner "${ADJUSTED}outer" 2)
	t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/$object"
	t_err_is "tc_loader: '$object:[classifier]' is now 2 times on this hook of 'v0' (pref 49151, 49152); 'filter replace' with pref and handle keeps one"
	for name in lru dev outer second; do
		map_id "$ADJUSTED$name"
	done >"$TMP/second"
	t_is "$(cat "$TMP/second")" "$(cat "$TMP/first")" 'ids after the reload'
	t_is "$(map_inner "${ADJUSTED}outer" 2)" "$slot" 'inner map'
	pings 2
	# The first filter decides; it goes through both outer maps.
	t_is "$(count "$slot" 0)" 4
done

for object in crowded.o crowded.nog.o; do
	t_begin "the first of several functions, functions in .text, a long license: $object"
	rm -f "$GLOBALS/crowded_ran"
	load "$OBJ/$object"
	t_is "$(tc -j filter show dev v0 ingress | t_json .[1].options.prog.name)" first
	pings 3
	t_is "$(count "$GLOBALS/crowded_ran" 0)" 3
done

t_begin 'definitions of 16, 20, 28 and 32 bytes, and of several sizes in one section'
for object in elf16 elf28 elf32 def20; do
	for suffix in o nog.o; do
		load "$OBJ/$object.$suffix"
		t_is "$(maps_of "$(prog_at v0 ingress)" | tr , '\n' | wc -l)" 2 'maps'
	done
done
t_ok [ -e "$GLOBALS/old_global" ]
t_ok [ -e "$GLOBALS/elf32_global" ]
load "$OBJ/sizes.o"
for entries in 20 16 36 40; do
	t_is "$(maps_of "$(prog_at v0 ingress)" | tr , '\n' | while read -r id; do
		bpftool -j map show id "$id" | t_json .max_entries
	done | grep -cx $entries)" 1 "maps of $entries entries"
done
