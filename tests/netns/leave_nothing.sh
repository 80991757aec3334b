#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A command that fails leaves filters, attachments, pins, directories and mounts as they were,
# whatever it had made before it failed.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0 v1
tc qdisc add dev v0 clsact
cg_add child

world() {
	find "$BPFFS" ! -type f -o -type f | sort
	for dev in v0 v1; do
		tc qdisc show dev "$dev"
		for hook in ingress egress; do
			tc filter show dev "$dev" "$hook"
		done
	done
	bpftool cgroup tree "$CG"
	cat /proc/self/mounts
	ls "$TMP/out" 2>/dev/null || true
}

# refused STATUS CMD…: it fails with that status and one line of error, and nothing changed.
refused() {
	world >"$TMP/before"
	t_run "$@"
	world >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
	t_ok [ -s "$TMP/t_err" ]
}

add() {
	echo tc_loader filter add dev v0 ingress bpf da obj "$@"
}

attach() {
	echo cgroup_loader cgroup attach "$CG" ingress obj "$@"
}

battery() {
	for kind in o nog.o; do
		t_begin "$1: the verifier refuses the program ($kind)"
		# shellcheck disable=SC2046 # words of a command
		refused 1 $(add "$OBJ/refused.$kind")
		t_err_has 'bad'
		t_err_has 'invalid mem access'
		# shellcheck disable=SC2046
		refused 255 $(attach "$OBJ/refused.$kind" program bad_verdict)
	done

	t_begin "$1: the kernel refuses the filter after the load"
	refused 2 tc_loader filter add dev v1 ingress bpf da obj "$OBJ/refused.o" section fine
	refused 2 tc_loader filter change dev v0 ingress pref 7 handle 1 bpf da obj "$OBJ/refused.o" section fine
	refused 1 tc_loader filter add dev nodev ingress bpf da obj "$OBJ/refused.o" section fine

	t_begin "$1: the kernel refuses the attachment after the load"
	refused 255 cgroup_loader cgroup attach "$CG/child" egress obj "$OBJ/layout_u64.o" multi override
	refused 255 cgroup_loader cgroup attach "$CG/nothing" egress obj "$OBJ/layout_u64.o"

	t_begin "$1: PATH cannot be used"
	refused 255 cgroup_loader prog loadall "$OBJ/layout_u64.o" "$TMP/out"
	refused 255 cgroup_loader prog load "$OBJ/layout_u64.o" "$BPFFS/new/pro.g"
	refused 255 cgroup_loader cgroup attach "$CG/child" egress obj "$OBJ/layout_u64.o" link pinned "$TMP/link"

	t_begin "$1: words behind the object are wrong"
	refused 1 tc_loader filter add dev v0 ingress bpf da obj "$OBJ/refused.o" section fine map name nope id 1
	refused 255 cgroup_loader cgroup attach "$CG/child" egress obj "$OBJ/layout_u64.o" map name layout_stats id 4294967295
	refused 255 cgroup_loader cgroup attach "$CG/child" egress obj "$OBJ/layout_u64.o" map idx 9 private
}

battery 'empty bpffs'

t_begin 'what was there before stays'
t_run 0 tc_loader filter add dev v0 ingress pref 5 handle 1 bpf da obj "$OBJ/refused.o" section fine
t_run 0 cgroup_loader prog loadall "$OBJ/layout_u64.o" "$BPFFS/progs"
t_run 0 cgroup_loader cgroup attach "$CG" egress pinned "$BPFFS/progs/layout_skb" multi
battery 'pins in use'

t_begin 'a slot that the failing load had refilled is put back'
slot=$(bpftool map lookup pinned "$BPFFS/tc/globals/refused_jumps" key 0 0 0 0)
refused 2 tc_loader filter add dev v1 ingress bpf da obj "$OBJ/refused.o" section fine
t_is "$(bpftool map lookup pinned "$BPFFS/tc/globals/refused_jumps" key 0 0 0 0)" "$slot"

