#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The same batch file through tc and through tc_loader, in two network namespaces that are
# alike: equal exit status, stdout, "Command failed" lines and state of the kernel. Where
# tc_loader differs on purpose, the test says what it does instead.
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
cp "$OBJ/no_maps.o" a.o

# Program ids and load times are the kernel's to choose.
numbers() {
	sed -E -e 's/\bid [0-9]+/id N/' -e 's/"id":[0-9]+/"id":N/g' "$1"
}

# state NS: qdiscs and filters, read with the real tool.
state() {
	for dev in v0 v1; do
		tc -n "$1" qdisc show dev $dev
		tc -n "$1" filter show dev $dev ingress
	done | sed -E 's/\bid [0-9]+/id N/'
}

fresh() {
	for ns in theirs ours; do
		for dev in v0 v1; do
			tc -n $ns qdisc del dev $dev clsact 2>/dev/null || :
		done
	done
}

# batch FORMAT: writes the file f, as printf does.
batch() {
	# shellcheck disable=SC2059 # the format is the file
	printf "$1" >f
}

# alike OPTION…: the file f, also as stdin, through both tools.
alike() {
	fresh
	theirs=0
	ns_run theirs tc "$@" >tc.out 2>tc.err <f || theirs=$?
	t_run any ns_run ours tc_loader "$@" <f
	[ "$T_STATUS" -eq "$theirs" ] || t_fail "tc's status is $theirs: $(cat tc.err)"
	numbers tc.out >tc.text
	numbers t_out >our.text
	cmp -s tc.text our.text || t_fail "stdout differs: $(diff tc.text our.text)"
	t_is "$(sed -n 's/^tc_loader: \(Command failed\)/\1/p' t_err)" \
		"$(sed -n '/^Command failed/p' tc.err)" 'failed lines'
	t_is "$(state ours)" "$(state theirs)" 'state of the kernel'
}

both() {
	batch "$1"
	alike -b f
}

t_begin 'words, comments, quotes, joined lines'
both '# x\nqdisc add dev v0 clsact # y\n\n  \n'
both '\tqdisc\tadd dev v0 clsact\r\n'
both "qdisc add 'dev' \"v0\" clsact"
both 'qdisc add dev "v0"clsact\n'
both 'qdisc add dev v"0" clsact\n'
both 'qdisc add dev "v0'"'"'" clsact\n'
both 'qdisc add "" dev v0 clsact\n'
both 'qdisc add dev v0 clsact#x\n'
both 'qdisc add \\\ndev v0 \\\nclsact\nqdisc junk\n'
both 'qdisc add dev v\\\n0 clsact\n'
both '\\\n\\\nqdisc add dev v0 clsact\n'
both 'qdisc add dev v0 clsact \\\n\n'
both 'qdisc add dev v0 \\\n# comment\nclsact\n'
both 'qdisc add dev v0 \\ # comment\nclsact\n'
both 'qdisc add dev v0 \\ \nclsact\n'
both 'qdisc add dev v0 \\\r\nclsact\n'
both '# comment \\\nqdisc add dev v0 clsact\n'
# shellcheck disable=SC1003 # a backslash at the end of the file
both 'qdisc add dev v0 clsact \\'
both ''

t_begin 'the first command that fails ends it, and is named by its last line'
both 'qdisc add dev v0 clsact\nqdisc add dev v0 \\\nclsact\nqdisc del dev v0 clsact\n'
both 'qdisc add dev v0 clsact\nfoo\nqdisc del dev v0 clsact\n'
both 'qdisc add dev v0 clsact\n-j qdisc show dev v0\nqdisc del dev v0 clsact\n'
both 'qdisc add dev v0 clsact\nfilter add dev v0 ingress bpf obj nope.o\nqdisc del dev v0 clsact\n'
alike -batch nope
alike -b /dev/null

t_begin 'with -force the others run, and each failure is named'
batch 'qdisc add dev v0 clsact
qdisc add dev v0 clsact
qdisc add dev nope clsact
filter add dev v0 ingress junk x
qdisc add dev v1 clsact\n'
alike -force -batch f
alike -f -b f

