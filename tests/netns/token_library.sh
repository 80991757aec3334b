#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# libmapshare in a user namespace with a bpffs to which rights were delegated: it loads, pins and
# attaches what the token allows, into one map; a refusal names the right that is missing.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
! sanitized || t_skip token_library 'its own program is built without the sanitizer'
command -v cc >"$TMP/null" || t_skip embed 'needs cc'

USERNS=$BUILD/tests/netns/userns
DIR=$TMP/delegated
ALL='delegate_cmds=any delegate_maps=any delegate_progs=any delegate_attachs=any'
mkdir "$DIR"
# shellcheck disable=SC2086 # several words
"$USERNS" "$DIR" $ALL -- true 2>"$TMP/why" ||
	t_skip token "no user namespace with a BPF token here: $(cat "$TMP/why")"
export PLACE="$DIR"
L=$TMP/library
cc -O2 -Wall -I"$TOP/common" -o "$L" "$TOP/tests/netns/library.c" "$BUILD/lib/libmapshare.so" \
	-Wl,-rpath,"$(realpath "$BUILD")/lib" -pthread
libbpf=$(ldd "$BUILD/lib/libmapshare.so" | sed -n 's/.*libbpf[^ ]* => \([^ ]*\) .*/\1/p')

# given RIGHTS CMD…: the command inside; a device with a clsact is there.
given() {
	given_rights=$1
	shift
	# shellcheck disable=SC2086 # several words
	"$USERNS" "$DIR" $given_rights -- sh -c 'ip link add v0 type veth peer name v1 &&
		tc qdisc add dev v0 clsact && eval "$1"' sh "$*"
}

TC="$L load $LEGACY/counter_elf.o count_tc tc v0 1 1"
CGROUP="$L load $LEGACY/counter_def.o count_cgroup cgroup $CG multi"

t_begin 'a right that the token lacks is named, and nothing is left'
t_run 1 given 'delegate_cmds=prog_load:map_create delegate_maps=hash' "$TC keep; r=\$?; ls -A $DIR; exit \$r"
t_out_has "Operation not permitted (the BPF token of '$DIR' lacks delegate_maps=array)"
t_is "$(sed 1d "$TMP/t_out" | tr '\n' ' ')" 'maps.debug progs.debug '
t_run 1 given 'delegate_cmds=map_create:btf_load delegate_maps=any delegate_progs=any delegate_attachs=any' "$TC keep"
t_out_has "(the BPF token of '$DIR' lacks delegate_cmds=prog_load)"
t_run 1 given 'delegate_cmds=any delegate_maps=any delegate_progs=xdp delegate_attachs=any' "$CGROUP keep"
t_out_has "(the BPF token of '$DIR' lacks delegate_progs=cgroup_skb)"
t_run 1 given '' "$TC keep"
t_out_has "no BPF token: '$DIR' has no delegate_* options)"

if ! grep -q bpf_token_create "$libbpf"; then
	t_begin 'a libbpf that cannot use the token is named'
	t_run 1 given "$ALL" "$TC keep"
	t_out_has "cannot use the BPF token of '$DIR'; version 1.5 or newer can)"
	exit 0
fi

t_begin 'a filter and a cgroup program are loaded and attached, with one map for both'
t_run 0 given "$ALL" "$TC keep && $CGROUP pin $DIR/prog keep &&
	tc filter show dev v0 ingress && bpftool map show pinned $DIR/tc/globals/traffic &&
	bpftool prog show pinned $DIR/prog"
t_out_has 'counter_elf.o:[classifier] direct-action'
t_out_has 'array  name traffic'
t_out_has ': cgroup_skb '
map=$(sed -n 's/^\([0-9]*\): array .*/\1/p' "$TMP/t_out")
t_is "$(maps_of "$(prog_in "$CG")")" "$map" 'map of the program of the cgroup'
