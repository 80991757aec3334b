#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A load that fails takes its pins back, unless a program may use the map by now: also where it
# cannot be read which maps a program uses.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

own_objects refused_
PIN=$BPFFS/tc/globals/$(own_word refused_)global
LOAD=(tc_loader filter add dev v0 ingress bpf da obj "$OBJ/refused.o" section classifier)
dev_add v0
tc qdisc add dev v0 clsact
# Some program there is.
bpftool prog load "$OBJ/no_maps.o" "$BPFFS/other"

# traced OPTION…: the load that is refused, its calls of bpf(2) in $TMP/trace.
traced() {
	rm -rf "$BPFFS/tc"
	t_run 1 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e signal=none -e trace=bpf \
		-o "$TMP/trace" "$@" "${LOAD[@]}"
}

# first_user: the call, counted from 1, that asks the first program of the list behind the last
# PROG_LOAD for its maps: found, opened, its info, its maps. Before, all maps of the machine are
# looked at, more or less of them each time.
first_user() {
	awk '/PROG_LOAD/ { last = NR; list = 0 }
		/PROG_GET_NEXT_ID/ && last && !list { list = NR }
		END { if (list) print list + 3; else exit 1 }' "$TMP/trace"
}

t_begin 'undisturbed: nothing stays'
traced
t_ok [ ! -e "$PIN" ]

t_begin 'its maps cannot be read: the pin stays, and why'
for try in $(seq 50); do
	at=$(first_user)
	traced -e "inject=bpf:error=ENOMEM:when=$at"
	hit=$({ grep -n INJECTED "$TMP/trace" || :; } | sed -n '1s/:.*//p')
	t_isnt "$try" 50 'tries until the machine holds still'
	[ "$hit" != "$(first_user || echo 0)" ] || break
	traced
done
t_err_has 'stays: programs that may use the map by now cannot be listed'
t_is "$(find "$BPFFS/tc" -type f | wc -l)" 1
