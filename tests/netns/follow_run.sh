#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The directory of named namespaces goes while it is followed, and is made again.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair

cat >"$FILE" <<END
name: acct
objects: { ns: { file: $OBJ/pair_btf_none.o } }
tc: [ { object: ns, hook: egress, netns: "run_*", interfaces: "in*", preference: 7, handle: 3 } ]
END
# Not a mount of its own, so that it can be removed.
mount -t tmpfs -o mode=0755 tmpfs /run
on_exit 'umount -R /run'
mkdir /run/netns

served_in() {
	tc -n "$1" filter show dev in0 egress pref 7 2>/dev/null | grep 'handle 0x3' >/dev/null
}
# appears NAME: a namespace with an interface, which is served.
appears() {
	ip netns add "$1"
	on_exit "ip netns del $1 2>/dev/null || :"
	ip -n "$1" link add in0 type veth peer name out0
	t_ok wait_for 10 served_in "$1"
}

follow

t_begin 'removed, and made again with the first namespace'
rmdir /run/netns
appears run_1

t_begin 'removed once more, with its mount'
ip netns del run_1
umount -l /run/netns
rmdir /run/netns
appears run_2

t_begin 'removed, and made again with a link to a namespace, which is no mount'
ip netns del run_2
umount -l /run/netns
t_ok wait_for 10 grep -q 'run_2' "$TMP/out" "$TMP/err"
rmdir /run/netns
start unshare -n sleep 60
is_in_its_own() {
	[ "$(readlink "/proc/$STARTED/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}
t_ok wait_for 10 is_in_its_own
nsenter -t "$STARTED" -n ip link add in0 type veth peer name out0
mkdir /run/netns
ln -s "/proc/$STARTED/ns/net" /run/netns/run_3
t_ok wait_for 10 served_in run_3
