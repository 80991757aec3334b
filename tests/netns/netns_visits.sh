#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Looking into other network namespaces: whatever fails on the way, the command ends in words,
# and it never ends up in another namespace than its own.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

# A name that no other test's map has: the whole machine is looked at.
NAME=nv$(printf %012d $$)
sed "s/refused_global/$NAME/g" "$OBJ/refused.o" >"$TMP/own.o"
ns_add red
ns_add blue
dev_add v0
tc qdisc add dev v0 clsact
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$TMP/own.o" section fine
prog=$(prog_at v0 ingress)

# failing COUNT CMD…
failing() {
	local count=$1
	shift
	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace=setns \
		-e "inject=setns:error=ENOMEM:when=$count" "$@"
}

t_begin 'undisturbed, the filter is found here'
t_run 0 tc_loader share show "$NAME"
t_out_has v0
t_out_has "$prog"

for count in 1 2 3 4 2+; do
	t_begin "setns $count fails: said, and what is here is still found"
	t_run 0 failing "$count" tc_loader share show "$NAME"
	t_out_has v0
	t_out_has "$prog"
done

t_begin 'what could not be entered is named'
t_run 0 failing 1+ tc_loader -j share show "$NAME"
t_is "$(t_out | t_json .hidden | grep -c "network namespace 'blue': Cannot allocate memory")" 1

t_begin '-n that cannot enter is refused'
t_run 255 failing 1 tc_loader -n red qdisc show
t_err_is "tc_loader: network namespace 'red': Cannot allocate memory"
