#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Who makes a map, and how long it lives. The loader makes the maps first, writes their numbers
# into the program's instructions, and loads the program last; from then on the program holds
# its maps. A map lives as long as a program, a pin or an open file holds it.
set -eu
. "$(dirname "$0")/lib.sh"
lib_private "$@"
. "$(dirname "$0")/topo_veth.sh"

# gone ID: the kernel frees a map a moment after its last user. there ID: yes or no.
gone() {
	! bpftool map show id "$1" >/dev/null 2>&1
}

there() {
	if gone "$1"; then
		echo no
	else
		echo yes
	fi
}

# name_of ID, named NAME IDS: the kernel's name of a map; which of IDS has it.
name_of() {
	bpftool map show id "$1" | sed -n 's/.* name \([^ ]*\) .*/\1/p'
}

named() {
	for map_id in $(echo "$2" | tr , ' '); do
		if [ "$(name_of "$map_id")" = "$1" ]; then
			echo "$map_id"
		fi
	done
}

topo_veth

step 'before: the object describes three maps, the kernel has none of them'
run tc_loader object show "$LEGACY/lifetime.o"
[ ! -e "$PIN_DIR/pinned_map" ] || die 'showing an object made a map'

step 'loading: maps first, then the program with their ids in its instructions'
run tc_loader qdisc add dev v0 clsact
run tc_loader filter add dev v0 ingress bpf da object-file "$LEGACY/lifetime.o"
prog=$(prog_at v0 ingress)
maps=$(maps_of "$prog")
pinned=$(map_id "$PIN_DIR/pinned_map")
plain=$(named plain_map "$maps")
bpftool prog dump xlated id "$prog" >"$TMP/code"
grep -o 'map\[id:[0-9]*\]' "$TMP/code" || die 'no map in the code'
holds "$(grep -c "map\[id:$pinned\]" "$TMP/code")" 1 'places in the code that name the pinned map'
holds "$(grep -c "map\[id:$plain\]" "$TMP/code")" 1 'places in the code that name the plain map'

step 'a map that no program refers to and nobody pinned is not kept'
holds "$(named unused_map "$maps")" '' 'unused map among those of the program'
bpftool map show >"$TMP/maps"
holds "$(grep -c ' name unused_map ' "$TMP/maps")" 0 'maps called unused_map on this machine'

step 'the loader has ended; the attached program holds both maps'
holds "$(there "$plain")" yes 'the plain map is there'

step 'the filter goes: the plain map goes with its last program, the pinned one stays'
run tc_loader filter del dev v0 ingress
wait_for 5 gone "$plain" || die 'the plain map stays'
holds "$(there "$plain")" no 'the plain map is there'
holds "$(there "$pinned")" yes 'the pinned map is there'

step 'loaded again, the program finds the pinned map; the plain one is a new one'
run tc_loader filter add dev v0 ingress bpf da object-file "$LEGACY/lifetime.o"
maps=$(maps_of "$(prog_at v0 ingress)")
holds "$(named pinned_map "$maps")" "$pinned" 'the pinned map of the new program'
[ "$(named plain_map "$maps")" != "$plain" ] || die 'the plain map came back'

step 'a pin is a name, not the map: taken away, the program still holds the map'
run rm "$PIN_DIR/pinned_map"
holds "$(there "$pinned")" yes 'the map without a pin is there'
run tc_loader filter del dev v0 ingress
wait_for 5 gone "$pinned" || die 'it stays'
holds "$(there "$pinned")" no 'the map without pin and program is there'
