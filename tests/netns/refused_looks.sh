#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Where the kernel does not say what is there, nothing is done as if nothing were there: a list of a
# cgroup, the BTF of a map; and what then is not known is told with the kernel's reason.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'
own_objects again moved pair long_name

# numbers CALLS PATTERN CMD…: which of the CALLS that CMD makes match PATTERN; no, its 1, is an answer.
numbers() {
	ASAN_OPTIONS=detect_leaks=0 strace -qq -e signal=none -e "trace=$1" -o "$TMP/trace" "${@:3}" >"$TMP/usual" 2>&1 ||
		[ $? -eq 1 ]
	awk -v pattern="$2" '$0 ~ pattern { print NR }' "$TMP/trace"
}

# failing CALL N ERRNO CMD…
failing() {
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/failed" -e "trace=$1" \
		-e "inject=$1:error=$3:when=$2" "${@:4}"
}

t_begin 'a list that is not told may have the program already'
ATTACH=(cgroup_loader cgroup attach "$CG" egress obj "$OBJ/again.o" multi)
"${ATTACH[@]}"
bpftool -j cgroup show "$CG" >"$TMP/before"
query=$(numbers bpf BPF_PROG_QUERY "${ATTACH[@]}" | sed -n 1p)
t_ok [ -n "$query" ]
for errno in ENOMEM EPERM EFAULT; do
	t_run 255 failing bpf "$query" $errno "${ATTACH[@]}"
	t_err_has "'$CG': query cgroup_inet_egress: "
	bpftool -j cgroup show "$CG" >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
done

t_begin 'a name that is not told may be the one that is asked for: two programs have it'
NAME=$(own_word long_name)_of_a_function
for twin in one two; do
	cgroup_loader prog load "$OBJ/long_name.o" "$BPFFS/$twin"
	cgroup_loader cgroup attach "$CG" ingress pinned "$BPFFS/$twin" multi
done
bpftool map create "$BPFFS/calls" type prog_array key 4 value 4 entries 4 name "c_$$"
for how in once call; do
	t_run 255 "$BUILD/tests/netns/told" $how 19 12 cgroup_loader cgroup detach "$CG" ingress name "$NAME"
	t_err_has 'list programs: Cannot allocate memory'
	t_run 255 "$BUILD/tests/netns/told" $how 19 12 cgroup_loader map update pinned "$BPFFS/calls" key 0 0 0 0 value name "$NAME"
	t_err_has 'list programs: Cannot allocate memory'
done
t_is "$(cg_progs "$CG")" 3
for twin in one two; do
	cgroup_loader cgroup detach "$CG" ingress pinned "$BPFFS/$twin"
done
rm "$BPFFS/one" "$BPFFS/two" "$BPFFS/calls"

t_begin 'a map whose BTF is not told is not taken for one without BTF'
dev_add v0
tc qdisc add dev v0 clsact
tc_loader filter add dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_hash_old.o"
PIN=$BPFFS/tc/globals/$(own_word moved)_hit_00000
PLAN=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o" --plan)
rows() {
	grep -E 'nothing to do|(kept|added|removed) ' "$@"
}

# What else the machine has moves the later ones, so that another call fails there.
refused=0
for number in $(numbers bpf BPF_BTF_GET_FD_BY_ID "${PLAN[@]}"); do
	t_begin "BTF, call $number"
	t_run any failing bpf "$number" EFAULT "${PLAN[@]}"
	if [ "$T_STATUS" -eq 0 ]; then
		t_is "$(rows "$TMP/t_out")" "$(rows "$TMP/usual")"
	else
		t_ok [ -n "$(t_err)" ]
		! grep -Eq 'members are: Bad address|BTF of the map' "$TMP/t_err" || refused=$((refused + 1))
	fi
done
t_ok [ $refused -gt 0 ]

