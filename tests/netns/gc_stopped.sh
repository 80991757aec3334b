#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A loader takes a pin while share gc --delete is about to remove it: gc is stopped at each of
# its calls that change the directory, and the loader runs to its end meanwhile. In the
# end the filter's map is the one that is pinned, whoever was first.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"

PIN=$BPFFS/tc/globals/by_name_hits
# By force, where some process may not be looked into.
GC=(tc_loader share gc --delete --force-unseen "$PIN")
dev_add v0
tc qdisc add dev v0 clsact

# idle: the pin is there and nothing uses its map.
idle() {
	[ -e "$PIN" ] || "${LOAD[@]}"
	[ -z "$(tc filter show dev v0 ingress)" ] || tc filter del dev v0 ingress
}

# The calls that change the directory; how many others there are depends on the machine.
changes() {
	grep -nE ' (unlink|rename|mkdir|rmdir)' "$TMP/calls" | sed 's/:.*//'
}

# tc takes no lock, as tc_loader does: nothing keeps it out.
LOAD=(tc filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/by_name.o" sec tc)
idle

t_begin 'tc loads while gc is stopped at a change: one map in the end'
t_run 0 calls_of "${GC[@]}"
t_ok [ ! -e "$PIN" ]
cp "$TMP/calls" "$TMP/calls_of_gc"
changes >"$TMP/changes"
t_ok [ -s "$TMP/changes" ]
while read -r at; do
	idle
	cp "$TMP/calls_of_gc" "$TMP/calls"
	stopped_after "$at" "${GC[@]}"
	"${LOAD[@]}" 2>"$TMP/load_err"
	kill -CONT "$STOPPED"
	status=0
	wait "$STOPPED_BY" || status=$?
	echo "  stopped after call $at ($(call_spec "$at")): gc ends with $status"
	t_ok [ -e "$PIN" ]
	t_is "$(maps_of "$(prog_at v0 ingress)")" "$(map_id "$PIN")" "map of the filter, call $at"
done <"$TMP/changes"
