#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What programs lose by themselves is told apart from what a migration loses: one of two numbers
# is counted by a plain ++, which CPUs can take from one another. It is named; the other one is
# complete, with a migration and without. Both figures are printed.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

dev_add v0
ip link set peer-v0 up
addr_add v0 10.9.0.1/24
ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0
cg_add a
tc_loader qdisc replace dev v0 clsact

# total MEMBER
total() {
	bpftool -j map dump pinned "$PIN" | t_json '[formatted]' >"$TMP/dump"
	grep -o "\"$1\":[0-9]*" "$TMP/dump" | awk -F: '{ sum += $2 } END { printf "%.0f\n", sum }'
}

begin() {
	tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_plain_old.o"
	cgroup_loader cgroup attach "$CG/a" egress obj "$OBJ/moved_plain_old.o" multi
}

end() {
	tc_loader filter del dev v0 egress
	bpftool cgroup detach "$CG/a" egress id "$(prog_in "$CG/a")"
	rm "$PIN"
}

# counted WHAT: of SENT packets each is counted by both, but for those that the programs lost.
counted() {
	t_is "$(total packets)" $((SENT * 2)) "$1: counted by atomic instructions"
	t_ok [ "$(total bytes)" -le $((SENT * 2)) ]
	echo "  $1: $((SENT * 2 - $(total bytes))) of $((SENT * 2)) lost by ++"
}

packets() {
	cg_run "$CG/a" "$BUILD/tests/netns/packets" 10.9.0.2 "$1" "$2" >"$TMP/sent"
	SENT=$(tail -n 1 "$TMP/sent")
}

t_begin 'nothing between: one sender loses nothing, two can'
begin
packets 1 20000
t_is "$(total packets) $(total bytes)" "$((SENT * 2)) $((SENT * 2))"
end
begin
packets 2 150000
counted 'without a migration'
end

t_begin 'the same with a migration between'
begin
start cg_run "$CG/a" "$BUILD/tests/netns/packets" 10.9.0.2 2 300000 >"$TMP/sent"
t_ok wait_for 60 grep -q ready "$TMP/sent"
t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_plain_new.o"
WORDS='the old and the new programs count it without atomic instructions, and can lose counts between CPUs by themselves'
t_is "$(t_out | jq -c '.members[] | select(.plain) | [.member, .merge, .why]')" \
	"[\"bytes\",\"add\",\"$WORDS\"]"
wait "$STARTED"
SENT=$(tail -n 1 "$TMP/sent")
counted 'with one'

t_begin 'of one side only; not per CPU, and not under a lock'
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_old.o" --plan
t_out_has 'the old programs count it without atomic instructions, and can lose counts'
end
tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_locked_old.o"
t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_locked_new.o" --plan
t_is "$(t_out | jq -c '[.members[] | select(.merge == "add") | .member, .plain]')" \
	'["bytes",null,"packets",null]'
tc_loader filter del dev v0 egress
rm "$PIN"
