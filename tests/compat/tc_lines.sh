#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Each command as tc has it, the same line through both tools (tests/tc_both.sh).
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
. "$(dirname "$0")/../tc_both.sh"
lib_private "$@"
tc_both_begin

t_begin 'qdisc and filters are made alike'
both qdisc add dev v0 clsact
both qdisc add dev v0 clsact
both filter add dev v0 ingress bpf da obj a.o
both filter add dev v0 ingress pref 7 protocol ip bpf obj a.o sec drop classid 1:1
both filter add dev v0 ingress pref 5 handle 0x10 proto 0x1234 chain 3 bpf bytecode '1,6 0 0 4294967295' classid 1:
both filter add dev v0 egress pref 9 bpf da obj a.o program refuse
both filter add dev v0 egress pref 10 bpf bytecode '2,40 0 0 12,6 0 0 -1,' classid root
both filter add dev v0 egress pref 11 bpf da obj a.o skip_hw
both filter add dev v0 egress pref 12 bpf da object-pinned "$BPFFS/prog"

t_begin 'shown alike, with every option'
for options in '' -d -s -r -N -o -j '-j -p' '-j -d' '-j -p -d -s' '-s -o' -p; do
	# shellcheck disable=SC2086 # several words
	for hook in ingress egress 'ingress pref 7' 'ingress protocol ip' 'ingress chain 3' \
		'parent ffff:fff2 pref 7' root ''; do
		both $options filter show dev v0 $hook
	done
	# shellcheck disable=SC2086
	for words in show 'show dev v0' 'show dev v0 clsact' 'show dev v0 ingress' \
		'show dev v0 root' '' 'show invisible' 'show dev v0 handle ffff:' \
		'show dev v0 parent ffff:fff1' 'show dev nope'; do
		both $options qdisc $words
	done
	# shellcheck disable=SC2086
	both $options filter get dev v0 ingress pref 7 protocol ip handle 1 bpf
	# shellcheck disable=SC2086
	both $options filter show dev nope ingress
done
both -iec -g qdisc show dev v1
both -col qdisc show
both filter show
both filter show dev v0 ingress bpf
both f ls dev v0 ingress
both 'fi' li dev v0 ingress chain 2
both f

t_begin 'refused alike'
while read -r line; do
	# shellcheck disable=SC2086
	both $line
