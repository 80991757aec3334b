# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# The commands of valgrind.sh, a scene for them on the way.

own_objects traffic graph jumps again kept_ layout_ by_name
dev_add v0 v1
cg_add one/below
cg_add two
G=$BPFFS/tc/globals
tc="bpf da obj $BPF/counter_tc.o"

# shellcheck disable=SC2086 # $tc is words
tc_commands() {
	vg 0 tc_loader help
	vg 0 tc_loader -V
	vg 0 tc_loader qdisc add dev v0 clsact
	vg 2 tc_loader qdisc add dev v0 clsact
	vg 2 tc_loader qdisc add devs 'v*' clsact
	vg 0 tc_loader qdisc del devs 'v*' clsact
	vg 0 tc_loader qdisc add devs 'v*' clsact
	vg 0 tc_loader qdisc replace dev v1 clsact
	vg 0 tc_loader qdisc show
	vg 0 tc_loader -j -s qdisc show dev v0
	vg 0 tc_loader filter add dev v0 ingress pref 1 handle 1 $tc
	vg 2 tc_loader filter add dev v0 ingress pref 1 handle 1 $tc
	vg 0 tc_loader filter replace dev v0 ingress pref 1 handle 1 $tc
	vg 0 tc_loader filter change dev v0 ingress pref 1 handle 1 $tc
	vg 0 tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/kept.o"
	vg 0 tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/kept.o"
	vg 0 tc_loader filter add devs 'v*' ingress pref 9 handle 9 $tc
	vg 0 tc_loader -echo filter add dev v0 ingress pref 2 handle 1 bpf bytecode '1,6 0 0 0' classid 1:1
	vg 1 tc_loader filter add dev v0 ingress bpf da obj "$TMP/none.o"
	vg 1 tc_loader filter add dev v0 ingress bpf da obj "$TOP/Makefile"
	vg 1 tc_loader filter add dev v0 ingres $tc
	vg any tc_loader filter add dev v0 ingress bpf da obj "$OBJ/rejected.o"
	vg any tc_loader filter add dev v0 ingress bpf da verbose obj "$OBJ/rejected.o"
	vg any tc_loader --require-shared filter add dev v0 ingress bpf da obj "$OBJ/layout_u64.o" sec tc
	vg any tc_loader filter add dev v0 ingress bpf da obj "$OBJ/layout_halves.o" sec tc
	vg 0 tc_loader filter show dev v0 ingress
	vg 0 tc_loader -j -d filter show dev v0 ingress
	vg 0 tc_loader filter get dev v0 ingress protocol all pref 1 handle 1 bpf
	printf 'qdisc show\nfilter show dev v0 ingress\n# a remark\n' >"$TMP/batch"
	vg 0 tc_loader -batch "$TMP/batch"
	printf 'filter add dev v1 ingress pref 50 %s\nnonsense\nfilter add dev v1 ingress pref 51 %s\n' \
		"$tc" "$tc" >"$TMP/batch"
	vg 1 tc_loader -force -batch "$TMP/batch"
	vg 0 tc_loader exec help
	vg any tc_loader exec bpf graft m:globals/none key 0 obj "$LEGACY/graft_new.o" sec replacement
	vg 0 tc_loader filter add dev v1 egress pref 1 handle 1 bpf da obj "$LEGACY/graft.o"
	vg 0 tc_loader exec bpf graft m:globals/graft_jumps key 0 obj "$LEGACY/graft_new.o" sec replacement
	vg 0 tc_loader --hand-over "$(command -v tc)" qdisc show dev v0
}

share_commands() {
	vg 0 cgroup_loader cgroup attach "$CG/one" egress obj "$BPF/counter_cgroup.o" multi
	for json in '' -j; do
		vg 0 tc_loader $json share check traffic
		vg any tc_loader $json share check traffic dev v0 cgroup "$CG/one"
		vg any tc_loader $json share check traffic dev v0 cgroup "$CG/two" -v
		vg any cgroup_loader $json share check --all
		vg 255 cgroup_loader $json share check nothing_has_this_name
		vg 0 cgroup_loader $json share show traffic
		vg any cgroup_loader $json share show
		vg any tc_loader $json share gc
		for object in "$BPF/counter_tc.o" "$OBJ/kept.o" "$LEGACY/counter_def.o" "$OBJ/btf_kinds.o"; do
			vg 0 tc_loader $json object show "$object"
		done
		vg 255 tc_loader $json object show "$TOP/Makefile"
	done
	vg 0 tc_loader share show traffic --dot
	vg 0 tc_loader share show traffic --svg "$TMP/picture.svg"
	vg 0 tc_loader object convert "$LEGACY/counter_elf.o" "$TMP/modern.o"
	vg 255 tc_loader object convert "$LEGACY/counter_elf.o" "$LEGACY/counter_elf.o"
	bpftool map create "$G/idle" type hash key 4 value 4 entries 4 name "vg_idle_$$"
	vg any tc_loader share gc --delete "$G/idle"
}

