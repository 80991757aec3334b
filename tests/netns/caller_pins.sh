#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# `ip netns exec` and `unshare -m` hide bpffs and cgroup2: those of the caller stand in, one
# line says so, and both sides share what the caller sees.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

# A name of our own: remarks about maps in use see those of other tests, too.
NAME=layout_$(printf %05d $(($$ % 100000)))
OBJECT=$TMP/own.o
sed "s/layout_stats/$NAME/g" "$OBJ/layout_u64.o" >"$OBJECT"
PIN=$BPFFS/tc/globals/$NAME
HIDDEN="'/sys/fs/bpf' is hidden in this mount namespace: using the BPF file system of process"
ns_add a
ip -n a link add v0 type veth peer name v1
tc -n a qdisc add dev v0 clsact
cg_add job

in_a() {
	ip netns exec a "$@"
}

no_filter() {
	tc -n a filter del dev v0 ingress
	tc -n a filter del dev v0 egress
}

# shared: the one pin that the caller sees, used by both hooks of namespace a.
shared() {
	id=$(map_id "$PIN")
	for hook in "$@"; do
		t_is "$(maps_of "$(ns_run a tc filter show dev v0 "$hook" | sed -n 's/.* id \([0-9]*\) .*/\1/p')")" "$id" "map at $hook"
	done
}

t_begin 'a line of a script inside: pinned where the caller sees it, and said'
t_run 0 in_a tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc
t_err_has "$HIDDEN"
t_err_has --no-caller-pins
t_err_lacks warning:
t_is "$(t_err | grep -c hidden)" 1 lines
shared ingress
t_is "$(readlink "$BPFFS/ip")" "$BPFFS/tc/"

t_begin 'outside and inside share, cgroups are reached from inside'
t_run 0 cgroup_loader cgroup attach "$CG/job" egress obj "$OBJECT"
t_is "$(maps_of "$(prog_in "$CG/job")")" "$id"
t_run 0 in_a cgroup_loader cgroup detach "$CG/job" egress obj "$OBJECT"
t_err_has "'/sys/fs/cgroup' is hidden in this mount namespace: using the cgroup tree of process"
t_is "$(cg_progs "$CG/job")" 0
t_run 0 in_a cgroup_loader cgroup attach "$CG/job" egress obj "$OBJECT"
t_is "$(maps_of "$(prog_in "$CG/job")")" "$id"
t_run 0 in_a tc_loader share check "$NAME" dev v0 cgroup "$CG/job"
t_out_has shared
t_run 0 in_a cgroup_loader cgroup tree "$CG"
t_out_has layout_skb
t_run 0 in_a cgroup_loader cgroup show pid $$

t_begin 'the same pins by the same names from inside'
t_run 0 in_a cgroup_loader -j map show pinned "$PIN"
t_is "$(t_out | t_json .id)" "$id"
t_run 0 in_a cgroup_loader -j -f map show id "$id"
t_is "$(t_out | t_json .pinned)" "[\"$PIN\"]"
t_run 0 in_a cgroup_loader -j share show "$NAME"
t_is "$(t_out | t_json '.maps[0].pinned')" "[\"$PIN\"]"
t_run 0 in_a tc_loader -j object show "$OBJECT"
t_is "$(t_out | t_json '.[0].maps[0].path')" "$PIN"
t_is "$(t_out | t_json '.[0].maps[0].id')" "$id"
t_run 0 in_a cgroup_loader map pin id "$id" "$BPFFS/other"
t_is "$(map_id "$BPFFS/other")" "$id"
t_run 0 in_a cgroup_loader prog load "$OBJECT" "$BPFFS/program"
t_ok [ -e "$BPFFS/program" ]
rm "$BPFFS/other" "$BPFFS/program"

