#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Slots of a shared prog array: a failing command leaves what was in them, with and without the
# right to open programs by id, and never writes over what others put there meanwhile; the
# lines of a batch end as commands of their own would.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

PIN=$BPFFS/tc/globals/slots_jumps
LEFT="bpf da obj $OBJ/slots_left.o"
RIGHT="bpf da obj $OBJ/slots_right.o"
dev_add v0 v1 v2
for dev in v0 v1 v2; do
	tc qdisc add dev $dev clsact
done

# slot: the id of the program in slot 0; slot_name: its name.
slot() {
	bpftool -j map dump pinned "$PIN" | t_json '.[0].value' |
		sed 's/[^0-9a-fx,]//g; s/0x//g' | {
		IFS=, read -r a b c d
		printf '%d\n' "0x$d$c$b$a"
	}
}

slot_name() {
	bpftool -j prog show id "$(slot)" | t_json .name
}

# shellcheck disable=SC2086 # LEFT and RIGHT are words
t_run 0 tc_loader filter add dev v0 ingress pref 1 handle 1 $LEFT
t_is "$(slot_name)" slot_left
old=$(slot)

t_begin 'a refused filter leaves the slot as it was'
# shellcheck disable=SC2086
t_run 2 tc_loader filter add dev v0 ingress pref 1 handle 1 $RIGHT
t_err_has 'already exists'
t_is "$(slot)" "$old"

t_begin 'so it does where programs cannot be opened by id'
# All that root can do but CAP_SYS_ADMIN.
weak() {
	setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin -- "$@"
}
# shellcheck disable=SC2086 # RIGHT is words
t_run 2 weak tc_loader filter add dev v0 ingress pref 1 handle 1 $RIGHT
t_err_has 'already exists'
t_is "$(slot)" "$old"

t_begin 'and what succeeds there fills it'
# shellcheck disable=SC2086
t_run 0 weak tc_loader filter add dev v1 ingress pref 1 handle 1 $RIGHT
t_is "$(slot_name)" slot_right
t_run 0 tc filter del dev v1 ingress

t_begin 'what others put there while the command failed stays'
# The kernel's refusal is held up until the slot has been written by somebody else.
command -v strace >/dev/null || t_skip strace 'strace holds a command up'
# shellcheck disable=SC2086
t_run 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 $LEFT
bpftool prog pin id "$(prog_at v0 ingress)" "$BPFFS/other"
# shellcheck disable=SC2086
start env ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace=sendto -e inject=sendto:delay_enter=2000000:when=1 \
	tc_loader filter add dev v0 ingress pref 1 handle 1 $RIGHT
is_right() {
	[ "$(slot_name)" = slot_right ]
}
t_ok wait_for 20 is_right
bpftool map update pinned "$PIN" key 0 0 0 0 value pinned "$BPFFS/other"
status=0
wait "$STARTED" || status=$?
t_is "$status" 2
t_is "$(slot_name)" slots_entry
rm "$BPFFS/other"

t_begin 'A, B, A in a batch end as three commands'
cat >"$TMP/batch" <<-END
	filter replace dev v0 ingress pref 1 handle 1 $LEFT
	filter replace dev v1 ingress pref 1 handle 1 $RIGHT
	filter replace dev v2 ingress pref 1 handle 1 $LEFT
END
t_run 0 tc_loader -batch "$TMP/batch"
t_is "$(slot_name)" slot_left

t_begin 'A, A, A in a batch load once'
sed 's/slots_right/slots_left/' "$TMP/batch" >"$TMP/same"
t_run 0 tc_loader -batch "$TMP/same"
t_is "$(prog_at v0 ingress)" "$(prog_at v2 ingress)"
