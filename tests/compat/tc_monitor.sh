#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The same events seen by tc monitor and by tc_loader monitor; -echo, whose lines are those
# of monitor and whose JSON is valid.
#
# differs: json-echo
# differs: brief-filters
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
. "$TOP/tests/syscalls.sh"
lib_private "$@"

dev_add v0 v1
cd "$TMP"
cp "$OBJ/no_maps.o" a.o
# One that is still there when the event of its filter's end is read.
bpftool prog load a.o "$BPFFS/prog" type classifier

# Ids are the same for both; the time is when each reads its event.
normal() {
	sed -E -e 's/Timestamp: [A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [0-9]{4} [0-9]+ usec/T/g' \
		-e 's/^\[[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}\]/T/' "$1"
}

happen() {
	tc qdisc add dev v0 clsact
	tc filter add dev v0 ingress bpf da pinned "$BPFFS/prog"
	tc filter replace dev v0 ingress pref 49152 handle 1 bpf pinned "$BPFFS/prog" classid 1:1
	tc filter change dev v0 ingress pref 49152 handle 1 bpf da pinned "$BPFFS/prog"
	tc filter add dev v0 egress chain 3 pref 4 protocol ip bpf bytecode '1,6 0 0 0'
	tc filter del dev v0 ingress pref 49152 handle 1 bpf
	tc filter del dev v0 egress pref 4 chain 3
	tc chain add dev v0 ingress chain 5
	tc chain del dev v0 ingress chain 5
	tc qdisc del dev v0 clsact
	tc qdisc add dev v1 ingress_block 7 ingress
	tc filter add block 7 bpf da pinned "$BPFFS/prog"
	tc filter del block 7
	tc chain add block 7 chain 6
	tc chain del block 7 chain 6
	tc qdisc del dev v1 ingress
	# The last event, to know that all have come.
	tc qdisc add dev v1 clsact
	tc qdisc del dev v1 clsact
}

# listening N: so many sockets of this namespace are in RTNLGRP_TC, which is group 4.
listening() {
	[ "$(awk '$2 == 0 && $4 == "00000008"' /proc/net/netlink | wc -l)" -eq "$1" ]
}

ended() {
	[ "$(grep -o 'deleted qdisc clsact' "$1" | wc -l)" -ge 2 ]
}

# Its reader ends before it does: no signal tells it, since it may be started with that ignored.
trap '' PIPE
mkfifo pipe

# newer: tc 7.1 has bold cyan for names of devices, 6.1 cyan.
for options in '' -t -ts -tshort -d -s -N -r -o -j '-color=always' '-t -o'; do
	t_begin "monitor $options"
	# shellcheck disable=SC2086 # words
	start tc $options monitor >theirs
	peer=$STARTED
	start cat pipe >ours
	reader=$STARTED
	# shellcheck disable=SC2086
	start tc_loader $options monitor >pipe 2>ours.err
	t_ok wait_for 5 listening 2
	happen
	t_ok wait_for 5 ended theirs
	t_ok wait_for 5 ended ours
	normal theirs >theirs.text
	normal ours >ours.text
	t_ok [ -s ours.text ]
	cmp -s theirs.text ours.text || t_fail "differs: $(diff theirs.text ours.text | head -n 6)"
	kill "$peer" "$reader"
	wait "$peer" "$reader" 2>/dev/null || :
	# It ends at the next event, with a word.
	tc qdisc add dev v1 clsact
	tc qdisc del dev v1 clsact
	ended=0
	wait "$STARTED" || ended=$?
	t_is "$ended" 255 status
	t_is "$(cat ours.err)" 'tc_loader: write: Broken pipe'
	t_ok listening 0
done

t_begin 'interfaces that are gone when their events are read have the name they had, or a number'
start tc monitor >theirs
peer=$STARTED
start tc_loader monitor >ours 2>ours.err
t_ok wait_for 5 listening 2
dev_add v3
tc qdisc add dev v3 clsact
t_ok wait_for 5 grep -q 'dev v3' theirs
t_ok wait_for 5 grep -q 'dev v3' ours
dev_add v4
gone=$(ip -o link show v4 | cut -d: -f1)
ip link del v4
on_exit "kill -CONT $peer $STARTED 2>/dev/null"
kill -STOP "$peer" "$STARTED"
ip link add v4 index "$gone" type veth peer name v4p
tc qdisc add dev v4 clsact
ip link del v3
ip link del v4
tc qdisc add dev v1 clsact
tc qdisc del dev v1 clsact
kill -CONT "$peer" "$STARTED"
t_ok wait_for 5 grep -q 'deleted qdisc clsact ffff: dev v1' theirs
t_ok wait_for 5 grep -q 'deleted qdisc clsact ffff: dev v1' ours
t_ok grep -q "dev if$gone " ours
cmp -s theirs ours || t_fail "differs: $(diff theirs ours | head -n 6)"
kill "$peer" "$STARTED"
t_ok wait_for 5 listening 0

