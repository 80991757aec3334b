#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# plan, apply, check and remove from outside: what they say, how they end and what is attached
# then, in both tools alike, from YAML, from JSON and from a directory. The files are the
# examples of mapshare.conf(5).
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$(dirname "$0")/../syscalls.sh"

PIN=$BPFFS/tc/globals/traffic
STATE=$TMP/state
dev_add veth0
dev_add veth1
cg_add a.service
cg_add b.service

# example N: the Nth file of the page, about our objects and cgroups.
example() {
	awk -v n="$1" '/^[.]Sh EXAMPLES/ { here = 1 }
		here && /^[.]Bd/ { ++block; next } here && /^[.]Ed/ { block += 0.5 }
		here && block == 1.5 * n - 0.5 { print }' "$TOP/common/load/mapshare.conf.5" |
		sed -e "s|/usr/lib/acct/acct_tc.o|$LEGACY/counter_elf.o|" \
			-e "s|/usr/lib/acct/acct_cg.o|$LEGACY/counter_def.o|" \
			-e "s|system.slice|$CG|"
}

# what_is: everything a command of these could change.
what_is() {
	for dev in veth0 veth1; do
		tc qdisc show dev $dev
		tc filter show dev $dev ingress
		tc filter show dev $dev egress
	done
	bpftool cgroup show "$CG/a.service"
	bpftool cgroup show "$CG/b.service"
	find "$BPFFS"
	find "$STATE" -type f ! -name '*.lock' -exec md5sum {} + 2>/dev/null || :
}

# unchanged STATUS TOOL WORD…
unchanged() {
	local before
	before=$(what_is)
	t_run "$@"
	t_is "$(what_is)" "$before" "what there is after $2 $3"
}

# both STATUS VERB WORD…: of verbs that change nothing, alike in both tools.
both() {
	local want=$1 verb=$2
	shift 2
	unchanged "$want" tc_loader "$verb" --state-dir "$STATE" "$@"
	cp "$TMP/t_out" "$TMP/other"
	unchanged "$want" cgroup_loader "$verb" --state-dir "$STATE" "$@"
	t_is "$(t_out)" "$(cat "$TMP/other")" "what cgroup_loader $verb says"
}

json() {
	t_json ".files[0]$1" <"$TMP/t_out"
}

example 1 >"$TMP/acct.yaml"
example 2 >"$TMP/acct.json"
t_is "$(head -n 1 "$TMP/acct.yaml")" 'name: acct' 'the first example of the page'
t_is "$(t_json .name <"$TMP/acct.json")" acct 'the second one'

t_begin 'plan lists the steps, check the differences; neither changes a thing'
both 0 plan "$TMP/acct.yaml"
t_out_has '+ create   map '"'traffic'"
t_out_has '+ qdisc    dev veth1 clsact'
t_out_has '+ attach   dev veth0 ingress pref 10 handle 0x1 '
t_out_has "+ attach   cgroup $CG/b.service egress "
t_out_has 'acct: 9 to do'
both 1 check "$TMP/acct.yaml"
t_out_has 'acct: 7 different'
both 0 plan -j "$TMP/acct.yaml"
t_is "$(json .in_sync)" false
t_is "$(json '.steps|length')" 9
t_is "$(json .steps[3].step)" qdisc
t_ok [ ! -e "$STATE" ]

t_begin 'apply attaches all of it, and the map is one'
t_run 0 tc_loader apply --state-dir "$STATE" "$TMP/acct.yaml"
t_out_has 'acct: 4 attached'
id=$(map_id "$PIN")
for dev in veth0 veth1; do
	t_is "$(maps_of "$(prog_at $dev ingress)")" "$id" "map behind $dev"
	t_run 0 tc filter show dev $dev ingress
	t_out_has ' pref 10 bpf chain 0 handle 0x1 '
done
for cg in a b; do
	t_is "$(maps_of "$(prog_in "$CG/$cg.service")")" "$id" "map behind $cg"
done

t_begin 'again: nothing is loaded, and it says so; JSON says the same as YAML'
for file in acct.yaml acct.json; do
	for tool in tc_loader cgroup_loader; do
		before=$(what_is)
		calls_of $tool apply --state-dir "$STATE" "$TMP/$file" >"$TMP/said"
		t_is "$(what_is)" "$before" 'what there is'
		t_is "$(tail -n 1 "$TMP/said")" 'acct: in sync, nothing loaded, 4 kept'
		t_is "$(t_count -E 'BPF_(PROG_LOAD|MAP_CREATE)' "$TMP/calls")" 0 'loads'
	done
	both 0 check "$TMP/$file"
	t_out_is 'acct: in sync'
