#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The units under systemd itself, first process of a tree as containers have it: applied and
# followed before what is ordered after the target, read again, through a new image of the manager,
# stopped, and through a shutdown, with all that was attached left attached.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/follow.sh"
own_objects pair
MANAGER=/lib/systemd/systemd
[ -x "$MANAGER" ] || t_skip systemd 'the units are for it'

# --- a tree of its own: /etc, /run, the processes, one cgroup hierarchy ---

UNITS=$TMP/etc/systemd/system
mkdir -p "$UNITS" "$TMP/etc/mapshare"
for file in passwd group nsswitch.conf ld.so.cache; do
	cp "/etc/$file" "$TMP/etc"
done
for unit in mapshare@.service mapshare-follow@.service; do
	sed "s|@SBINDIR@|$MAPSHARE_BUILD/bin|;
		/^NoNewPrivileges/i StandardError=append:$TMP/said" \
		 "$TOP/common/load/$unit.in" >"$UNITS/$unit"
done
cp "$TOP/common/load/mapshare.target" "$UNITS"
for unit in local-fs.target sysinit.target shutdown.target umount.target final.target \
	exit.target systemd-exit.service; do
	cp "/lib/systemd/system/$unit" "$UNITS"
done
cat >"$UNITS/start.target" <<'END'
[Unit]
Wants=mapshare@boot.service mapshare-follow@acct.service relies.service
Wants=mapshare.target
END
# Ordered after the target alone.
cat >"$UNITS/relies.service" <<END
[Unit]
DefaultDependencies=no
After=mapshare.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'tc filter show dev un0 ingress >$TMP/found_tc; tc filter show dev boot0 ingress >$TMP/found_boot'
END
cat >"$TMP/etc/mapshare/boot.yaml" <<END
name: boot
objects: { o: { file: $OBJ/pair_btf_name.o } }
maps: { $(own_word pair)_hits_00000: { shared: yes } }
tc: [ { object: o, hook: ingress, interfaces: boot0, preference: 5, handle: 1 } ]
END
cat >"$TMP/etc/mapshare/acct.yaml" <<END
name: acct
objects: { o: { file: $OBJ/pair_btf_name.o } }
maps: { $(own_word pair)_hits_00000: { shared: yes } }
tc: [ { object: o, hook: ingress, interfaces: "un*", preference: 5, handle: 1 } ]
END
cat >"$TMP/tree" <<END
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount --bind "$TMP/etc" /etc
exec env -i container=other PATH="$PATH" SYSTEMD_UNIT_PATH="$UNITS" \\
	$MANAGER --system --unit=start.target --log-target=console --show-status=no
END

# manager: in the background; its process, as we see it, is $INIT.
manager() {
	cg_add tree
	bash -c 'echo $$ >"$1/cgroup.procs"; exec unshare -m -p -f -C bash "$2"' - "$CG/tree" \
		"$TMP/tree" >"$TMP/log" 2>&1 </dev/null &
	MANAGED=$!
	on_exit 'end_manager'
	wait_for 20 init_of "$MANAGED"
	INIT=$(cat "/proc/$MANAGED/task/$MANAGED/children")
	INIT=${INIT% }
}

init_of() {
	local children
	children=$(cat "/proc/$1/task/$1/children")
	[ -n "$children" ] && grep -q systemd "/proc/${children% }/comm"
}

# The first process of the tree takes the others with it.
end_manager() {
	kill -KILL "$INIT" 2>/dev/null || :
	wait "$MANAGED" 2>/dev/null || :
	lib_cgroup_empty "$CG/tree"
}

lib_cgroup_empty() {
	[ ! -d "$1" ] || find "$1" -mindepth 1 -depth -type d -exec rmdir {} +
}

ctl() {
	nsenter -t "$INIT" -m -p -C systemctl "$@"
}

active() {
	[ "$(ctl is-active "$1")" = active ]
}

t_begin 'applied before what is ordered after the target'
dev_add un0
dev_add boot0
manager
t_ok wait_for 30 active mapshare.target
t_ok active mapshare@boot.service
t_ok active mapshare-follow@acct.service
t_ok wait_for 20 test -e "$TMP/found_boot"
t_ok grep -q pair_btf_name "$TMP/found_tc"
t_ok grep -q pair_btf_name "$TMP/found_boot"

t_begin 'what appears is served, and counted in the status'
status_has() {
	[[ $(ctl show -P StatusText mapshare-follow@acct.service) == "$1"* ]]
}
dev_add un1
t_ok wait_for 20 served un1
t_ok wait_for 20 status_has '2 filters, 0 cgroup programs, 0 refused'

t_begin 'the same process, with the filters of its unit, through a new image of the manager'
main_pid() {
	ctl show -P MainPID mapshare-follow@acct.service
}
pid=$(main_pid)
t_is "$(nsenter -t "$INIT" -m -p sed -n 's/^Seccomp:\t//p' "/proc/$pid/status")" 2
t_run any ctl daemon-reexec
t_ok wait_for 20 active mapshare-follow@acct.service
t_is "$(main_pid)" "$pid"
dev_add un2
t_ok wait_for 20 served un2
t_ok wait_for 20 status_has '3 filters'

t_begin 'a bad file keeps the old one, a good one is read'
echo 'nonsense: yes' >>"$TMP/etc/mapshare/acct.yaml"
t_run any ctl reload mapshare-follow@acct.service
t_ok wait_for 20 grep -q 'followed as they were read before' "$TMP/said"
t_ok active mapshare-follow@acct.service
sed -i 's/^nonsense.*//; s/"un\*"/[ "un*", "more*" ]/' "$TMP/etc/mapshare/acct.yaml"
dev_add more0
t_run any ctl reload mapshare-follow@acct.service
t_ok wait_for 20 served more0
t_is "$(main_pid)" "$pid"

t_begin 'stopped, it leaves all attached; started, it goes on'
t_run 0 ctl stop mapshare-follow@acct.service
t_ok served un0
t_ok served more0
before=$(prog_at un0 ingress)
dev_add un3
t_run 0 ctl start mapshare-follow@acct.service
t_ok wait_for 20 served un3
t_is "$(prog_at un0 ingress)" "$before"

t_begin 'a shutdown takes nothing away either'
t_run any ctl exit
wait "$MANAGED" || :
for dev in un0 un1 un2 un3 more0 boot0; do
	t_ok served "$dev"
done
t_is "$(prog_at un0 ingress)" "$before"
t_run 0 tc_loader share check "$(own_word pair)_hits_00000"