# refused ERROR WHEN: monitor while receiving fails so; $STARTED ends when its output does.
refused() {
	start cat pipe >ours
	reader=$STARTED
	ASAN_OPTIONS=detect_leaks=0 start strace -qq -o /dev/null -e trace=recvmsg -e "inject=recvmsg:error=$1:when=$2" \
		tc_loader monitor >pipe 2>ours.err
	t_ok wait_for 5 listening 1
	for _ in 1 2 3; do
		tc qdisc add dev v0 clsact
		tc qdisc del dev v0 clsact
	done
}

# ends LINES: as what cannot go on, with all that it said.
ends() {
	local status=0
	wait "$STARTED" || status=$?
	t_is "$status" 255 status
	t_is "$(sort -u ours.err)" "$1"
}

t_begin 'events that are lost are said, and it goes on; what is wrong with receiving ends it'
lost='tc_loader: warning: events came faster than they could be read, some are lost'
for error in ENOBUFS EINTR; do
	refused "$error" 4+2
	t_ok wait_for 5 ended ours
	kill "$reader"
	wait "$reader" || :
	tc qdisc add dev v0 clsact
	tc qdisc del dev v0 clsact
	case $error in
	EINTR) ends 'tc_loader: write: Broken pipe' ;;
	*) ends "$lost
tc_loader: write: Broken pipe" ;;
	esac
done
refused ENOMEM 5+
ends 'tc_loader: receive from the kernel: Cannot allocate memory'

t_begin 'words behind monitor'
for words in help junk; do
	theirs=0
	tc monitor $words >/dev/null 2>&1 || theirs=$?
	t_run "$theirs" tc_loader monitor $words
done

t_begin '-echo shows what was made, as monitor does'
t_run 0 tc_loader qdisc add dev v0 clsact
t_run 0 tc_loader -echo filter add dev v0 ingress bpf da obj a.o
id=$(prog_at v0 ingress)
line="filter dev v0 ingress protocol all pref 49152 bpf chain 0 handle 0x1 \
a.o:[classifier] direct-action not_in_hw id $id name no_maps"
t_out_has "added $line"
t_is "$(wc -l <t_out)" 1 lines
t_run 0 tc_loader -echo filter replace dev v0 ingress pref 49152 handle 1 bpf da obj a.o
t_out_has 'replaced filter dev v0 ingress'
t_run 0 tc_loader -echo filter del dev v0 ingress pref 49152 handle 1 bpf
t_out_has 'deleted filter dev v0 ingress'
t_run 0 tc_loader filter add dev v0 ingress bpf da obj a.o
t_out_is ''

t_begin '-j -echo is valid JSON'
t_run 0 tc_loader -j -echo filter add dev v0 egress pref 3 bpf da obj a.o
t_is "$(t_json '.[0].added' <t_out)" true
t_is "$(t_json '.[0].dev' <t_out)" v0
t_is "$(t_json '.[0].options.handle' <t_out)" 0x1
t_is "$(t_json '.|length' <t_out)" 1
t_run 0 tc_loader -j -p -echo filter del dev v0 egress pref 3 handle 1 bpf
t_is "$(t_json '.[0].deleted' <t_out)" true
t_run 1 tc_loader -j -echo filter add dev nope ingress bpf da obj a.o
t_out_is ''

t_begin '-echo with devs: one row for each interface'
t_run 0 tc_loader qdisc replace devs 'v[01]' clsact
t_run 0 tc_loader -j -echo filter replace devs 'v[01]' ingress pref 8 handle 1 bpf da obj a.o
t_is "$(t_json '.[dev]|sort' <t_out)" '["v0","v1"]'

t_begin '-br: qdiscs as ever, filters not'
t_run 0 tc_loader -br qdisc show dev v0
t_is "$(t_out)" "$(tc -br qdisc show dev v0)"
t_run 1 tc_loader -br filter show dev v0 ingress
t_err_has 'brief'

t_begin '-color=auto is none into a file, and colour on a terminal'
t_run 0 tc_loader -color=auto qdisc show
t_out_lacks "$(printf '\033')"
script -qec 'tc_loader -color=auto qdisc show' /dev/null >t_tty </dev/null
t_ok grep -q "$(printf '\033')\[36mv0" t_tty
