#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow, where something moves while it attaches: cgroups that are removed or made again
# just then, one of two programs that could not be attached, a link whose cgroup is made again,
# services of systemd that are stopped and started.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair
command -v strace >/dev/null || t_skip strace 'calls are made to fail by it'

cat >"$FILE" <<END
name: acct
objects:
  cg: { file: $OBJ/pair_btf_none.o }
  ln: { file: $OBJ/pair_btf_none.o }
cgroups:
  - { object: cg, type: egress, cgroups: "$CG/box*" }
  - { object: ln, type: egress, mode: link, cgroups: "$CG/box*" }
  - { object: ln, type: egress, mode: link, cgroups: [ "$CG/lnk*", "$CG/way/lnk*" ] }
  - { object: cg, type: egress, units: [ "fol$$*" ] }
END
# follow_injected PATH INJECT: its openat() of that path, or of its name in its directory, are injected.
follow_injected() {
	follow_by env ASAN_OPTIONS=detect_leaks=0 strace -D -f --seccomp-bpf -qq -o "$TMP/calls" -P "$1" -P "${1##*/}" -e trace=openat -e "inject=openat:$2"
}

# linked N: so many links are pinned.
linked() {
	[ "$(find "$BPFFS/mapshare/acct" -type f | wc -l)" = "$1" ]
}

cg_add box_first
cg_add lnk_first
t_begin 'the second of two programs is attached, too, if it fails at first'
# The cgroup is not kept open, and opened for each: the second is the fourth of these.
follow_injected "$CG/box_two" error=EMFILE:when=1+3
cg_add box_two
t_ok wait_for 20 has box_two 2
t_ok wait_for 20 is waiting 0
t_is "$(state cgroup_programs) $(state refused)" '5 0'
t_ok grep -q INJECTED "$TMP/calls"
kill -TERM "$PID"
t_run 0 wait "$PID"

t_begin 'removed while it is attached'
follow_injected "$CG/box_short" delay_exit=1500000:when=1
cg_add box_short
t_ok wait_for 20 grep -q box_short "$TMP/calls"
rmdir "$CG/box_short"
t_ok wait_for 20 is waiting 0
t_is "$(state cgroup_programs) $(state refused)" '5 0'
t_is "$(t_count refuse "$TMP/err")" 0
kill -TERM "$PID"
t_run 0 wait "$PID"

t_begin 'made again while it is attached'
follow_injected "$CG/box_other" delay_exit=1500000:when=1
cg_add box_other
t_ok wait_for 20 grep -q box_other "$TMP/calls"
rmdir "$CG/box_other"
cg_add box_other
t_ok wait_for 20 has box_other 2
t_ok wait_for 20 is waiting 0
t_is "$(state cgroup_programs) $(state refused)" '7 0'
kill -TERM "$PID"
t_run 0 wait "$PID"
t_run 0 tc_loader check --state-dir "$STATE" "$FILE"

t_begin 'a link, the cgroup of which is made again, and fails at first'
follow_injected "$CG/lnk" error=EMFILE:when=2+2
cg_add lnk
t_ok wait_for 20 has lnk 1
rmdir "$CG/lnk"
cg_add lnk
t_ok wait_for 20 has lnk 1
t_ok wait_for 20 is waiting 0
t_is "$(state cgroup_programs)" 8
t_ok linked 5
t_ok grep -q INJECTED "$TMP/calls"

t_begin 'the same, removed and made again before it is looked at'
kill -STOP "$PID"
rmdir "$CG/lnk"
mkdir "$CG/lnk"
kill -CONT "$PID"
t_ok wait_for 20 has lnk 1
t_ok wait_for 20 is waiting 0
t_is "$(state cgroup_programs) $(state refused)" '8 0'
t_ok linked 5
t_ok [ "$(grep -c INJECTED "$TMP/calls")" -gt 1 ]

t_begin 'a link goes with its cgroup, and its pin with it'
rmdir "$CG/lnk"
t_ok wait_for 20 linked 4
t_ok wait_for 20 is cgroup_programs 7
cg_add lnk
t_ok wait_for 20 is cgroup_programs 8
t_ok linked 5

t_begin 'a directory that cannot be looked at, or read, for a moment'
kill -TERM "$PID"
t_run 0 wait "$PID"
for call in newfstatat:EIO openat:ENFILE; do
	mkdir "$CG/way"
	follow_by env ASAN_OPTIONS=detect_leaks=0 strace -D -f --seccomp-bpf -qq -o "$TMP/calls" -P "$CG/way" -P way \
		-e trace="${call%:*}" -e "inject=${call%:*}:error=${call#*:}:when=1..2"
	cg_add way/lnk
	t_ok wait_for 20 has way/lnk 1
	t_ok grep -q INJECTED "$TMP/calls"
	# What stands there is not detached by one that starts: it refuses, and the next one may see it.
	there=$(prog_in "$CG/way/lnk")
	kill -TERM "$PID"
	t_run 0 wait "$PID"
	t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/calls" -P "$CG/way" -P way \
		-e trace="${call%:*}" -e "inject=${call%:*}:error=${call#*:}:when=1..2" \
		timeout 20 tc_loader apply --follow --state-dir "$STATE" "$FILE"
	t_err_has "cgroup '$CG/way"
	t_is "$(prog_in "$CG/way/lnk")" "$there" 'the program in way/lnk'
	follow_by
	t_is "$(prog_in "$CG/way/lnk")" "$there" 'the program in way/lnk'
	rmdir "$CG/way/lnk" "$CG/way"
	t_ok wait_for 20 is cgroup_programs 8
	kill -TERM "$PID"
	t_run 0 wait "$PID"
done
follow_by

t_begin 'a service that is stopped and started, its process moved into it'
root=${CG%/*}
slice=$root/fol$$.slice
on_exit "rmdir '$slice/fol$$.service' '$slice' 2>/dev/null || :"
for _ in 1 2; do
	mkdir -p "$slice/fol$$.service"
	sleep 60 &
	MOVED=$!
	on_exit "kill $MOVED 2>/dev/null || :"
	echo "$MOVED" >"$slice/fol$$.service/cgroup.procs"
	t_ok wait_for 20 has "../fol$$.slice/fol$$.service" 1
	kill "$MOVED"
	wait "$MOVED" || :
	t_ok wait_for 10 rmdir "$slice/fol$$.service" "$slice"
done
t_ok wait_for 20 is cgroup_programs 8
kill -TERM "$PID"
t_run 0 wait "$PID"
t_run 0 tc_loader remove --state-dir "$STATE" "$FILE"
