#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# How tc reads numbers, names of interfaces and qdiscs without a kind, and how it writes sizes
# and devices that are gone: equal exit status, stdout and state of the kernel. Where names
# are longer than tc looks at, tc_loader takes the whole name.
#
# differs: interface-names
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
cd "$TMP"
cp "$OBJ/verdicts.o" a.o

fresh() {
	tc qdisc del dev v0 clsact 2>/dev/null || :
	tc qdisc add dev v0 clsact
	tc filter add dev v0 ingress pref 7 bpf da obj a.o
}

state() {
	tc qdisc show dev v0
	tc filter show dev v0 ingress
}

# Program ids are the kernel's to choose.
numbers() {
	sed -E -e 's/\bid [0-9]+/id N/' -e 's/"id":[0-9]+/"id":N/' "$1"
}

# alike WORDS…: one line, from the same start.
alike() {
	fresh
	theirs=0
	tc "$@" >tc.out 2>tc.err || theirs=$?
	state >tc.raw
	fresh
	t_run any tc_loader "$@"
	state >our.raw
	t_is "$T_STATUS" "$theirs" "status (tc: $(head -n 1 tc.err))"
	t_is "$(numbers t_out)" "$(numbers tc.out)" stdout
	t_is "$(numbers our.raw)" "$(numbers tc.raw)" state
}

t_begin 'class ids and handles are hexadecimal, with signs and 0x'
for id in 0x1:0x2 -1 +1 -1:1 1:-1 +1:2 :0x2 0x 0x: 0x:1 0X1:2 1:0X2 '' : ' 1:2' '1: 2' 0x10000:1 \
	1:10000 -ffffffff 1:2x 0x1234567 0xffff:0xfff1 0xffff: none; do
	alike filter add dev v0 ingress pref 5 bpf bytecode '1,6 0 0 0' flowid "$id"
done
for id in 0x1:0x2 -1 ffff:fff1 0xffff:0xfff1 0xffff: ffff 1:2x : 0x none; do
	alike qdisc show dev v0 handle "$id"
	alike qdisc show dev v0 parent "$id"
done
alike filter show dev v0 parent 0xffff:0xfff2
alike qdisc add dev v0 handle 0xffff: clsact

t_begin 'a qdisc under ffff: needs no kind, but to be added'
for verb in add del change replace link; do
	for parent in ffff: ffff:fff1; do
		alike qdisc $verb dev v0 parent $parent
		alike qdisc $verb dev v0 handle ffff: parent $parent
	done
	alike qdisc $verb dev v0
done

t_begin 'what selects nothing is shown'
alike filter show dev v0 ingress protocol 0
alike filter show dev v0 ingress pref 0
alike -j filter show dev v0 ingress protocol 0 pref 0
alike filter show dev v0 ingress protocol all pref 7

t_begin 'interfaces by number are decimal'
number=$(ip -j link show v0 | t_json '.[0].ifindex')
for name in "if$number" "if0$number" "if00$number" if0x$number "if" "ifx"; do
	alike qdisc show dev "$name"
done

t_begin 'names are matched whole, alternative names too'
long=abcdefghijklmno
ip link add $long type veth peer name w1
ip link property add dev v0 altname ${long}-of-v0
fresh
t_run 1 tc_loader qdisc add dev ${long}x clsact
t_err_has "cannot find device '${long}x'"
t_run 0 tc_loader filter del dev ${long}-of-v0 ingress pref 7
t_is "$(filters v0 ingress)" 0
printf '%s\n' "${long}-of-v0" >devs
t_run 0 tc_loader filter add devs @devs ingress bpf da obj a.o
t_is "$(filters v0 ingress)" 1
printf '%s\n' "${long}x" >devs
t_run 1 tc_loader qdisc add devs @devs clsact
printf '%s\0x\n' v0 >devs
t_run 1 tc_loader qdisc add devs @devs clsact
t_err_has 'NUL'
t_is "$(tc qdisc show dev $long clsact)" ''

t_begin 'help is on stderr, with the status of tc'
for line in help -h -help 'qdisc help' 'qdisc h' 'qdisc add help' 'qdisc add h' 'qdisc del help' \
	'qdisc show help' 'qdisc show h' 'qdisc show dev v0 help' 'qdisc add dev v0 help' \
	'qdisc add dev v0 clsact help' 'qdisc add dev v0 ingress help' 'filter help' \
	'filter add help' 'filter add dev v0 help' 'filter show help' 'filter get help' \
	'filter del dev v0 ingress help' 'filter add dev v0 ingress bpf da help' 'monitor help' \
	'exec help' 'exec bpf help'; do
	# shellcheck disable=SC2086 # several words
	alike $line
	t_ok [ -s t_err ]
done
t_run 0 tc_loader map help
t_out_has 'tc_loader map show'

t_begin 'sizes in tc units'
ip link del v0
ip link add v0 mtu 65000 type veth peer name v1 mtu 65000
ip link set v1 up
ip link set v0 up
sysctl -qw net.ipv6.conf.v0.disable_ipv6=1
for bytes in 900 1000 1039 1040 8192 8207 40000 1048576; do
	tc qdisc del dev v0 root 2>/dev/null || :
	tc qdisc add dev v0 root tbf rate 8bit burst 64100b limit 90000000
	$LIB_PYTHON - "$bytes" <<'END'
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.setsockopt(socket.SOL_SOCKET, 32, 1 << 30)
s.bind(("v0", 0x800))
def send(n):
    s.send(bytes([2] * 12) + b"\x08\x00" + bytes(n - 14))
send(64100)
left = int(sys.argv[1])
while left:
    send(min(left, 40000))
    left -= min(left, 40000)
END
	tc -s qdisc show dev v0 >tc.out
	t_run 0 tc_loader -s qdisc show dev v0
	t_is "$(t_out | sed -n 's/.*\(backlog [^ ]*\) .*/\1/p')" \
		"$(sed -n 's/.*\(backlog [^ ]*\) .*/\1/p' tc.out)"
done

t_begin 'monitor has the names of interfaces that are gone'
ip link add gone0 type veth peer name gone1
tc qdisc add dev gone0 clsact
tc_loader monitor >events 2>&1 &
monitor=$!
on_exit "kill -KILL $monitor 2>/dev/null || :"
t_ok wait_for 5 sh -c 'tc qdisc replace dev lo clsact && [ -s events ]'
kill -STOP "$monitor"
tc qdisc del dev gone0 clsact
ip link del gone0
kill -CONT "$monitor"
t_ok wait_for 5 grep -q '^deleted qdisc clsact ffff: dev gone0 ' events

t_begin 'scripts find the release of iproute2'
t_run 0 tc_loader -V
t_is "$(t_out | sed -n 's/.*iproute2-\([0-9.]*\).*/\1/p')" 6.1.0
