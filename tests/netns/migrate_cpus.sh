#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Per-CPU values of a CPU on which the command may not run: numbers that are added up are there
# in the sum, and what could not be written is said.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"
own_objects moved

PIN=$BPFFS/tc/globals/$(own_word moved)_hit_00000
CPUS=$(($(sed 's/.*[-,]//' /sys/devices/system/cpu/possible) + 1))
[ "$CPUS" -ge 2 ] || t_skip cpus 'two CPUs'
dev_add v0
tc qdisc add dev v0 clsact
tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_percpu_hash_old.o"
old=$(map_id "$PIN")

# old N N N: the members of the element on every CPU.
old() {
	# shellcheck disable=SC2046 # a word for each byte
	bpftool map update id "$old" key 1 0 0 0 value $(printf '%d 0 0 0 0 0 0 0 ' "$@")
}

# of MEMBER: on the first two CPUs.
of() {
	bpftool -j map dump pinned "$PIN" | t_json "[formatted]" >"$TMP/element"
	grep -o "\"$1\":[0-9]*" "$TMP/element" | sed 's/.*://' | sed -n 1,2p | xargs
}

t_begin "a CPU that is not ours: counters are in the sum, and the rest is said"
old 5 6 7
# The second one is refused, as by a cpuset; the one that leaves the CPUs is not.
ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=membarrier,sched_setaffinity -o "$TMP/stopped" \
	-e inject=sched_setaffinity:error=EINVAL:when=2 -e inject=membarrier:signal=STOP:when=1 \
	tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_percpu_hash_new.o" \
	>"$TMP/stopped_out" 2>"$TMP/stopped_err" &
STOPPED_BY=$!
on_exit 'kill -9 $STOPPED_BY 2>/dev/null'
t_ok wait_for 60 calls_stopped_or_over
STOPPED=$(pgrep -P "$STOPPED_BY")
on_exit 'kill -9 $STOPPED 2>/dev/null'
old 15 66 17
goes_on 0
t_is "$(of packets)" '25 5'
t_is "$(of bytes)" '27 7'
t_is "$(of quota)" '66 6'
t_ok grep -q 'not available to this process: what the old programs wrote there last' "$TMP/stopped_out"

# le N BYTES: as hex, lowest first.
le() {
	local n=$1 i
	for ((i = 0; i < $2; i++)); do
		printf '%02x' $((n >> 8 * i & 255))
	done
}

# each MAP-ID TRIPLE TRIPLE: "PACKETS QUOTA BYTES" on the first two CPUs, 0 on others.
each() {
	local id=$1 i p q b line=''
	shift
	for ((i = 0; i < CPUS; i++)); do
		read -r p q b <<<"${1:-0 0 0}"
		[ $# -eq 0 ] || shift
		if [ "$id" = "$old" ]; then
			line+=" $(le "$p" 8)$(le "$q" 8)$(le "$b" 8)"
		else
			line+=" $(le "$b" 8)$(le 0 4)$(le "$q" 4)$(le "$p" 8)"
		fi
	done
	echo "01000000$line" >"$TMP/each"
	tc_loader map load id "$id" "$TMP/each"
}

t_begin "what was counted on a CPU is added on that CPU, and an element is counted once"
tc_loader filter del dev v0 egress
rm "$PIN"
tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$OBJ/moved_percpu_hash_old.o"
old=$(map_id "$PIN")
each "$old" '5 6 7' '50 60 70'
CALLS_CHANGING=membarrier
echo '1 membarrier(' >"$TMP/calls"
stopped_after 1 tc_loader -j map migrate pinned "$PIN" to obj "$OBJ/moved_percpu_hash_new.o"
each "$old" '8 16 7' '90 160 71'
each "$(map_id "$BPFFS/tc/globals/mapshare_migrates_${PIN##*/}/new")" '105 26 7' '1050 260 70'
goes_on 0
t_is "$(of packets)" '108 1090'
t_is "$(of bytes)" '7 71'
t_is "$(of quota)" '26 260'
t_is "$(t_json .added <"$TMP/stopped_out") $(t_json .raced <"$TMP/stopped_out")" '1 1'
tc_loader filter del dev v0 egress
rm "$PIN"
