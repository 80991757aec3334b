# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
#
# Cases that need no more than a line: NAME KIND SCENE COMMAND. What reads changes nothing, and
# prints the same or says why not; what offers prints less, and says nothing of it; again: a second
# run succeeds; once: it may be refused then.
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

# A map of maps.
scene_outer() {
	tc qdisc add dev v0 clsact
	tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OWN/pair_outer.o" section classifier
}

# The same program at two cgroups.
scene_each() {
	mkdir "$CG/in" "$CG/out"
	cgroup_loader cgroup attach each "$CG" egress obj "$OWN/counter_cgroup.o" multi
}

# A map of another definition where the object wants its own.
scene_conflict() {
	scene_bare
	mkdir -m 0700 "$BPFFS/tc" "$BPFFS/tc/globals"
	bpftool map create "$BPFFS/tc/globals/${NAMED}_hits" type array key 4 value 4 entries 3 name inway
}

# Two classifiers on a tcx hook.
scene_tcx() {
	tc_loader filter add dev v0 ingress bpf da obj "$OWN/counter_tc.o" tcx link pinned "$BPFFS/one"
}

# Others stand beside ours in each list, one with a name that fills the kernel's room; the file names
# its places by patterns and by another name of the interface.
scene_beside() {
	rm -rf "$OWN/state"
	ip link del v0
	ip link add v0 type veth peer name peer-v0
	ip link property add dev v0 altname another_name_of_it
	tc qdisc add dev v0 clsact
	mkdir "$CG/in" "$CG/out"
	tc_loader filter add dev v0 ingress bpf da obj "$OWN/constants.o" tcx link pinned "$BPFFS/theirs"
	tc_loader filter add dev v0 ingress bpf da obj "$OWN/by_name.o" tcx link pinned "$BPFFS/ours"
	cgroup_loader cgroup attach "$CG/in" egress obj "$OWN/again.o" multi
	cgroup_loader cgroup attach "$CG/in" egress obj "$OWN/by_name.o" multi
	cat >"$OWN/beside.yaml" <<-END
		name: beside
		objects:
		  tc: { file: counter_tc.o }
		  cg: { file: counter_cgroup.o }
		tc:
		  - { object: tc, interfaces: [ another_name_of_it ], hook: egress }
		  - { object: tc, interfaces: [ "v?" ], hook: ingress, attach: tcx }
		cgroups:
		  - { object: cg, type: egress, cgroups: [ "$CG/i*", $CG/out ] }
	END
	sed 's/out \]/out ], mode: link/' "$OWN/beside.yaml" >"$OWN/links.yaml"
	tc_loader apply --state-dir "$OWN/state" "$OWN/beside.yaml"
}

# A hook, a cgroup, and a file that waits for another cgroup: nothing is loaded yet.
scene_bare() {
	rm -rf "$OWN/state"
	tc qdisc add dev v0 clsact
	mkdir "$CG/in"
	printf 'class show dev v0\nqdisc show dev v0\nclass show dev v0\n' >"$OWN/classes.batch"
	cat >"$OWN/waits.yaml" <<END
name: waits
objects:
  tc: { file: by_name.o }
  cg: { file: by_name.o }
tc:
  - { object: tc, section: tc, interfaces: [ v0 ], hook: ingress }
cgroups:
  - { object: cg, type: egress, cgroups: [ $CG/in ] }
  - { object: cg, type: egress, cgroups: [ "$CG/new*" ], mode: link }
END
}

