#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# 'attach: tcx' in a file: planned, applied, checked, adopted, moved from clsact and back,
# removed, in another namespace too; a failure and a kill leave what was there, or finish.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"

LIST=$BUILD/tests/netns/tcx_list
LINKS=$BUILD/tests/netns/bpf_links
STATE=$TMP/state
FILE=$TMP/lists.yaml
IN=46 OUT=47

own_objects tcx_seen
SEEN=$(own_word tcx_)seen
dev_add v0 v1
"$LIST" v0 $IN >"$TMP/list" 2>&1 || t_skip tcx 'this kernel has no tcx (Linux 6.6)'
cp "$OBJ/tcx_count.o" "$TMP/count.o"

apply() {
	tc_loader "$1" --state-dir "$STATE" "${@:2}" "$FILE"
}

# file LINE…: entries of tc.
file() {
	cat >"$FILE" <<END
name: lists
objects:
  c: { file: count.o }
maps:
  $SEEN: { shared: yes }
tc:
END
	printf '  - { object: c, program: %s }\n' "$@" >>"$FILE"
}

list() {
	"$LIST" "${1:-v0}" "${2:-$IN}"
}

t_begin 'planned, applied, in sync; no clsact is made'
file 'tcx_count, interfaces: [ "v?" ], hook: ingress, attach: tcx' \
	'tcx_other, interfaces: [ v0 ], hook: ingress, attach: tcx'
t_run 0 apply plan
t_out_has '+ attach   dev v0 ingress tcx'
t_is "$(list)" ''
t_run 0 apply apply
both=$(list)
t_is "$(echo "$both" | wc -w)" 2
t_is "$(list v1)" "${both% *}"
t_is "$(tc qdisc show dev v0 | t_count clsact)" 0
revision=$("$LIST" revision v0 $IN)
t_run 0 apply apply
t_out_has 'in sync, nothing loaded'
t_run 0 apply check
t_is "$("$LIST" revision v0 $IN)" "$revision"
t_run 0 apply plan -j
t_is "$(t_out | t_json '.files[0].steps' | t_json '.[attach]')" '["tcx","tcx","tcx"]'

t_begin 'another build takes the places; what was taken away is put back'
printf x >>"$TMP/count.o"
t_run 0 apply apply
t_is "$(list | wc -w)" 2
t_isnt "$(list)" "$both"
both=$(list)
t_run 0 tc_loader filter del dev v0 ingress bpf id "${both% *}" tcx
t_run 1 apply check
t_out_has 'it was removed'
t_run 0 apply apply
t_is "$(list)" "${both#* } ${both% *}"
t_run 0 apply check

t_begin "a stranger's program stays; one that no record has is adopted where that is said"
bpftool prog loadall "$OBJ/tcx_count.o" "$BPFFS/strange" type classifier
"$LINKS" attach "$BPFFS/strange/tcx_other" v1 $IN
strange=$(bpftool -j prog show pinned "$BPFFS/strange/tcx_other" | t_json .id)
t_run 0 apply check
file 'tcx_count, interfaces: [ "v?" ], hook: ingress, attach: tcx' \
	'tcx_other, interfaces: [ "v?" ], hook: ingress, attach: tcx'
before=$(list v1)
t_run 255 apply apply
t_err_has "program id $strange 'tcx_other' is attached there"
t_is "$(list v1)" "$before"
file 'tcx_count, interfaces: [ "v?" ], hook: ingress, attach: tcx' \
	'tcx_other, interfaces: [ "v?" ], hook: ingress, attach: tcx, adopt: yes'
t_run 0 apply apply
t_is "$(list v1 | wc -w)" 2
t_run 0 apply check
t_run 0 apply remove
t_is "$(list)$(list v1)" ''

t_begin 'a program that a link holds is in the way'
id=$("$LINKS" link "$BPFFS/strange/tcx_count" v0 $IN "$BPFFS/held")
file 'tcx_count, interfaces: [ v0 ], hook: ingress, attach: tcx, adopt: yes'
t_run 255 apply apply
t_err_has "held by link id $id"
rm "$BPFFS/held"
none() { [ -z "$(list)" ]; }
t_ok wait_for 5 none

t_begin 'from clsact to tcx and back, the new place first'
file 'tcx_count, interfaces: [ v0 ], hook: egress'
t_run 0 apply apply
t_is "$(filters v0 egress) $(list v0 $OUT | wc -w)" '1 0'
for _ in 1 2; do
	file 'tcx_count, interfaces: [ v0 ], hook: egress, attach: tcx'
	calls_of tc_loader apply --state-dir "$STATE" "$FILE" >"$TMP/out" 2>&1
	t_is "$(filters v0 egress) $(list v0 $OUT | wc -w)" '0 1'
	t_ok [ "$(call_number BPF_PROG_ATTACH)" -lt "$(call_number RTM_DELTFILTER)" ]
	t_run 0 apply check
	file 'tcx_count, interfaces: [ v0 ], hook: egress'
	calls_of tc_loader apply --state-dir "$STATE" "$FILE" >"$TMP/out" 2>&1
	t_is "$(filters v0 egress) $(list v0 $OUT | wc -w)" '1 0'
	t_ok [ "$(call_number RTM_NEWTFILTER)" -lt "$(call_number BPF_PROG_DETACH)" ]
done
t_run 0 apply remove

