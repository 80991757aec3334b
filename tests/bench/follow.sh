#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apply --follow: what it costs while nothing happens; how long one interface or cgroup that
# appears waits; a burst of each, from the moment that it may look until all of them are attached,
# beside a bare loop that sends the same messages (bare_apply.c), in wall and processor time.
# Medians of the same run; what is attached is counted, times are never asserted.
#
#	tests/bench/follow.sh [INTERFACES [CGROUPS]]	1000 and 10000
#	RUNS=3
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/measure.sh"
own_objects pair

NR=${1:-1000}
NR_CGROUPS=${2:-10000}
RUNS=${RUNS:-3}
OBJECT=$OBJ/pair_btf_name.o
STATE=$TMP/state
BARE=$BUILD/tests/bench/bare_apply
mapfile -t names < <(for ((i = 0; i < NR / 2; i++)); do printf 'b%d\nc%d\n' $i $i; done)
cat >"$TMP/acct.yaml" <<END
name: acct
objects:
  pair: { file: $OBJECT }
tc:
  - { object: pair, interfaces: [ "[bc][0-9]*", one ], hook: ingress, preference: 1, handle: 1 }
cgroups:
  - { object: pair, type: egress, cgroups: [ "$CG/many/*", "$CG/one" ], limit: 100000 }
END

now_us() {
	echo "${EPOCHREALTIME//[.,]/}"
}
# cpu_ms PID: what it has used.
cpu_ms() {
	awk '{ print $1 / 1000000 }' "/proc/$1/schedstat"
}
wakeups() {
	awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$1/status"
}
median() {
	sort -n "$TMP/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
makes() {
	local i
	for ((i = 0; i < NR / 2; i++)); do
		echo "link add b$i type veth peer name c$i"
	done >"$TMP/links"
	[ "$1" = 0 ] || ip -batch "$TMP/links"
	cg_add many
	[ "$2" = 0 ] || "$LIB_PYTHON" -c 'import os, sys
for i in range(int(sys.argv[2])):
    os.mkdir("%s/g%d" % (sys.argv[1], i))' "$CG/many" "$2"
}
clean() {
	local i
	for ((i = 0; i < NR / 2; i++)); do
		echo "link del b$i"
	done >"$TMP/links"
	ip -force -batch "$TMP/links" >"$TMP/out" 2>&1 || :
	[ ! -d "$CG/many" ] || find "$CG/many" -depth -mindepth 1 -type d -exec rmdir {} +
	rm -rf "$STATE"
}
# follow: $PID, which has attached something of each kind, so that both programs are loaded.
follow() {
	dev_add one
	cg_add one
	NOTIFY_SOCKET=$TMP/notify tc_loader apply --follow -j --state-dir "$STATE" "$TMP/acct.yaml" >>"$TMP/state_out" \
		2>"$TMP/err" &
	PID=$!
	on_exit "kill -CONT $PID 2>/dev/null || :; kill $PID 2>/dev/null || :"
	wait_for 20 grep -q followed "$TMP/err"
}
unfollow() {
	kill "$PID"
	wait "$PID"
	tc_loader remove --state-dir "$STATE" "$TMP/acct.yaml" >"$TMP/out" 2>&1
	ip link del one
}
# state MEMBER
state() {
	: >"$TMP/state_out"
	kill -USR1 "$PID"
	wait_for 20 grep -q memory_kib "$TMP/state_out"
	t_json "$1" <"$TMP/state_out"
}
# go INTERFACES CGROUPS: lets it look, and prints the ms until it says that it has all of them.
# It may say so with its READY=1.
go() {
	"$LIB_PYTHON" - "$TMP/notify" "$PID" "STATUS=$1 filters, $(($2 + 1)) cgroup programs, 0 refused" <<'END'
import os, signal, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(120)
begin = time.monotonic()
os.kill(int(sys.argv[2]), signal.SIGCONT)
while s.recv(4096).decode().splitlines()[-1] != sys.argv[3]:
    pass
print((time.monotonic() - begin) * 1000)
os.unlink(sys.argv[1])
END
}
# burst NAME INTERFACES CGROUPS: made while it stands still, then attached.
burst() {
	local cpu
	follow
	kill -STOP "$PID"
	makes "$2" "$3"
	cpu=$(cpu_ms "$PID")
	go $(($2 + 1)) "$3" >>"$TMP/$1.ms"
	awk -v a="$cpu" -v b="$(cpu_ms "$PID")" 'BEGIN { print b - a }' >>"$TMP/$1.cpu"
	state .memory_kib >>"$TMP/$1.kib"
	unfollow
	clean
}
# bare NAME INTERFACES CGROUPS
bare() {
	local list=() from to
	[ "$2" = 0 ] || list=("${names[@]}")
	[ "$2" != 0 ] || list=(one)
	[ "$2" != 0 ] || dev_add one
	makes "$2" "$3"
	echo '{}' >"$TMP/record"
	from=$(now_us)
	TIMEFORMAT='%U %S'
	{ time "$BARE" apply "$OBJECT" "$TMP/record" "$CG/many" "${list[@]}" >"$TMP/out" 2>&1; } \
		2>"$TMP/times"
	to=$(now_us)
	echo $(((to - from) / 1000)) >>"$TMP/$1.bare_ms"
	awk '{ print ($1 + $2) * 1000 }' "$TMP/times" >>"$TMP/$1.bare_cpu"
	[ "$2" != 0 ] || ip link del one
	clean
}
# latency: of one interface, from the call that makes it until its filter is there.
latency() {
	local i from
	for ((i = 0; i < 20; i++)); do
		ip link add b0 type veth peer name c0
		from=$(now_us)
		until [ -n "$(tc filter show dev b0 ingress)" ]; do :; done
		echo $((($(now_us) - from) / 1000)) >>"$TMP/latency"
		ip link del b0
	done
}
ratio() {
	bench_values "follow, $2 $1" ours cpu_ms "$TMP/$3.cpu"
	bench_values "follow, $2 $1" bare cpu_ms "$TMP/$3.bare_cpu"
	awk -v what="$1" -v nr="$2" -v a="$(median "$3.ms")" -v b="$(median "$3.bare_ms")" \
		-v c="$(median "$3.cpu")" -v d="$(median "$3.bare_cpu")" -v k="$(median "$3.kib")" \
		'BEGIN { printf "%-10s %6d  %7d ms, bare %7d ms: %.2f   cpu %7d ms, bare %7d ms: %.2f   %d KiB\n",
			what, nr, a, b, b ? a / b : 0, c, d, d ? c / d : 0, k }'
}

cd "$TMP"
t_begin 'idle'
clean
follow
cg_add many
before="$(wakeups "$PID") $(cpu_ms "$PID")"
sleep 3
echo "idle 3 s: wake-ups and ms of cpu before '$before', after '$(wakeups "$PID") $(cpu_ms "$PID")'"
t_begin 'latency'
latency
echo "one interface: $(median latency) ms (with a run of ip and of tc)"
unfollow
clean
t_begin "$NR interfaces, $NR_CGROUPS cgroups"
for ((run = 0; run < RUNS; run++)); do
	burst dev "$NR" 0
	bare dev "$NR" 0
	burst cg 0 "$NR_CGROUPS"
	bare cg 0 "$NR_CGROUPS"
done
ratio interfaces "$NR" dev
ratio cgroups "$NR_CGROUPS" cg
