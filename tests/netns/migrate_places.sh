#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Programs are replaced wherever they are attached: filters with what belongs to them, tcx, entries
# and links of cgroups, another network namespace. A program that would stay on the old map is
# refused by name; a plan changes nothing; who else has the map is listed.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects moved

MAP=$(own_word moved)_hit_00000
PIN=$BPFFS/tc/globals/$MAP
OLD=$OBJ/moved_hash_old.o NEW=$OBJ/moved_hash_new.o
CLS=$(own_word moved)_cls
dev_add v0
tc qdisc add dev v0 clsact
cg_add a
cg_add b
cg_add c

state() {
	tc -j filter show dev v0 egress
	bpftool cgroup show "$CG/a"
	bpftool cgroup show "$CG/b"
	find "$BPFFS" | sort
	map_id "$PIN"
}

# on_new PROG: the program uses the map that is pinned.
on_new() {
	t_is "$(maps_of "$1")" "$(map_id "$PIN")" "maps of program $1"
}

t_begin "a plan says what would be, and changes nothing"
tc_loader filter add dev v0 egress pref 7 handle 3 protocol ip bpf da obj "$OLD"
cgroup_loader cgroup attach "$CG/a" egress obj "$OLD"
cgroup_loader cgroup attach "$CG/b" egress obj "$OLD" multi
cgroup_loader cgroup attach "$CG/c" egress obj "$OLD" link pinned "$BPFFS/link"
tc_loader map update pinned "$PIN" key 1 value '{packets:5,quota:6,bytes:7}'
state >"$TMP/before"
for tool in tc_loader cgroup_loader; do
	t_run 0 "$tool" -j map migrate pinned "$PIN" to obj "$NEW" --plan
	t_is "$(t_out | t_json .elements)" 1
	t_is "$(t_out | t_json '.programs.[state]')" '["replaced","replaced","replaced","replaced"]'
	t_out_has '"member":"packets","action":"kept","pinned":"u64","object":"u64","merge":"add"'
	t_out_has '"member":"quality","action":"added"'
	t_out_has '"member":"quota","action":"kept","pinned":"u32","object":"u32","merge":"keep-new"'
done
# A row of the copy is a state, the key and the value, each of whole words.
bytes=$(bpftool -j map show pinned "$PIN" | t_json .bytes_memlock)
t_is "$(t_out | t_json .bytes_old) $(t_out | t_json .bytes_new) $(t_out | t_json .bytes_copied)" \
	"$bytes $((bytes / 28 * 28 / 64 * 64)) $((64 * (8 + 8 + 24)))"
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$NEW" --plan
t_out_has "$PIN: hash, map id $(map_id "$PIN")"
t_out_has "1 elements; kernel memory while it runs, about: old map $((bytes / 1024)) KiB, new map $((bytes / 28 * 28 / 64 * 64 / 1024)) KiB, what is copied 2 KiB"
t_out_has "program $(prog_at v0 egress) '$CLS' sched_cls, tc egress dev v0 pref 7 handle 0x3: replaced"
state | t_ok cmp - "$TMP/before"

t_begin 'of several pins one has to be named, seen or not'
mkdir "$BPFFS/other"
tc_loader map pin pinned "$PIN" "$BPFFS/other/pin"
BY_ID=(tc_loader map migrate id "$(map_id "$PIN")" to obj "$NEW")
t_run 255 "${BY_ID[@]}"
t_err_has "has several pins: "
t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/calls" -P "$BPFFS/other" \
	-e trace=openat -e inject=openat:error=EMFILE "${BY_ID[@]}"
t_err_has "which pins map id $(map_id "$PIN") has cannot be seen: Too many open files; 'pinned FILE' says which one is meant"
t_is "$(map_id "$BPFFS/other/pin")" "$(map_id "$PIN")"
rm -r "$BPFFS/other"
state | t_ok cmp - "$TMP/before"

