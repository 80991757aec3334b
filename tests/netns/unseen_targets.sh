#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a command acts on, and cannot look at for a moment, is not something else: nothing else is
# acted on in its place, and it is not passed over.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

# numbers CALL PATTERN CMD…: which of the CALLs that CMD itself makes match PATTERN; its 255 is an answer.
numbers() {
	ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -y -qq -e signal=none -e "trace=$1" -o "$TMP/trace" "${@:3}" >"$TMP/usual" 2>&1 ||
		[ $? -eq 255 ]
	awk -v call="$1(" -v pattern="$2" 'NR == 1 { pid = $1 } $1 == pid && index($2, call) == 1 { n++; if ($0 ~ pattern) print n }' "$TMP/trace"
}

# failing CALL N ERRNO CMD…
failing() {
	ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -e signal=none -o "$TMP/failed" -e "trace=$1" \
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

# at_cgroup CALL CMD…: which of the CALLs that CMD makes are of the cgroup, by name or by descriptor.
at_cgroup() {
	numbers "$1" "$CG" "${@:2}"
}

t_begin 'the cgroup of a link that is to be detached'
own_objects again
ATTACH=(cgroup_loader cgroup attach "$CG" egress obj "$OBJ/again.o" link pinned "$BPFFS/l")
DETACH=(cgroup_loader cgroup detach "$CG" egress obj "$OBJ/again.o")
refused=0
for call in fstat:ENOMEM newfstatat:ENOMEM openat:EMFILE; do
	t_run 0 "${ATTACH[@]}"
	for number in $(at_cgroup "${call%:*}" "${DETACH[@]}"); do
		t_run 0 "${ATTACH[@]}"
		t_run any failing "${call%:*}" "$number" "${call#*:}" "${DETACH[@]}"
		[ "$T_STATUS" -eq 0 ] || refused=$((refused + 1))
		[ "$T_STATUS" -ne 0 ] || t_is "$(prog_in "$CG")" ''
	done
	t_run any "${DETACH[@]}"
done
t_ok [ $refused -gt 1 ]

t_begin 'that of a link beside which the program is to be attached'
MULTI=(cgroup_loader cgroup attach "$CG" egress obj "$OBJ/again.o" multi)
t_run 0 "${ATTACH[@]}"
t_run 0 "${MULTI[@]}"
t_is "$(cg_progs "$CG")" 2
cgroup_loader cgroup detach "$CG" egress id "$(prog_in "$CG" | tail -n 1)"
t_is "$(cg_progs "$CG")" 1
refused=0
for call in fstat newfstatat; do
	for number in $(at_cgroup $call "${MULTI[@]}"); do
		t_run 0 "${DETACH[@]}"
		t_run 0 "${ATTACH[@]}"
		t_run any failing $call "$number" ENOMEM "${MULTI[@]}"
		[ "$T_STATUS" -eq 0 ] || refused=$((refused + 1))
		[ "$T_STATUS" -ne 0 ] || t_is "$(cg_progs "$CG")" 2
	done
done
t_ok [ $refused -gt 0 ]
t_run 0 "${DETACH[@]}"

t_begin 'each has one link, where its pin cannot be looked at'
cg_add each/a.b
cg_add each/c_d
EACH=(cgroup_loader cgroup attach each "$CG/each" egress obj "$OBJ/again.o" link pinned "$BPFFS/each")
t_run 0 "${EACH[@]}"
find "$BPFFS/each" | sort >"$TMP/before"
refused=0
for call in fstat:ENOMEM newfstatat:ENOMEM openat:EMFILE bpf:EMFILE; do
	pattern=$CG
	[ "${call%:*}" != bpf ] || pattern=$BPFFS/each
	for number in $(numbers "${call%:*}" "$pattern" "${EACH[@]}"); do
		t_run any failing "${call%:*}" "$number" "${call#*:}" "${EACH[@]}"
		[ "$T_STATUS" -eq 0 ] || refused=$((refused + 1))
		find "$BPFFS/each" | sort | t_ok cmp "$TMP/before" -
	done
done
t_ok [ $refused -gt 3 ]
for cgroup in a.b c_d; do
	t_is "$(cg_progs "$CG/each/$cgroup")" 1
done

t_begin 'what a program displaces comes back, or it is said that it may not'
cg_add some/a
cg_add some/b
for prog in old new; do
	cgroup_loader prog load "$OBJ/again.o" "$BPFFS/$prog"
done
bpftool cgroup attach "$CG/some/a" egress pinned "$BPFFS/old"
bpftool cgroup attach "$CG/some/b" egress pinned "$BPFFS/old" multi
SOME=(cgroup_loader cgroup attach each "$CG/some" egress pinned "$BPFFS/new" replace)
old=$(prog_in "$CG/some/a")
t_run 255 "${SOME[@]}"
t_is "$(prog_in "$CG/some/a")" "$old"
back=0 said=0
for number in $(numbers bpf 'PROG_QUERY|PROG_GET_FD_BY_ID|INFO_BY_FD' "${SOME[@]}"); do
	t_run 255 failing bpf "$number" EIO "${SOME[@]}"
	if [ "$(prog_in "$CG/some/a")" = "$old" ]; then
		back=$((back + 1))
		continue
	fi
	t_err_has "'$CG/some/a': cgroup_inet_egress may have the new program still, since what it has cannot be looked at: Input/output error"
	said=$((said + 1))
	bpftool cgroup detach "$CG/some/a" egress pinned "$BPFFS/new"
	bpftool cgroup attach "$CG/some/a" egress pinned "$BPFFS/old"
done
t_ok [ $back -gt 3 ]
t_ok [ $said -gt 0 ]
