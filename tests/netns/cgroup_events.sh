#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Every cgroup attach type fires on a real event, and all programs count it in one map: each is
# loaded from the object anew, directly and through a link.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

object=$OBJ/cg_events.o
map=$BPFFS/tc/globals/events
make_event=$BUILD/tests/netns/events
cg_add in

happen() {
	t_run 0 cg_run "$CG/in" "$make_event" "$1" "$TMP"
}

# calls SLOT: eight bytes, little end first.
calls() {
	bpftool -j map lookup pinned "$map" key "$1" 0 0 0 |
		sed -e 's/.*"value":\[//' -e 's/[]"}]//g' | {
		IFS=, read -r b0 b1 _
		echo $((b0 + 256 * b1))
	}
}

"$make_event" list >"$TMP/types"
t_begin 'each type: attached it counts, detached it does not'
fired=0
while read -r type slot; do
	if ! cgroup_loader cgroup attach "$CG/in" "$type" obj "$object" multi \
		>"$TMP/t_out" 2>"$TMP/t_err"; then
		t_err_has 'this kernel has no attach type'
		continue
	fi
	# What bpf(2) itself says, also for types that bpftool may not know.
	t_run 0 cgroup_loader -j cgroup show "$CG/in"
	t_is "$("$make_event" query "$CG/in" "$slot")" "$(t_out | t_json '.[0].id')"
	before=$(calls "$slot")
	happen "$type"
	after=$(calls "$slot")
	t_ok [ "$after" -gt "$before" ]
	t_run 0 cgroup_loader cgroup detach "$CG/in" "$type" obj "$object"
	t_out_has "$type"
	happen "$type"
	t_is "$(calls "$slot")" "$after" "calls of $type after detach"
	fired=$((fired + 1))
done <"$TMP/types"
t_ok [ "$fired" -ge 23 ]
say "  $fired types fired"

t_begin 'all at once through links, into one map'
id=$(bpftool -j map show pinned "$map" | t_json .id)
while read -r type slot; do
	cgroup_loader cgroup attach "$CG/in" "$type" obj "$object" \
		link pinned "$BPFFS/$type" 2>"$TMP/t_err" || continue
	t_err_has "(reused id $id)"
	before=$(calls "$slot")
	happen "$type"
	t_ok [ "$(calls "$slot")" -gt "$before" ]
done <"$TMP/types"
t_is "$(find "$BPFFS" -maxdepth 1 -name 'cgroup_*' | wc -l)" "$fired" links
t_is "$(bpftool -j map show pinned "$map" | t_json .id)" "$id"
find "$BPFFS" -maxdepth 1 -name 'cgroup_*' -delete

t_begin 'lsm_cgroup: attached, or its refusal explained'
t_run any cgroup_loader cgroup attach "$CG/in" lsm_cgroup obj "$OBJ/lsm_cgroup.o" multi
if [ "$T_STATUS" -eq 0 ]; then
	t_run 0 cgroup_loader -j cgroup show "$CG/in"
	t_is "$(t_out | t_json '.[0].attach_type')" lsm_cgroup
	t_is "$(t_out | t_json '.[0].attach_btf_name')" bpf_lsm_socket_bind
	t_run 0 cgroup_loader cgroup detach "$CG/in" lsm_cgroup obj "$OBJ/lsm_cgroup.o"
else
	t_is "$T_STATUS" 255
	t_err_has "'on_socket_bind'"
	t_err_has "'bpf' has to be in /sys/kernel/security/lsm"
	t_is "$(wc -l <"$TMP/t_err")" 1 'lines of the error'
fi