t_begin "programs are replaced in every place, and the places stay as they were"
flags=$(bpftool -j cgroup show "$CG/a" | t_json '.[attach_flags]')
link=$(bpftool -j link show pinned "$BPFFS/link" | t_json .id)
old="$(map_id "$PIN") $(prog_at v0 egress)"
t_run 0 cgroup_loader map migrate name "${MAP:0:15}" to obj "$NEW"
t_out_has "$PIN: hash, map id ${old% *} -> id $(map_id "$PIN")"
t_out_has '1 elements copied, 1 converted'
t_out_has "program ${old#* } '$CLS' sched_cls, tc egress dev v0 pref 7 handle 0x3: replaced by $(prog_at v0 egress)"
t_is "$(tc -j filter show dev v0 egress | t_json '.[options.handle]|length')" 1
t_is "$(tc filter show dev v0 egress | grep -c 'protocol ip pref 7 bpf.*handle 0x3.*direct-action')" 1
on_new "$(prog_at v0 egress)"
on_new "$(prog_in "$CG/a")"
on_new "$(prog_in "$CG/b")"
on_new "$(prog_in "$CG/c")"
t_is "$(bpftool -j cgroup show "$CG/a" | t_json '.[attach_flags]')" "$flags"
t_is "$(bpftool -j link show pinned "$BPFFS/link" | t_json .id)" "$link"
t_run 0 bpftool -j map lookup pinned "$PIN" key 1 0 0 0
t_is "$(t_out | t_json .formatted.value.quota)" 6

t_begin "a program that would stay behind is refused by name"
tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$NEW"
sed "s/$CLS/other_cls/g" "$OLD" >"$TMP/other.o"
state >"$TMP/before"
t_run 255 tc_loader map migrate pinned "$PIN" to obj "$TMP/other.o"
t_err_has "program '$CLS' (id "
t_err_has 'would stay on the old map: no program of that name is in the objects; --leave-behind'
state | t_ok cmp - "$TMP/before"
t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$TMP/other.o" --leave-behind
t_out_has '"state":"stays","why":"no program of that name is in the objects"'
on_new "$(prog_in "$CG/a")"
t_run 0 tc_loader filter del dev v0 ingress
tc_loader filter del dev v0 egress
rm -f "$BPFFS/link"
bpftool cgroup detach "$CG/a" egress id "$(prog_in "$CG/a")"
bpftool cgroup detach "$CG/b" egress id "$(prog_in "$CG/b")"
rm "$PIN"

t_begin "who else has the old map is listed"
tc_loader filter add dev v0 egress bpf da obj "$OLD"
start "$BUILD/tests/netns/hold" open "$PIN" >"$TMP/hold"
t_ok wait_for 10 grep -q ready "$TMP/hold"
bpftool map pin pinned "$PIN" "$BPFFS/second"
t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$NEW"
t_out_has "{\"pid\":$STARTED,\"comm\":\"hold\"}"
t_out_has "{\"pinned\":\"$BPFFS/second\"}"
on_new "$(prog_at v0 egress)"
rm "$BPFFS/second"
kill "$STARTED"

t_begin "a filter in another network namespace"
ns_add moved$$
ip link set v0 netns moved$$
ip -n moved$$ link set v0 up
tc -n moved$$ qdisc add dev v0 clsact
tc_loader -n moved$$ filter add dev v0 ingress pref 1 handle 1 bpf da obj "$NEW"
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$OLD"
prog=$(tc -n moved$$ -j filter show dev v0 ingress | t_json '.[options.prog.id]' | tr -d '[]')
on_new "$prog"

t_begin "without a look at the members nothing is said of them"
t_run 255 setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin \
	tc_loader map migrate pinned "$PIN" to obj "$NEW"
t_err_has 'read what its members are: '
t_err_has CAP_SYS_ADMIN

t_begin "words that are missing or wrong"
t_run 255 tc_loader map migrate pinned "$PIN"
t_err_has "'to obj FILE' must follow the map"
t_run 255 tc_loader map migrate pinned "$PIN" to map x
t_err_has "'obj FILE' must follow 'to'"
t_run 255 tc_loader map migrate pinned "$PIN" to obj "$NEW" map nosuch
t_err_has "has no map 'nosuch'; it has $MAP; 'map NAME' says which one"
t_run 255 tc_loader map migrate pinned "$PIN" to obj "$NEW" --merge nosuch=add
t_err_has nosuch
t_run 255 tc_loader -j map migrate pinned "$BPFFS/nosuch" to obj "$NEW"
t_out_has '"kind":"missing"'
