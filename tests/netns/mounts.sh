#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Where bpffs is: TC_BPF_MNT or /sys/fs/bpf, mounted only where nothing can be lost, never
# another one chosen silently; -n enters the network namespace and leaves the pins alone.
#
# differs: netns-keeps-pins
# differs: mount-on-empty
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

PIN=tc/globals/layout_stats
OBJECT=$OBJ/layout_u64.o
dev_add v0
tc qdisc add dev v0 clsact

add() {
	add_status=$1
	shift
	t_run "$add_status" "$@" tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc
}

# no_pins: the load was refused before it made anything.
no_pins() {
	t_is "$(filters v0 ingress)" "$1" filters
	t_is "$(find "$2" -name layout_stats)" '' 'pins'
}

# The caller of this script may have a bpffs of its own, which is not to be touched.
own() {
	own_status=$1
	shift
	t_run "$own_status" tc_loader --no-caller-pins "$@" filter add dev v0 ingress bpf da obj "${WITH-$OBJECT}" section tc
}

t_begin 'no bpffs: refused where it has no place, with the mounts that exist and the way out'
umount -l "$BPFFS"
mkdir "$TMP/other"
mount -t bpf -o mode=0700 bpf "$TMP/other"
on_exit "umount -l '$TMP/other'"
add 1 env TC_BPF_MNT="$TMP/nowhere"
t_err_has "'$TMP/nowhere'"
t_err_has "$TMP/other"
t_err_has TC_BPF_MNT
t_err_has "mount -t bpf -o mode=0700 bpf $TMP/nowhere"
no_pins 0 "$TMP/other"
t_is "$(grep -c ' /sys/fs/bpf ' /proc/self/mounts || true)" 0 'mounts on /sys/fs/bpf'

t_begin 'in a private mount namespace: mounted with a warning, refused where sharing is required'
own 1 --require-shared
t_err_has "--require-shared: no BPF file system at '/sys/fs/bpf'"
t_is "$(grep -c ' /sys/fs/bpf ' /proc/self/mounts || true)" 0 'mounts on /sys/fs/bpf'
no_pins 0 "$TMP/other"
own 0
t_err_has "warning: mounted a BPF file system on '/sys/fs/bpf' in a mount namespace of its own"
t_ok [ -e "$BPFFS/$PIN" ]
t_is "$(stat -c %a "$BPFFS")" 1700
tc filter del dev v0 ingress
umount -l "$BPFFS"

t_begin 'TC_BPF_MNT chooses another one, slashes at the end are harmless'
add 0 env TC_BPF_MNT="$TMP/other"
id=$(map_id "$TMP/other/$PIN")
add 0 env TC_BPF_MNT="$TMP/other//"
t_is "$(map_id "$TMP/other/$PIN")" "$id"
t_is "$(readlink "$TMP/other/ip")" "$TMP/other/tc/"
t_is "$(readlink "$TMP/other/xdp")" "$TMP/other/tc/"
add 1 env TC_BPF_MNT="$TMP"
t_err_has "'$TMP'"

