#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# mapshare-follow@.service as its manager runs it, realised by setpriv and strace: its command
# line, with the capabilities that it leaves and no new privileges; families of sockets and memory
# as it allows. What it tells, a bad file, the end.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair
command -v strace >/dev/null || t_skip strace 'it tells sockets and mappings'
command -v setpriv >/dev/null || t_skip setpriv 'it takes capabilities away'

UNIT=$TOP/common/load/mapshare-follow@.service.in
# setting NAME: its value.
setting() {
	sed -n "s/^$1=//p" "$UNIT"
}
mkdir "$TMP/etc"
file() {
	cat >"$TMP/etc/acct.yaml" <<END
name: acct
objects: { o: { file: $OBJ/pair_btf_none.o } }
tc: [ { object: o, hook: ingress, interfaces: "un*", preference: 5, handle: 1 } ]
cgroups: [ { object: o, type: egress, cgroups: "$CG/unit*" } ]
END
}
file
caps=-all
for cap in $(setting CapabilityBoundingSet); do
	caps="$caps,+$(echo "${cap#CAP_}" | tr '[:upper:]' '[:lower:]')"
done
read -r -a line < <(setting ExecStart | sed "s|@SBINDIR@/||; s|/etc/mapshare/%i|$TMP/etc/acct|; s|--follow|& --state-dir $STATE|")
t_is "$(setting NoNewPrivileges)$(setting MemoryDenyWriteExecute)" yesyes

t_begin 'with what the unit leaves it'
listen "$TMP/notify"
NOTIFY_SOCKET=$TMP/notify WATCHDOG_USEC=400000 ASAN_OPTIONS=detect_leaks=0 strace -D -f -qq -o "$TMP/calls" \
	-e trace=socket,mmap,mprotect setpriv --no-new-privs "--bounding-set=$caps" "--inh-caps=-all" \
	"${line[@]}" >"$TMP/out" 2>"$TMP/err" &
PID=$!
on_exit "kill $PID 2>/dev/null || :; wait $PID 2>/dev/null || :"
t_ok wait_for 20 heard '^READY=1'
t_ok grep -q '^NoNewPrivs:[[:space:]]*1' "/proc/$PID/status"
t_is "$(sed -n 's/^CapEff:\t//p' "/proc/$PID/status")" "$(sed -n 's/^CapBnd:\t//p' "/proc/$PID/status")"
t_isnt "$(sed -n 's/^CapBnd:\t//p' "/proc/$PID/status")" "$(sed -n 's/^CapBnd:\t//p' /proc/$$/status)"
dev_add un0
cg_add unit0
t_ok wait_for 20 served un0
t_ok wait_for 20 has unit0 1
t_ok wait_for 20 heard '^STATUS=1 filters, 1 cgroup programs, 0 refused'
t_ok wait_for 20 heard '^WATCHDOG=1'

t_begin 'a bad file keeps the old one, a good one is read'
echo 'nonsense: yes' >>"$TMP/etc/acct.yaml"
kill -HUP "$PID"
t_ok wait_for 20 grep -q 'followed as they were read before' "$TMP/err"
t_ok heard '^RELOADING=1'
file
kill -HUP "$PID"
dev_add un1
t_ok wait_for 20 served un1

t_begin 'the end: all of it stays'
kill -TERM "$PID"
t_run 0 wait "$PID"
t_ok wait_for 20 heard '^STOPPING=1'
t_ok served un0
t_ok has unit0 1

t_begin 'no socket and no memory that the unit forbids'
families=$(sed -n 's/.*socket(\(AF_[A-Z0-9]*\),.*/\1/p' "$TMP/calls" | sort -u)
t_isnt "$families" ''
for family in $families; do
	t_ok grep -q "^RestrictAddressFamilies=.*\<$family\>" "$UNIT"
done
t_is "$(t_count 'PROT_WRITE|PROT_EXEC' "$TMP/calls")" 0
t_run 0 tc_loader remove --state-dir "$STATE" "$TMP/etc/acct.yaml"
