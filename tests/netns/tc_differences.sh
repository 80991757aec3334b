#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Small differences from tc that the page lists, each beside what tc makes of the line.
#
# differs: unknown-pin-id
# differs: everybodys-qdiscs
# differs: other-kinds
# differs: wide-class-ids
# differs: words-after-clsact
# differs: delete-needs-no-object
# differs: section-and-program
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
cd "$TMP"
cp "$OBJ/verdicts.o" a.o

clsact() {
	tc qdisc show dev v0 clsact | grep -c clsact || :
}

stock_refuses() {
	if tc "$@" >/dev/null 2>&1; then
		t_fail "tc takes it: $*"
	fi
}

t_begin 'words after clsact'
stock_refuses qdisc add clsact dev v0
t_is "$(clsact)" 0
t_run 0 tc_loader qdisc add clsact dev v0
t_is "$(clsact)" 1

t_begin 'other kinds of qdiscs and filters'
t_run 255 tc_loader qdisc add dev v0 root pfifo
t_err_has "use tc for other qdiscs"
t_run 1 tc_loader filter add dev v0 ingress matchall
t_is "$(filters v0 ingress)" 0

t_begin 'class ids of more than 32 bits'
t_run 1 tc_loader filter add dev v0 ingress pref 5 bpf da obj a.o flowid 0x10000000000000001:1
t_err_has "not of the form MAJ:MIN"
t_is "$(filters v0 ingress)" 0

t_begin 'a pin id that the pin database does not know'
t_run 1 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/elf36.o" section classifier
t_err_has 'pinning id 42 is not in'
t_is "$(filters v0 ingress)" 0

t_begin 'clsact stays when what came after it fails'
t_run 0 tc_loader filter add dev v0 ingress pref 7 bpf da obj a.o
t_run 0 tc_loader filter del dev v0 ingress pref 7
t_is "$(clsact)" 1
t_is "$(filters v0 ingress)" 0

t_begin 'delete does not look at the program'
tc filter add dev v0 ingress pref 7 bpf da obj a.o
stock_refuses filter del dev v0 ingress pref 7 bpf obj nosuch.o
t_is "$(filters v0 ingress)" 1
t_run 0 tc_loader filter del dev v0 ingress pref 7 bpf obj nosuch.o
t_is "$(filters v0 ingress)" 0

t_begin 'section and program name one function'
t_run 1 tc_loader filter add dev v0 ingress pref 7 bpf da obj "$OBJ/truth.o" section tc program truth_xdp
t_is "$(filters v0 ingress)" 0
t_run 0 tc_loader filter add dev v0 ingress pref 7 bpf da obj "$OBJ/truth.o" section tc program truth_tc
t_is "$(filters v0 ingress)" 1
