#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a load looks at before it lets one map become two: every map of the name, not the first;
# with --require-shared private maps, too; directories beside the default one; and pins that
# others made while it was on its way.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"

NAME=pair_hits_$(printf %05d $(($$ % 100000)))
for dialect in btf_name btf_none; do
	sed "s/pair_hits_00000/$NAME/g" "$OBJ/pair_$dialect.o" >"$TMP/$dialect.o"
done
GLOBAL=$BPFFS/tc/globals/$NAME
dev_add v0
tc qdisc add dev v0 clsact
cg_add job
FILTER=(filter replace dev v0 ingress pref 1 handle 1 bpf da obj)

t_begin 'an unused map of the name does not hide the one that is in use'
bpftool map create "$BPFFS/unused" type array key 4 value 8 entries 1 name "$NAME"
t_run 0 tc_loader "${FILTER[@]}" "$TMP/btf_none.o" section tc
used=$(maps_of "$(prog_at v0 ingress)")
t_run 255 cgroup_loader --require-shared cgroup attach "$CG/job" egress obj "$TMP/btf_name.o"
t_err_has "uses another map of this name (id $used)"
t_run 0 cgroup_loader cgroup attach "$CG/job" egress obj "$TMP/btf_name.o"
t_err_has "uses another map of this name (id $used)"
rmdir "$CG/job"
rm "$BPFFS/unused" "$GLOBAL"

t_begin 'only hooks are asked that the programs with a map of the name can be attached to'
# asked PATTERN CMD…: its calls that match.
asked() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e signal=none -e trace=bpf,setns,openat \
		-o "$TMP/asked" "${@:2}"
	t_count -- "$1" "$TMP/asked"
}
cg_add other
t_run 0 tc_loader "${FILTER[@]}" "$TMP/btf_none.o" section tc
t_run 0 asked 'PROG_QUERY.*BPF_CGROUP_' \
	cgroup_loader cgroup attach "$CG/other" egress obj "$TMP/btf_name.o"
t_err_has "uses another map of this name (id $(maps_of "$(prog_at v0 ingress)"))"
# Its own: what is attached there already.
t_ok [ "$(t_out | tail -n 1)" -le 4 ]
tc filter del dev v0 ingress
rm "$GLOBAL"
t_run 0 asked 'setns(' tc_loader "${FILTER[@]}" "$TMP/btf_name.o" section tc
t_err_has 'uses another map of this name'
t_is "$(t_out | tail -n 1)" 0
tc filter del dev v0 ingress
rmdir "$CG/other"
rm "$GLOBAL"
t_ok wait_for 30 sh -c "! bpftool map list | grep -q $NAME"

t_begin 'two private maps, one on each side, are refused where sharing is required'
cg_add none
t_run 0 tc_loader --require-shared "${FILTER[@]}" "$TMP/btf_none.o" section tc
used=$(maps_of "$(prog_at v0 ingress)")
t_run 255 cgroup_loader --require-shared cgroup attach "$CG/none" egress obj "$TMP/btf_none.o"
t_err_has 'would be private'
t_err_has "uses another map of this name (id $used)"
t_is "$(cg_progs "$CG/none")" 0
t_run 0 cgroup_loader --require-shared cgroup attach "$CG/none" egress obj "$TMP/btf_none.o" \
	map name "$NAME" private
t_run 1 tc_loader --require-shared "${FILTER[@]}" "$TMP/btf_none.o" section tc
t_err_has 'would be private'
t_is "$(maps_of "$(prog_at v0 ingress)")" "$used"
rmdir "$CG/none"
t_begin 'and an own one of each load of one side is not'
t_ok wait_for 10 sh -c "! tc_loader share check $NAME 2>&1 | grep -q cgroup_inet_egress"
t_run 0 tc_loader --require-shared "${FILTER[@]}" "$TMP/btf_none.o" section tc
tc filter del dev v0 ingress

t_begin 'a slip in the last name of --pin-root'
t_ok wait_for 30 sh -c "! bpftool map list | grep -q $NAME"
mkdir -p "$BPFFS/tc/globals"
for slip in tc/globalss tc/globals/../global; do
	t_run 1 tc_loader --require-shared --pin-root "$BPFFS/$slip" "${FILTER[@]}" \
		"$TMP/btf_name.o" section tc
	t_err_has "in '$BPFFS/$slip', which --pin-root creates"
