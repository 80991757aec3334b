#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The same line again is no second attachment: a start script may run twice, after a stop,
# after a container came back, with a newer build.
#
# differs: attach-again
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

again=$OBJ/again.o
PIN=$BPFFS/l

ids() {
	bpftool -j cgroup show "$@" >"$TMP/ids"
	[ -s "$TMP/ids" ] || echo '[]' >"$TMP/ids"
	t_json '.[id]' <"$TMP/ids" 2>/dev/null || echo '[]'
}

# attach CGROUP OBJECT WORDS…: on egress.
attach() {
	attach_cg=$1 attach_obj=$OBJ/$2.o
	shift 2
	cgroup_loader cgroup attach "$attach_cg" egress obj "$attach_obj" "$@"
}

# again CGROUP WORDS…: the same line; attached already, in one remark, and nothing changes.
again() {
	again_cg=$1
	shift
	ids "$again_cg" >"$TMP/before"
	find "$BPFFS" | sort >>"$TMP/before"
	t_run 0 attach "$again_cg" again "$@"
	t_is "$(wc -l <"$TMP/t_err")" 1 'remarks'
	t_err_has 'already attached (id '
	ids "$again_cg" >"$TMP/after"
	find "$BPFFS" | sort >>"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
}

# refused CGROUP OBJECT WORDS… : PART: with that in the message, and nothing changes.
refused() {
	refused_cg=$1
	ids "$refused_cg" >"$TMP/before"
	find "$BPFFS" | sort >>"$TMP/before"
	t_run 255 attach "$@"
	ids "$refused_cg" >"$TMP/after"
	find "$BPFFS" | sort >>"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
}

first() {
	ids "$1" | tr -d '[]' | cut -d, -f1
}

count() {
	ids "$1" | t_json '.|length'
}

t_begin 'the same line is one attachment, in every mode'
for mode in '' multi override; do
	cg_add "m$mode"
	# shellcheck disable=SC2086 # no word at all when empty
	t_run 0 attach "$CG/m$mode" again $mode
	# shellcheck disable=SC2086
	again "$CG/m$mode" $mode
	# shellcheck disable=SC2086
	again "$CG/m$mode" $mode replace
	t_is "$(count "$CG/m$mode")" 1
done
t_run 0 cgroup_loader -j cgroup attach "$CG/m" egress obj "$OBJ/again.o"
t_out_is null
cp "$OBJ/again.o" "$TMP/renamed_object.o"
t_run 0 cgroup_loader cgroup attach "$CG/m" egress obj "$TMP/renamed_object.o"
t_err_has 'already attached'

t_begin 'another constant, instruction or map is another program; replace puts it in the place'
id=$(first "$CG/mmulti")
refused "$CG/mmulti" again_step multi
t_err_has "program id $id 'again_count'"
t_err_has 'other constants'
t_err_has "'replace'"
refused "$CG/mmulti" again_insn multi
t_err_has 'instructions differ'
bpftool map create "$BPFFS/other" type array key 4 value 8 entries 1 name again_seen
refused "$CG/mmulti" again multi map name again_seen pinned "$BPFFS/other"
t_err_has "map 'again_seen' is id"
refused "$CG/m" again_step
t_err_has 'is taken by'
refused "$CG/m" again multi
t_err_has "multi conflicts with that: say 'replace' without a mode, or detach"
t_run 0 attach "$CG/mmulti" again_step multi replace
t_is "$(count "$CG/mmulti")" 1
t_isnt "$(first "$CG/mmulti")" "$id"
t_run 0 attach "$CG/mmulti" again_step multi
t_err_has 'already attached'
t_run 0 attach "$CG/m" again_insn replace
t_run 0 attach "$CG/m" again replace
again "$CG/m"

t_begin "others' programs stay where they are in a list"
cg_add list
t_run 0 cgroup_loader prog load "$OBJ/cg_types.o" "$BPFFS/foreign" type cgroup_skb/egress
t_run 0 cgroup_loader cgroup attach "$CG/list" egress pinned "$BPFFS/foreign" multi
t_run 0 attach "$CG/list" again multi
t_run 0 attach "$CG/list" again_step multi replace
t_is "$(count "$CG/list")" 2
t_is "$(first "$CG/list")" "$(bpftool -j prog show pinned "$BPFFS/foreign" | t_json .id)"

t_begin 'a program of the same name that was loaded apart may stand beside, by its own words'
t_run 0 cgroup_loader prog loadall "$OBJ/again_insn.o" "$BPFFS/apart"
t_run 0 cgroup_loader cgroup attach "$CG/list" egress pinned "$BPFFS/apart/again_count" multi
t_is "$(count "$CG/list")" 3
refused "$CG/list" again multi replace
t_err_has 'several programs of that function name'
t_run 0 attach "$CG/list" again multi replace id "$(ids "$CG/list" | tr -d '[]' | cut -d, -f2)"
t_is "$(count "$CG/list")" 3

