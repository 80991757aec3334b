#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The qdiscs clsact and ingress, case by case: set-up, command, exit status, what is there.
# shellcheck disable=SC2016 # code in quotes is evaluated by tdc
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/tdc.sh"

cd "$TMP"
cp "$OBJ/no_maps.o" a.o
SHOW='tc qdisc show dev $DEV'
CLSACT='tc qdisc add dev $DEV clsact'
INGRESS='tc qdisc add dev $DEV ingress'
GONE='tc qdisc del dev $DEV parent ffff:fff1'

tdc 'add clsact' true '$TC qdisc add dev $DEV clsact' 0 "$SHOW" 'qdisc clsact ffff: parent ffff:fff1' 1 "$GONE"
tdc 'add ingress' true '$TC qdisc add dev $DEV ingress' 0 "$SHOW" 'qdisc ingress ffff: parent ffff:fff1 -{16}' 1 "$GONE"
tdc 'add ingress with a handle' true '$TC qdisc add dev $DEV ingress handle ffff:' 0 "$SHOW" 'qdisc ingress ffff:' 1 "$GONE"
tdc 'add with a handle before' true '$TC qdisc add dev $DEV handle ffff: clsact' 0 "$SHOW" 'qdisc clsact ffff:' 1 "$GONE"
tdc 'add with a wrong handle' true '$TC qdisc add dev $DEV handle zz: clsact' 255 "$SHOW" clsact 0 true
tdc 'add twice' "$CLSACT" '$TC qdisc add dev $DEV clsact' 2 "$SHOW" clsact 1 "$GONE"
tdc 'add ingress beside clsact' "$CLSACT" '$TC qdisc add dev $DEV ingress' 2 "$SHOW" 'ingress' 0 "$GONE"
tdc 'replace nothing' true '$TC qdisc replace dev $DEV clsact' 0 "$SHOW" clsact 1 "$GONE"
tdc 'replace the same' "$CLSACT; tc filter add dev \$DEV ingress bpf da obj a.o" '$TC qdisc replace dev $DEV clsact' 0 \
	'tc filter show dev $DEV ingress' a.o 1 "$GONE"
tdc 'replace the other kind' "$INGRESS" '$TC qdisc replace dev $DEV clsact' 2 "$SHOW" 'qdisc ingress' 1 "$GONE"
tdc 'change' "$CLSACT" '$TC qdisc change dev $DEV clsact' 0 "$SHOW" clsact 1 "$GONE"
tdc 'change nothing' true '$TC qdisc change dev $DEV clsact' 2 "$SHOW" clsact 0 true
tdc 'link' true '$TC qdisc link dev $DEV clsact' 2 "$SHOW" clsact 0 true
tdc 'delete' "$CLSACT" '$TC qdisc del dev $DEV clsact' 0 "$SHOW" clsact 0 true
tdc 'delete with filters' "$CLSACT; tc filter add dev \$DEV ingress bpf da obj a.o" '$TC qdisc del dev $DEV clsact' 0 "$SHOW" clsact 0 true
tdc 'delete nothing' true '$TC qdisc del dev $DEV clsact' 2 "$SHOW" clsact 0 true
tdc 'delete twice' "$CLSACT; $GONE" '$TC qdisc del dev $DEV clsact' 2 "$SHOW" clsact 0 true
tdc 'delete the other kind' "$CLSACT" '$TC qdisc del dev $DEV ingress' 2 "$SHOW" clsact 1 "$GONE"
tdc 'delete by parent' "$INGRESS" '$TC qdisc del dev $DEV parent ffff:fff1' 0 "$SHOW" ingress 0 true
tdc 'no such interface' true '$TC qdisc add dev nope clsact' 1 'tc qdisc show' clsact 0 true
tdc 'no interface' true '$TC qdisc add clsact' 2 'tc qdisc show' clsact 0 true
tdc 'blocks' true '$TC qdisc add dev $DEV ingress_block 21 egress_block 22 clsact' 0 "$SHOW" \
	'ingress_block 21 egress_block 22' 1 "$GONE"
tdc 'block 0' true '$TC qdisc add dev $DEV ingress_block 0 clsact' 255 "$SHOW" clsact 0 true
tdc 'an egress block of ingress' true '$TC qdisc add dev $DEV egress_block 22 ingress' 2 "$SHOW" 'qdisc ingress' 0 true
tdc 'words behind' true '$TC qdisc add dev $DEV clsact junk' 1 "$SHOW" clsact 0 true
tdc 'two kinds' true '$TC qdisc add dev $DEV clsact ingress' 1 "$SHOW" 'clsact|ingress' 0 true
tdc 'a parent beside' true '$TC qdisc add dev $DEV root clsact' 255 "$SHOW" clsact 0 true
tdc 'no kind' true '$TC qdisc add dev $DEV' 2 "$SHOW" clsact 0 true
tdc 'show one kind' "$CLSACT" '$TC qdisc show dev $DEV clsact >got' 0 'cat got' . 1 "$GONE"
tdc 'show all' "$CLSACT" '$TC qdisc show >got' 0 'cat got' "qdisc clsact ffff: dev $DEV parent ffff:fff1" 1 "$GONE"
tdc 'show as JSON' "$CLSACT" '$TC -j qdisc show dev $DEV ingress >got' 0 'cat got' '^\[\{"kind":"clsact","handle":"ffff:",.*"options":\{\}\}\]$' 1 "$GONE"
tdc 'show an unknown interface' true '$TC qdisc show dev nope >got' 1 'cat got' . 0 true

tdc_end 32