line_table() {
	cat <<'END'
filter_show reads shared tc_loader filter show dev v0 ingress
filter_show_tcx reads tcx tc_loader filter show dev v0 ingress tcx
link_show_tcx reads tcx cgroup_loader -f link show pinned $BPFFS/one
feature reads bare tc_loader feature
complete_pin offers maps cgroup_loader --complete map dump pinned $BPFFS/
complete_dev offers shared tc_loader --complete filter show dev v
complete_cgroup offers shared cgroup_loader --complete cgroup show $CG/
complete_program offers shared cgroup_loader --complete prog show name h
complete_object offers shared tc_loader --complete filter add dev v0 ingress bpf obj $OWN/counter_tc.o section c
hand_over reads bare tc_loader class show dev v0
hand_over_batch reads bare tc_loader -batch $OWN/classes.batch
object_outer reads outer tc_loader object show $OWN/pair_outer.o
outer_again again outer tc_loader filter replace dev v0 ingress pref 1 handle 1 bpf da obj $OWN/pair_outer.o section classifier
gc_list reads held tc_loader share gc
prog_show_j reads shared cgroup_loader -j prog show pinned $BPFFS/prog
object_conflict reads conflict tc_loader object show $OWN/by_name.o
map_dump_btf reads shared cgroup_loader -j map dump pinned $BPFFS/tc/globals/$NAMED
cgroup_detach_each once each cgroup_loader cgroup detach each $CG egress obj $OWN/counter_cgroup.o
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
library_look reads shared library look $OWN/by_name.o
library_check reads shared library check $NAMED v0 $CG/in
library_plan reads held library plan $OWN/held.yaml $OWN/state
library_foresee reads shared library foresee $BPFFS/tc/globals/$NAMED $OWN/counter_tc.o
library_undone reads shared library load $OWN/by_name.o program from_classifier program from_cgroup tc v0 tcx v0 $BPFFS/one held v0
library_undone_cgroup reads shared library load $OWN/by_name.o share ${NAMED}_private_hits program from_cgroup cgroup $CG/in link $CG $BPFFS/two pin $BPFFS/new/prog
library_tc once bare library load $OWN/by_name.o program from_classifier tc v0 keep
library_set again bare library load $OWN/constants.o set step 5 program count retc v0 keep
library_cgroup again bare library load $OWN/by_name.o program from_cgroup cgroup $CG/in shows ${NAMED}_hits keep
library_link again bare library load $OWN/by_name.o private ${NAMED}_hits program from_cgroup link $CG/in $BPFFS/link keep
library_given once shared library load $OWN/by_name.o use ${NAMED}_private_hits ${NAMED}_hits program from_cgroup pin $BPFFS/new/prog keep
library_tcx again bare library load $OWN/by_name.o program from_classifier tcx v0 $BPFFS/one keep
library_retcx again tcx library load $OWN/by_name.o program from_classifier retcx v0 $BPFFS/one keep
library_xdp again bare library load $OWN/dev_link.o program link_xdp xdp v0 $BPFFS/one keep
library_rexdp again bare library load $OWN/dev_link.o program link_xdp rexdp v0 $BPFFS/one keep
library_run again bare library run $OWN/waits.yaml $OWN/state
library_remove again held library remove $OWN/held.yaml $OWN/state
library_follow again bare library follow $OWN/waits.yaml $OWN/state
apply_follow again bare cgroup_loader apply --follow --state-dir $OWN/state $OWN/waits.yaml
apply_again again beside tc_loader apply --state-dir $OWN/state $OWN/beside.yaml
apply_links again beside tc_loader apply --state-dir $OWN/state $OWN/links.yaml
tcx_replace_beside again beside tc_loader filter replace dev v0 ingress bpf da obj $OWN/by_name.o tcx link pinned $BPFFS/ours
cgroup_replace_beside again beside cgroup_loader cgroup attach $CG/in egress obj $OWN/by_name.o multi replace
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
	case $kind in reads | offers) READS=yes ;; esac
	[ "$kind" != offers ] || OFFERS=yes
	[ "$kind" != again ] || IDEMPOTENT=yes
	case $1 in
	# Who is handed lines that are not ours.
	hand_over*) export MAPSHARE_TC=/bin/true ;;
	library_*)
		# What the pages promise, beside what the kernel says.
		PROMISED=$(sed -n 's/^\.It Bq Er //p' "$TOP/common/door/mapshare.3")
		# Of a descriptor that is open no kernel says so, and libbpf 1.1 loses one then.
		IMPOSSIBLE='dup3:EINTR dup3:EMFILE'
		;;
	esac
	# The root of all cgroups is not gone, and would not come again unseen.
	if [ "$1" = library_follow ]; then
		IMPOSSIBLE="$IMPOSSIBLE openat:ENOENT"
		export MAKES=$CG/new
	fi
	if [ "$1" = apply_follow ]; then
		export FOLLOWED="$CG/in $CG/new"
		PROGRESS='^[a-z_]*: (waits: [+=~] |[0-9]+ followed)'
	fi
	[ "$1" != cgroup_detach_each ] || FINISHED_BY_RERUN='run it again for the others'
	# What a feature is asked by is refused where it is missing.
	[ "$1" != feature ] || IMPOSSIBLE='bpf:EINVAL BPF_MAP_CREATE:EINVAL BPF_PROG_LOAD:EINVAL BPF_BTF_LOAD:EINVAL'
	case $1 in tcx_del | cgroup_detach_prog | library_remove | apply_links | *_beside) GONE_IS_DONE=yes ;; esac
	own_object "$OBJ/constants.o" constants
	own_object "$OBJ/again.o" again
	own_object "$OBJ/pair_outer.o" pair_
	own_object "$OBJ/dev_link.o" link_tc
	own_object "$OBJ/by_name.o" by_name
	own_object "$BPF/counter_cgroup.o" traffic
	own_object "$BPF/counter_tc.o" traffic
	eval "before() { scene_$scene; }"
	CMD=()
	for word in $rest; do
		word=${word//'$OWN'/$OWN}
		word=${word//'$NAMED'/$NAMED}
		word=${word//'${NAMED}'/$NAMED}
		word=${word//'$BPFFS'/$BPFFS}
		CMD+=("${word//'$CG'/$CG}")
	done
	export -f scene_shared scene_held scene_maps scene_tcx scene_bare scene_conflict scene_each scene_outer scene_beside
}