t_begin 'a name that is too long to be led there is refused, and not looked for here'
long=/sys/fs/bpf/$(printf 'd%.0s/' {1..2039})x
t_is ${#long} 4091
t_run 255 in_a env ASAN_OPTIONS=detect_leaks=0 strace -qq -e trace=bpf -o "$TMP/calls" \
	cgroup_loader map show pinned "$long"
t_ok grep -q 'BPF_OBJ_GET.*ENAMETOOLONG' "$TMP/calls"

t_begin 'a failing load takes back what it made there'
no_filter
cg_run "$CG/job" true
t_run 0 in_a cgroup_loader cgroup detach "$CG/job" egress obj "$OBJECT"
rm -r "$BPFFS/tc" "$BPFFS/ip" "$BPFFS/xdp"
t_run 1 in_a tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc map name "$NAME" id 4294967295
t_run any in_a tc_loader filter add dev nosuch ingress bpf da obj "$OBJECT" section tc
t_isnt "$T_STATUS" 0
t_ok [ ! -e "$BPFFS/tc" ]

t_begin 'nested shells, and a caller that hides it again'
t_run 0 in_a sh -c 'unshare -m --propagation private sh -c "sh -c \"\$*; true\" sh \"\$@\"" sh "$@"; true' sh \
	tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc
t_err_has "$HIDDEN"
t_run 0 unshare -m --propagation private sh -c 'umount /sys/fs/bpf && "$@"' sh \
	tc_loader -n a filter add dev v0 egress bpf da obj "$OBJECT" section tc
t_err_has "$HIDDEN"
shared ingress egress

t_begin 'prog arrays are kept there while their program is attached, and no longer'
no_filter
t_run 0 in_a tc_loader filter add dev v0 ingress bpf da obj "$OBJ/kept_private.o"
t_is "$(find "$BPFFS/tc/keep" -name private_jumps | wc -l)" 1
t_run 0 in_a tc_loader filter del dev v0 ingress
t_ok [ ! -e "$BPFFS/tc/keep" ]
t_run 0 in_a tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc

t_begin 'pins of somebody else are refused there as well'
no_filter
rm -r "$BPFFS/tc"
mkdir -m 0777 "$BPFFS/tc"
t_run 1 in_a tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc
t_err_has "directory '$BPFFS/tc' of uid 0 has mode 0777"
rmdir "$BPFFS/tc"

t_begin 'turned off: by the option, by TC_BPF_MNT, by a user namespace in between'
t_run 0 in_a tc_loader --no-caller-pins filter add dev v0 ingress bpf da obj "$OBJECT" section tc
t_err_has "warning: mounted a BPF file system on '/sys/fs/bpf' in a mount namespace of its own"
t_err_lacks "$HIDDEN"
t_run 0 in_a env TC_BPF_MNT=/sys/fs/bpf tc_loader filter add dev v0 egress bpf da obj "$OBJECT" section tc
t_err_lacks "$HIDDEN"
t_run any in_a unshare --user --map-root-user tc_loader object show "$OBJECT"
t_err_lacks "$HIDDEN"
t_ok [ ! -e "$PIN" ]
no_filter

t_begin 'a caller that cannot be looked at is named, with the capability'
t_run 0 in_a setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace \
	tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc
t_err_has 'warning: mounted a BPF file system'
t_err_has 'missing CAP_SYS_PTRACE'
no_filter

t_begin 'refused where sharing is required and nothing stands in'
t_run 1 in_a tc_loader --no-caller-pins --require-shared filter add dev v0 ingress bpf da obj "$OBJECT" section tc
t_err_has '--require-shared: no BPF file system'
t_run 0 in_a tc_loader --require-shared filter add dev v0 ingress bpf da obj "$OBJECT" section tc
shared ingress

t_begin 'the caller ends meanwhile: its file system stays'
no_filter
t_run 0 in_a sh -c 'sh -c "sleep 0.2; exec \"\$@\"" sh "$@" & wait' sh \
	tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc
shared ingress

t_begin 'a user namespace in between: nothing is reached, and that is the reason given'
unshare -Urnm true 2>/dev/null || t_skip userns 'user namespaces are not allowed here'
rm -rf "$BPFFS/tc"
for inside in 'in_a unshare -Urnm' 'unshare -Urnm'; do
	# shellcheck disable=SC2086 # several words
	t_run 1 $inside sh -c 'ip link add v0 type veth peer name v1 && tc qdisc add dev v0 clsact &&
		exec tc_loader filter add dev v0 ingress bpf da obj "$0" section tc' "$OBJECT"
	t_err_lacks 'using the BPF file system of process'
	t_err_has '(missing capabilities in the initial user namespace'
	# shellcheck disable=SC2086
	t_run 255 $inside cgroup_loader share check "$NAME"
	t_err_has '(missing capabilities in the initial user namespace)'
	# shellcheck disable=SC2086
	t_run 255 $inside cgroup_loader map show pinned "$PIN"
	t_ok [ ! -e "$BPFFS/tc" ]
done

t_begin 'one that is covered here is not listed beside that of the caller'
t_run 0 cgroup_loader map create "$BPFFS/once" type hash key 4 value 4 entries 4 name "once_$$"
t_run 0 unshare -m --propagation private sh -c \
	'mount -t tmpfs t /sys/fs/bpf && exec cgroup_loader -f map show pinned "$0"' "$BPFFS/once"
t_is "$(t_count "pinned $BPFFS/once" "$TMP/t_out")" 1
rm "$BPFFS/once"

t_begin 'a BPF file system that cannot be asked about is not hidden'
if command -v strace >"$TMP/null"; then
	t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/null" -e trace=statfs \
		-e inject=statfs:error=EIO:when=1 cgroup_loader map create "$BPFFS/asked" \
		type hash key 4 value 4 entries 4 name "asked_$$"
	t_err_lacks hidden
	t_ok [ -e "$BPFFS/asked" ]
	rm "$BPFFS/asked"
fi
