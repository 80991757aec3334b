#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Links on interfaces through the library, XDP and tcx, over a pin that is there: the same program
# is a success that changes nothing, another one is refused or, with replace, swapped in place, a
# link that lost its interface is made anew. Without commit all of it goes back.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
! sanitized || t_skip library_links 'its own program is built without the sanitizer'
command -v cc >"$TMP/null" || t_skip embed 'needs cc'

L=$TMP/library
cc -O2 -Wall -I"$TOP/common" -o "$L" "$TOP/tests/netns/library.c" "$BUILD/lib/libmapshare.so" \
	-Wl,-rpath,"$(realpath "$BUILD")/lib" -pthread
first=$OBJ/dev_link.o other=$OBJ/dev_link_other.o P=$BPFFS/link

# state: the link at the pin, and the program in it.
state() {
	cgroup_loader -j link show pinned "$P" >"$TMP/link"
	echo "link $(t_json .id <"$TMP/link") program $(t_json .prog_id <"$TMP/link") if $(t_json .ifindex <"$TMP/link")"
}

in_link() {
	bpftool -j link show pinned "$P" | t_json .prog_id
}

walk() {
	local kind=$1 program=$2 before id
	t_begin "$kind: attached once"
	dev_add d0
	dev_add d1
	t_run 0 "$L" load "$first" "$program" "$kind" d0 "$P" keep
	t_out_lacks already
	before=$(state)

	t_begin "$kind: the same program changes nothing"
	t_run 0 "$L" load "$first" "$program" "$kind" d0 "$P" keep
	t_out_has "already attached (id $(in_link))"
	t_is "$(state)" "$before"
	t_run 0 "$L" load "$first" "$program" "$kind" d0 "$P"
	t_is "$(state)" "$before" 'not committed'
	t_run 0 "$L" load "$first" "$program" "re$kind" d0 "$P" keep
	t_is "$(state)" "$before" 'replace by the same'

	t_begin "$kind: another program"
	t_run 1 "$L" load "$other" "$program" "$kind" d0 "$P" keep
	t_out_has "error 17: link on 'd0': pin '$P': its link has program id $(in_link) '$program', not the same: its instructions differ"
	t_is "$(state)" "$before"
	t_run 0 "$L" load "$other" "$program" "re$kind" d0 "$P"
	t_is "$(state)" "$before" 'not committed: the former program is back'
	t_run 0 "$L" load "$other" "$program" "re$kind" d0 "$P" keep
	t_is "$(state | cut -d' ' -f1,2)" "$(echo "$before" | cut -d' ' -f1,2)" 'the very link'
	t_ok [ "$(state)" != "$before" ]
	before=$(state)

	t_begin "$kind: a pin of another place stays"
	t_run 1 "$L" load "$other" "$program" "$kind" d1 "$P" keep
	t_out_has "error 17: link on 'd1': pin '$P': File exists"
	t_is "$(state)" "$before"
	t_run 1 "$L" load "$other" "$program" "re$kind" d1 "$P" keep
	t_is "$(state)" "$before"

	t_begin "$kind: the interface is gone"
	ip link del d0
	id=$(bpftool -j link show pinned "$P" | t_json .id)
	t_run 0 "$L" load "$first" "$program" "$kind" d1 "$P"
	t_is "$(bpftool -j link show pinned "$P" | t_json .id)" "$id" 'not committed: the dead link is back'
	t_run 0 "$L" load "$first" "$program" "$kind" d1 "$P" keep
	t_out_has "link id $id had lost its device and is replaced"
	t_is "$(state | cut -d' ' -f6)" "$(ip -o link show d1 | cut -d: -f1)"
	rm "$P"
	ip link del d1
}

walk link link_xdp
! "$BUILD/tests/netns/tcx_list" lo 46 >"$TMP/list" 2>&1 || walk tcx link_tc

order() {
	t_begin 'tcx: the first of the list'
	dev_add o0
	t_run 0 "$L" load "$first" link_tc tcx o0 "$BPFFS/one" keep
	t_run 0 "$L" load "$first" link_tc tcxfirst o0 "$BPFFS/two" keep
	t_is "$("$BUILD/tests/netns/tcx_list" o0 46 | tr ' ' '\n' | cut -d/ -f2 | tr '\n' ' ')" \
		"$(bpftool -j link show pinned "$BPFFS/two" | t_json .id) $(bpftool -j link show pinned "$BPFFS/one" | t_json .id) "
	rm "$BPFFS/one" "$BPFFS/two"
	ip link del o0
}
! "$BUILD/tests/netns/tcx_list" lo 46 >"$TMP/list" 2>&1 || order

t_begin 'what is no link, and a pin of nothing of ours'
dev_add d0
t_run 0 "$L" load "$first" link_xdp pin "$P" keep
t_run 1 "$L" load "$first" link_xdp link d0 "$P" keep
t_out_has "pin '$P': File exists, and is not a link"
t_ok [ -e "$P" ]
