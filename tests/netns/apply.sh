#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a file says, made so on both kinds of hooks, and kept so: what others changed there is
# told apart from what is ours, and nothing of theirs is touched.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects pair again

PAIR=$(own_word pair)_hits_00000
STATE=$TMP/state
FILE=$TMP/acct.yaml
PIN=$BPFFS/tc/globals/$PAIR
SHARED=$OBJ/pair_btf_name.o

# file TC CGROUP: the two entries, behind what all files here have in common.
file() {
	cat >"$FILE" <<END
name: acct
objects:
  pair: { file: $SHARED }
  same: { file: $SHARED }
maps:
  $PAIR: { shared: yes }
tc:
  - { object: pair, hook: ingress, $1 }
cgroups:
  - { object: same, type: egress, $2 }
END
}

apply() {
	tc_loader "$1" --state-dir "$STATE" "$FILE"
}

# loads CMD…: how many programs it loads; its outputs are thrown away.
loads() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=bpf -o "$TMP/loads" "$@" >"$TMP/loads_out" 2>&1
	t_count 'bpf(BPF_PROG_LOAD' "$TMP/loads"
}

in_sync() {
	t_run 0 apply check
	t_is "$(prog_at v0 ingress)" "$1" 'the program at v0'
}

dev_add v0 v1
cg_add a
cg_add b

t_begin 'a plan lists the steps, and changes nothing'
file 'interfaces: [ "v?", nosuch ]' "cgroups: [ \"$CG/*\" ]"
t_run 0 apply plan
for word in create load qdisc attach pending; do
	t_out_has "$word"
done
t_is "$(find "$BPFFS" -mindepth 1 -not -name '*.debug')" '' 'pins'
t_is "$(tc qdisc show dev v0 clsact)" '' 'qdiscs'
t_is "$([ -e "$STATE" ] || echo none)" none 'the state directory'
t_run 1 apply check

t_begin 'apply: every place, one map, in sync; the state directory is private'
t_run 0 apply apply
t_out_has pending
id=$(prog_at v0 ingress)
t_is "$(prog_at v1 ingress)" "$id" 'one load for both interfaces'
t_is "$(prog_in "$CG/b")" "$(prog_in "$CG/a")" 'one load for both cgroups'
t_is "$(maps_of "$id")" "$(map_id "$PIN")"
t_is "$(maps_of "$(prog_in "$CG/a")")" "$(map_id "$PIN")"
t_is "$(stat -c %a "$STATE")" 700
in_sync "$id"

t_begin 'again: nothing is done, nothing is loaded'
if command -v strace >/dev/null; then
	t_is "$(loads tc_loader apply --state-dir "$STATE" "$FILE")" 0 'programs loaded'
	t_is "$(loads cgroup_loader check --state-dir "$STATE" "$FILE")" 0 'programs loaded'
fi
t_run 0 apply apply
t_is "$(filters v0 ingress)" 1
in_sync "$id"

t_begin 'removed by others: told, and attached again, the same program'
tc filter del dev v0 ingress
bpftool cgroup detach "$CG/a" egress id "$(prog_in "$CG/a")"
t_run 1 apply check
t_out_has 'it was removed'
t_run 0 apply apply
in_sync "$id"
t_is "$(prog_in "$CG/a")" "$(prog_in "$CG/b")"

t_begin 'replaced by others: theirs, refused by name, and nothing changes'
tc filter replace dev v0 ingress pref 49152 handle 1 bpf da obj "$BPF/counter_tc.o"
theirs=$(prog_at v0 ingress)
t_run 1 apply check
t_run 255 apply apply
t_err_has "program id $theirs"
t_is "$(prog_at v0 ingress)" "$theirs"
t_is "$(prog_at v1 ingress)" "$id"
tc filter del dev v0 ingress pref 49152
t_run 0 apply apply
in_sync "$id"