t_begin 'so is one that libbpf refills, pinned by name or given'
t_run 0 tc_loader filter add dev v0 ingress pref 6 handle 1 bpf da obj "$OBJ/jumps.o" section classifier
bpftool map create "$BPFFS/given" type prog_array key 4 value 4 entries 4 name given
for slot in "$BPFFS/tc/globals/jumps" "$BPFFS/given"; do
	bpftool map dump pinned "$slot" >"$TMP/slots"
	refused 2 tc_loader filter add dev v1 ingress bpf da obj "$OBJ/jumps.o" section classifier \
		map name jumps pinned "$slot"
	t_is "$(bpftool map dump pinned "$slot")" "$(cat "$TMP/slots")"
done
bpftool map dump pinned "$BPFFS/tc/globals/jumps" >"$TMP/slots"
t_ok grep -q 'Found 1 element' "$TMP/slots"
refused 2 tc_loader filter add dev v1 ingress bpf da obj "$OBJ/jumps.o" section classifier
t_is "$(bpftool map dump pinned "$BPFFS/tc/globals/jumps")" "$(cat "$TMP/slots")"

t_begin 'loadall onto names that exist takes back the ones it made'
rm "$BPFFS/progs/layout_cls"
refused 255 cgroup_loader prog loadall "$OBJ/layout_u64.o" "$BPFFS/progs"
t_ok [ ! -e "$BPFFS/progs/layout_cls" ]

t_begin 'pinmaps that fails leaves no stray pin'
mkdir "$BPFFS/maps"
bpftool map create "$BPFFS/maps/by_name_private_hits" type array key 4 value 8 entries 1 name x
refused 255 cgroup_loader prog loadall "$OBJ/by_name.o" "$BPFFS/other" pinmaps "$BPFFS/maps"

t_begin 'what is not told to be there still is not taken for gone: it goes, or its staying is said'
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'
read -ra ADD <<<"$(add "$OBJ/refused.o")"
# looks STRACE… CMD…: its looks at what it makes; how many others there are depends on the machine.
looks() {
	ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -e signal=none -e trace=newfstatat -P ip -P xdp -P tc -P globals \
		-P refused_jumps -P refused_object -o "$TMP/looks" "$@"
}
find "$BPFFS" -mindepth 1 -not -name '*.debug' -delete
find "$BPFFS" | sort >"$TMP/before"
looks "${ADD[@]}" >"$TMP/usual" 2>&1 || :
find "$BPFFS" | sort | t_ok cmp "$TMP/before" -
all=$(t_count newfstatat <"$TMP/looks")
left=0
for number in $(seq 1 "$all"); do
	t_run any looks -e "inject=newfstatat:error=ENOMEM:when=$number" "${ADD[@]}"
	t_isnt "$T_STATUS" 0
	find "$BPFFS" | sort >"$TMP/after"
	cmp -s "$TMP/before" "$TMP/after" && continue
	left=$((left + 1))
	grep -Eq 'cannot be taken back|stays|beside it now' "$TMP/t_err" ||
		t_fail "look $number: $(comm -13 "$TMP/before" "$TMP/after")"
	rm -rf "${BPFFS:?}/tc" "$BPFFS/ip" "$BPFFS/xdp"
done
t_ok [ $left -gt 0 ]

t_begin 'a directory that cannot be removed: its staying is said'
removes() {
	ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -e signal=none -e trace=unlinkat -o "$TMP/removes" "$@"
}
removes "${ADD[@]}" >"$TMP/usual" 2>&1 || :
number=$(grep unlinkat "$TMP/removes" | grep -n '"globals", AT_REMOVEDIR' | cut -d : -f 1)
t_run any removes -e "inject=unlinkat:error=EACCES:when=$number" "${ADD[@]}"
t_isnt "$T_STATUS" 0
t_ok [ -d "$BPFFS/tc/globals" ]
t_err_has "cannot be taken back: '$BPFFS/tc/globals': Permission denied"
