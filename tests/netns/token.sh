#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A user namespace with a bpffs to which rights were delegated: both tools load, pin and attach
# what its token allows, into one map; a refusal names the right that is missing. Loading
# programs takes libbpf 1.5, creating maps does not.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

USERNS=$MAPSHARE_BUILD/tests/netns/userns
DIR=$TMP/delegated
ALL='delegate_cmds=any delegate_maps=any delegate_progs=any delegate_attachs=any'
mkdir "$DIR"
# shellcheck disable=SC2086 # several words
"$USERNS" "$DIR" $ALL -- true 2>"$TMP/why" ||
	t_skip token "no user namespace with a BPF token here: $(cat "$TMP/why")"
export TC_BPF_MNT="$DIR"
version=$(cgroup_loader version | sed -n 's/^using libbpf v1\.//p')
libbpf=$(ldd "$BUILD/bin/cgroup_loader" | sed -n 's/.*libbpf[^ ]* => \([^ ]*\) .*/\1/p')

# given RIGHTS CMD…: the command inside; a device with a clsact is there.
given() {
	given_rights=$1
	shift
	# shellcheck disable=SC2086 # several words
	"$USERNS" "$DIR" $given_rights -- sh -c 'ip link set lo up &&
		ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up &&
		tc qdisc add dev v0 clsact && eval "$1"' sh "$*"
}

ADD="tc_loader filter add dev v0 egress pref 1 bpf da obj $LEGACY/counter_elf.o"
LOAD="cgroup_loader prog load $LEGACY/counter_def.o $DIR/count"
CREATE="cgroup_loader map create $DIR/made type hash key 4 value 8 entries 4 name made"

t_begin 'a map is created and pinned with the token'
t_run 0 given "$ALL" "$CREATE && bpftool map show pinned $DIR/made"
t_out_has 'hash  name made'
t_run 0 given 'delegate_cmds=map_create delegate_maps=hash' "$CREATE"

t_begin 'a right that the token lacks is named'
t_run 255 given 'delegate_cmds=prog_load delegate_maps=any' "$CREATE"
t_err_has "Operation not permitted (the BPF token of '$DIR' lacks delegate_cmds=map_create)"
t_run 255 given 'delegate_cmds=map_create delegate_maps=array:hash_of_maps' "$CREATE"
t_err_has "(the BPF token of '$DIR' lacks delegate_maps=hash)"
t_run 1 given 'delegate_cmds=prog_load:map_create delegate_maps=hash' "$ADD"
t_err_has "(the BPF token of '$DIR' lacks delegate_maps=array)"
t_run 1 given 'delegate_cmds=map_create:btf_load delegate_maps=any delegate_progs=any delegate_attachs=any' "$ADD"
t_err_has "(the BPF token of '$DIR' lacks delegate_cmds=prog_load)"
t_run 1 given 'delegate_cmds=any delegate_maps=any delegate_progs=xdp delegate_attachs=sk_lookup' "$ADD"
t_err_has "lacks delegate_progs=sched_cls, delegate_attachs=cgroup_inet_ingress)"
t_run 255 given 'delegate_cmds=any delegate_maps=any delegate_progs=xdp delegate_attachs=any' "$LOAD"
t_err_has "(the BPF token of '$DIR' lacks delegate_progs=cgroup_skb)"

t_begin 'without a token that is said, and what the programs of a cgroup take'
t_run 1 given '' "$ADD"
t_err_has "no BPF token: '$DIR' has no delegate_* options)"
t_run 255 given '' "$CREATE"
t_err_has "no BPF token: '$DIR' has no delegate_* options)"
t_run 255 given "$ALL" "cgroup_loader cgroup show $CG"
t_err_has 'query: Operation not permitted (missing capabilities in the initial user namespace)'

if ! grep -q bpf_token_create "$libbpf"; then
	t_begin 'a libbpf that cannot use the token is named'
	t_run 1 given "$ALL" "$ADD"
	t_err_has "(libbpf 1.$version cannot use the BPF token of '$DIR'; version 1.5 or newer can)"
	t_run 255 given "$ALL" "$LOAD"
	t_err_has "(libbpf 1.$version cannot use the BPF token of '$DIR'; version 1.5 or newer can)"
	exit 0
fi

t_begin 'a filter and a cgroup program are loaded and attached, with one map for both'
t_run 0 given "$ALL" "$ADD && cgroup_loader cgroup attach $CG egress obj $LEGACY/counter_def.o multi &&
	tc filter show dev v0 egress && bpftool map show pinned $DIR/tc/globals/traffic"
t_out_has 'counter_elf.o:[classifier] direct-action'
t_out_has 'array  name traffic'
t_err_has "'$CG': a user namespace cannot see what is attached to cgroup_inet_egress: this program is added to it"
map=$(sed -n 's/^\([0-9]*\): array .*/\1/p' "$TMP/t_out")
prog=$(prog_in "$CG")
t_is "$(maps_of "$prog")" "$map" 'map of the program of the cgroup'

t_begin 'what is attached cannot be asked for, so nothing takes its place'
t_run 255 given "$ALL" "cgroup_loader cgroup attach $CG egress obj $LEGACY/counter_def.o"
t_err_has "cgroup_loader: '$CG': a user namespace cannot see what is attached to cgroup_inet_egress, which this might displace; 'multi' attaches beside it"
t_is "$(prog_in "$CG")" "$prog"

t_run 2 given "$ALL" "tc_loader filter add dev v0 ingress bpf da obj $LEGACY/counter_elf.o tcx"
t_err_has "'v0': query tcx ingress: Operation not permitted (missing capabilities in the initial user namespace)"

t_begin 'a program is pinned, and loading it again reuses the map'
t_run 0 given "$ALL" "$LOAD && ${LOAD}_again && bpftool map show pinned $DIR/tc/globals/traffic"
t_ok [ "$(grep -c ': array ' "$TMP/t_out")" = 1 ]
t_err_has "shared at $DIR/tc/globals/traffic (reused"
