#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The README's table for containers: each job with the rights of its row and none more, where
# bpffs and cgroup2 are somewhere else, /sys is read-only, and neither /proc nor /run/netns is
# there.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
tc qdisc add dev v0 clsact
BIN=$TMP/bin
mkdir "$BIN" "$TMP/b" "$TMP/cg"
cp "$BUILD/bin/tc_loader" "$BUILD/bin/cgroup_loader" "$LEGACY/counter_elf.o" "$LEGACY/counter_def.o" "$BIN"
chmod 755 "$TMP" "$BIN"
mount -t bpf -o mode=0700 b "$TMP/b"
on_exit 'umount -l "$TMP/b"'
chown nobody "$TMP/b"
PIN=$TMP/b/tc/globals/traffic
INSIDE="mount --bind -o ro '$CGROUP2' '$TMP/cg' &&
	{ umount -l /sys/fs/bpf && umount -l '$CGROUP2'; mount -o remount,ro,bind /sys; } 2>'$TMP/null'"

# inside CAPS CMD…: in the container, uid nobody, with these capabilities alone ('' for none).
NO_PROC='umount -l /proc'
inside() {
	inside_caps=$1
	shift
	TC_BPF_MNT=$TMP/b NO_PROC=$NO_PROC unshare -m --propagation private sh -c "$INSIDE"'
		mount -t tmpfs none /run && { $NO_PROC; caps=$1; shift
		exec setpriv --reuid=nobody --clear-groups --bounding-set="-all$caps" \
			--inh-caps="-all$caps" --ambient-caps="-all$caps" -- "$@"; }' sh "$inside_caps" "$@"
}

ADD="$BIN/tc_loader filter add dev v0 ingress bpf da obj $BIN/counter_elf.o"
ATTACH="$BIN/cgroup_loader cgroup attach $TMP/cg/${CG##*/} egress obj $BIN/counter_def.o multi"

t_begin 'the container is as narrow as it is meant to be'
t_run 0 inside '' sh -c '[ ! -e /proc/self ] && [ ! -e /run/netns ] && [ ! -w /sys/kernel ] &&
	[ ! -w "$0" ]' "$TMP/cg"

tc_loader feature >"$TMP/features"
if grep -q '^path_fd  *no ' "$TMP/features"; then
	t_begin 'before Linux 6.5 a pin takes a /proc, and that is said'
	# shellcheck disable=SC2086 # words of a command
	t_run 1 inside ,+bpf,+net_admin $ADD
	t_err_has "pin '$PIN': without /proc this takes Linux 6.5"
	t_ok [ ! -e "$PIN" ]
	NO_PROC=:
fi

t_begin 'an object is read without a right'
t_run 0 inside '' "$BIN/cgroup_loader" -j object show "$BIN/counter_elf.o"

t_begin 'loading, pinning and attaching to an interface: CAP_BPF and CAP_NET_ADMIN'
# shellcheck disable=SC2086 # words of a command
for caps in '' ,+bpf ,+net_admin; do
	t_run 1 inside "$caps" $ADD
	t_err_has 'missing CAP_'
done
t_ok [ ! -e "$PIN" ]
# shellcheck disable=SC2086
t_run 0 inside ,+bpf,+net_admin $ADD
t_is "$(maps_of "$(prog_at v0 ingress)")" "$(map_id "$PIN")"

t_begin 'to a cgroup: the same, of a tree that is read-only'
# shellcheck disable=SC2086
t_run 255 inside ,+bpf $ATTACH
t_err_has 'missing CAP_NET_ADMIN'
# shellcheck disable=SC2086
t_run 0 inside ,+bpf,+net_admin $ATTACH
t_is "$(maps_of "$(prog_in "$CG")")" "$(map_id "$PIN")"

t_begin 'a shared map is read by whoever may read the pin'
t_run 0 inside ,+bpf "$BIN/cgroup_loader" -j map dump pinned "$PIN"