done
for root in "$BPFFS/tc/globals" "/$BPFFS//tc//globals" "$BPFFS/tc/./globals/"; do
	rm -rf "$BPFFS/tc"
	t_run 0 tc_loader --require-shared --pin-root "$root" "${FILTER[@]}" "$TMP/btf_name.o" section tc
	t_err_is ''
	tc filter del dev v0 ingress
done

t_begin 'hooks that cannot be seen may have another map of the name'
rm "$GLOBAL"
t_ok wait_for 30 sh -c "! bpftool map list | grep -q $NAME"
cg_add unseen
t_run 0 cgroup_loader --pin-root none cgroup attach "$CG/unseen" egress obj "$TMP/btf_none.o"
# Without the cgroup tree nothing tells where that program is attached.
no_cgroups() {
	unshare -m --propagation private sh -c 'umount -l "$0" && exec "$@"' "$CGROUP2" "$@"
}
t_run 1 no_cgroups tc_loader --require-shared "${FILTER[@]}" "$TMP/btf_name.o" section tc
t_err_has 'cannot be seen: hooks: no cgroup v2 file system is mounted here'
t_ok [ ! -e "$GLOBAL" ]
t_run 0 no_cgroups tc_loader "${FILTER[@]}" "$TMP/btf_name.o" section tc
t_err_has 'cannot be seen: hooks: no cgroup v2 file system is mounted here'
tc filter del dev v0 ingress
bpftool cgroup detach "$CG/unseen" egress id "$(prog_in "$CG/unseen")"

t_begin 'a pin that somebody makes elsewhere after the look'
rm "$GLOBAL"
# Where a map of the name is still there, all maps are looked at: more calls than without.
t_ok wait_for 30 sh -c "! bpftool map list | grep -q $NAME"
mkdir -m 0700 "$BPFFS/one" "$BPFFS/two"
LOAD=(tc_loader --pin-root "$BPFFS/one" "${FILTER[@]}" "$TMP/btf_name.o" section tc)
cg_add race
# How many calls come before depends on what else the machine has loaded: aim again where the
# loader went further than meant.
for ((try = 1; try <= 10; try++)); do
	t_run 0 calls_of "${LOAD[@]}"
	tc filter del dev v0 ingress
	rm "$BPFFS/one/$NAME"
	at=$(call_number "BPF_MAP_CREATE.*$NAME")
	t_ok wait_for 30 sh -c "! bpftool map list | grep -q $NAME"
	if stopped_after "$at" "${LOAD[@]}"; then
		[ -e "$BPFFS/one/$NAME" ] || break
		goes_on 0
	fi
	tc filter del dev v0 ingress
	rm "$BPFFS/one/$NAME"
	t_ok wait_for 30 sh -c "! bpftool map list | grep -q $NAME"
done
t_ok [ ! -e "$BPFFS/one/$NAME" ]
t_run 0 cgroup_loader --pin-root "$BPFFS/two" cgroup attach "$CG/race" egress obj "$TMP/btf_name.o"
t_err_is ''
goes_on 0
# Its pin is told, or the program that uses it, whichever the loader met.
two=$(map_id "$BPFFS/two/$NAME")
t_ok grep -qE "'$BPFFS/two/$NAME' \(id $two\) is another map|another map of this name \(id $two\)" "$TMP/stopped_err"

t_begin 'a directory of pins that cannot be read to its end is said, and refused'
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'
# unread CMD…: no directory can be read from the first call on.
unread() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace=getdents64 \
		-e inject=getdents64:error=EIO "$@"
}
cp "$OBJ/by_name.o" "$TMP/unread.o"
rm -rf "$BPFFS/tc"
tc filter del dev v0 ingress 2>/dev/null || :
t_run 1 unread tc_loader --require-shared filter add dev v0 ingress bpf da obj "$TMP/unread.o" sec tc
t_err_has 'cannot be seen: /sys/fs/bpf: Input/output error'
t_ok [ ! -e "$BPFFS/tc/globals/by_name_hits" ]
t_run 0 unread tc_loader filter add dev v0 ingress bpf da obj "$TMP/unread.o" sec tc
t_err_has 'cannot be seen: /sys/fs/bpf: Input/output error'