t_begin 'a pin that cannot be read does not differ'
SAME=(tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_old.o" --plan)
t_run 0 "${SAME[@]}"
cp "$TMP/t_out" "$TMP/same"
for number in $(numbers bpf 'BPF_OBJ_GET' "${SAME[@]}"); do
	t_run any failing bpf "$number" EMFILE "${SAME[@]}"
	[ "$T_STATUS" -ne 0 ] || t_ok cmp "$TMP/t_out" "$TMP/same"
done

t_begin 'inner maps that cannot be read are not taken for the same'
tc_loader filter add dev v0 ingress pref 1 handle 1 bpf da obj "$OBJ/pair_outer.o" section classifier
SHOW=(tc_loader object show "$OBJ/pair_outer.o")
for call in BPF_MAP_GET_NEXT_KEY:ENOMEM BPF_MAP_GET_FD_BY_ID:EMFILE; do
	said=0
	for number in $(numbers bpf "${call%:*}" "${SHOW[@]}"); do
		t_run any failing bpf "$number" "${call#*:}" "${SHOW[@]}"
		! grep -q 'inner maps are not compared' "$TMP/t_out" "$TMP/t_err" || said=$((said + 1))
	done
	t_ok [ $said -gt 0 ]
done

t_begin 'nor is a value without BTF one whose BTF cannot be read'
DUMP=(cgroup_loader -j map dump pinned "$PIN")
t_run 0 failing bpf "$(numbers bpf BPF_BTF_GET_FD_BY_ID "${DUMP[@]}" | sed -n 1p)" EMFILE "${DUMP[@]}"
t_err_has ': its BTF cannot be read: Too many open files; what it holds is shown as bytes'

t_begin 'a device that cannot be asked for is not one that is not there'
CHECK=(tc_loader share check "${PIN##*/}" dev v0)
for call in socket bind; do
	for number in $(numbers $call AF_NETLINK "${CHECK[@]}"); do
		t_run any failing $call "$number" EMFILE "${CHECK[@]}"
		t_err_has 'a route netlink socket: Too many open files'
	done
done

t_begin 'nor is a boot whose number cannot be read one without a number'
printf 'name: boot\nobjects: { tc: { file: %s } }\ntc: [ { object: tc, interfaces: v0, hook: egress } ]\n' \
	"$OBJ/moved_hash_old.o" >"$TMP/boot.yaml"
BOOT=(tc_loader plan --state-dir "$TMP/state" "$TMP/boot.yaml")
t_run 255 failing openat "$(numbers openat /random/boot_id "${BOOT[@]}")" EMFILE "${BOOT[@]}"
t_err_has '/boot_id, which says which boot a record is of: Too many open files'

t_begin 'what of a program is not told is said with the reason'
for number in $(numbers bpf BPF_OBJ_GET_INFO_BY_FD cgroup_loader share show | sed -n 1,12p); do
	t_run any failing bpf "$number" EINVAL cgroup_loader share show
	! grep 'maps of program id' "$TMP/t_out" >"$TMP/said" || t_ok grep -q ': Invalid argument' "$TMP/said"
done

t_begin 'a tree of cgroups that cannot be looked at is not one that is not there'
said=0
for number in $(numbers statfs cgroup cgroup_loader share show); do
	t_run any failing statfs "$number" EIO cgroup_loader share show
	t_out_lacks 'no cgroup v2 file system'
	t_err_lacks 'no cgroup v2 file system'
	! grep -q 'Input/output error' "$TMP/t_err" || said=$((said + 1))
done
t_ok [ $said -gt 0 ]

t_begin 'a batch whose first answer has no room is a list all the same'
printf 'map show pinned %s\n' "$PIN" >"$TMP/batch"
for option in -j -p; do
	t_run 255 failing ftruncate 1 ENOSPC cgroup_loader $option batch file "$TMP/batch"
	t_is "$(t_out | t_json '.[0].error')" "$TMP/batch:1: batch: No space left on device"
done

t_begin 'nor is a BPF file system that cannot be looked at'
said=0
for number in $(numbers statfs '"/sys/fs/bpf"' cgroup_loader share show); do
	t_run any failing statfs "$number" EIO cgroup_loader share show
	t_err_lacks 'no BPF file system is mounted here'
	! grep -q "pins below '/sys/fs/bpf': Input/output error" "$TMP/t_err" || said=$((said + 1))
done
t_ok [ $said -gt 0 ]

t_begin 'links that cannot be listed may hold the map of a pin: it stays'
LINK_GET_NEXT_ID=31
bpftool map create "$BPFFS/tc/globals/untied" type array key 4 value 4 entries 4 name untied
REFUSED=("$BUILD/tests/netns/told" call "$LINK_GET_NEXT_ID" 1)
t_run 0 "${REFUSED[@]}" tc_loader share gc
t_err_has 'not seen: maps of links: Operation not permitted'
t_run 255 "${REFUSED[@]}" tc_loader share gc --delete "$BPFFS/tc/globals/untied"
t_ok [ -e "$BPFFS/tc/globals/untied" ]
rm "$BPFFS/tc/globals/untied"

t_begin 'a pin that cannot be removed is where it was'
bpftool map create "$BPFFS/tc/globals/idle" type hash key 4 value 4 entries 4 name idle
find "$BPFFS" | sort >"$TMP/before"
t_run 255 failing unlinkat 1 EPERM tc_loader share gc --delete "$BPFFS/tc/globals/idle"
t_err_has "remove '$BPFFS/tc/globals/idle': Operation not permitted"
t_is "$(find "$BPFFS" | sort)" "$(cat "$TMP/before")"

t_begin 'a pin that cannot be looked at is none that was removed'
GC=(tc_loader share gc --delete "$BPFFS/tc/globals/idle")
look=$(numbers newfstatat '"idle", .*AT_SYMLINK_NOFOLLOW' "${GC[@]}" | sed -n 1p)
t_ok [ ! -e "$BPFFS/tc/globals/idle" ]
bpftool map create "$BPFFS/tc/globals/idle" type hash key 4 value 4 entries 4 name idle
t_run 255 failing newfstatat "$look" EIO "${GC[@]}"
t_err_has "pin '$BPFFS/tc/globals/idle': Input/output error"
t_is "$(find "$BPFFS" | sort)" "$(cat "$TMP/before")"
t_run 0 "${GC[@]}"
t_ok [ ! -e "$BPFFS/tc/globals/idle" ]

t_begin 'half of a detach is said, and finished by another run'
DETACH=(cgroup_loader cgroup detach each "$CG/each" egress obj "$OBJ/again.o")
cg_add each/one
cg_add each/two
t_run 0 cgroup_loader cgroup attach each "$CG/each" egress obj "$OBJ/again.o" multi
numbers bpf 'BPF_PROG_DETACH' "${DETACH[@]}" >"$TMP/numbers"
t_is "$(t_count '' "$TMP/numbers")" 2
t_run 0 cgroup_loader cgroup attach each "$CG/each" egress obj "$OBJ/again.o" multi
t_run 255 failing bpf "$(tail -n 1 "$TMP/numbers")" EPERM "${DETACH[@]}"
t_err_has 'detach from cgroup_inet_egress: Operation not permitted'
t_err_has '; 1 program is detached already, run it again for the others'
t_run 0 "${DETACH[@]}"
t_is "$(prog_in "$CG/each/one")$(prog_in "$CG/each/two")" ''

t_begin 'a program that goes meanwhile is no cgroup that goes: the others in it are detached'
cgroup_loader prog load "$OBJ/again.o" "$BPFFS/twin"
twin=$(bpftool -j prog show pinned "$BPFFS/twin" | t_json .id)
both() {
	[ -n "$(prog_in "$CG/each/two")" ] || cgroup_loader cgroup attach "$CG/each/two" egress pinned "$BPFFS/twin" multi
	prog_in "$CG/each/one" | grep -x "$twin" >/dev/null ||
		cgroup_loader cgroup attach "$CG/each/one" egress pinned "$BPFFS/twin" multi
	[ -e "$BPFFS/held" ] || cgroup_loader cgroup attach "$CG/each/one" egress obj "$OBJ/again.o" link pinned "$BPFFS/held"
}
t_run 0 both
numbers bpf 'BPF_PROG_GET_FD_BY_ID' "${DETACH[@]}" >"$TMP/numbers"
t_is "$(prog_in "$CG/each/one")$(prog_in "$CG/each/two")" ''
left=0
for number in $(head -n 3 "$TMP/numbers"); do
	t_run 0 both
	t_run 0 failing bpf "$number" ENOENT "${DETACH[@]}"
	t_ok [ "$(cg_progs "$CG/each/one")" -le 1 ]
	left=$((left + $(cg_progs "$CG/each/one")))
done
t_ok [ $left -gt 0 ]

t_begin 'a link that was not in the list is looked for once more; one that is never found stays, and this is said'
t_run 0 both
t_run 255 "$BUILD/tests/netns/told" call 31 2 "${DETACH[@]}"
t_err_has "'$CG/each/one': program id "
t_err_has " stays attached to cgroup_inet_egress: it is a link's"
t_ok [ -n "$(prog_in "$CG/each/one")" ]
t_run 0 "$BUILD/tests/netns/told" once 31 2 "${DETACH[@]}"
t_is "$(prog_in "$CG/each/one")$(prog_in "$CG/each/two")" ''
rm "$BPFFS/twin"

t_begin 'what may not be listed or looked at is said, with what is missing; the rest is shown'
dev_add w0
tc qdisc add dev w0 clsact
for pref in 1 2; do
	tc_loader filter add dev w0 ingress pref $pref handle 1 bpf da obj "$OBJ/moved_hash_old.o"
done
t_run 0 cgroup_loader cgroup attach "$CG" ingress obj "$OBJ/only_cgroup.o" link pinned "$BPFFS/link"
link=$(bpftool -j link show pinned "$BPFFS/link" | t_json .id)
bpftool map create "$BPFFS/jumps" type prog_array key 4 value 4 entries 4 name "j_$$"
prog=$(prog_at v0 egress)
map=$(map_id "$PIN")
while IFS='|' read -r call why status line words; do
	# shellcheck disable=SC2086 # words of a line
	t_run "$status" "$BUILD/tests/netns/told" call "$call" "$why" $line
	t_err_has "$words"
done <<END
13|1|0|tc_loader filter show dev v0 egress|name and state of 1 program are not shown: Operation not permitted
13|1|0|tc_loader filter show dev w0 ingress|name and state of 2 programs are not shown: Operation not permitted
13|1|0|cgroup_loader cgroup show $CG|program names cannot be read: Operation not permitted
13|1|255|cgroup_loader prog show id $prog|program id $prog: Operation not permitted
13|1|255|cgroup_loader map update pinned $BPFFS/jumps key 0 0 0 0 value id $prog|get by id ($prog): Operation not permitted
11|1|255|cgroup_loader prog show|list programs: Operation not permitted
11|1|255|cgroup_loader map update pinned $BPFFS/jumps key 0 0 0 0 value name x|list programs: Operation not permitted
12|1|255|cgroup_loader map show name nobody|look for maps named 'nobody': Operation not permitted
14|1|255|cgroup_loader map show id $map|Operation not permitted
30|1|255|cgroup_loader link show id $link|link id $link: Operation not permitted
31|22|255|cgroup_loader link show|links have no ids before Linux 5.8
31|1|255|cgroup_loader link show|list links: Operation not permitted
34|1|255|cgroup_loader link detach pinned $BPFFS/link|detach the link: Operation not permitted
END
t_run 0 "$BUILD/tests/netns/told" call 13 1 tc_loader filter show dev w0 ingress
t_is "$(t_out | grep -c ' id [0-9]')" 2
for words in 'prog show id ' 'prog show tag ' 'map show name ' 'link show id '; do
	for call in 11 12 31; do
		# shellcheck disable=SC2086 # words of a line
		t_run 0 "$BUILD/tests/netns/told" call $call 1 cgroup_loader --complete $words ''
	done
done

t_begin 'without membarrier(2) a migration waits for running programs by other means'
bpftool map update pinned "$PIN" key 7 0 0 0 value 5 0 0 0 0 0 0 0 6 0 0 0 0 0 0 0 7 0 0 0 0 0 0 0
t_run 0 failing membarrier 1+ ENOSYS tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_new.o"
t_ok grep -q 'ENOSYS.*INJECTED' "$TMP/failed"
t_isnt "$(map_id "$PIN")" "$map"
t_is "$(bpftool -j map lookup pinned "$PIN" key 7 0 0 0 | t_json .formatted.value.packets)" 5
