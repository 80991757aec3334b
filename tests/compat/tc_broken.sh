#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Lines as people mistype them, made from right ones (tests/broken_lines.py), through tc and
# through tc_loader: the same exit status, and something or nothing on stdout; before, the lines
# that once differed. What is left to tc, and says so, may end otherwise. The kernel's state
# stays alike because each line finds the same one. BROKEN_SEED and BROKEN_LINES choose others.
#
# differs: other-kinds
# differs: words-after-clsact
# differs: brief-filters
# differs: interface-names
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

for ns in theirs ours; do
	ns_add $ns
	for dev in v0 v1; do
		ip -n $ns link add $dev type veth peer name peer-$dev
	done
done
cd "$TMP"
cp "$OBJ/verdicts.o" a.o
printf '1,6 0 0 0' >bc.txt
printf 'qdisc show dev v1\nqdisc show dev nope\nqdisc show dev v0\n' >batch.txt
bpftool prog load a.o "$BPFFS/prog" type classifier
printf '%s\n' 'qdisc add dev v0 clsact' 'filter add dev v0 ingress pref 7 bpf da obj a.o' \
	'filter add dev v0 egress pref 8 bpf da pinned /sys/fs/bpf/prog' >fresh
fresh() {
	# Whichever of the two is there; one of the lines fails.
	printf 'qdisc del dev %s parent ffff:\n' v0 v1 | ns_run "$1" tc -force -batch - 2>/dev/null || :
	ns_run "$1" tc -batch fresh
}

# left_to_tc: ours refused, and says that it is not its business.
left_to_tc() {
	[ "$T_STATUS" -ne 0 ] && grep -qE "offered here|no brief list|is a second (parent|kind)|device ''\$" t_err
}

lines=0
left=0
# both WORD…
both() {
	theirs=0
	fresh theirs
	fresh ours
	ns_run theirs timeout 5 tc "$@" >tc.out 2>tc.err </dev/null || theirs=$?
	t_run any ns_run ours timeout 5 tc_loader "$@" </dev/null
	lines=$((lines + 1))
	if left_to_tc; then
		left=$((left + 1))
		return
	fi
	[ "$T_STATUS" -eq "$theirs" ] || t_fail "tc's status is $theirs: $(head -n 1 tc.err)"
	[ -s t_out ] && got=some || got=none
	[ -s tc.out ] && want=some || want=none
	t_is "$got" "$want" stdout
	[ "$T_STATUS" -eq 0 ] || [ -s t_err ] || [ "$want" = some ] || t_fail 'nothing says what is wrong'
}

# all <LINES: '' is an empty word.
all() {
	while read -r line; do
		words=()
		for word in $line; do
			[ "$word" != "''" ] || word=
			words+=("$word")
		done
		both "${words[@]}"
	done
}

t_begin 'lines that once differed'
all <<'END'
filter add dev v0 ingress bpf obj a.o action
filter add dev v0 ingress bpf obj a.o police
qdisc add dev v1 estimator 1s
qdisc add dev v1 ingress_block 5 ingress_block 6 clsact
qdisc add dev v1 egress_block 7 egress_block 8 clsact
qdisc show invisible invisible
qdisc show invis
qdisc show ingress clsact
qdisc show handle 1: handle 2:
qdisc show root handle 1:
qdisc show handle 1: parent 1:
qdisc show handle 0: handle 1:
qdisc list dev v0 clsact handle 1:
qdisc list dev v0 handle 1: clsact
qdisc show dev v0 help
qdisc show dev v0 help junk
qdisc show dev v0 help dev nope
qdisc show help
filter list dev v0 pref 65536
filter list dev v0 ingress pref 65543
filter list dev v0 ingress pref 4294967296
-br filter show
-br filter show dev v1 ingress
-j -br filter show dev v1 ingress
filter get
filter get junk
filter get dev v0 ingress pref 7 handle x bpf
filter get dev v0 ingress pref 7 protocol all handle x bpf
filter add dev v0 ingress pref 5 handle 0x10
filter change dev v0 ingress pref 5 handle 0x10
filter add dev v0 ingress bpf obj a.o sec drop sec drop
filter show dev v0 ingress help
filter show help dev v0 ingress pref 7
filter show dev v0 help junk
filter show dev v0 help dev v1
filter add help junk
- qdisc show dev v0
qdisc add dev ingress
qdisc add dev nope
qdisc del dev nope
qdisc change dev nope handle 1:
qdisc add dev v1 ingress root
END
t_run 1 ns_run ours tc_loader qdisc show dev ''
t_err_has "cannot find device ''"
for pref in 65536 65543; do
	ns_run theirs tc filter show dev v0 ingress pref $pref >tc.out
	t_run 0 ns_run ours tc_loader filter show dev v0 ingress pref $pref
	t_is "$(sed 's/ id [0-9]*//' t_out)" "$(sed 's/ id [0-9]*//' tc.out)"
done
fresh ours
t_run 0 ns_run ours tc_loader qdisc add dev v1 ingress_block 5 ingress_block 6 clsact
t_ok grep -q ' ingress_block 6 ' <<<"$(ns_run ours tc qdisc show dev v1)"

t_begin "lines made with seed ${BROKEN_SEED:-11}"
python3 "$TOP/tests/broken_lines.py" "${BROKEN_SEED:-11}" "${BROKEN_LINES:-150}" >broken <<'END'
qdisc add dev v0 clsact
qdisc add dev v1 ingress
qdisc add dev v1 handle ffff: ingress
qdisc del dev v0 clsact
qdisc del dev v0 parent ffff:
qdisc replace dev v0 clsact
qdisc change dev v0 clsact
qdisc add dev v1 ingress_block 5 egress_block 6 clsact
qdisc show dev v0
qdisc show dev v0 clsact
qdisc show invisible
qdisc show dev v0 handle ffff:
qdisc show dev v0 ingress
qdisc show dev v0 parent ffff:fff1
filter add dev v0 ingress bpf da obj a.o
filter add dev v0 ingress protocol ip pref 3 bpf obj a.o sec drop classid 1:1
filter add dev v0 ingress pref 5 handle 0x10 chain 3 bpf bytecode-file bc.txt classid 1:
filter add dev v0 egress pref 9 bpf da obj a.o program refuse
filter add dev v0 egress pref 11 bpf da obj a.o skip_hw
filter add dev v0 egress pref 12 bpf da object-pinned /sys/fs/bpf/prog
filter add dev v0 parent ffff: protocol all prio 10 bpf object-file a.o section drop direct-action
filter replace dev v0 ingress pref 7 handle 1 bpf da obj a.o
filter change dev v0 ingress pref 7 handle 1 bpf da obj a.o
filter del dev v0 ingress pref 7
filter del dev v0 ingress pref 7 handle 1 bpf
filter del dev v0 ingress protocol ip pref 7 bpf
filter delete dev v0 ingress
filter get dev v0 ingress pref 7 protocol all handle 1 bpf
filter show dev v0 ingress
filter show dev v0 egress pref 8
filter show dev v0 ingress protocol ip chain 3
filter list dev v0 parent ffff:fff2
filter show block 5
exec bpf graft m:globals/nosuch key 0 obj a.o
-j qdisc show dev v0
-j filter show dev v0 ingress
-s -d qdisc show dev v0
-j -p filter show dev v0 ingress
-br qdisc show
-o filter show dev v0 ingress
-batch nope.txt
-force -batch batch.txt
-batch batch.txt
-n nope qdisc show
END
all <broken
printf '  %s lines compared, %s of them left to tc\n' "$lines" "$left"