map_commands() {
	local m=$BPFFS/m
	mkdir "$m"
	vg 0 cgroup_loader map create "$m/hash" type hash key 4 value 8 entries 4 name "vg_hash_$$"
	vg 0 cgroup_loader map create "$m/queue" type queue key 0 value 4 entries 4 name "vg_queue_$$"
	vg 0 cgroup_loader map create "$m/outer" type array_of_maps key 4 value 4 entries 2 \
		name "vg_outer_$$" inner_map pinned "$m/hash"
	vg 0 cgroup_loader map create "$m/cpus" type percpu_array key 4 value 8 entries 2 name "vg_cpus_$$"
	vg 0 cgroup_loader map create "$m/perf" type perf_event_array key 4 value 4 entries 8 name "vg_perf_$$"
	vg 0 cgroup_loader map update pinned "$m/hash" key 1 0 0 0 value 1 0 0 0 0 0 0 0
	vg 255 cgroup_loader map update pinned "$m/hash" key 1 value 1
	vg 0 cgroup_loader map update pinned "$m/outer" key 0 0 0 0 value pinned "$m/hash"
	for json in '' -j -p; do
		vg 0 cgroup_loader $json map show
		vg 0 cgroup_loader $json map show pinned "$m/hash"
		for name in hash outer cpus; do
			vg 0 cgroup_loader $json map dump pinned "$m/$name"
		done
		vg 0 tc_loader $json map dump pinned "$G/traffic"
		vg 0 cgroup_loader $json map lookup pinned "$m/hash" key 1 0 0 0
		vg 0 cgroup_loader $json map getnext pinned "$m/hash"
	done
	vg 0 cgroup_loader --sum map dump pinned "$m/cpus"
	vg 255 cgroup_loader map lookup pinned "$m/none" key 1 0 0 0
	vg 0 cgroup_loader map push pinned "$m/queue" value 1 0 0 0
	vg 0 cgroup_loader map enqueue pinned "$m/queue" value 2 0 0 0
	vg 0 cgroup_loader map peek pinned "$m/queue"
	vg 0 cgroup_loader map pop pinned "$m/queue"
	vg 0 cgroup_loader map dequeue pinned "$m/queue"
	vg 0 cgroup_loader map pin pinned "$m/hash" "$m/again"
	bpftool -j map dump pinned "$m/hash" >"$TMP/dump"
	vg 0 cgroup_loader map load pinned "$m/hash" "$TMP/dump"
	vg 0 cgroup_loader map export pinned "$G/traffic" --openmetrics file "$TMP/metrics"
	vg 0 cgroup_loader map watch pinned "$G/traffic" interval 0.1 count 2
	vg 0 cgroup_loader map delete pinned "$m/hash" key 1 0 0 0
	vg 0 cgroup_loader map freeze pinned "$m/hash"
	vg any timeout -s INT 8 cgroup_loader map event_pipe pinned "$m/perf"
}

