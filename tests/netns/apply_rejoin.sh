#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# One object on both hooks, with a map that nobody pins: where a place of the second one comes
# later, its program is loaded on the map of the first, which goes on counting, also once the
# follower was started anew. Another build has a map of its own, as it always had.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair

# write OBJECT
write() {
	cat >"$FILE" <<END
name: acct
objects: { o: { file: $OBJ/$1.o } }
tc: [ { object: o, hook: ingress, interfaces: "re*", preference: 5, handle: 1 } ]
cgroups: [ { object: o, type: egress, cgroups: "$CG/re*" } ]
END
}
apply() {
	tc_loader apply --require-shared --state-dir "$STATE" "$FILE"
}
map_at_dev() {
	maps_of "$(prog_at "$1" ingress)"
}
map_at_cgroup() {
	maps_of "$(bpftool -j cgroup show "$CG/$1" | t_json '[0].id')"
}
counts() {
	bpftool -j map lookup id "$1" key 0 0 0 0 | t_json .formatted.value
}

t_begin 'an interface, and later a cgroup'
write pair_btf_none
dev_add re0
t_run 0 apply
map=$(map_at_dev re0)
t_run 0 bpftool map update id "$map" key 0 0 0 0 value 7 0 0 0 0 0 0 0
cg_add re_a
t_run 0 apply
t_is "$(map_at_dev re0) $(map_at_cgroup re_a)" "$map $map"
t_ok [ "$(counts "$map")" -ge 7 ]
t_run 0 tc_loader check --state-dir "$STATE" "$FILE"

t_begin 'whether a program that stands uses the map cannot be told: no other one is made'
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
ip link set re0 name no0
PLAIN=(tc_loader apply --state-dir "$STATE" "$FILE")
t_run 0 "${PLAIN[@]}"
map=$(map_at_cgroup re_a)
ip link set no0 name re0
ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -e signal=none -e trace=bpf -o "$TMP/calls" tc_loader plan --state-dir "$STATE" "$FILE" >"$TMP/out"
refused=0
awk 'NR == 1 { pid = $1 } $1 == pid && $2 ~ /^bpf/ { n++; if (/PROG_GET_FD_BY_ID/) print n }' "$TMP/calls" >"$TMP/numbers"
mapfile -t numbers <"$TMP/numbers"
for number in "${numbers[@]}"; do
	t_run any env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/calls" -e trace=bpf -e "inject=bpf:error=EMFILE:when=$number" "${PLAIN[@]}"
	if [ "$T_STATUS" -eq 0 ]; then
		t_is "$(map_at_dev re0) $(map_at_cgroup re_a)" "$map $map"
		tc_loader filter del dev re0 ingress
	else
		refused=$((refused + 1))
	fi
	t_is "$(map_at_cgroup re_a)" "$map"
done
t_ok [ $refused -gt 0 ]

t_begin 'the follower is started anew before the first cgroup comes'
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
cg_del re_a
for turn in 1 2; do
	follow_by env
	t_ok wait_for 20 served re0
	t_ok wait_for 20 is waiting 0
	[ "$turn" = 2 ] || map=$(map_at_dev re0)
	[ "$turn" = 2 ] || kill -TERM "$PID"
	[ "$turn" = 2 ] || t_run 0 wait "$PID"
done
t_run 0 bpftool map update id "$map" key 0 0 0 0 value 9 0 0 0 0 0 0 0
cg_add re_b
t_ok wait_for 20 has re_b 1
t_is "$(map_at_dev re0) $(map_at_cgroup re_b)" "$map $map"
t_ok [ "$(counts "$map")" -ge 9 ]
kill -TERM "$PID"
t_run 0 wait "$PID"

t_begin 'another build'
llvm-objcopy --add-section "note=$FILE" "$OBJ/pair_btf_none.o" "$OBJ/pair_other.o"
write pair_other
t_run 0 tc_loader apply --state-dir "$STATE" "$FILE"
t_isnt "$(map_at_dev re0)" "$map"
t_is "$(map_at_dev re0)" "$(map_at_cgroup re_b)"
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
