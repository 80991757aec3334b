#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# bpf filters, case by case: set-up, command, exit status, what the kernel then has.
# shellcheck disable=SC2016 # code in quotes is evaluated by tdc
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/tdc.sh"

cd "$TMP"
cp "$OBJ/no_maps.o" a.o
cp "$OBJ/verdicts.o" v.o
cp "$OBJ/rejected.o" rejected.o
printf '1,6 0 0 4294967295\n' >good.txt
printf '2,6 0 0\n' >bad.txt
: >empty.o
bpftool prog load a.o "$BPFFS/prog" type classifier
bpftool map create "$BPFFS/map" type array key 4 value 4 entries 1 name map

CLSACT='tc qdisc add dev $DEV clsact'
INGRESS='tc qdisc add dev $DEV ingress'
GONE='tc qdisc del dev $DEV parent ffff:fff1'
IN='tc filter show dev $DEV ingress'
OUT='tc filter show dev $DEV egress'
ONE="$CLSACT; tc filter add dev \$DEV ingress pref 7 handle 3 protocol ip bpf da obj a.o"

# --- bytecode -----------------------------------------------------------------------------

tdc 'add bytecode' "$CLSACT" \
	'$TC filter add dev $DEV ingress handle 1 protocol ip prio 100 bpf bytecode "4,40 0 0 12,21 0 1 2048,6 0 0 262144,6 0 0 0"' 0 \
	"$IN" "protocol ip pref 100 bpf chain 0 handle 0x1 not_in_hw bytecode '4,40 0 0 12,21 0 1 2048,6 0 0 262144,6 0 0 0'" 1 "$GONE"
tdc 'add bytecode that jumps out' "$CLSACT" \
	'$TC filter add dev $DEV ingress bpf bytecode "2,21 0 9 2048,6 0 0 0"' 2 \
	"$IN" bytecode 0 "$GONE"
tdc 'add bytecode shorter than it says' "$CLSACT" \
	'$TC filter add dev $DEV ingress bpf bytecode "4,6 0 0 0"' 1 "$IN" bpf 0 "$GONE"
tdc 'add bytecode longer than it says' "$CLSACT" \
	'$TC filter add dev $DEV ingress bpf bytecode "1,6 0 0 0,6 0 0 0"' 1 "$IN" bpf 0 "$GONE"
tdc 'add bytecode with a class' "$CLSACT" \
	'$TC filter add dev $DEV egress bpf bytecode "1,6 0 0 1" flowid 1:10' 0 \
	"$OUT" 'flowid 1:10 not_in_hw bytecode' 1 "$GONE"
tdc 'add bytecode from a file' "$CLSACT" \
	'$TC filter add dev $DEV egress bpf bytecode-file good.txt' 0 "$OUT" "'1,6 0 0 4294967295'" 1 "$GONE"
tdc 'add bytecode from a wrong file' "$CLSACT" \
	'$TC filter add dev $DEV egress bpf bytecode-file bad.txt' 1 "$OUT" bpf 0 "$GONE"
tdc 'add bytecode from no file' "$CLSACT" \
	'$TC filter add dev $DEV egress bpf bytecode-file none.txt' 1 "$OUT" bpf 0 "$GONE"
tdc 'replace bytecode' "$CLSACT; tc filter add dev \$DEV ingress pref 5 handle 1 bpf bytecode '1,6 0 0 0'" \
	'$TC filter replace dev $DEV ingress pref 5 handle 1 bpf bytecode "1,6 0 0 5"' 0 \
	"$IN" "'1,6 0 0 5'" 1 "$GONE"
tdc 'replace bytecode by an object' "$CLSACT; tc filter add dev \$DEV ingress pref 5 handle 1 bpf bytecode '1,6 0 0 0'" \
	'$TC filter replace dev $DEV ingress pref 5 handle 1 bpf da obj a.o' 0 \
	"$IN" 'bytecode|a.o:\[classifier\] direct-action' 1 "$GONE"

# --- objects ------------------------------------------------------------------------------

tdc 'add an object' "$CLSACT" '$TC filter add dev $DEV ingress bpf obj a.o' 0 \
	"$IN" 'pref 49152 bpf chain 0 handle 0x1 a.o:\[classifier\] not_in_hw id [0-9]+ name no_maps tag [0-9a-f]{16}' 1 "$GONE"
tdc 'add an object with direct-action' "$CLSACT" '$TC filter add dev $DEV ingress bpf direct-action obj a.o' 0 \
	"$IN" 'a.o:\[classifier\] direct-action' 1 "$GONE"
