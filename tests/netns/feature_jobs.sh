#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What `feature` says a process may do is what the verbs then do: each of its lines against each
# verb it is about, with a dozen sets of capabilities, of root's and of another user's.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

# The tools are reached through directories that only root may enter.
BIN=$TMP/bin
mkdir "$BIN"
own_objects moved layout_u64
cp "$BUILD/bin/tc_loader" "$BUILD/bin/cgroup_loader" "$OBJ/layout_u64.o" \
	"$OBJ/moved_hash_old.o" "$OBJ/moved_hash_new.o" "$LEGACY/counter_def.o" "$BIN"
chmod -R a+rX "$TMP"
MOVED=$(own_word moved)_hit_00000
GLOBALS=$BPFFS/tc/globals
STATE=/run/mapshare
if [ ! -d "$STATE" ]; then
	mkdir "$STATE"
	on_exit "rmdir '$STATE'"
fi
mount -t tmpfs -o mode=0700 none "$STATE"
on_exit 'umount -l "$STATE"'
tc_loader feature >"$TMP/text"
TCX=$(sed -n 's/^tcx  *\([a-z]*\).*/\1/p' "$TMP/text")
cat >"$BIN/job.yaml" <<END
name: job
objects: { tc: { file: $BIN/layout_u64.o }, cg: { file: $BIN/counter_def.o } }
maps: { traffic: { shared: yes } }
tc: [ { object: tc, section: tc, interfaces: v3, hook: ingress } ]
cgroups: [ { object: cg, type: egress, cgroups: $CG/c, mode: exclusive } ]
END

# as CMD…: $user with the capabilities $caps, and no others.
as() {
	# shellcheck disable=SC2031 # start() sets it for whoever it starts
	${LIB_EXEC-} setpriv --reuid="$user" --regid=0 --clear-groups --bounding-set="-all$caps" \
		--inh-caps="-all$caps" --ambient-caps="-all$caps" -- "$@"
}

# said NAME: the answer of its line.
said() {
	sed -n "s/^$1  *\([a-z]*\) .*/\1/p" "$TMP/feature"
}

# does NAME LINE…: it succeeds if NAME is allowed, and only then. judges NAME LINE…: it gives
# a verdict then, whichever.
does() {
	does_name=$1
	shift
	t_run any as "$@"
	does_done=yes
	[ "$T_STATUS" = 0 ] || does_done=no
	t_is "$does_done" "$(said "$does_name")" \
		"$does_name, and ${*##*/} of $user with ${caps:-none}: $(cat "$TMP/t_err")"
}

judges() {
	does "$1" sh -c '"$@"; [ $? -lt 255 ]' sh "${@:2}"
}

# anew: devices, cgroups, pins and records as they are before each verb is tried.
anew() {
	for d in v1 v2 v3; do
		ip link del "$d" 2>/dev/null || :
		dev_add "$d"
		[ "$d" = v1 ] || tc qdisc add dev "$d" clsact
	done
	umount -l "$BPFFS"
	mount -t bpf bpf "$BPFFS"
	find "$STATE" -mindepth 1 -delete
	for d in a b c; do
		[ ! -d "$CG/$d" ] || rmdir "$CG/$d"
		mkdir "$CG/$d"
	done
	t_run 0 tc_loader filter add dev v2 egress pref 1 handle 1 bpf da obj "$BIN/moved_hash_old.o"
	bpftool map create "$BPFFS/kept" type array key 4 value 4 entries 1 name "fe$$"
	bpftool map create "$GLOBALS/idle" type array key 4 value 4 entries 1 name "fi$$"
	bpftool prog load "$OBJ/cg_types.o" "$BPFFS/skb" type cgroup/skb 2>"$TMP/none" || :
	chown -R "$user" "$BPFFS" "$STATE"
}

# follows: yes or no, once it is known.
follow_ended() {
	grep -q followed "$TMP/followed" || ! kill -0 "$STARTED" 2>"$TMP/none"
}

follows() {
	: >"$TMP/followed"
	start as "$BIN/tc_loader" apply --follow "$BIN/job.yaml" >"$TMP/followed" 2>&1
	wait_for 20 follow_ended
	kill "$STARTED" 2>"$TMP/none" || :
	wait "$STARTED" || :
	grep -q followed "$TMP/followed" && echo yes || echo no
}

