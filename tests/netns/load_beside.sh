#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Loaders that share a directory of pins verify side by side: no lock is held meanwhile, but a
# claim, for which everybody waits who may remove a pin.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

DIR=$BPFFS/tc/globals
cd "$TMP"
dev_add v0
tc qdisc add dev v0 clsact
tc_loader filter add dev v0 ingress pref 9 handle 1 bpf da obj "$OBJ/by_name.o" sec tc
inode=$(stat -c %i "$DIR")

# claims: how many loaders are verifying, as the kernel lists it.
claims() {
	awk -v end=":$inode" '$2 == "OFDLCK" && $6 ~ end "$" { n++ } END { print n + 0 }' /proc/locks
}

# load PREF: in the background; its process is $STARTED.
load() {
	start tc_loader filter add dev v0 ingress pref "$1" handle 1 bpf da obj "$OBJ/slow_pinned.o"
}

# is_waiting PID: for others' claims, since nobody has the lock.
is_waiting() {
	kill -0 "$1" && grep -q nanosleep "/proc/$1/wchan" && flock -n "$DIR" true
}

both_verify_or_end() {
	[ "$(claims)" -eq 2 ] || ! kill -0 "$1" 2>/dev/null || ! kill -0 "$2" 2>/dev/null
}

# begin_claim, end_claim: somebody who verifies for as long as the test wants.
begin_claim() {
	rm -f said
	start "$BUILD/tests/netns/claim" "$DIR" >said
	claimer=$STARTED
	t_ok wait_for 20 grep -q claimed said
}

end_claim() {
	kill "$claimer"
	wait "$claimer" || :
}

t_begin 'two loads are verified at one time, and the directory is free meanwhile'
overlapped=
for _ in 1 2 3 4 5 6 7 8; do
	load 1
	one=$STARTED
	load 2
	two=$STARTED
	t_ok wait_for 60 both_verify_or_end "$one" "$two"
	if [ "$(claims)" -eq 2 ] && flock -n "$DIR" true; then
		overlapped=yes
	fi
	wait "$one"
	wait "$two"
	t_is "$(filters v0 ingress)" 3
	t_is "$(claims)" 0
	for pref in 1 2; do
		id=$(tc -j filter show dev v0 ingress pref $pref | t_json '.[options.prog.id][0]')
		t_is "$(maps_of "$id")" "$(map_id "$DIR/slow_pinned_hits")" "map of the filter $pref"
		tc filter del dev v0 ingress pref $pref
	done
	rm "$DIR/slow_pinned_hits"
	[ -z "$overlapped" ] || break
done
t_is "$overlapped" yes 'seen at one time'

t_begin 'what fails is taken back behind everybody who is verifying'
begin_claim
start tc_loader filter add dev v0 ingress pref 1 bpf da obj "$OBJ/rejected.o" 2>err
loader=$STARTED
t_ok wait_for 60 is_waiting "$loader"
t_ok [ -e "$DIR/never_pinned" ]
end_claim
status=0
wait "$loader" || status=$?
t_is "$status" 1
t_ok [ ! -e "$DIR/never_pinned" ]

t_begin 'gc waits too; who comes meanwhile need not, and keeps his map'
tc filter del dev v0 ingress pref 9
begin_claim
id=$(map_id "$DIR/by_name_hits")
# The first time that it asks for claims it is not told.
start env ASAN_OPTIONS=detect_leaks=0 strace -D -f --seccomp-bpf -qq -o calls -P "$DIR" -e trace=fcntl \
	-e inject=fcntl:error=ENOMEM:when=1 tc_loader share gc --delete --force-unseen "$DIR/by_name_hits" >out 2>err
gc=$STARTED
t_ok wait_for 60 is_waiting "$gc"
t_run 0 tc_loader filter add dev v0 ingress pref 9 handle 1 bpf da obj "$OBJ/by_name.o" sec tc
end_claim
wait "$gc" || :
t_ok grep -q 'OFD_GETLK.*INJECTED' calls
t_is "$(map_id "$DIR/by_name_hits")" "$id"