tdc 'add a section' "$CLSACT" '$TC filter add dev $DEV egress bpf da obj v.o section drop' 0 \
	"$OUT" 'v.o:\[drop\] direct-action not_in_hw id [0-9]+ name refuse' 1 "$GONE"
tdc 'add a program by name' "$CLSACT" '$TC filter add dev $DEV egress bpf da obj v.o program refuse' 0 \
	"$OUT" 'v.o:\[classifier\] direct-action not_in_hw id [0-9]+ name refuse' 1 "$GONE"
tdc 'add a section that is not there' "$CLSACT" '$TC filter add dev $DEV egress bpf da obj v.o section nope' 1 \
	"$OUT" bpf 0 "$GONE"
tdc 'add a program that is not there' "$CLSACT" '$TC filter add dev $DEV egress bpf da obj v.o program nope' 1 \
	"$OUT" bpf 0 "$GONE"
tdc 'add a file that is not there' "$CLSACT" '$TC filter add dev $DEV egress bpf da obj nope.o' 1 "$OUT" bpf 0 "$GONE"
tdc 'add a file that is empty' "$CLSACT" '$TC filter add dev $DEV egress bpf da obj empty.o' 1 "$OUT" bpf 0 "$GONE"
tdc 'add a file that is no object' "$CLSACT" '$TC filter add dev $DEV egress bpf da obj good.txt' 1 "$OUT" bpf 0 "$GONE"
tdc 'add a program that the verifier refuses' "$CLSACT" '$TC filter add dev $DEV egress bpf da obj rejected.o' 1 \
	"$OUT" bpf 0 "$GONE"
tdc 'add a pinned program' "$CLSACT" '$TC filter add dev $DEV egress bpf da object-pinned $BPFFS/prog' 0 \
	"$OUT" 'prog:\[\*fsobj\] direct-action' 1 "$GONE"
tdc 'add a pin that is not there' "$CLSACT" '$TC filter add dev $DEV egress bpf da pinned $BPFFS/nope' 1 "$OUT" bpf 0 "$GONE"
tdc 'add a pin that is a map' "$CLSACT" '$TC filter add dev $DEV egress bpf da pinned $BPFFS/map' 2 "$OUT" bpf 0 "$GONE"
tdc 'add with a class' "$CLSACT" '$TC filter add dev $DEV ingress bpf obj a.o classid 1:7' 0 \
	"$IN" 'flowid 1:7 a.o' 1 "$GONE"
tdc 'add with skip_hw' "$CLSACT" '$TC filter add dev $DEV ingress bpf da obj a.o skip_hw' 0 "$IN" 'skip_hw not_in_hw' 1 "$GONE"

# --- places -------------------------------------------------------------------------------

tdc 'chains' "$CLSACT" '$TC filter add dev $DEV ingress chain 5 bpf da obj a.o' 0 \
	'tc filter show dev $DEV ingress chain 5' 'a.o' 1 "$GONE"
tdc 'a chain is not the others' "$CLSACT" '$TC filter add dev $DEV ingress chain 5 bpf da obj a.o' 0 \
	'tc filter show dev $DEV ingress chain 0' bpf 0 "$GONE"
tdc 'prefs count down' "$CLSACT; tc filter add dev \$DEV ingress bpf da obj a.o" \
	'$TC filter add dev $DEV ingress bpf da obj a.o' 0 "$IN" 'pref 4915[12] bpf chain 0 handle' 2 "$GONE"
tdc 'a protocol by name' "$CLSACT" '$TC filter add dev $DEV ingress protocol arp bpf da obj a.o' 0 \
	"$IN" 'protocol arp .* handle' 1 "$GONE"
tdc 'a protocol by number' "$CLSACT" '$TC filter add dev $DEV ingress protocol 0x88cc bpf da obj a.o' 0 \
	"$IN" 'protocol LLDP .* handle' 1 "$GONE"
tdc 'a protocol that is none' "$CLSACT" '$TC filter add dev $DEV ingress protocol junk bpf da obj a.o' 255 "$IN" bpf 0 "$GONE"
tdc 'the ingress qdisc, by parent' "$INGRESS" '$TC filter add dev $DEV parent ffff: bpf da obj a.o' 0 \
	'tc filter show dev $DEV parent ffff:' a.o 1 "$GONE"