done
both 0 plan "$TMP/acct.json"
t_out_has 'acct: in sync, 5 kept'

t_begin 'JSON: one valid document from every verb'
both 0 check -j "$TMP/acct.yaml"
t_out_is "{\"files\":[{\"name\":\"acct\",\"file\":\"$TMP/acct.yaml\",\"in_sync\":true,\"pending\":0,\"refused\":0,\"steps\":[]}]}"
t_run 0 cgroup_loader -j apply --state-dir "$STATE" "$TMP/acct.yaml"
t_is "$(json .kept)" 4
t_is "$(json .steps[0].step)" reuse
t_is "$(json .steps[0].id)" "$id"
t_is "$(json .steps[1].interface)" veth0
t_is "$(json .steps[1].hook)" ingress
t_is "$(json .steps[1].id)" "$(prog_at veth0 ingress)"
t_is "$(json .steps[3].cgroup)" "$CG/a.service"
t_is "$(json .steps[3].type)" cgroup_inet_egress
t_run 0 tc_loader apply -p --state-dir="$STATE" "$TMP/acct.yaml"
t_is "$(json .name)" acct
t_is "$(t_out | sed -n 2p)" '    "files": [{'

t_begin 'what somebody removed is a difference, and comes back'
tc filter del dev veth0 ingress
both 1 check "$TMP/acct.yaml"
t_out_has '+ attach   dev veth0 ingress pref 10 handle 0x1 '
t_out_has 'acct: 1 different'
t_run 0 cgroup_loader apply --state-dir "$STATE" "$TMP/acct.yaml"
t_out_has 'acct: 1 attached, 3 kept'
t_is "$(maps_of "$(prog_at veth0 ingress)")" "$id" 'map behind veth0'

t_begin 'what the file no longer names is detached'
sed 's/"veth\*"/veth1, none9, "x*"/' "$TMP/acct.yaml" >"$TMP/less.yaml"
both 0 plan "$TMP/less.yaml"
t_out_has '- detach   dev veth0 ingress pref 10 handle 0x1 '
t_out_has '? pending '
t_run 0 tc_loader apply --state-dir "$STATE" "$TMP/less.yaml"
t_out_has '1 detached'
t_out_has '2 pending'
t_is "$(filters veth0 ingress)" 0 'filters on veth0'
t_is "$(filters veth1 ingress)" 1 'filters on veth1'
both 0 check "$TMP/less.yaml"

t_begin 'a filter of somebody else in the way: refused by name, nothing is done'
tc filter add dev veth0 ingress pref 10 handle 1 bpf da obj "$BPF/counter_tc.o" sec classifier \
	2>/dev/null || tc filter add dev veth0 ingress pref 10 handle 1 bpf da \
	bytecode '1,6 0 0 4294967295,'
both 1 plan "$TMP/acct.yaml"
t_out_has '! refuse   dev veth0 ingress pref 10 handle 0x1 '
t_out_has "($TMP/acct.yaml:8:5)"
t_out_has '1 refused'
both 1 check -j "$TMP/acct.yaml"
t_is "$(json .refused)" 1
for tool in tc_loader cgroup_loader; do
	unchanged 255 $tool apply --state-dir "$STATE" "$TMP/acct.yaml"
	t_out_is ''
	t_err_has 'dev veth0 ingress pref 10 handle 0x1'
done

t_begin 'remove takes what was made, and leaves the rest'
t_run 0 cgroup_loader remove --state-dir "$STATE" "$TMP/acct.yaml"
t_out_has 'acct: 3 detached'
t_is "$(filters veth0 ingress)" 1 'filters on veth0'
t_is "$(filters veth1 ingress)" 0 'filters on veth1'
t_is "$(cg_progs "$CG/a.service")" 0 'programs on a'
t_is "$(map_id "$PIN")" "$id" 'the pinned map'
unchanged 0 tc_loader remove --state-dir "$STATE" "$TMP/acct.yaml"
t_out_is 'acct: nothing to remove'
tc filter del dev veth0 ingress
