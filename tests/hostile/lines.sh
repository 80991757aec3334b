# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
#
# Cases that need no more than a line: NAME KIND SCENE COMMAND. What reads changes nothing, and
# prints the same or says why not; again: a second run succeeds; once: it may be refused then.
# LINE_NAMES: all of them, sorted; line_case NAME: sets what a case sets.

# A filter and a program of a cgroup that share a map.
scene_shared() {
	tc qdisc add dev v0 clsact
	mkdir "$CG/in"
	tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OWN/counter_tc.o"
	cgroup_loader cgroup attach "$CG/in" egress obj "$OWN/counter_cgroup.o" multi
	cgroup_loader prog load "$OWN/counter_cgroup.o" "$BPFFS/prog"
	cgroup_loader cgroup attach "$CG/in" egress obj "$OWN/by_name.o" link pinned "$BPFFS/link"
	printf 'name: held\nobjects:\n  tc: { file: counter_tc.o }\ntc:\n  - { object: tc, interfaces: [ v0 ], hook: egress }\n' >"$OWN/held.yaml"
	printf 'qdisc show dev v0\nfilter show dev v0 ingress\n' >"$OWN/tc.batch"
	printf 'cgroup show %s\nprog show pinned %s\n' "$CG/in" "$BPFFS/prog" >"$OWN/cg.batch"
}

# What the file says is attached.
scene_held() {
	scene_shared
	rm -rf "$OWN/state"
	tc_loader apply --state-dir "$OWN/state" "$OWN/held.yaml"
}

# Maps of four kinds.
scene_maps() {
	bpftool map create "$BPFFS/hash" type hash key 4 value 8 entries 16 name "$OWN_NAME"
	bpftool map update pinned "$BPFFS/hash" key 1 0 0 0 value 1 0 0 0 0 0 0 0
	bpftool map create "$BPFFS/cpus" type percpu_array key 4 value 8 entries 4 name "$OWN_NAME"
	bpftool map create "$BPFFS/array" type array key 4 value 8 entries 4 name "$OWN_NAME"
	bpftool map create "$BPFFS/queue" type queue key 0 value 4 entries 4 name "$OWN_NAME"
	bpftool map push pinned "$BPFFS/queue" value 1 0 0 0
	bpftool map push pinned "$BPFFS/queue" value 2 0 0 0
	bpftool -j map dump pinned "$BPFFS/hash" >"$OWN/dump"
}

# Two classifiers on a tcx hook.
scene_tcx() {
	tc_loader filter add dev v0 ingress bpf da obj "$OWN/counter_tc.o" tcx link pinned "$BPFFS/one"
}