t_begin 'a private map may not be one that is pinned there'
cg_add own
bpftool map create "$BPFFS/own" type hash key 4 value 8 entries 8 name again_own
t_run 0 attach "$CG/own" again multi map name again_own pinned "$BPFFS/own"
refused "$CG/own" again multi
t_err_has "map 'again_own' is pinned there, private here"
mkdir "$BPFFS/ours"
bpftool map pin pinned "$BPFFS/own" "$BPFFS/ours/own"
rm "$BPFFS/own"
t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/calls" -P "$BPFFS/ours" \
	-e trace=openat -e inject=openat:error=EMFILE cgroup_loader cgroup attach "$CG/own" egress obj "$again" multi
t_err_has 'is pinned cannot be seen: Too many open files'
t_is "$(count "$CG/own")" 1
mv "$BPFFS/ours/own" "$BPFFS/own"
again "$CG/own" multi map name again_own pinned "$BPFFS/own"

t_begin 'a program behind a tail call counts'
cg_add jump
jump() {
	cgroup_loader cgroup attach "$CG/jump" ingress obj "$OBJ/$1.o" program again_jump \
		multi
}
t_run 0 jump again
t_run 0 jump again
t_err_has 'already attached'
t_run 255 jump again_callee
t_err_has 'instructions differ'
t_run 0 cgroup_loader cgroup attach "$CG/jump" ingress obj "$OBJ/again_callee.o" \
	program again_jump multi replace
t_run 0 jump again_callee
t_err_has 'already attached'
t_is "$(count "$CG/jump")" 1

t_begin 'and so does that its slot is empty by now'
for map in $(maps_of "$(prog_in "$CG/jump")" | tr ',' ' '); do
	case $(bpftool -j map show id "$map") in
	*'"prog_array"'*) bpftool map delete id "$map" key 2 0 0 0 ;;
	esac
done
t_run 255 jump again_callee
t_err_has 'has other slots filled'

t_begin 'what cannot be opened may be the same: refused, whatever was asked for'
for call in 13 14; do # BPF_PROG_GET_FD_BY_ID, BPF_MAP_GET_FD_BY_ID
	for words in '' multi 'multi replace'; do
		cg_add "unread$call"
		# shellcheck disable=SC2086 # words
		t_run 0 attach "$CG/unread$call" again $words
		id=$(prog_in "$CG/unread$call")
		# shellcheck disable=SC2086
		t_run 255 "$BUILD/tests/netns/told" call $call 1 cgroup_loader cgroup attach \
			"$CG/unread$call" egress obj "$OBJ/again.o" $words
		t_err_has "program id $id"
		t_err_has "and whether that is this program already cannot be determined: "
		t_is "$(prog_in "$CG/unread$call")" "$id"
		rmdir "$CG/unread$call"
	done
done

t_begin 'whether a link holds what is there cannot be told: refused, not taken for the same'
LINK_GET_NEXT_ID=31 ENOMEM=12
cg_add held
t_run 0 attach "$CG/held" again link pinned "$PIN/held"
t_run 255 "$BUILD/tests/netns/told" call $LINK_GET_NEXT_ID $ENOMEM cgroup_loader cgroup attach "$CG/held" egress obj "$OBJ/again.o" multi
t_err_has 'cannot be determined: whether a link holds program id'
t_is "$(count "$CG/held")" 1
t_run 0 attach "$CG/held" again multi
t_is "$(count "$CG/held")" 2
rm "$PIN/held"

t_begin 'a pinned link: the same again, another build, a cgroup that came back'
cg_add app
t_run 0 attach "$CG/app" again link pinned "$PIN/app"
again "$CG/app" link pinned "$PIN/app"
link=$(bpftool -j link show pinned "$PIN/app" | t_json .id)
refused "$CG/app" again_step link pinned "$PIN/app"
t_err_has 'not the same'
t_err_has "'replace'"
t_run 0 attach "$CG/app" again_step replace link pinned "$PIN/app"
t_is "$(bpftool -j link show pinned "$PIN/app" | t_json .id)" "$link"
t_run 0 attach "$CG/app" again_step link pinned "$PIN/app"
t_err_has 'already attached'
cg_add elsewhere
refused "$CG/elsewhere" again link pinned "$PIN/app"
t_err_has "link id $link"
refused "$CG/elsewhere" again link pinned "$BPFFS/foreign"
t_err_has 'not a link'
rmdir "$CG/app"
cg_add app
dead() {
	bpftool -j link show pinned "$PIN/app" >"$TMP/link"
	[ "$(t_json .cgroup_id <"$TMP/link")" = 0 ]
}
t_ok wait_for 5 dead

t_begin 'a dead link whose successor cannot be pinned keeps its pin'
revive() {
	"$BUILD/tests/netns/told" "$1" 6 5 cgroup_loader cgroup attach "$CG/app" egress \
		obj "$OBJ/again.o" link pinned "$PIN/app"
}
t_run 255 revive once
t_err_has "pin '$PIN/app': Input/output error"
t_err_lacks 'is gone'
t_is "$(bpftool -j link show pinned "$PIN/app" | t_json .id)" "$link"
t_is "$(count "$CG/app")" 0
t_run 0 attach "$CG/app" again link pinned "$PIN/app"
t_err_has "link id $link had lost its cgroup"
t_is "$(count "$CG/app")" 1
again "$CG/app" link pinned "$PIN/app"

