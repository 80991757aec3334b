# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# The same line through tc and through tc_loader, in two network namespaces that are alike:
# equal exit status, equal stdout (numbers the kernel hands out aside), and after every line
# that is no show equal state in the kernel, read with tc. stderr is not compared: ours is
# worded differently. Sourced by tests that have sourced netns_scripts/lib.sh.

# tc_both_begin: two namespaces that are alike, and what the lines name, in $TMP from now on.
tc_both_begin() {
	for ns in theirs ours; do
		ns_add $ns
		for dev in v0 v1; do
			ip -n $ns link add $dev type veth peer name peer-$dev
			ip -n $ns link set $dev up
		done
	done
	cd "$TMP" || return
	cp "$OBJ/verdicts.o" a.o
	: >empty.txt
	printf '2,40 0 0 12\n6 0 0 0\n' >bc.txt
	printf '%s\n' 'qdisc show dev v0' 'qdisc show dev v1' 'filter show dev v0 ingress' \
		'filter show dev v0 egress' 'filter show dev v1 ingress' 'filter show dev v1 egress' >state
	# Their own pin of one program, for both.
	bpftool prog load a.o "$BPFFS/prog" type classifier
}

# both_count LEAST: how many different lines there were.
both_count() {
	lines=$(sort -u lines | wc -l)
	echo "$lines different lines"
	t_ok [ "$lines" -ge "$1" ]
}

numbers() {
	sed -E -e 's/\b(id|load_time|btf_id) [0-9]+/\1 N/g' \
		-e 's/"(id|load_time|btf_id|bytes|packets)":( ?)[0-9]+/"\1":\2N/g' \
		-e 's/Sent [0-9]+ bytes [0-9]+ pkt/Sent N/g' "$1"
}

state() {
	ns_run "$1" tc -batch state >state.raw
	numbers state.raw >"state.$1"
}

# both ARG…: one line through both tools.
both() {
	theirs=0
	ns_run theirs tc "$@" >tc.out 2>tc.err || theirs=$?
	t_run any ns_run ours tc_loader "$@"
	numbers tc.out >tc.text
	numbers t_out >our.text
	[ "$T_STATUS" -eq "$theirs" ] || t_fail "tc's status is $theirs: $(head -n 1 tc.err)"
	cmp -s tc.text our.text || t_fail "stdout differs: $(diff tc.text our.text | head -n 4)"
	echo "$*" >>lines
	case " $* " in
	*' show '* | *' get '*) return ;;
	esac
	state theirs
	state ours
	cmp -s state.theirs state.ours ||
		t_fail "the kernel's state differs: $(diff state.theirs state.ours | head -n 4)"
}
