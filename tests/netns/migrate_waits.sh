#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A program that still runs on the old map as its successor is in place already is waited for:
# the pin is exchanged once it has ended, and what it counted last is there.
# alone: the program has a CPU of its own, and what looks on must have another one
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

END=$BPFFS/tc/globals/$(own_word moved)_end_00000
dev_add v0
addr_add v0 10.9.0.1/24
ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0
cg_add a

number() {
	bpftool -j map lookup id "$old" key 0 0 0 0 | t_json ".formatted.value.$1"
}

end() {
	bpftool -j map lookup pinned "$END" key 0 0 0 0 | t_json .formatted.value
}

runs() {
	[ "$(number bytes)" -eq 1 ]
}

is_replaced_or_ended() {
	[ "$(prog_in "$CG/a")" -ne "$prog" ] || [ "$(end)" -ne 0 ]
}

# What is seen while the program runs: the pin, what the old map counts, whether the migration
# goes on. $held is 0 where the program had ended by its clock when that was read: nothing was
# seen then. On an interface that is so on every busy machine: who cleans up a namespace waits
# for running programs, too, and holds the lock meanwhile that a filter is replaced under.
try_once() {
	t_run any cgroup_loader cgroup attach "$CG/a" egress obj "$OBJ/moved_slow.o"
	[ "$T_STATUS" -eq 0 ] || t_skip bpf_loop 'the kernel has no bpf_loop()'
	prog=$(prog_in "$CG/a")
	old=$(map_id "$PIN")
	cg_run "$CG/a" taskset -c "$other" "$BUILD/tests/netns/packets" 10.9.0.2 1 1 >"$TMP/sent" &
	sender=$!
	t_ok wait_for 60 runs
	tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_array_new.o" >"$TMP/out" 2>&1 &
	migration=$!
	t_ok wait_for 60 is_replaced_or_ended
	seen=$(map_id "$PIN")
	seen+=" $(number packets 2>"$TMP/null" || echo gone)"
	seen+=" $(kill -0 "$migration" 2>"$TMP/null" && echo waits || echo ended)"
	held=1
	[ "$(end)" -eq 0 ] || held=0
	t_run 0 tc_loader map update pinned "$END" key 0 value 1
	wait "$sender"
	wait "$migration"
}

# While it runs nobody else gets its CPU: what looks on must have another one.
read -r first other < <(taskset -cp $$ | sed 's/.*: //' |
	awk -F, '{ for (i = 1; i <= NF; i++) { n = split($i, r, "-"); for (c = r[1]; c <= r[n]; c++) print c } }' |
	head -n 2 | tr '\n' ' ') || :
[ -n "$other" ] || t_skip cpus 'one CPU alone'
taskset -cp "$first" $$ >"$TMP/null"

t_begin "a program that runs while it is replaced"
on_exit "tc_loader map update pinned '$END' key 0 value 1"
for ((tries = 0; tries < 5; tries++)); do
	try_once
	[ "$held" -eq 0 ] || break
	bpftool cgroup detach "$CG/a" egress id "$(prog_in "$CG/a")"
	rm -f "$PIN" "$END"
done
t_is "$held" 1
t_is "$seen" "$old 0 waits"
t_isnt "$(map_id "$PIN")" "$old"
t_is "$(is 0)" '1 0 1'