t_begin 'who shares it is asked with CAP_SYS_ADMIN; what is not seen is not proved'
t_run 255 inside ,+bpf,+net_admin "$BIN/tc_loader" share check traffic dev v0
t_err_has 'missing CAP_SYS_ADMIN'
t_run any inside ,+sys_admin,+net_admin,+sys_ptrace "$BIN/tc_loader" share check traffic dev v0 \
	cgroup "$TMP/cg/${CG##*/}"
t_ok [ "$T_STATUS" = 0 -o "$T_STATUS" = 2 ]
t_out_has "tc ingress dev v0"

t_begin 'a qdisc: CAP_NET_ADMIN; a map of its own: CAP_BPF'
dev_add v1
t_run any inside ,+bpf "$BIN/tc_loader" qdisc add dev v1 clsact
t_isnt "$T_STATUS" 0
t_err_has 'missing CAP_NET_ADMIN'
t_run 0 inside ,+net_admin "$BIN/tc_loader" qdisc add dev v1 clsact
t_run 0 inside ,+net_admin "$BIN/tc_loader" qdisc del dev v1 clsact
map_make() {
	inside "$1" "$BIN/cgroup_loader" map create "$TMP/b/made" type hash key 4 value 4 \
		entries 4 name "made_$$"
}
t_run 255 map_make ,+net_admin
t_err_has 'missing CAP_BPF'
t_run 0 map_make ,+bpf
t_run 0 inside ,+bpf "$BIN/cgroup_loader" map update pinned "$TMP/b/made" key 1 0 0 0 value 7 0 0 0

t_begin 'a file needs a /proc, and says so'
mkdir "$TMP/state"
chown nobody "$TMP/state"
cat >"$BIN/job.yaml" <<END
name: job
objects: { tc: { file: $BIN/counter_elf.o }, cg: { file: $BIN/counter_def.o } }
maps: { traffic: { shared: yes } }
tc: [ { object: tc, interfaces: v1, hook: ingress } ]
cgroups: [ { object: cg, type: egress, cgroups: $TMP/cg/${CG##*/}/job, mode: exclusive } ]
END
mkdir "$CG/job"
bpftool cgroup detach "$CG" egress id "$(prog_in "$CG")"
in_file() {
	inside "$1" "$BIN/cgroup_loader" "$2" --state-dir "$TMP/state" "$BIN/job.yaml"
}
NO_PROC='umount -l /proc'
for verb in plan apply check remove; do
	t_run 255 in_file ,+bpf,+net_admin,+sys_admin $verb
	t_err_has 'which network namespace this is cannot be told without /proc; mount one'
done
t_is "$(ls -A "$TMP/state")" ''

t_begin 'to apply it: CAP_SYS_ADMIN and CAP_NET_ADMIN; to say what would be done: CAP_NET_ADMIN'
NO_PROC=:
t_run 255 in_file ,+bpf plan
t_err_has 'missing CAP_NET_ADMIN'
# Before Linux 5.19 the question itself takes CAP_BPF, where unprivileged users have none of bpf(2).
plan=,+net_admin
if ! inside $plan bpftool cgroup show "$TMP/cg/${CG##*/}/job" >"$TMP/null" 2>&1; then
	t_run 255 in_file $plan plan
	t_err_has 'missing CAP_BPF'
	plan+=,+bpf
fi
t_run 0 in_file $plan plan
t_run 255 in_file ,+net_admin apply
t_err_has 'missing CAP_BPF'
t_run 255 in_file ,+bpf,+net_admin apply
t_err_has 'missing CAP_SYS_ADMIN'
t_is "$(filters v1 ingress)$(prog_in "$CG/job")" 0
t_run 0 in_file ,+sys_admin,+net_admin apply
t_is "$(maps_of "$(prog_at v1 ingress)") $(maps_of "$(prog_in "$CG/job")")" "$(map_id "$PIN") $(map_id "$PIN")"
t_run 255 in_file ,+bpf,+net_admin check
t_err_has 'missing CAP_SYS_ADMIN'
t_run 0 in_file ,+sys_admin,+net_admin check
t_run 0 in_file ,+sys_admin,+net_admin remove
t_is "$(filters v1 ingress)$(prog_in "$CG/job")" 0