line_table() {
	cat <<'END'
filter_show reads shared tc_loader filter show dev v0 ingress
filter_show_j reads shared tc_loader -j -d filter show dev v0 ingress
filter_get reads shared tc_loader filter get dev v0 ingress protocol all pref 1 handle 1 bpf
qdisc_show reads shared tc_loader qdisc show dev v0
tc_batch reads shared tc_loader -batch $OWN/tc.batch
share_check reads shared tc_loader share check $NAMED dev v0 cgroup $CG/in
share_check_j reads shared cgroup_loader -j share check $NAMED dev v0 cgroup $CG/in
share_show reads shared cgroup_loader share show $NAMED
share_show_j reads shared tc_loader -j share show $NAMED
share_dot reads shared tc_loader share show $NAMED --dot
object_show reads shared cgroup_loader object show $OWN/counter_tc.o
object_show_j reads shared tc_loader -j object show $OWN/counter_cgroup.o
plan reads shared tc_loader plan --state-dir $OWN/state $OWN/held.yaml
cgroup_show reads shared cgroup_loader cgroup show $CG/in
cgroup_show_all reads shared cgroup_loader -j -f cgroup show $CG/in effective
cgroup_tree reads shared cgroup_loader cgroup tree $CG
prog_show reads shared cgroup_loader -f prog show pinned $BPFFS/prog
link_show reads shared cgroup_loader link show pinned $BPFFS/link
cgroup_batch reads shared cgroup_loader batch file $OWN/cg.batch
migrate_plan reads shared tc_loader map migrate pinned $BPFFS/tc/globals/$NAMED to obj $OWN/counter_tc.o --plan
map_show reads maps cgroup_loader map show pinned $BPFFS/hash
map_dump reads maps cgroup_loader map dump pinned $BPFFS/hash
map_dump_sum reads maps cgroup_loader -j --sum map dump pinned $BPFFS/cpus
map_dump_array reads maps tc_loader map dump pinned $BPFFS/array
map_lookup reads maps cgroup_loader map lookup pinned $BPFFS/hash key 1 0 0 0
map_getnext reads maps cgroup_loader map getnext pinned $BPFFS/hash
map_peek reads maps cgroup_loader map peek pinned $BPFFS/queue
map_metrics reads maps cgroup_loader map export pinned $BPFFS/array --openmetrics
check_file reads held tc_loader check --state-dir $OWN/state $OWN/held.yaml
check_file_j reads held cgroup_loader -j check --state-dir $OWN/state $OWN/held.yaml
map_clear again maps cgroup_loader map clear pinned $BPFFS/hash
map_push again maps cgroup_loader map push pinned $BPFFS/queue value 2 0 0 0
map_pop again maps cgroup_loader map pop pinned $BPFFS/queue
link_detach once shared cgroup_loader link detach pinned $BPFFS/link
map_delete once maps cgroup_loader map delete pinned $BPFFS/hash key 1 0 0 0
map_load again maps cgroup_loader map load pinned $BPFFS/hash $OWN/dump
map_freeze once maps cgroup_loader map freeze pinned $BPFFS/hash
map_pin_second once maps cgroup_loader map pin pinned $BPFFS/cpus $BPFFS/second
prog_load once shared cgroup_loader prog load $OWN/by_name.o $BPFFS/other
prog_pin once shared cgroup_loader prog pin pinned $BPFFS/prog $BPFFS/other
link_pin once shared cgroup_loader link pin pinned $BPFFS/link $BPFFS/other
link_update again shared cgroup_loader link update pinned $BPFFS/link pinned $BPFFS/prog
filter_change again shared tc_loader filter change dev v0 ingress pref 1 handle 1 bpf da obj $OWN/counter_tc.o
filter_del_all again shared tc_loader filter del dev v0 ingress
qdisc_replace again shared tc_loader qdisc replace dev v0 clsact
cgroup_detach_prog once shared cgroup_loader cgroup detach $CG/in egress obj $OWN/counter_cgroup.o
tcx_add once tcx tc_loader filter add dev v0 egress bpf da obj $OWN/counter_tc.o tcx link pinned $BPFFS/two
tcx_replace again tcx tc_loader filter replace dev v0 ingress bpf da obj $OWN/counter_tc.o tcx link pinned $BPFFS/one
tcx_del once tcx tc_loader filter del dev v0 ingress bpf link pinned $BPFFS/one tcx
END
}

line_names() {
	line_table | cut -d' ' -f1
}

line_case() {
	local line kind scene rest word
	line=$(line_table | grep "^$1 ") || return 1
	read -r _ kind scene rest <<<"$line"
	DEVS=v0
	[ "$kind" != reads ] || READS=yes
	[ "$kind" != again ] || IDEMPOTENT=yes
	case $1 in tcx_del | cgroup_detach_prog) GONE_IS_DONE=yes ;; esac
	own_object "$OBJ/by_name.o" by_name
	own_object "$BPF/counter_cgroup.o" traffic
	own_object "$BPF/counter_tc.o" traffic
	eval "before() { scene_$scene; }"
	CMD=()
	for word in $rest; do
		word=${word//'$OWN'/$OWN}
		word=${word//'$NAMED'/$NAMED}
		word=${word//'$BPFFS'/$BPFFS}
		CMD+=("${word//'$CG'/$CG}")
	done
	export -f scene_shared scene_held scene_maps scene_tcx
}