t_begin 'TC_BPF_MNT may be relative: the links lead somewhere all the same'
rm -r "$TMP/other/tc" "$TMP/other/ip" "$TMP/other/xdp"
top=$PWD
cd "$TMP"
add 0 env TC_BPF_MNT=other
cd "$top"
t_is "$(map_id "$TMP/other/ip/${PIN#tc/}")" "$(map_id "$TMP/other/$PIN")"
id=$(map_id "$TMP/other/$PIN")

t_begin '--mount-bpffs mounts on the empty directory and says so'
own 0 --mount-bpffs
t_err_lacks 'mount namespace of its own'
t_err_has "/sys/fs/bpf"
t_ok [ -e "$BPFFS/$PIN" ]
t_isnt "$(map_id "$BPFFS/$PIN")" "$id"

t_begin 'a load that fails takes its own mount back'
umount -l "$BPFFS"
t_run 1 tc_loader --no-caller-pins filter add dev v0 ingress bpf da obj "$OBJ/refused.o"
t_is "$(t_count ' /sys/fs/bpf ' /proc/self/mounts)" 0 'mounts on /sys/fs/bpf'

t_begin 'nothing is mounted over a directory that is not empty'
mkdir "$TMP/full"
touch "$TMP/full/file"
t_run 1 env TC_BPF_MNT="$TMP/full" tc_loader --mount-bpffs filter add dev v0 ingress bpf da obj "$OBJECT" section tc
t_err_has 'not empty'
t_ok [ -e "$TMP/full/file" ]
mount -t bpf bpf "$BPFFS"

t_begin 'objects that pin nothing need no bpffs'
umount -l "$BPFFS"
t_run 0 tc_loader --no-caller-pins --pin-root none filter add dev v0 ingress bpf da obj "$OBJECT" section tc
t_run 0 cgroup_loader --no-caller-pins --pin-root none cgroup attach "$CG" egress obj "$OBJECT" program layout_skb
# A map whose dialect has no word for its place: cgroup_loader pins it, tc_loader does not.
def=$LEGACY/counter_def.o
attach() {
	cgroup_loader --no-caller-pins cgroup attach "$CG" egress obj "$@"
}
t_run 255 attach "$def" --require-shared
t_err_has "--require-shared: no BPF file system at '/sys/fs/bpf'"
t_run 0 attach "$def" map name traffic private replace
t_run 0 attach "$OBJ/truth.o" program truth_cgroup replace
t_run 0 cgroup_loader --no-caller-pins prog loadall "$def" "$TMP/other/def" pinmaps "$TMP/other/maps"
filter=(filter add dev v0 ingress bpf da obj "$def" section cgroup_skb/egress)
t_run 0 tc_loader --no-caller-pins "${filter[@]}"
t_run 1 tc_loader --no-caller-pins --require-shared "${filter[@]}" map name traffic shared
t_err_has "--require-shared: no BPF file system at '/sys/fs/bpf'"
t_is "$(t_count ' /sys/fs/bpf ' /proc/self/mounts)" 0 'mounts on /sys/fs/bpf'
mount -t bpf bpf "$BPFFS"

t_begin 'ip netns exec hides bpffs and cgroup2: what the caller has can be left alone'
ns_add a
ns_add b
for ns in a b; do
	ip -n "$ns" link add v0 type veth peer name v1
	ip -n "$ns" link set v0 up
	tc -n "$ns" qdisc add dev v0 clsact
done
t_run 0 ip netns exec a tc_loader --no-caller-pins filter add dev v0 egress bpf da obj "$OBJECT" section tc
t_err_has 'warning: mounted a BPF file system'
tc -n a filter del dev v0 egress
t_run 255 ip netns exec a cgroup_loader --no-caller-pins cgroup tree
t_err_has 'netns exec'
t_is "$(find "$BPFFS" -name layout_stats)" ''

t_begin '-n: one map for two namespaces, pinned where the caller sees it'
t_run 0 tc_loader -n a filter add dev v0 ingress bpf da obj "$OBJECT" section tc
id=$(map_id "$BPFFS/$PIN")
t_run 0 tc_loader -netns b filter add dev v0 ingress bpf da obj "$OBJECT" section tc
t_run 0 nsenter --net=/run/netns/b tc_loader filter add dev v0 egress bpf da obj "$OBJECT" section tc
t_is "$(map_id "$BPFFS/$PIN")" "$id"
for place in 'a ingress' 'b ingress' 'b egress'; do
	# shellcheck disable=SC2086 # two words
	set -- $place
	t_is "$(maps_of "$(ns_run "$1" tc filter show dev v0 "$2" | sed -n 's/.* id \([0-9]*\) .*/\1/p')")" "$id" "map in $place"
done

t_begin 'the same through the stock tool loses the pin, which is why -n differs'
rm "$BPFFS/$PIN"
tc -n a filter add dev v0 egress bpf da obj "$OBJECT" sec tc
t_ok [ ! -e "$BPFFS/$PIN" ]

t_begin 'a namespace that does not exist'
t_run 255 tc_loader -n nothing qdisc show
t_err_has "'nothing'"

t_begin 'a bpffs that another mount covers has nothing to show, and hides nothing'
mkdir "$TMP/covered"
mount -t bpf bpf "$TMP/covered"
t_run any tc_loader share check layout_stats
cat "$TMP/t_out" "$TMP/t_err" >"$TMP/said"
mount -t tmpfs tmpfs "$TMP/covered"
on_exit "umount -l '$TMP/covered'; umount -l '$TMP/covered'"
t_run any tc_loader share check layout_stats
cat "$TMP/t_out" "$TMP/t_err" | t_ok cmp - "$TMP/said"