t_begin 'another network namespace'
ns_add side
ip -n side link add s0 type veth peer name s1
file 'tcx_count, interfaces: [ s0 ], netns: [ side ], hook: ingress, attach: tcx'
t_run 0 apply apply
t_is "$(ns_run side "$LIST" s0 $IN | wc -w)" 1
t_run 0 apply check
printf y >>"$TMP/count.o"
t_run 0 apply apply
t_is "$(ns_run side "$LIST" s0 $IN | wc -w)" 1
file 'tcx_count, interfaces: [ v0 ], hook: ingress, attach: tcx'
t_run 0 apply apply
t_is "$(ns_run side "$LIST" s0 $IN | wc -w) $(list | wc -w)" '0 1'
t_run 0 apply remove

t_begin 'what went with its interface, or its namespace, is gone'
for goes in 'ip -n side link del s0' 'ip netns del side'; do
	file 'tcx_count, interfaces: [ s0 ], netns: [ side ], hook: ingress, attach: tcx'
	t_run 0 apply apply
	t_is "$(ns_run side "$LIST" s0 $IN | wc -w)" 1
	file 'tcx_count, interfaces: [ v0 ], hook: ingress, attach: tcx'
	# shellcheck disable=SC2086 # words
	t_run 0 $goes
	t_run 0 apply apply
	t_out_has '1 gone'
	t_run 0 apply remove
	[ ! -e /run/netns/side ] || ip -n side link add s0 type veth peer name s1
done

t_begin 'taken out of a list during the run: nothing is left to detach'
file 'tcx_count, interfaces: [ v0 ], hook: ingress, attach: tcx' \
	'tcx_other, interfaces: [ v1 ], hook: ingress, attach: tcx'
t_run 0 apply apply
t_run 0 tc_loader filter del dev v1 ingress bpf id "$(list v1)" tcx
t_run 0 apply remove
t_out_has gone
t_is "$(list)$(list v1)" ''

t_begin 'two builds in a list, and no record says which one is ours'
for n in 1 2; do
	bpftool prog loadall "$TMP/count.o" "$BPFFS/build$n" type classifier
	"$LINKS" attach "$BPFFS/build$n/tcx_count" v0 $IN
done
both=$(list)
file 'tcx_count, interfaces: [ v0 ], hook: ingress, attach: tcx, adopt: yes'
t_run 255 apply apply
t_err_has "2 programs 'tcx_count' are in its list, and no record says which one is ours"
t_is "$(list)" "$both"
for id in $both; do
	t_run 0 tc_loader filter del dev v0 ingress bpf id "$id" tcx
done

t_begin 'a failure brings back what was there, in its order'
file 'tcx_count, interfaces: [ v0 ], hook: ingress, attach: tcx' \
	'tcx_other, interfaces: [ v0 ], hook: ingress, attach: tcx'
t_run 0 apply apply
both=$(list)
printf z >>"$TMP/count.o"
calls_of tc_loader apply --state-dir "$STATE" "$FILE" >"$TMP/out" 2>&1
at=$(call_number BPF_PROG_ATTACH)
spec=$(call_spec "$at")
both=$(list)
printf z >>"$TMP/count.o"
t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/failed" -e trace="${spec% *}" \
	-e "inject=${spec% *}:error=ENOMEM:when=${spec#* }" \
	tc_loader apply --state-dir "$STATE" "$FILE"
t_is "$(list)" "$both"

t_begin 'killed at any call, the same file again ends like an undisturbed run'
kills=0
file 'tcx_other, interfaces: [ v0 ], hook: ingress, attach: tcx' \
	'tcx_count, interfaces: [ v1 ], hook: ingress, attach: tcx'
cp "$FILE" "$TMP/two.yaml"
file 'tcx_count, interfaces: [ v0, v1 ], hook: ingress, attach: tcx'
cp "$FILE" "$TMP/one.yaml"
t_run 0 apply apply
cp "$TMP/two.yaml" "$FILE"
calls_of tc_loader apply --state-dir "$STATE" "$FILE" >"$TMP/out" 2>&1
nr=$(wc -l <"$TMP/calls")
for n in $(seq 1 $((nr / 24 + 1)) "$nr") "$nr"; do
	cp "$TMP/one.yaml" "$FILE"
	t_run 0 apply apply
	cp "$TMP/two.yaml" "$FILE"
	if killed_at "$n" tc_loader apply --state-dir "$STATE" "$FILE"; then
		kills=$((kills + 1))
	fi
	t_ok [ -n "$(list v1)" ]
	t_run 0 apply apply
	t_is "$(list | wc -w) $(list v1 | wc -w)" '1 1'
	t_run 0 apply check
done
t_ok [ "$kills" -ge 8 ]
t_run 0 apply remove
t_is "$(list)$(list v1)" ''

t_begin 'what a list has not is refused with its line'
for words in 'preference: 1' 'handle: 1' 'chain: 2' 'protocol: ip' 'direct-action: no'; do
	file "tcx_count, interfaces: [ v0 ], hook: ingress, attach: tcx, $words"
	t_run 255 apply plan
	t_err_has ":7:5: tc: '${words%:*}' has no meaning with 'attach: tcx'"
done
file 'tcx_count, interfaces: [ v0 ], hook: ingress, attach: tcx' \
	'tcx_count, interfaces: [ "v*" ], hook: ingress, attach: tcx'
t_run 255 apply apply
t_err_has 'another entry of the file wants the same place'
t_is "$(list)" ''
