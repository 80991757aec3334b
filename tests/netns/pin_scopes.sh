#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Where maps live: each scope of bpf_elf_map, the pin database, by-name pins, bpf_map_def,
# and what the command line changes; read back with bpftool.
#
# differs: pins-by-name
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
tc qdisc add dev v0 clsact
GLOBALS=$BPFFS/tc/globals

pins() {
	find "$BPFFS" -type f ! -name '*.debug' | sort | sed "s|^$BPFFS/||" | tr '\n' ' '
}

unpin() {
	find "$BPFFS" -type f ! -name '*.debug' -exec rm {} +
}

add() {
	add_status=$1
	add_file=$2
	shift 2
	t_run "$add_status" tc_loader filter add dev v0 ingress bpf da obj "$add_file" "$@"
}

# Each time to a cgroup of its own, $AT: a program that is there already is not attached again.
nr=0
attach() {
	attach_status=$1
	attach_file=$2
	shift 2
	new_cgroup
	t_run "$attach_status" cgroup_loader cgroup attach "$AT" egress obj "$attach_file" multi "$@"
}

new_cgroup() {
	nr=$((nr + 1))
	AT=$CG/$nr
	cg_add $nr
}

t_begin 'an id that the pin database lacks is refused, and named with its files'
add 1 "$OBJ/elf36.o"
t_err_has 42
t_err_has bpf_pinning
t_is "$(pins)" ''

t_begin 'scopes none, object, global and custom'
mkdir "$TMP/etc"
mount -t tmpfs tmpfs /etc/iproute2 2>/dev/null || { mkdir -p /etc/iproute2 && mount -t tmpfs tmpfs /etc/iproute2; }
on_exit 'umount /etc/iproute2'
cat >/etc/iproute2/bpf_pinning <<-EOF
	# by hand
	41	not/this
	42	a/b	trailing words
EOF
sum=$(sha1sum <"$OBJ/elf36.o" | cut -d' ' -f1)
add 0 "$OBJ/elf36.o"
t_is "$(pins)" "a/b/elf_custom tc/$sum/elf_object tc/globals/elf_global "
t_is "$(stat -c %a "$BPFFS/tc" "$GLOBALS" "$BPFFS/tc/$sum" | tr '\n' ' ')" '700 700 700 '
custom=$(map_id "$BPFFS/a/b/elf_custom")
object=$(map_id "$BPFFS/tc/$sum/elf_object")
global=$(map_id "$GLOBALS/elf_global")

t_begin 'a second load shares all three, and has a private map of its own'
first=$(maps_of "$(prog_at v0 ingress)")
tc filter del dev v0 ingress
add 0 "$OBJ/elf36.o"
second=$(maps_of "$(prog_at v0 ingress)")
t_isnt "$first" "$second"
for id in $custom $object $global; do
	case ,$second, in
	*,$id,*) ;;
	*) t_fail "map $id is not behind the second load: $second" ;;
	esac
done

t_begin 'another file has another object directory, and the same global map'
add 0 "$OBJ/elf36.nog.o"
t_is "$(map_id "$GLOBALS/elf_global")" "$global"
t_isnt "$(map_id "$BPFFS/tc/$(sha1sum <"$OBJ/elf36.nog.o" | cut -d' ' -f1)/elf_object")" "$object"

t_begin 'the kernel rounds LRU maps and marks devmaps: still the same map'
add 0 "$OBJ/elf36.o"
t_is "$(map_id "$BPFFS/a/b/elf_custom")" "$custom"
unpin

t_begin 'bpf_map_def: shared by the cgroup tool and said so, private in tc'
attach 0 "$LEGACY/counter_def.o"
t_err_has "map 'traffic': shared at $GLOBALS/traffic (created id $(map_id "$GLOBALS/traffic"))"
attach 0 "$LEGACY/counter_def.nog.o"
t_err_has "(reused id $(map_id "$GLOBALS/traffic"))"
t_is "$(maps_of "$(prog_in "$AT")")" "$(map_id "$GLOBALS/traffic")"
t_run 0 tc_loader filter add dev v0 egress bpf da obj "$LEGACY/counter_def.nog.o" section cgroup_skb/egress
t_isnt "$(maps_of "$(prog_at v0 egress)")" "$(map_id "$GLOBALS/traffic")"
unpin
attach 0 "$LEGACY/counter_def.o" map name traffic private
t_is "$(pins)" ''
new_cgroup
t_run 0 cgroup_loader --pin-root none cgroup attach "$AT" egress obj "$LEGACY/counter_def.o" multi
t_is "$(pins)" ''

t_begin 'by name: tc/globals, or where --pin-root says; a twin is named with both ids'
attach 0 "$OBJ/layout_u64.o"
t_is "$(pins)" 'tc/globals/layout_stats '
new_cgroup
t_run 0 cgroup_loader --pin-root "$BPFFS" cgroup attach "$AT" egress obj "$OBJ/layout_u64.o" multi
t_err_has "(id $(map_id "$GLOBALS/layout_stats"))"
t_err_has "(id $(map_id "$BPFFS/layout_stats"))"
unpin
t_run 0 cgroup_loader prog loadall "$OBJ/layout_u64.o" "$BPFFS/p" --pin-root="$BPFFS/mine"
t_is "$(pins)" 'mine/layout_stats p/layout_cls p/layout_skb '
t_run 255 cgroup_loader --pin-root "$TMP" cgroup attach "$AT" egress obj "$OBJ/layout_u64.o" multi
t_err_has "$TMP"
unpin

t_begin 'a named override wins over the pin by name'
attach 0 "$OBJ/layout_u64.o"
bpftool map create "$BPFFS/given" type array key 4 value 8 entries 4 name "given_$$"
given=$(map_id "$BPFFS/given")
for how in "name layout_stats id $given" "idx 0 pinned $BPFFS/given" 'name layout_stats name given_'$$; do
	# shellcheck disable=SC2086 # words
	attach 0 "$OBJ/layout_u64.o" map $how
	t_is "$(maps_of "$(prog_in "$AT")")" "$given" "map by $how"
done
unpin

t_begin 'pinmaps: the maps without a place of their own, and only new pins'
t_run 0 cgroup_loader prog loadall "$OBJ/by_name.o" "$BPFFS/p" pinmaps "$BPFFS/m"
t_is "$(pins)" 'm/by_name_private_hits p/from_cgroup p/from_classifier tc/globals/by_name_hits '
t_run 255 cgroup_loader prog loadall "$OBJ/by_name.o" "$BPFFS/q" pinmaps "$BPFFS/m"
t_err_has "$BPFFS/m/by_name_private_hits"