t_begin 'from stdin'
batch 'qdisc add dev v0 clsact\nqdisc add dev v0 clsact\n'
alike -b -
alike -force -b -

t_begin 'filters, and every show is a JSON array of its own'
batch 'qdisc add dev v0 clsact
qdisc add dev v1 clsact
filter add dev v0 ingress pref 5 bpf da obj a.o
filter add dev v0 ingress pref 6 handle 0x20 bpf obj a.o classid 1:1
filter add dev v1 ingress pref 5 bpf da obj "a.o" # the same object
filter del dev v0 ingress pref 6
filter show dev v0 ingress
qdisc show dev v1\n'
alike -b f
alike -j -b f
alike -s -b f
ns_run ours tc_loader -j filter show dev v0 ingress >one
ns_run ours tc_loader -j qdisc show dev v1 >>one
batch 'filter show dev v0 ingress\nqdisc show dev v1\n'
t_run 0 ns_run ours tc_loader -j -b f
t_is "$(t_out)" "$(cat one)" 'shows in a batch'
while read -r line; do
	t_ok [ "$(printf '%s' "$line" | t_json '.|length')" -gt 0 ]
done <t_out

t_begin 'nothing of one line is left in the next; tc keeps dev, pref and chain'
batch 'filter show dev v0 ingress pref 5
filter show dev v0 ingress
filter show dev v0 ingress chain 0
filter show dev v0 ingress chain 0
qdisc show dev v0
qdisc show\n'
: >single
while read -r line; do
	# shellcheck disable=SC2086 # words
	ns_run ours tc_loader $line >>single
done <f
t_run 0 ns_run ours tc_loader -b f
t_is "$(t_out)" "$(cat single)" 'shows in a batch'
t_out_has 'dev v1'

t_begin 'a line whose words cannot be read ends the batch, -force or not'
for line in 'qdisc add dev' 'qdisc add dev v0 dev v0 clsact' 'qdisc add dev v0 parent zz clsact' \
	'filter add dev v0 ingress pref 99999999 bpf da obj a.o' \
	'filter add dev v0 ingress pref 1 pref 2 bpf da obj a.o' \
	'filter add dev v0 ingress protocol blub bpf da obj a.o' \
	'filter add dev v0 ingress bpf obj' 'filter add dev v0 ingress bpf da obj a.o sec' \
	'filter show block zz'; do
	batch "qdisc add dev v1 clsact\n$line\nqdisc add dev v0 clsact\n"
	alike -b f
	alike -force -b f
	t_is "$T_STATUS" 255 status
	t_is "$(state ours | grep -c clsact)" 1 'lines that ran'
done

t_begin 'other mistakes end with 255 too, but not a batch with -force'
for line in foo 'qdisc foo' 'filter add dev v0 ingress egress bpf da obj a.o' 'exec' \
	'filter add dev v0 block 7 bpf da obj a.o' 'filter del dev v0 ingress handle 1' \
	'filter get dev v0' 'filter show dev v0 foo' 'qdisc show dev v0 foo' \
	'filter add dev v0 ingress handle zz bpf da obj a.o' 'qdisc add dev v0 root clsact'; do
	batch "$line\nqdisc add dev v0 clsact\n"
	alike -b f
	alike -force -b f
	t_is "$(state ours | grep -c clsact)" 1 'lines that ran'
done

t_begin 'half a command is not run'
fresh
batch 'qdisc add dev v0 clsact \\\n'
t_run 1 ns_run ours tc_loader -b f
t_err_is "tc_loader: batch file 'f': missing continuation line"
batch 'qdisc add dev v0 "clsact\n'
t_run 1 ns_run ours tc_loader -b f
t_err_is 'tc_loader: a " is not closed
tc_loader: Command failed f:1'
t_is "$(state ours | t_count clsact)" 0
t_run 1 ns_run ours tc_loader -b .
t_err_has "batch file '.'"

t_begin 'in JSON mode stdout holds results only'
batch 'qdisc show dev v0\nfoo\n'
t_run 1 ns_run ours tc_loader -j -b f
t_is "$(t_out)" "$(ns_run ours tc_loader -j qdisc show dev v0)"