done <<'END'
filter add dev v0 ingress bpf obj
filter add dev v0 ingress bpf obj a.o junk
filter add dev v0 ingress bpf obj nope.o
filter add dev v0 ingress bpf obj a.o sec nosuch
filter add dev v0 ingress bpf obj a.o program nosuch
filter add dev v0 ingress bpf obj a.o sec
filter add dev v0 ingress bpf obj a.o obj a.o
filter add dev v0 ingress bpf junk a.o
filter add dev v0 ingress bpf object-pinned /nope
filter add dev v0 ingress bpf bytecode x
filter add dev v0 ingress bpf bytecode 0,
filter add dev v0 ingress bpf bytecode-file /nope
filter add dev v0 ingress bpf classid zz obj a.o
filter add dev v0 ingress bpf classid 1:1
filter add dev v0 ingress bpf
filter add dev v0 ingress
filter add dev v0 bpf da obj a.o
filter add ingress bpf da obj a.o
filter add dev
filter add dev v0 ingress pref 99999999 bpf obj a.o
filter add dev v0 ingress pref x bpf obj a.o
filter add dev v0 ingress pref 3 pri 4 bpf obj a.o
filter add dev v0 dev v0 ingress bpf obj a.o
filter add dev v0 ingress egress bpf obj a.o
filter add dev v0 ingress parent ffff: bpf obj a.o
filter add dev v0 parent ffff:fff9 bpf da obj a.o
filter add dev v0 ingress protocol ip protocol ip bpf obj a.o
filter add dev v0 ingress handle 1 handle 1 bpf obj a.o
filter add dev v0 ingress chain 1 chain 1 bpf obj a.o
filter add dev v0 ingress handle zz bpf da obj a.o
filter add dev v0 ingress protocol blub bpf da obj a.o
filter add dev v0 ingress chain zz bpf da obj a.o
filter add block 7 bpf da obj a.o
filter add block 0 bpf obj a.o
filter add dev v0 block 7 ingress bpf obj a.o
filter add block 7 dev v0 ingress bpf obj a.o
filter add dev v1234567890123456789 ingress bpf da obj a.o
filter change dev v0 ingress pref 77 bpf da obj a.o
filter del dev v0 ingress handle 1
filter del dev v0 ingress pref 99
filter get
filter get dev v0
filter get dev v0 ingress
filter get dev v0 protocol all ingress bpf
filter get dev v0 pref 1 protocol all ingress bpf
filter get dev v0 pref 1 protocol all handle 1 bpf
filter get dev v0 ingress pref 1 protocol all handle 1
filter get pref 1 protocol all handle 1 ingress bpf
filter get dev v0 ingress pref 9 protocol all handle 1 bpf
filter show block 7
filter show block 7 ingress
filter show dev v0 block 7
filter foo
filter show dev v0 ingress pref x
filter show dev v0 ingress protocol blub
filter show dev v0 ingress chain zz
filter show dev v0 ingress egress
filter show dev v0 parent zz
filter show dev
filter show block zz
filter show dev v0 ingress handle 7
filter del dev v0 ingress pref 7 handle zz bpf
filter del dev v0 ingress pref 7 protocol arp
filter del dev v0 ingress chain 9
filter del dev v0 ingress pref 5 handle 0x11 protocol 0x1234 chain 3 bpf
filter del dev nope ingress
filter del dev v0 parent ffff:fff7
filter replace dev v0 ingress pref 7 handle 1 protocol arp bpf da obj a.o
filter replace dev v0 ingress bpf da obj nope.o
filter replace dev nope ingress bpf da obj a.o
filter change dev v0 ingress pref 7 handle 99 protocol ip bpf da obj a.o
filter change dev v0 ingress bpf da obj a.o
filter add dev v0 ingress pref 7 handle 1 protocol ip bpf da obj a.o
filter add dev v0 egress pref 11 handle 1 bpf da obj a.o
filter replace dev v0 egress pref 11 handle 1 bpf da obj a.o
filter add dev v0 ingress bpf run obj
filter add dev v0 ingress bpf run
filter add dev v0 ingress bpf run junk
filter add dev v0 ingress bpf classid
filter add dev v0 ingress bpf flowid 1:2:3 obj a.o
filter add dev v0 ingress bpf flowid 10000: obj a.o
filter add dev v0 ingress bpf bytecode-file
filter add dev v0 ingress bpf bcf empty.txt
filter add dev v0 ingress bpf bc 4097,6
filter add dev v0 ingress bpf da obj /
filter add dev v0 ingress bpf da obj empty.txt
filter add dev v0 ingress bpf da obj bc.txt
filter add dev v0 ingress bpf da pinned
filter add dev v0 ingress estimator 1s bpf da obj a.o
filter add dev v0 handle
filter add dev v0 parent
filter add dev v0 parent 1:zz bpf da obj a.o
filter add dev v0 parent 1:2:3 bpf da obj a.o
filter add dev v0 parent ffff:1 bpf da obj a.o
filter add dev v0 root bpf da obj a.o
filter add dev v0 parent none bpf da obj a.o
filter add dev if99999 ingress bpf da obj a.o
filter add dev v0 ingress pref -1 bpf da obj a.o
filter add dev v0 ingress handle -1 bpf da obj a.o
filter add dev v0 ingress handle 0x100000000 bpf da obj a.o
filter link dev v0 ingress bpf da obj a.o
filter get dev nope ingress pref 1 protocol all handle 1 bpf
filter get dev v0 ingress pref 7 protocol ip handle 77 bpf
filter get dev v0 ingress pref 7 protocol arp handle 1 bpf
filter get dev v0 ingress pref x protocol ip handle 1 bpf
qdisc foo
qdisc change dev v1 clsact
qdisc link dev v1 clsact
qdisc replace dev nope clsact
qdisc del dev nope clsact
qdisc del dev v1 parent ffff:fff1
qdisc del dev v0 ingress
qdisc get dev v0
qdisc add dev v0 handle ffff: clsact
qdisc add dev v1 parent
qdisc add dev v1 ingress_block
qdisc add dev v1 egress_block -1 clsact
qdisc add dev v1 egress_block 8 ingress
qdisc add dev v1 estimator
qdisc show dev
qdisc show dev v0 parent zz
qdisc show dev v0 handle zz
qdisc show dev v0 dev v1
qdisc show invisible junk
qdisc show foo
qdisc show dev v0 noqueue
qdisc show dev v0 root ingress
qdisc show dev v0 clsact foo
qdisc add dev
qdisc add clsact
qdisc add
qdisc add dev v1
qdisc add dev v1 handle 1:
qdisc add dev v0 clsact foo
qdisc add dev v0 clsact clsact
qdisc add dev v0 ingress foo
qdisc add dev v1 root clsact
qdisc add dev v1 parent ffff:fff1 clsact
qdisc add dev v1 handle zz clsact
qdisc add dev v1 ingress_block 0 clsact
qdisc add dev v1 ingress_block zz clsact
qdisc del dev v1 clsact
qdisc replace dev v0 ingress
foo
-x
-all qdisc
-jp qdisc
-n
-n nope qdisc show
END
both filter add dev v0 ingress bpf bytecode '1,6 0 0'
both filter add dev v0 ingress bpf bytecode '2,6 0 0 5'
both filter add dev v0 ingress bpf bytecode '1,6 0 0 5,6 0 0 5'
both filter show dev v0 ingress