t_begin 'filters of others beside ours stay, whatever happens to ours'
tc filter add dev v0 ingress pref 7 handle 1 bpf da obj "$BPF/counter_tc.o"
bpftool prog load "$BPF/counter_cgroup.o" "$BPFFS/other" type cgroup/skb
bpftool cgroup attach "$CG/a" egress pinned "$BPFFS/other" multi
t_run 0 apply check
file 'interfaces: [ v1 ]' "cgroups: [ $CG/b ]"
t_run 0 apply apply
t_out_has detach
t_is "$(filters v0 ingress)" 1 'the other filter'
t_is "$(cg_progs "$CG/a")" 1 'the other program'
t_is "$(prog_at v1 ingress)" "$id"
t_run 0 apply check
tc filter del dev v0 ingress
bpftool cgroup detach "$CG/a" egress pinned "$BPFFS/other"
rm "$BPFFS/other"

t_begin 'another build: replaced in place; what did not change stays'
cp "$OBJ/pair_btf_name.o" "$TMP/newer.o"
printf x >>"$TMP/newer.o"
of_cgroup=$(prog_in "$CG/b")
sed -i "s,pair: { file: .*,pair: { file: newer.o }," "$FILE"
t_run 1 apply check
t_out_has 'the file changed'
t_run 0 apply apply
t_ok [ "$(prog_at v1 ingress)" -ne "$id" ]
t_is "$(filters v1 ingress)" 1
t_is "$(prog_in "$CG/b")" "$of_cgroup"
t_run 0 apply check

t_begin 'a pin that is another map by now: the programs do not use it, and are replaced'
rm "$PIN"
t_run 1 apply check
t_out_has 'not pinned at'
t_run 0 apply apply
t_is "$(maps_of "$(prog_at v1 ingress)")" "$(map_id "$PIN")"
t_is "$(maps_of "$(prog_in "$CG/b")")" "$(map_id "$PIN")"
t_run 0 apply check

t_begin 'its directory is a pin by now: it is not pinned there any more'
mv "$(dirname "$PIN")" "$BPFFS/moved"
bpftool map pin pinned "$BPFFS/moved/$(basename "$PIN")" "$(dirname "$PIN")"
t_run 1 apply check
t_out_has 'not pinned at'
t_err_lacks directory
rm "$(dirname "$PIN")"
mv "$BPFFS/moved" "$(dirname "$PIN")"
t_run 0 apply check

t_begin 'links: pinned, replaced in place, removed with their directory'
file 'interfaces: [ v1 ]' "cgroups: [ $CG/b ], mode: link"
t_run 0 apply apply
link=$(find "$BPFFS/mapshare" -type f)
t_is "$(cg_progs "$CG/b")" 1
t_run 0 apply check
sed -i 's,same: { file: .*,same: { file: newer.o },' "$FILE"
t_run 0 apply apply
t_is "$(find "$BPFFS/mapshare" -type f)" "$link"
t_is "$(cg_progs "$CG/b")" 1
t_run 0 apply check

t_begin 'a link that lost its cgroup is made again in the new one'
rmdir "$CG/b"
cg_add b
t_run 1 apply check
t_run 0 apply apply
t_is "$(cg_progs "$CG/b")" 1
t_is "$(find "$BPFFS/mapshare" -type f | wc -l)" 1 'the pin of the dead link is gone'
t_run 0 apply check

t_begin 'exclusive: another mode is refused before anything is done'
file 'interfaces: [ v0, v1 ]' "cgroups: [ $CG/b ], mode: exclusive"
before=$(prog_at v1 ingress)
t_run 255 apply apply
t_err_has 'mode'
t_is "$(prog_at v1 ingress)" "$before"
t_is "$(tc filter show dev v0 ingress)" ''

t_begin 'remove: what is ours goes, clsact and the map stay and are named'
tc filter add dev v1 ingress pref 7 handle 1 bpf da obj "$BPF/counter_tc.o"
t_run 0 apply remove
t_out_has "$PIN"
t_is "$(filters v1 ingress)" 1 'the other filter'
t_is "$(cg_progs "$CG/b")" 0
t_is "$([ -e "$BPFFS/mapshare" ] || echo gone)" gone
t_is "$(tc qdisc show dev v1 clsact | wc -l)" 1
t_ok map_id "$PIN"
t_is "$(find "$STATE" -type f -not -name '*.lock')" '' 'records'
t_run 0 apply remove