cgroup_commands() {
	local egress=$BPFFS/p/egress
	vg 0 cgroup_loader help
	vg 0 cgroup_loader version
	vg 0 cgroup_loader prog loadall "$OBJ/again.o" "$BPFFS/progs" pinmaps "$BPFFS/maps"
	vg 255 cgroup_loader prog loadall "$OBJ/again.o" "$BPFFS/progs"
	mkdir "$BPFFS/p"
	vg 0 cgroup_loader prog load "$BPF/counter_cgroup.o" "$egress"
	vg any cgroup_loader prog load "$OBJ/rejected.o" "$BPFFS/p/rejected"
	vg 0 cgroup_loader prog pin pinned "$egress" "$BPFFS/p/second"
	for json in '' -j -f; do
		vg 0 cgroup_loader $json prog show
		vg 0 cgroup_loader $json prog show pinned "$egress"
		vg 0 cgroup_loader $json cgroup show "$CG/one"
		vg 0 cgroup_loader $json cgroup show "$CG/one" effective
		vg 0 cgroup_loader $json cgroup tree "$CG"
		vg 0 cgroup_loader $json link show
	done
	vg 0 cgroup_loader cgroup attach "$CG/two" egress pinned "$egress" multi
	vg 0 cgroup_loader cgroup detach "$CG/two" egress pinned "$egress"
	vg 255 cgroup_loader cgroup detach "$CG/two" egress pinned "$egress"
	vg 0 cgroup_loader cgroup attach each "$CG/one" egress obj "$OBJ/by_name.o" multi
	vg 0 cgroup_loader cgroup detach each "$CG/one" egress all obj "$OBJ/by_name.o"
	vg 0 cgroup_loader cgroup attach "$CG/two" egress obj "$OBJ/by_name.o" link pinned "$BPFFS/p/link"
	vg any cgroup_loader cgroup attach "$CG/two" egress obj "$OBJ/by_name.o" link pinned "$BPFFS/p/link"
	vg 0 cgroup_loader link show pinned "$BPFFS/p/link"
	vg 0 cgroup_loader link pin pinned "$BPFFS/p/link" "$BPFFS/p/link2"
	vg 0 cgroup_loader link update pinned "$BPFFS/p/link" pinned "$egress"
	vg 0 cgroup_loader link detach pinned "$BPFFS/p/link"
	vg 0 cgroup_loader prog load "$OBJ/by_name.o" "$BPFFS/p/auto" autoattach cgroup "$CG/two"
	printf 'map show\nprog show\ncgroup show %s\nnonsense\n' "$CG/one" >"$TMP/batch"
	vg 255 cgroup_loader batch file "$TMP/batch"
}

# What is followed comes once it is, and whoever follows is asked to end once that is served.
follow_commands() {
	local wake
	cat >"$TMP/acct.yaml" <<END
name: acct
objects: { o: { file: $OBJ/by_name.o } }
tc: [ { object: o, section: tc, hook: ingress, interfaces: "vg*", preference: 5, handle: 1 } ]
cgroups: [ { object: o, type: egress, cgroups: "$CG/vg*/in" } ]
END
	{
		wait_for 120 grep -q follows "$TMP/out"
		dev_add vg0
	} &
	vg 0 "$BUILD/tests/netns/library_apply" follow "$TMP/acct.yaml" "$TMP/state"
	wait
	cat >"$TMP/until_served" <<'END'
until tc_loader apply --state-dir "$1" "$2" 2>&1 | grep -q 'is followed by process'; do sleep 0.2; done
pid=$(tc_loader apply --state-dir "$1" "$2" 2>&1 | sed 's/.* is followed by process \([0-9]*\).*/\1/')
ip link add vg1 type veth peer name vg2
mkdir -p "$3/vg/in"
until [ -n "$(tc filter show dev vg2 ingress)" ] && bpftool cgroup show "$3/vg/in" | grep -q egress; do
	sleep 0.2
done
kill -USR1 "$pid"
kill -HUP "$pid"
ip link del vg1
rmdir "$3/vg/in" "$3/vg"
kill -TERM "$pid"
END
	timeout 240 bash "$TMP/until_served" "$TMP/state" "$TMP/acct.yaml" "$CG" &
	wake=$!
	vg 0 tc_loader apply --follow --state-dir "$TMP/state" "$TMP/acct.yaml"
	wait "$wake"
	vg 0 tc_loader remove --state-dir "$TMP/state" "$TMP/acct.yaml"
}

tc_last() {
	vg 0 tc_loader filter del dev v0 ingress pref 1 handle 1 bpf
	vg 0 tc_loader filter del dev v0 egress pref 1 handle 1 bpf
	vg 0 tc_loader filter del dev v0 ingress
	vg 0 tc_loader qdisc del dev v0 clsact
	vg 2 tc_loader qdisc del dev v0 clsact
	vg any timeout -s INT 5 tc_loader monitor
}

tc_commands
share_commands
map_commands
cgroup_commands
follow_commands
tc_last
