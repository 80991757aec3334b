#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# libbpf asks the kernel whether it keeps names, maps data, binds maps; if that fails for another
# reason, programs and maps are loaded without. That is said.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects again by_name
NAMED=$(own_word by_name)
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

# traced CMD…, failing N CMD…: its calls of bpf(2) in $TMP/trace; the N-th of them fails.
traced() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e signal=none -e trace=bpf -o "$TMP/trace" "$@"
}

failing() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/failed" -e trace=bpf \
		-e "inject=bpf:error=ENOMEM:when=$1" "${@:2}"
}

# name_of PIN: 'none' where the kernel has none.
name_of() {
	bpftool prog show pinned "$1" | sed -n '1{s/.* name \([^ ]*\) .*/\1/p;t;s/.*/none/p}'
}

LOAD=(cgroup_loader prog load "$OBJ/no_maps.o")
t_begin 'undisturbed: a name and not a word'
t_run 0 traced "${LOAD[@]}" "$BPFFS/named"
t_err_is ''
name=$(name_of "$BPFFS/named")
t_isnt "$name" none
probe=$(grep -n 'PROG_LOAD.*libbpf_nametest' "$TMP/trace" | sed -n '1s/:.*//p')
t_isnt "$probe" ''

t_begin 'the probe fails: no name, and that is said'
t_run 0 failing "$probe" "${LOAD[@]}" "$BPFFS/unnamed"
t_is "$(name_of "$BPFFS/unnamed")" none
t_err_is "cgroup_loader: warning: program '$name' is made without its name: libbpf's probe for names failed"

# nth PATTERN: the number of the first such call in the trace.
nth() {
	grep -n "$1" "$TMP/trace" | sed -n '1s/:.*//p'
}

# The program's BTF names its function, too.
t_begin 'without its name it takes the place of the older build all the same'
ATTACH=(cgroup_loader cgroup attach "$CG" egress obj "$OBJ/again_insn.o" multi replace)
cgroup_loader cgroup attach "$CG" egress obj "$OBJ/again.o" multi
mkdir "$CG/beside"
t_run 0 traced cgroup_loader cgroup attach "$CG/beside" egress obj "$OBJ/again_insn.o" multi
t_run 0 failing "$(nth 'PROG_LOAD.*libbpf_nametest')" "${ATTACH[@]}"
t_err_has 'is made without its name'
t_is "$(bpftool -j cgroup show "$CG" | t_json '.|length')" 1
t_run 0 "${ATTACH[@]}"
t_is "$(bpftool -j cgroup show "$CG" | t_json '.|length')" 1
rmdir "$CG/beside"

# holds_constants PIN: bpftool shows what is in them.
holds_constants() {
	[ "$(bpftool prog show pinned "$1" | t_count 'origin = "mapshare"')" -gt 0 ]
}

LOAD=(cgroup_loader prog load "$OBJ/metadata.o")
t_begin 'undisturbed: the program holds its constants, which can be mapped'
t_run 0 traced "${LOAD[@]}" "$BPFFS/whole"
t_err_is ''
t_ok holds_constants "$BPFFS/whole"
id=$(bpftool -j prog show pinned "$BPFFS/whole" | t_json '.map_ids[0]')
t_is "$(bpftool map show id "$id" | grep -o 'flags 0x[0-9a-f]*')" 'flags 0x480'
probe=$(nth 'MAP_CREATE.*libbpf_mmap')
bind=$(nth PROG_BIND_MAP)
really=$(grep -n PROG_BIND_MAP "$TMP/trace" | sed -n '2s/:.*//p')

t_begin 'the constants are not bound, by the probe or in the end'
for call in "$bind" "$really"; do
	t_run 0 failing "$call" "${LOAD[@]}" "$BPFFS/unbound$call"
	t_is "$(bpftool prog show pinned "$BPFFS/unbound$call" | t_count origin)" 0
	t_err_has "warning: program 'described' does not hold map 'metadata.rodata' (id "
	t_is "$(t_err | wc -l)" 1
done

t_begin 'the constants cannot be mapped'
t_run 0 failing "$probe" "${LOAD[@]}" "$BPFFS/unmapped"
t_err_is "cgroup_loader: warning: map 'metadata.rodata' is created without flag 0x400 (mmapable): libbpf's probe for it failed"

# map_name PIN: nothing where the kernel has none.
map_name() {
	bpftool -j map show pinned "$1" | sed -n 's/.*"name":"\([^"]*\)".*/\1/p'
}

# What is shared is found by it: 'share check NAME'.
t_begin 'a map that is pinned for others has no name, and that is said'
# load_unnamed: the maps of the machine, which are looked at before, may be more the next time.
load_unnamed() {
	local load=(cgroup_loader prog load "$OBJ/by_name.o" "$BPFFS/pair")
	for _ in 1 2 3 4 5 6 7 8 9; do
		traced "${load[@]}"
		[ "$(map_name "$BPFFS/tc/globals/${NAMED}_hits")" = "${NAMED}_hits" ]
		rm -r "$BPFFS/pair" "$BPFFS/tc"
		failing "$(nth 'PROG_LOAD.*libbpf_nametest')" "${load[@]}"
		! grep -q 'libbpf_nametest.*INJECTED' "$TMP/failed" || return 0
		rm -r "$BPFFS/pair" "$BPFFS/tc"
	done
	return 1
}
t_run 0 load_unnamed
t_is "$(map_name "$BPFFS/tc/globals/${NAMED}_hits")" ''
t_err_has "warning: map '${NAMED}_hits' is made without its name: libbpf's probe for names failed"

t_begin 'nor has one that is created by a line'
CREATE=(cgroup_loader map create "$BPFFS/made" type hash key 4 value 4 entries 1 name given)
t_run 0 traced "${CREATE[@]}"
t_err_is ''
t_is "$(map_name "$BPFFS/made")" given
rm "$BPFFS/made"
t_run 0 failing "$(nth 'PROG_LOAD.*libbpf_nametest')" "${CREATE[@]}"
t_is "$(map_name "$BPFFS/made")" ''
t_err_is "cgroup_loader: warning: map 'given' is made without its name: libbpf's probe for names failed"

# has_btf PIN
has_btf() {
	[ "$(bpftool -j map show pinned "$1" | t_count '"btf_id"')" -gt 0 ]
}

# The first BTF that is loaded is that of pinned maps; where the map is there, a probe of libbpf's.
t_begin 'without its BTF a map has no members, and that is said'
LOAD=("$BUILD/tests/netns/told" once 18 12 cgroup_loader prog load "$OBJ/by_name.o" "$BPFFS/pair" pinmaps "$BPFFS/maps")
rm -r "$BPFFS/pair" "$BPFFS/tc"
t_run 0 "${LOAD[@]}"
t_err_has "warning: object '$OBJ/by_name.o': its BTF could not be loaded, pinned maps go without: "
t_err_has ': Cannot allocate memory'
t_run 1 has_btf "$BPFFS/tc/globals/${NAMED}_hits"
t_run 0 has_btf "$BPFFS/maps/${NAMED}_private_hits"
rm -r "$BPFFS/pair" "$BPFFS/maps"
t_run 0 "${LOAD[@]}"
t_err_has "warning: object '$OBJ/by_name.o': its BTF could not be loaded, programs and private maps go without: "
t_run 1 has_btf "$BPFFS/maps/${NAMED}_private_hits"
