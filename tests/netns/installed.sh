#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What make install and install-kit put in place is enough: nothing of the source tree is used by
# the examples, which are built there and run by the lines in their heads, nor by lib.sh, the
# scenarios, the headers for authors and the sample of a pin database.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

ROOT=$TMP/dest/usr/local
EXAMPLES=$ROOT/share/doc/mapshare/examples
KIT=$ROOT/lib/mapshare

t_begin 'install, and the tree it came from is not used any more'
# What is built stays as it is, whatever this environment calls a compiler.
made=(-o bins -o lib -o "$BUILD/netns_scripts/traffic")
while read -r object; do
	made+=(-o "$object")
done < <(find "$BUILD/bpf" -name '*.o')
t_run 0 make -C "$TOP" "${made[@]}" B="$BUILD" DESTDIR="$TMP/dest" PREFIX=/usr/local \
	install install-kit
PATH=$ROOT/sbin:$BUILD/netns_scripts:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
t_is "$(command -v tc_loader)" "$ROOT/sbin/tc_loader"
unset MAPSHARE_BUILD
mkdir "$TMP/here"
cd "$TMP/here"
t_run 0 make -C "$EXAMPLES" OUT="$TMP/here"

# Here, in the cgroup $CG/app; a server behind eth0, in namespace "peer".
ns_add peer
veth_add eth0 198.51.100.1/24 peer peer0 198.51.100.2/24
veth_know eth0 198.51.100.1 peer peer0 198.51.100.2
cg_add app
start ns_run peer traffic serve 198.51.100.2 7777 >"$TMP/served"
t_ok wait_for 5 grep -q ready "$TMP/served"

# lines EXAMPLE: runs the lines in its head, and keeps what they say.
lines() {
	sed -n 's/^ \*\t//p' "$EXAMPLES/$1.bpf.c" | sed "s|/sys/fs/cgroup/app|$CG/app|" >lines
	t_ok [ -s lines ]
	t_run 0 bash -eu lines
}

send() {
	cg_run "$CG/app" traffic send "$1" 198.51.100.2 7777 "$2"
}

slot() {
	t_run 0 bpftool -j map dump pinned "$BPFFS/tc/globals/$1"
	t_out | t_json "$2"
}

t_begin 'quota: what leaves is counted, and beyond the limit nothing leaves'
lines quota
t_out_has 'shared: '
t_is "$(slot quota '[0].formatted.value.limit')" 1000
t_run 0 send udp 1
used=$(slot quota '[0].formatted.value.used')
t_ok [ "$used" -gt 28 ]
t_is "$(slot quota '[0].formatted.value.denied')" 0
t_run any send udp 100
t_ok [ "$(slot quota '[0].formatted.value.used')" -ge 1000 ]
t_ok [ "$(slot quota '[0].formatted.value.denied')" -gt 0 ]
t_run 1 send udp 1
t_run 0 tc filter del dev eth0 egress
t_run 0 cgroup_loader cgroup detach "$CG/app" egress obj quota.o

t_begin 'priority: the packets of sockets that connect to the port, and no others'
lines priority
t_out_has 'shared: '
t_run 0 send tcp 5
t_ok [ "$(slot priorities '|length')" -ge 1 ]
t_is "$(slot priorities '[0].formatted.value.priority')" 6
t_ok [ "$(slot priorities '[0].formatted.value.packets')" -ge 3 ]
t_run 0 tc filter del dev eth0 egress

more_than() {
	[ "$(slot denied '[0].formatted.value')" -gt "$1" ]
}

t_begin 'deny, and XDP joining in: one entry for three hooks'
lines deny
t_out_has 'shared: '
lines deny_xdp
t_out_has '3 attached programs'
t_is "$(slot denied '[0].formatted.value')" 0
t_run 1 send udp 1
t_is "$(slot denied '[0].formatted.value')" 1
frames=$(slot denied '[0].formatted.value')
t_run 0 ns_run peer traffic send udp 198.51.100.1 9999 3
t_ok wait_for 5 more_than "$frames"
t_run 0 bpftool net detach xdpgeneric dev eth0
frames=$(slot denied '[0].formatted.value')
t_run 0 ns_run peer traffic send udp 198.51.100.1 9999 3
t_ok wait_for 5 more_than "$frames"

t_begin 'the header of the old dialects, and the sample of a pin database'
cat >own.bpf.c <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <mapshare/legacy_maps.h>

struct bpf_elf_map bill SEC("maps") = {
	.type = BPF_MAP_TYPE_ARRAY, .size_key = 4, .size_value = 8, .max_elem = 1, .pinning = 3,
};

SEC("classifier")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&bill, &key) ? -1 : 0;
}

char LICENSE[] SEC("license") = "GPL";
C
t_run 0 clang -O2 -g -target bpf -I"$ROOT/include" \
	-idirafter "/usr/include/$(gcc -print-multiarch)" -c -o own.o own.bpf.c
database=/etc/iproute2
[ -d "$database" ] || database=/usr/share/iproute2
mount -t tmpfs tmpfs "$database"
cp "$EXAMPLES/bpf_pinning" "$database"
t_run 0 tc_loader filter add dev eth0 egress bpf da obj own.o
t_ok [ -e "$BPFFS/tc/accounting/bill" ]

t_begin 'lib.sh serves a script that lies anywhere, in bash and in sh'
mkdir "$TMP/mine"
# It was not installed where it says.
sed "s|^LIB_KIT=.*|LIB_KIT=$KIT|" "$KIT/netns_scripts/lib.sh" >lib.new
cat lib.new >"$KIT/netns_scripts/lib.sh"
for shell in bash sh; do
	cat >"$TMP/mine/own.sh" <<EOT
set -eu
. $KIT/netns_scripts/lib.sh
lib_private "\$@"
. $KIT/netns_scripts/topo_veth.sh
topo_veth
run tc_loader qdisc add dev v0 clsact
run tc_loader filter add dev v0 ingress bpf da obj "\$LEGACY/counter_elf.o"
run cgroup_loader cgroup attach "\$JOB" egress obj "\$LEGACY/counter_def.o"
send_pings 3
holds "\$(packets "\$PIN_DIR/traffic" tc icmp)" 3 pings
EOT
	t_run 0 "$shell" "$TMP/mine/own.sh"
	t_out_has 'ok: pings (3)'
done
t_begin 'a copy of lib.sh alone says what it misses'
sed 's/^LIB_KIT=.*/LIB_KIT=/' "$KIT/netns_scripts/lib.sh" >"$TMP/mine/lib.sh"
sed "s|^\. .*lib.sh$|. $TMP/mine/lib.sh|" "$TMP/mine/own.sh" >"$TMP/mine/alone.sh"
t_run 1 sh "$TMP/mine/alone.sh"
t_err_has 'source it where it was installed'

t_begin 'the scenarios run from where they were installed'
for scenario in order policy tail_calls; do
	t_run 0 "$KIT/netns_scripts/$scenario.sh"
	t_out_has '  ok: '
done