tdc 'no qdisc' true '$TC filter add dev $DEV ingress bpf da obj a.o' 2 "$IN" bpf 0 true
tdc 'clsact has no parent ffff:' "$CLSACT" '$TC filter add dev $DEV parent ffff: bpf da obj a.o' 2 "$IN$(printf '; ')$OUT" bpf 0 "$GONE"
tdc 'no such interface' true '$TC filter add dev nope ingress bpf da obj a.o' 1 'tc qdisc show' clsact 0 true
tdc 'a block' 'tc qdisc add dev $DEV ingress_block 21 clsact; tc qdisc add dev $DEV2 ingress_block 21 clsact' \
	'$TC filter add block 21 bpf da obj a.o' 0 \
	'tc filter show dev $DEV ingress; tc filter show dev $DEV2 ingress' 'block 21 .*a.o' 2 \
	"$GONE; tc qdisc del dev \$DEV2 clsact"
tdc 'no such block' "$CLSACT" '$TC filter add block 22 bpf da obj a.o' 2 "$IN" bpf 0 "$GONE"

# --- the life of a filter -----------------------------------------------------------------

tdc 'add what is there' "$ONE" '$TC filter add dev $DEV ingress pref 7 handle 3 protocol ip bpf da obj a.o' 2 \
	"$IN" 'handle 0x3' 1 "$GONE"
tdc 'replace what is there' "$ONE" '$TC filter replace dev $DEV ingress pref 7 handle 3 protocol ip bpf obj v.o' 0 \
	"$IN" 'handle 0x3 v.o:\[classifier\] not' 1 "$GONE"
tdc 'replace what is not there' "$ONE" '$TC filter replace dev $DEV ingress pref 7 handle 4 protocol ip bpf da obj a.o' 0 \
	"$IN" 'handle 0x[34]' 2 "$GONE"
tdc 'replace with another protocol' "$ONE" '$TC filter replace dev $DEV ingress pref 7 handle 3 protocol arp bpf da obj a.o' 2 \
	"$IN" 'protocol ip .*handle 0x3' 1 "$GONE"
tdc 'change what is there' "$ONE" '$TC filter change dev $DEV ingress pref 7 handle 3 protocol ip bpf da obj v.o sec drop' 0 \
	"$IN" 'v.o:\[drop\]' 1 "$GONE"
tdc 'change what is not there' "$ONE" '$TC filter change dev $DEV ingress pref 8 handle 3 protocol ip bpf da obj a.o' 2 \
	"$IN" 'pref 8' 0 "$GONE"
tdc 'replace by a program that is refused' "$ONE" \
	'$TC filter replace dev $DEV ingress pref 7 handle 3 protocol ip bpf da obj rejected.o' 1 "$IN" 'a.o:\[classifier\]' 1 "$GONE"
tdc 'delete one' "$ONE; tc filter add dev \$DEV ingress pref 7 handle 4 protocol ip bpf da obj a.o" \
	'$TC filter del dev $DEV ingress pref 7 handle 3 protocol ip bpf' 0 "$IN" 'handle 0x4' 1 "$GONE"
tdc 'delete one that is not there' "$ONE" '$TC filter del dev $DEV ingress pref 7 handle 9 protocol ip bpf' 2 \
	"$IN" 'handle 0x3' 1 "$GONE"
tdc 'delete a pref' "$ONE; tc filter add dev \$DEV ingress pref 8 bpf da obj a.o" \
	'$TC filter del dev $DEV ingress pref 7' 0 "$IN" 'handle' 1 "$GONE"
tdc 'delete a hook' "$ONE; tc filter add dev \$DEV egress bpf da obj a.o" \
	'$TC filter del dev $DEV ingress' 0 "$IN$(printf '; ')$OUT" 'handle' 1 "$GONE"
tdc 'delete a handle without a kind' "$ONE" '$TC filter del dev $DEV ingress pref 7 handle 3' 255 "$IN" 'handle 0x3' 1 "$GONE"
tdc 'get one' "$ONE" '$TC filter get dev $DEV ingress pref 7 handle 3 protocol ip bpf >got' 0 \
	'cat got' 'filter ingress protocol ip pref 7 bpf chain 0 handle 0x3 a.o' 1 "$GONE"
tdc 'get one that is not there' "$ONE" '$TC filter get dev $DEV ingress pref 7 handle 5 protocol ip bpf >got' 2 'cat got' . 0 "$GONE"
tdc 'get without a pref' "$ONE" '$TC filter get dev $DEV ingress handle 3 protocol ip bpf >got' 255 'cat got' . 0 "$GONE"
tdc 'show as JSON' "$ONE" '$TC -j filter show dev $DEV ingress >got' 0 'cat got' '^\[\{"protocol":"ip","pref":7,.*"direct-action":true' 1 "$GONE"

tdc_end 53