t_begin 'replaced, changed and deleted alike'
both filter replace dev v0 ingress pref 7 handle 1 protocol ip bpf da obj a.o
both filter show dev v0 ingress
both filter change dev v0 ingress pref 7 handle 1 protocol ip bpf da obj a.o sec drop
both filter show dev v0 ingress
both filter replace dev v0 ingress pref 7 protocol ip bpf da obj a.o
both filter replace dev v0 ingress bpf da obj a.o
both filter show dev v0 ingress
both filter del dev v0 ingress pref 7 handle 1 bpf
both filter show dev v0 ingress
both filter del dev v0 ingress pref 7
both filter show dev v0 ingress
both filter del dev v0 ingress
both filter show dev v0 ingress
both qdisc replace dev v0 clsact
both filter show dev v0 egress
both qdisc del dev v0 clsact
both qdisc show

t_begin 'shared blocks'
both qdisc add dev v1 ingress_block 7 egress_block 8 clsact
both filter add block 7 bpf da obj a.o
both filter show block 7
both -j filter show block 7
both filter show dev v1 ingress
both -j filter show dev v1 ingress
both qdisc show dev v1
both -j qdisc show dev v1
both filter del block 7
both filter show block 7
both qdisc del dev v1 clsact
both qdisc add dev v1 i 5 clsact
both qdisc del dev v1 clsact
both qdisc add dev v1 ingress_block 9 ingress
both qdisc show dev v1
both -j qdisc show dev v1
both qdisc del dev v1 ingress

t_begin 'the ingress qdisc'
both qdisc add dev v0 ingress
both -r qdisc show dev v0
both -s -j -p qdisc show dev v0
both filter add dev v0 ingress bpf da obj a.o
both filter add dev v0 parent ffff: pref 3 bpf da obj a.o
for parent in 'parent ffff:' ingress egress root; do
	# shellcheck disable=SC2086
	both filter show dev v0 $parent
	# shellcheck disable=SC2086
	both -j filter show dev v0 $parent
done
both qdisc replace dev v0 clsact
both qdisc change dev v0 ingress
both qdisc link dev v0 ingress
both qdisc del dev v0 parent ffff:fff1
both qdisc add dev v0 ingress handle ffff:
both qdisc add dev v1 handle 1: clsact

t_begin 'protocols'
for protocol in LlDp 0x12 ip ipv4 IPV6 all 802.1q 802.1AD arp mpls_uc 0xffff 65536 0; do
	both filter add dev v1 ingress protocol $protocol bpf bytecode '1,6 0 0 0'
done
both filter show dev v1 ingress
both -N filter show dev v1 ingress
both filter del dev v1 ingress
for protocol in aarp ax25 802_3 802_2 ddp dec diag ieee_pup ipx lat localtalk loop pppoe \
	ppp_disc ppp_ses rarp tipc x25 aoe mpls_mc teb snap irda echo 8021q all_ ip6; do
	both filter add dev v1 ingress protocol $protocol bpf bytecode '1,6 0 0 0'
done
for number in 1 2 3 4 0x22f0 0x22f3 0x8035 0x80f3 0x8847 0x8848 0x8863 0x8864 0x888e 0x88a2 \
	0x88a8 0x88ca 0x88cc 0x88e5 0x88f7 0x8906 0x8914 0x6558 0x6000 0x0805 0x1234; do
	both filter add dev v1 ingress protocol $number bpf bytecode '1,6 0 0 0'
done
both filter show dev v1 ingress
both -j filter show dev v1 ingress
both filter del dev v1 ingress

t_begin 'batch files'
printf 'qdisc show dev v1\n# word\nfilter show dev v1 ingress \\\n pref 77 # word\n  \n"qdisc" show dev v1\n' >lines.tc
printf 'qdisc show dev v1\nqdisc show dev nope\nqdisc show dev v0\n' >broken
both -b lines.tc
both -j -b lines.tc
both -b broken
both -force -b broken
both -b nosuchfile
# newer: tc 7.1 ends these two with 255 and an error, 6.1 shows its usage and ends with 0.
both -b
both -batch

both_count 100
