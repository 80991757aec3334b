#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a load asks before it makes a map new: not the maps that no program uses nor the pins of
# other names, however many there are; and what it still finds among them.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
own_objects pair
command -v strace >/dev/null || t_skip strace 'strace counts calls'

NR=3000
NAME=$(own_word pair)_hits_00000
GLOBAL=$BPFFS/tc/globals/$NAME
ATTACH=(cgroup_loader cgroup attach)
LOAD=(egress obj "$OBJ/pair_btf_name.o")
dev_add v0
tc qdisc add dev v0 clsact
mkdir "$BPFFS/others"
on_exit 'rm -rf "$BPFFS/others"'
"$BUILD/tests/bench/bench_scene" maps "$BPFFS/others" 0 $NR
first=$(map_id "$BPFFS/others/bench_0")
last=$(map_id "$BPFFS/others/bench_$((NR - 1))")

# opened: how many maps the load opened by ids of that range, in which others have made a few.
opened() {
	sed -n 's/.*BPF_MAP_GET_FD_BY_ID, {map_id=\([0-9]*\).*/\1/p' "$TMP/asked" |
		awk -v first="$first" -v last="$last" '$1 >= first && $1 <= last' | wc -l
}

# slots_read OUTER: the how many-th bpf(2) of that load reads its slots; what it made is taken back.
slots_read() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e signal=none -e trace=bpf -o "$TMP/asked" \
		"${ATTACH[@]}" "$CG/slot" "${LOAD[@]}" 2>"$TMP/null"
	rmdir "$CG/slot"
	rm "$GLOBAL"
	mkdir "$CG/slot"
	awk -v outer="{map_id=$1," 'index($0, outer) { found = 1 }
		found && /BPF_MAP_LOOKUP/ { print NR; exit }' "$TMP/asked"
}

t_begin 'a load opens no map that no program uses, and reads no directory of other pins'
# Where the machine has more programs than maps, its maps are fewer to look at: try again.
for ((try = 0; try < 10; try++)); do
	cg_add job$try
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -y -s 0 -e signal=none -e trace=bpf,getdents64 \
		-o "$TMP/asked" "${ATTACH[@]}" "$CG/job$try" "${LOAD[@]}"
	t_ok grep -q BPF_MAP_CREATE "$TMP/asked"
	rmdir "$CG/job$try"
	rm "$GLOBAL"
	[ "$(opened)" -ge $((NR / 10)) ] || break
	sleep 1
done
t_ok [ "$(opened)" -lt $((NR / 10)) ]
t_is "$(t_count "getdents64(.*<$BPFFS/others>" "$TMP/asked")" 0 'reads of the directory'
t_ok wait_for 30 sh -c "! bpftool map list | grep -q $NAME"

t_begin 'the map of an attached program is found among them'
t_run 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da \
	obj "$OBJ/pair_btf_none.o" section tc
used=$(maps_of "$(prog_at v0 ingress)")
cg_add direct
t_run 255 "${ATTACH[@]}" "$CG/direct" "${LOAD[@]}" --require-shared
t_run 0 "${ATTACH[@]}" "$CG/direct" "${LOAD[@]}"
t_err_has "uses another map of this name (id $used)"
rmdir "$CG/direct"
rm "$GLOBAL"

t_begin 'and one that its program comes to through the slot of an outer map'
t_run 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da \
	obj "$OBJ/pair_outer.o" section classifier
outer=$(map_id "$BPFFS/tc/globals/$(own_word pair)_outer")
inner=$(map_inner "$BPFFS/tc/globals/$(own_word pair)_outer" 0)
cg_add slot
t_run 0 "${ATTACH[@]}" "$CG/slot" "${LOAD[@]}"
t_err_has "uses another map of this name (id $inner)"

t_begin 'which is found where its slots cannot be read'
# Programs of others that come or go meanwhile move the call: try again.
for ((try = 0; try < 20; try++)); do
	rmdir "$CG/slot"
	rm -f "$GLOBAL"
	cg_add slot
	nth=$(slots_read "$outer")
	t_run any env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=bpf -e inject=bpf:error=ENOMEM:when="$nth" \
		-o "$TMP/asked" "${ATTACH[@]}" "$CG/slot" "${LOAD[@]}"
	! grep -q 'BPF_MAP_LOOKUP.*INJECTED' "$TMP/asked" || break
done
t_ok grep -q 'BPF_MAP_LOOKUP.*INJECTED' "$TMP/asked"
t_is "$T_STATUS" 0
t_err_has "uses another map of this name (id $inner)"

t_begin 'a pin of the name is found below, with directories beside it and without'
for dir in "$BPFFS/others" "$BPFFS/others/more"; do
	tc filter del dev v0 ingress
	rmdir "$CG/slot"
	rm "$GLOBAL"
	mkdir -p "$dir"
	bpftool map create "$dir/$NAME" type array key 4 value 8 entries 1 name "$NAME"
	cg_add slot
	t_run 0 "${ATTACH[@]}" "$CG/slot" "${LOAD[@]}"
	t_err_has "'$dir/$NAME' (id $(map_id "$dir/$NAME")) is another map of this name"
	rm "$dir/$NAME"
done
