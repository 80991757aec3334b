#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What every other test here stands on.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

t_begin 'the bpffs is private and empty, named namespaces too'
t_is "$(stat -f -c %T "$BPFFS")" bpf_fs
t_ok [ ! -e "$BPFFS/tc" ]
t_is "$(ip netns list)" ''

t_begin 'a veth pair carries traffic from a process inside a cgroup, in both families'
ns_add blue
veth_add v0 10.9.0.1/24 blue eth0 10.9.0.2/24
addr_add v0 fd09::1/64
addr_add eth0 fd09::2/64 blue
cg_add job
t_run 0 run_in "$CG/job" blue ping -c 2 -i 0.1 -q 10.9.0.1
t_out_has '2 packets transmitted, 2 received'
t_run 0 run_in "$CG/job" blue ping -c 1 -q fd09::1
t_is "$(ip -j -n blue addr show eth0 | t_json '.[0].ifname')" eth0

t_begin 'a script inside of another has a cgroup where the machine mounts no cgroup2'
mkdir -p "$TMP/in/netns_scripts"
cp "$TOP/netns_scripts/lib.sh" "$TMP/in/netns_scripts"
ln -s "$TOP/tests" "$TMP/in/tests"
cat >"$TMP/in/within.sh" <<END
#!/bin/sh
set -eu
. '$TMP/in/netns_scripts/lib.sh'
lib_private "\$@"
[ -d "\$CG" ]
[ -n "\${1-}" ] || sh "\$0" again
END
# shellcheck disable=SC2016 # expanded there
t_run 0 unshare -m --propagation private sh -c 'while read -r _ dir type _; do
	[ "$type" != cgroup2 ] || echo "$dir"; done </proc/mounts | xargs umount -l && exec sh "$0"' \
	"$TMP/in/within.sh"

t_begin 'a command runs in the cgroup it is given'
t_run 0 cg_run "$CG/job" cat /proc/self/cgroup
t_out_has "0::/${CG##*/}/job"
t_run 3 cg_run "$CG/job" sh -c 'exit 3'

t_begin 'wait_for ends both ways'
t_run 1 wait_for 1 false
t_run 0 wait_for 1 true

t_begin 'numbers come out of a map as they went in'
bpftool map create "$BPFFS/m" type hash key 4 value 16 entries 4 name m
bpftool map update pinned "$BPFFS/m" key hex 01 00 00 00 \
	value hex 2a 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00
t_is "$(map_u64s "$BPFFS/m" 01 00 00 00)" '42 4294967296'
t_run 1 map_u64s "$BPFFS/m" 02 00 00 00
t_is "$(map_id "$BPFFS/m")" "$(bpftool -j map show pinned "$BPFFS/m" | t_json .id)"

t_begin 'the same on a machine of the other byte order, as far as this one can play it'
# Its od, and a bpftool that says what its memory has.
# shellcheck disable=SC2317 # called by what it is told to call
other_order() (
	od() { echo 256; }
	bpftool() {
		echo "$*" >"$TMP/asked"
		case $* in
		*' /m '*) echo '{"key":[],"value":["0x00","0x00","0x00","0x00","0x00","0x00","0x00","0x2a"]}' ;;
		*) echo '{"key":[],"value":["0x00","0x00","0x01","0x02"]}' ;;
		esac
	}
	"$@"
)
t_is "$(other_order map_u64s /m 00 00 00 01)" 42
t_is "$(other_order map_inner /outer 10)" 258
t_is "$(cat "$TMP/asked")" '-j map lookup pinned /outer key hex 0 0 0 a'
bpftool map create "$BPFFS/outer" type array_of_maps key 4 value 4 entries 4 name outer \
	inner_map pinned "$BPFFS/m"
# shellcheck disable=SC2046 # four words
bpftool map update pinned "$BPFFS/outer" key $(u32_bytes 3) value pinned "$BPFFS/m"
t_is "$(map_inner "$BPFFS/outer" 3)" "$(map_id "$BPFFS/m")"

t_begin 'JSON is picked by path, and what is missing is an error'
json='{"a":[{"n":"x"},{"n":"y","m":{"k":3}}]}'
t_is "$(printf '%s' "$json" | t_json '.a[1].n')" y
t_is "$(printf '%s' "$json" | t_json '.a[m.k]')" '[3]'
t_is "$(printf '%s' "$json" | t_json '.a|length')" 2
t_run 1 sh -c "printf '%s' '$json' | { . '$TOP/netns_scripts/lib.sh'; t_json .b; }" \
	"$TOP/tests/run.sh"

t_begin 'a failing check ends the script with its title, and what it made is gone'
ns_add outer
cat >"$TMP/inner.sh" <<END
#!/usr/bin/env bash
set -eu
. '$TOP/netns_scripts/lib.sh'
lib_private "\$@"
on_exit 'ip netns list >$TMP/left'
cg_add sub
start cg_run "\$CG/sub" sleep 60
ns_add inner
echo "\$CG" >'$TMP/cg'
ip netns list >'$TMP/inside'
nsenter --mount=/proc/$$/ns/mnt ip netns list >'$TMP/outside'
t_begin 'bound to fail'
t_run 0 false
END
mkdir "$TMP/netns_scripts"
cp "$TOP/netns_scripts/lib.sh" "$TMP/netns_scripts"
ln -s "$TOP/tests" "$TMP/tests"
# sh: whoever starts a test so gets bash all the same.
t_run 1 sh "$TMP/inner.sh"
t_out_has "FAIL: bound to fail: status is not 0
  at $TMP/inner.sh:13"
t_is "$(sed 's/ .*//' "$TMP/inside")" inner
t_is "$(sed 's/ .*//' "$TMP/outside" | sort | tr '\n' ' ')" 'blue outer '
t_is "$(cat "$TMP/left")" ''
t_ok [ -s "$TMP/cg" ]
t_ok [ ! -e "$(cat "$TMP/cg")" ]
