#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a command acts on, and cannot look at for a moment, is not something else: nothing else is
# acted on in its place, and it is not passed over.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

# numbers CALL PATTERN CMD…: which of the CALLs that CMD makes match PATTERN.
numbers() {
	ASAN_OPTIONS=detect_leaks=0 strace -y -qq -e signal=none -e "trace=$1" -o "$TMP/trace" "${@:3}" >"$TMP/usual" 2>&1
	awk -v call="$1(" -v pattern="$2" 'index($0, call) == 1 { n++; if ($0 ~ pattern) print n }' "$TMP/trace"
}

# failing CALL N ERRNO CMD…
failing() {
	ASAN_OPTIONS=detect_leaks=0 strace -qq -e signal=none -o "$TMP/failed" -e "trace=$1" \
		-e "inject=$1:error=$3:when=$2" "${@:4}"
}

t_begin "an interface whose name is another one's number"
dev_add v0
named=if$(ip -o link show v0 | cut -d: -f1)
dev_add "$named"
for dev in v0 "$named"; do
	tc qdisc add dev "$dev" clsact
	tc_loader filter add dev "$dev" ingress pref 1 handle 1 bpf da obj "$OBJ/moved_hash_old.o"
done
looked=0
while read -r line; do
	for errno in ENOMEM EMFILE EBADF; do
		# shellcheck disable=SC2086 # words of a line
		t_run 2 failing ioctl 1 $errno $line
		t_err_has "device '$named': "
		t_ok grep -q 'SIOCGIFINDEX.*INJECTED' "$TMP/failed"
		looked=$((looked + 1))
	done
	t_isnt "$(prog_at v0 ingress)" ''
	t_is "$(t_count clsact <<<"$(tc qdisc show dev v0)")" 1
done <<END
tc_loader filter del dev $named ingress pref 1
tc_loader filter show dev $named ingress
tc_loader qdisc del dev $named clsact
tc_loader qdisc show dev $named
END
t_ok [ $looked -eq 12 ]
