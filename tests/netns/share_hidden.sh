#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Namespaces, cgroups and pins in places that are easily passed by: share check and share show
# find what is there, and where only a part can be seen they say so.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

HIDE=$BUILD/tests/netns/hide
NAME=away$$

# load DIR: a program of each kind in DIR, with the map pinned at DIR/map.
load() {
	mkdir "$1"
	bpftool map create "$1/map" type array key 4 value 8 entries 1 name $NAME
	bpftool prog loadall "$OBJ/truth.o" "$1" map name truth_hits pinned "$1/map"
	rm "$1/truth_socket"
}

# check STATUS ARG…: both tools answer alike.
check() {
	want=$1
	shift
	t_run "$want" tc_loader share check $NAME "$@"
	cp "$TMP/t_out" "$TMP/other"
	t_run "$want" cgroup_loader share check $NAME "$@"
	cmp -s "$TMP/other" "$TMP/t_out" || t_fail 'the tools differ on stdout'
}

# A filter with the other map, wherever this runs.
cat >"$TMP/filter" <<'END'
ip link add h0 type veth peer name h1
tc qdisc add dev h0 clsact
tc filter add dev h0 ingress bpf da object-pinned "$1/truth_tc"
END

# hidden HOW: a namespace with such a filter, kept by our helper.
hidden() {
	rm -f "$TMP/ready"
	start "$HIDE" "$1" "$TMP/ready" sh -e "$TMP/filter" "$BPFFS/b"
	t_ok wait_for 5 [ -e "$TMP/ready" ]
}

is_shared() {
	tc_loader share check $NAME >"$TMP/shared" 2>&1
}

# found PATH: there, and nowhere else.
found() {
	check 1
	t_out_has "split: map '$NAME', ids $a, $b, 3 attached programs"
	t_out_has "tc ingress dev h0 netns $1"
	t_run 0 cgroup_loader share show id "$b"
	t_out_has "tc ingress dev h0 netns $1"
}

dev_add v0
cg_add c
cg_add c/sub
cg_add d
load "$BPFFS/a"
load "$BPFFS/b"
a=$(map_id "$BPFFS/a/map") b=$(map_id "$BPFFS/b/map")
tc qdisc add dev v0 clsact
tc filter add dev v0 ingress bpf da object-pinned "$BPFFS/a/truth_tc"
bpftool cgroup attach "$CG/c" egress pinned "$BPFFS/a/truth_cgroup" multi
check 0

t_begin 'a network namespace that only a second thread is in'
hidden thread
found "/proc/$(find "/proc/$STARTED/task" -mindepth 1 -maxdepth 1 -name "[0-9]*" \
	! -name "$STARTED" -printf '%f\n')/ns/net"
kill "$STARTED"
t_ok wait_for 10 is_shared

t_begin 'one that only a descriptor keeps'
hidden fd
found "/proc/$STARTED/fd/"
kill "$STARTED"
t_ok wait_for 10 is_shared

t_begin 'a descriptor of a thread that has a table of its own'
hidden table
found "/proc/$(find "/proc/$STARTED/task" -mindepth 1 -maxdepth 1 -name "[0-9]*" \
	! -name "$STARTED" -printf '%f\n')/fd/"
kill "$STARTED"
t_ok wait_for 10 is_shared

t_begin 'one that is mounted outside of /run/netns, here and in another mount namespace'
: >"$TMP/ns"
unshare --net="$TMP/ns" sh -e "$TMP/filter" "$BPFFS/b"
found "$TMP/ns"
start unshare -m --propagation private sh -c ': >"$1" && exec sleep 60' sh "$TMP/ready2"
t_ok wait_for 5 [ -e "$TMP/ready2" ]
umount -l "$TMP/ns"
found "/proc/$STARTED/root$TMP/ns"
kill "$STARTED"
t_ok wait_for 10 is_shared

t_begin 'a bind of a part of the cgroup tree is not taken for the tree'
bpftool cgroup attach "$CG/c/sub" egress pinned "$BPFFS/b/truth_cgroup" multi
check 1
mkdir "$TMP/part"
mount --bind "$CG/d" "$TMP/part"
on_exit 'umount -l "$TMP/part" 2>/dev/null'
check 1
t_out_has "cgroup $CG/c/sub cgroup_inet_egress"

# part CMD…: where nothing but that bind, at /proc/self's own mounts, shows cgroups.
part() {
	unshare -m --propagation private sh -c 'umount -l "$0" && exec "$@"' "$CGROUP2" "$@"
}

t_begin 'where only a part can be seen, that is said'
t_run 2 part tc_loader share check $NAME
t_out_has "unknown: map '$NAME'"
t_out_has "not seen: cgroups outside of the part of the tree mounted at '$TMP/part'"
bpftool cgroup detach "$CG/c/sub" egress pinned "$BPFFS/b/truth_cgroup"
umount -l "$TMP/part"

t_begin 'no cgroup tree at all: unknown; a named device needs none'
t_run 2 part tc_loader share check $NAME -j
t_is "$(t_json '.verdicts[0].verdict' <"$TMP/t_out")" unknown
t_is "$(t_json '.verdicts[0].hidden|length' <"$TMP/t_out")" 1
t_run 1 part tc_loader share check $NAME dev v0
t_out_has single

# ASan reads its options there.
if ! sanitized; then
	t_begin 'without /proc a named cgroup is looked at all the same'
	bpftool cgroup attach "$CG/c/sub" egress pinned "$BPFFS/b/truth_cgroup" multi
	no_proc() {
		unshare -m --propagation private sh -c 'umount -l /proc && exec "$@"' sh "$@"
	}
	t_run 1 no_proc tc_loader share check $NAME dev v0 cgroup "$CG/c/sub"
	t_out_has "split: map '$NAME', ids $a, $b"
	t_run 0 no_proc tc_loader share check $NAME dev v0 cgroup "$CG/c"
	t_run 2 no_proc tc_loader share check $NAME
	bpftool cgroup detach "$CG/c/sub" egress pinned "$BPFFS/b/truth_cgroup"
fi

t_begin 'a bind of a directory of another BPF file system does not hide its other pins'
start unshare -m --propagation private sh -c 'mount -t bpf bpf /sys/fs/bpf &&
	mkdir /sys/fs/bpf/one /sys/fs/bpf/two "$1" && mount --bind /sys/fs/bpf/one "$1" &&
	bpftool map pin id "$2" /sys/fs/bpf/two/far && : >"$3" && exec sleep 60' \
	sh "$TMP/bind" "$a" "$TMP/ready3"
t_ok wait_for 5 [ -e "$TMP/ready3" ]
t_run 0 tc_loader share show id "$a"
t_out_has "/proc/$STARTED/root$BPFFS/two/far"