try() {
	anew
	t_run 0 as "$BIN/tc_loader" feature
	cp "$TMP/t_out" "$TMP/feature"
	does may_create "$BIN/cgroup_loader" map create "$BPFFS/new" type array key 4 value 4 \
		entries 1 name "fe$$"
	does may_load "$BIN/cgroup_loader" prog load "$BIN/layout_u64.o" "$BPFFS/prog"
	does may_tc "$BIN/tc_loader" qdisc replace dev v1 clsact
	does may_filter "$BIN/tc_loader" filter add dev v2 ingress bpf da obj "$BIN/layout_u64.o"
	[ "$TCX" = no ] || does may_tcx "$BIN/tc_loader" filter add dev v2 ingress bpf da \
		obj "$BIN/layout_u64.o" tcx
	does may_cgroup "$BIN/cgroup_loader" cgroup attach "$CG/a" egress obj "$BIN/counter_def.o"
	does may_cgroup "$BIN/cgroup_loader" cgroup attach "$CG/b" egress obj "$BIN/counter_def.o" \
		link pinned "$BPFFS/link"
	does may_pin "$BIN/cgroup_loader" map pin pinned "$BPFFS/kept" "$GLOBALS/again"
	does may_open "$BIN/cgroup_loader" map dump pinned "$BPFFS/kept"
	for kind in map prog link; do
		does may_list "$BIN/cgroup_loader" "$kind" list
	done
	does may_share "$BIN/tc_loader" share show "fe$$"
	judges may_share "$BIN/tc_loader" share check "$MOVED"
	does may_share "$BIN/tc_loader" share gc
	# A bpffs may have pins of the kernel's own, which nobody may write to.
	case $caps in
	*dac_override*) does may_gc "$BIN/tc_loader" share gc --delete "$GLOBALS/idle" ;;
	esac
	anew
	does may_migrate "$BIN/tc_loader" map migrate pinned "$GLOBALS/$MOVED" \
		to obj "$BIN/moved_hash_new.o"
	for verb in apply apply check remove; do
		# Without a record there is nothing to remove, whoever asks.
		[ "$verb$(said may_apply)" = removeno ] ||
			does may_apply "$BIN/cgroup_loader" "$verb" "$BIN/job.yaml"
	done
	anew
	follows >"$TMP/answer"
	t_is "$(cat "$TMP/answer")" "$(said may_follow)" \
		"may_follow of $user with ${caps:-none}: $(cat "$TMP/followed")"
}

for user in nobody root; do
	t_begin "$user: what is said is what the verbs do"
	for caps in '' ,+bpf ,+net_admin ,+sys_admin ,+bpf,+net_admin ,+sys_admin,+sys_ptrace \
		,+net_admin,+sys_admin ,+net_admin,+sys_admin,+sys_ptrace ,+bpf,+sys_admin,+dac_override \
		,+bpf,+net_admin,+sys_admin,+sys_ptrace,+dac_override,+dac_read_search; do
		try
	done
done

t_begin 'a directory that others could change is refused, whatever its mode allows'
user=root caps=,+bpf,+net_admin,+sys_admin,+sys_ptrace,+dac_override,+dac_read_search
refused_dir() {
	t_run 0 as "$BIN/tc_loader" feature
	cp "$TMP/t_out" "$TMP/feature"
	t_is "$(said may_pin) $(said may_apply)" 'no no'
	t_ok grep -q "^may_pin .*'$1'" "$TMP/feature"
	does may_pin "$BIN/cgroup_loader" map pin pinned "$BPFFS/kept" "$GLOBALS/again"
}
anew
chown nobody "$GLOBALS"
refused_dir "$GLOBALS"
chown root "$GLOBALS"
chmod 0777 "$BPFFS/tc"
refused_dir "$BPFFS/tc"
anew
chmod 0777 "$STATE"
t_run 0 as "$BIN/tc_loader" feature
cp "$TMP/t_out" "$TMP/feature"
t_is "$(said may_pin) $(said may_record) $(said may_apply)" 'yes no no'
does may_apply "$BIN/cgroup_loader" apply "$BIN/job.yaml"

t_begin 'what a process holds is listed if that is said to be seen'
chmod 0700 "$STATE"
start "$BUILD/tests/netns/hold" open "$BPFFS/kept" >"$TMP/held"
wait_for 20 grep -q ready "$TMP/held"
for caps in ,+sys_admin ,+sys_admin,+sys_ptrace; do
	t_run 0 as "$BIN/tc_loader" feature
	cp "$TMP/t_out" "$TMP/feature"
	does may_see_files sh -c '"$0" share show "$1" | grep "$2"' "$BIN/tc_loader" "fe$$" "$STARTED"
done
