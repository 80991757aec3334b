#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Abbreviations and spellings of tc's words, the same line through both (tests/tc_both.sh).
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
. "$(dirname "$0")/../tc_both.sh"
lib_private "$@"
tc_both_begin

t_begin 'abbreviations and spellings'
both qdisc add dev v0 clsact
both qdisc add dev v1 clsact
both filter a dev v0 ingress p 2 bpf o a.o s drop d fl 1:7
both filter ad dev v0 ingress p 4 pro ip c 2 bpf run o a.o v
both filter a dev v0 ingress p 6 pri 5 bpf o a.o
both filter add dev v0 ingress pref 8 bpf da da obj a.o
both f a dev v0 ingress pre 20 bpf di ob a.o se drop
both f ad dev v0 ingress prio 21 bpf obje a.o
both f add dev v0 ingress prior 22 bpf direct object a.o
both f add dev v0 ingress preference 23 bpf object-file a.o sec drop
both f add dev v0 ingress p 24 bpf pi "$BPFFS/prog"
both f add dev v0 ingress p 25 bpf fd "$BPFFS/prog"
both f add dev v0 ingress p 26 bpf object-p "$BPFFS/prog"
both f add dev v0 ingress p 27 bpf by '1,6 0 0 0'
both f add dev v0 ingress p 28 bpf b '1,6 0 0 0' f 2:
both f add dev v0 ingress p 29 bpf bytecode-f bc.txt
both f add dev v0 ingress p 30 bpf c 1:1 c 1:2 obj a.o
both f add dev v0 ingress p 31 bpf s obj a.o
both f add dev v0 ingress p 32 bpf skip_h da obj a.o
both f add dev v0 ingress p 32 bpf da obj a.o skip_sw
both f add dev v0 ingress p 32 bpf bytecode '1,6 0 0 0' skip_sw
both f add dev v0 ingress p 32 bpf bytecode '1,6 0 0 0' skip_sw skip_hw
both f add dev v0 ingress p 33 handle 010 bpf da obj a.o
both f add dev v0 ingress p 33 handle 0x10 bpf da obj a.o
both f add dev v0 ingress p 33 handle 10 bpf da obj a.o
both f add dev v0 ingress p 33 handle 0 bpf da obj a.o
both f add dev v0 ingress p 0 bpf da obj a.o
both f add dev v0 ingress p 0x22 bpf da obj a.o
both f add dev v0 ingress c 4 p 1 bpf da obj a.o
both f add dev v0 ingress chain 0x10 p 1 bpf da obj a.o
both f add dev v0 ingress p 40 bpf obj a.o classid ffff:ffff
both f add dev v0 ingress p 41 bpf obj a.o classid 1:
both f add dev v0 ingress p 42 bpf obj a.o classid FFFFFFFF
both f add dev v0 ingress p 43 bpf obj a.o flowid 0
both f add dev v0 ingress p 44 bpf da obj ./a.o
both f add dev v0 ingress p 45 bpf da obj "$TMP/a.o"
both f r dev v0 ingress p 24 handle 1 bpf da obj a.o
both f c dev v0 ingress p 24 handle 1 bpf da obj a.o sec drop
both f d dev v0 ingress p 25
both f de dev v0 ingress p 26 handle 1 bpf
both f g dev v0 ingress p 24 handle 1 proto all bpf
both -j -p f g dev v0 ingress p 24 handle 1 proto all bpf
both -s f ls dev v0 ingress
both q
both q s dev v0
both q sh dev v0
both q ls
both qd lst dev v0
both -det f sh dev v0 ingress
both -stat -r q sh dev v0
both -js f sh dev v0 ingress
both -ones
both -onel f sh dev v0 ingress
both -s -s -j f sh dev v0 ingress
both -o -d -s f sh dev v0 ingress
both filter sh dev v0 ingress
both filter add dev v1 ingress pref 77 bpf bcf bc.txt
both filter add dev v1 ingress pref 78 bpf bc '1,6  0 0 5' fl none
both filter add dev v1 ingress pref 79 bpf bc '1,6 0 0 5' fl 12345
both filter add dev v1 ingress pref 80 bpf bc '1,6 0 0 5' fl :5
both filter add dev v1 ingress pref 81 bpf bc '2,6 300 -2 5,6 65536 0 4294967301'
both filter show dev v1 ingress

both_count 60
