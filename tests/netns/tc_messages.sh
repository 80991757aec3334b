#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What users of tc_loader run into says what is wrong and the way out, with tc's exit status.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
dev_add w0
tc qdisc add dev w0 ingress
cd "$TMP"
cp "$OBJ/verdicts.o" a.o

# says STATUS TEXT WORDS…: tc ends with STATUS too; ours says TEXT in one line.
says() {
	status=$1
	text=$2
	shift 2
	theirs=0
	tc "$@" >tc.out 2>tc.err || theirs=$?
	t_is "$theirs" "$status" "tc's status of: $*"
	t_run "$status" tc_loader "$@"
	t_err_has "$text"
	t_is "$(wc -l <"$TMP/t_err")" 1 'lines of the error'
}

t_begin 'the qdisc'
says 2 "no clsact qdisc on 'v0'; add one: tc_loader qdisc add dev v0 clsact" \
	filter add dev v0 ingress bpf da obj a.o
says 2 "no clsact qdisc on 'v0', so no filters" filter del dev v0 egress pref 1
says 2 "no clsact qdisc on 'v0'" qdisc del dev v0 clsact
says 2 "'w0' has its ingress qdisc already; 'qdisc replace' takes it" qdisc add dev w0 ingress
says 2 "the ingress qdisc of 'w0' is in the way; 'qdisc del dev w0 ingress'" \
	qdisc add dev w0 clsact
says 2 "the ingress qdisc of 'w0' is in the way" qdisc replace dev w0 clsact
says 2 "the ingress qdisc of 'w0' is in the way" qdisc del dev w0 clsact
t_is "$(tc -j qdisc show dev w0 ingress | t_json '.[0].kind')" ingress

t_begin 'a line that lacks something'
says 2 "no interface is named; add 'dev NAME'" filter add ingress bpf da obj a.o
says 2 "no interface is named; add 'dev NAME'" filter del ingress
says 2 "add 'ingress' or 'egress'" filter add dev w0 bpf da obj a.o
says 2 "no kind of filter is named; add 'bpf' and a program" filter add dev w0 ingress
says 2 "no program is named; add 'object-file FILE'" filter add dev w0 ingress bpf da
says 1 "'bpf' goes before 'obj'" filter add dev w0 ingress obj a.o

says 1 "'obj' goes before a file" filter add dev w0 ingress bpf da ./a.o
says 1 "'w0': only filters of kind bpf are offered here; if it is an interface, 'dev' goes" \
	filter add w0 ingress bpf da obj a.o
says 255 "if it is an interface, 'dev' goes before it" filter show w0

t_begin 'a directory is no batch file'
t_run 1 tc_loader -batch "$TMP"
t_err_has 'Is a directory'
t_run 255 cgroup_loader batch file "$TMP"
t_err_has 'Is a directory'

t_begin 'a word with a mistake'
says 1 "did you mean 'ingress'?" filter add dev w0 ingres bpf da obj a.o
says 1 "filters see incoming packets on 'ingress'" filter add dev w0 xdp bpf da obj a.o
says 1 "did you mean 'section'?" filter add dev w0 ingress bpf da obj a.o secton drop
says 255 "did you mean 'ingress'?" filter show dev w0 ingres
says 255 "did you mean 'clsact'?" qdisc show dev w0 clasct
says 255 "did you mean 'show'?" filter shwo
says 255 "did you mean 'filter'?" filtre show
says 255 "did you mean '-batch'?" -bacth f

t_begin 'a name with a mistake, in either tool'
t_run 1 tc_loader filter add dev w0 ingress bpf da obj a.o sec dropp
t_err_has "did you mean 'drop'?"
t_run 1 tc_loader filter add dev w0 ingress bpf da obj a.o program refse
t_err_has "did you mean 'refuse'?"
bpftool map create "$BPFFS/m" type hash key 4 value 4 entries 4 name "near_$$"
for tool in tc_loader cgroup_loader; do
	t_run 255 $tool share check "naer_$$"
	t_err_has "did you mean 'near_$$'?"
	t_run 255 $tool share show name "near_$$x"
	t_err_has "did you mean 'near_$$'?"
	t_run 255 $tool map create "$BPFFS/n" type hahs key 4 value 4 entries 4 name n
	t_err_has "did you mean 'hash'?"
done

t_begin 'the same program a second time is a remark'
tc qdisc add dev v0 clsact
t_run 0 tc_loader filter add dev v0 ingress bpf da obj a.o
t_err_lacks times
t_run 0 tc_loader filter add dev v0 ingress bpf da obj a.o sec drop
t_err_lacks times
t_run 0 tc_loader filter add dev v0 egress bpf da obj a.o
t_err_lacks times
t_run 0 tc_loader filter add dev v0 ingress pref 7 bpf da obj a.o
t_err_lacks times
t_run 0 tc_loader filter add dev v0 ingress bpf da obj a.o
t_err_has "'a.o:[classifier]' is now 3 times on this hook of 'v0' (pref 7, 49150, 49152)"
t_is "$(filters v0 ingress)" 4
for hook in ingress ingress egress egress; do
	echo "filter add dev v0 $hook bpf da obj a.o"
done >lines
t_run 0 tc_loader -b lines
t_is "$(grep -c 'times on this hook' t_err)" 2 'remarks, one for each hook'

t_begin 'a directory in place of a pin, a filter without its pref'
says 1 "object-pinned '$BPFFS' is a directory; name a program's pin" \
	filter add dev w0 ingress bpf da object-pinned "$BPFFS"
says 2 "'pref N' says which filter" filter del dev w0 ingress handle 1 bpf

t_begin "verdicts that nobody reads, because 'da' is missing"
IGNORED="returns is ignored without 'da'"
t_run 0 tc_loader filter add dev w0 ingress pref 3 bpf obj a.o sec drop
t_is "$(t_count "$IGNORED" "$TMP/t_err")" 1 remarks
t_run 0 tc_loader filter add dev w0 ingress pref 4 bpf da obj a.o sec drop
t_err_is ''
# It only counts, and lets everything pass.
t_run 0 tc_loader filter add dev w0 ingress pref 5 bpf obj "$OBJ/layout_u64.o" sec tc
t_err_lacks "$IGNORED"