t_begin 'a removed cgroup is gone at once, though a socket keeps its link alive'
coproc SOCKET {
	echo "$BASHPID" >"$CG/app/cgroup.procs"
	exec 7<>/dev/udp/127.0.0.1/9
	echo "$BASHPID" >"$CG/cgroup.procs"
	echo open
	read -r
}
socket=$SOCKET_PID
read -r -t 20 -u "${SOCKET[0]}" open
t_is "$open" open
rmdir "$CG/app"
cg_add app
link=$(bpftool -j link show pinned "$PIN/app" | t_json .id)
t_run 0 attach "$CG/app" again link pinned "$PIN/app"
t_err_has "link id $link had lost its cgroup"
t_is "$(count "$CG/app")" 1
again "$CG/app" link pinned "$PIN/app"
echo >&"${SOCKET[1]}"
wait "$socket"

t_begin 'each attaches what is missing'
cg_add pods/one
cg_add pods/two
each() {
	cgroup_loader cgroup attach each "$CG/pods" egress obj "$OBJ/$1.o" "${2:-multi}" \
		${3:+"$3"} ${4:+"$4"}
}
t_run 0 each again
t_err_has 'attached to 2 cgroups'
cg_add pods/three
t_run 0 each again
t_err_has 'attached to 1 cgroups, already attached to 2'
for n in one two three; do
	t_is "$(count "$CG/pods/$n")" 1
done
t_run 0 each again link pinned "$PIN/pods"
cg_add pods/four
t_run 0 each again link pinned "$PIN/pods"
t_err_has 'attached to 1 cgroups, already attached to 3'
t_is "$(find "$PIN/pods" -type f | wc -l)" 4

t_begin 'two cgroups whose names differ in a dot have two pins'
cg_add dots/x.y
cg_add dots/x_y
cg_add dots/z.y
dots() {
	cgroup_loader cgroup attach each "$CG/dots" egress obj "$OBJ/again.o" \
		link pinned "$PIN/dots"
}
t_run 0 dots
t_is "$(cd "$PIN/dots" && find . -type f | sort | tr '\n' ' ')" './x%2ey ./x_y ./z_y '
t_run 0 dots
t_err_has 'already attached to 3'
cg_add dots/z_y
t_run 0 dots
t_err_has 'attached to 1 cgroups, already attached to 3'
for n in x.y x_y z.y z_y; do
	t_is "$(count "$CG/dots/$n")" 1 "$n"
done

t_begin 'start, stop, start, any number of times'
cg_add job
for _ in 1 2 3; do
	t_run 0 attach "$CG/job" again multi
	t_run 0 attach "$CG/job" again multi
	t_run 0 cgroup_loader cgroup detach "$CG/job" egress all obj "$again"
	t_is "$(count "$CG/job")" 0
	t_run 0 attach "$CG/job" again link pinned "$PIN/job"
	t_run 0 attach "$CG/job" again link pinned "$PIN/job"
	t_run 0 cgroup_loader cgroup detach "$CG/job" egress all obj "$again"
	t_is "$(count "$CG/job")" 0
	t_ok [ ! -e "$PIN/job" ]
done
t_run 0 cgroup_loader -j cgroup detach each "$CG/dots" egress obj "$again"
t_is "$(t_out | t_json '.|length')" 4
t_is "$(find "$PIN/dots" -type f | wc -l)" 0
t_is "$(bpftool -j cgroup tree "$CG/dots")" '[]'
t_run 255 cgroup_loader cgroup detach each "$CG/dots" egress obj "$again"
t_err_has 'nothing is attached'
t_run 0 cgroup_loader cgroup attach each "$CG/dots" egress pinned "$BPFFS/foreign" multi
t_run 0 cgroup_loader cgroup detach "$CG/dots/x.y" egress pinned "$BPFFS/foreign"
t_run 0 cgroup_loader cgroup detach each "$CG/dots" egress pinned "$BPFFS/foreign"
t_err_has 'detached from 3 cgroups'
t_run 255 cgroup_loader cgroup detach each "$CG/dots" egress pinned "$BPFFS/foreign"
t_run 255 cgroup_loader cgroup detach each "$CG/pods" egress link pinned "$PIN/app"
t_err_has "'each' does not go with 'link'"

t_begin "of a list, only what came from the object is detached"
t_run 0 attach "$CG/list" again multi replace id "$(ids "$CG/list" | tr -d '[]' | cut -d, -f2)"
t_run 0 cgroup_loader cgroup detach "$CG/list" egress obj "$OBJ/again_insn.o"
t_is "$(count "$CG/list")" 2
t_run 255 cgroup_loader cgroup detach "$CG/list" egress obj "$OBJ/again_step.o"
t_err_has 'none of the 2 programs'
