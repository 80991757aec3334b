#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The units are what systemd understands, and have no setting that would hide or close the file
# systems with pins and cgroups.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

UNITS=$TMP/units
mkdir "$UNITS" "$TMP/sbin"
ln -s /bin/true "$TMP/sbin/tc_loader"
cp "$TOP/common/load/mapshare.target" "$UNITS"
for unit in mapshare@.service mapshare-follow@.service; do
	sed "s|@SBINDIR@|$TMP/sbin|" "$TOP/common/load/$unit.in" >"$UNITS/$unit"
done

t_begin 'one applies, one follows'
t_is "$(grep -c "^ExecStart=$TMP/sbin/tc_loader apply --require-shared" \
	"$UNITS/mapshare@.service")" 1
t_is "$(grep -c "^ExecStart=$TMP/sbin/tc_loader apply --follow" \
	"$UNITS/mapshare-follow@.service")" 1

t_begin 'no mount namespace of their own, no user namespace'
for setting in ProtectKernelTunables ProtectControlGroups ProtectSystem ProtectHome PrivateTmp \
	PrivateDevices PrivateMounts PrivateNetwork PrivateUsers ReadOnlyPaths RootDirectory \
	MountAPIVFS ProtectProc ProcSubset ProtectKernelModules ProtectKernelLogs; do
	t_is "$(grep -l "^$setting=" "$UNITS"/mapshare* || :)" '' "$setting"
done
t_is "$(grep -c '^RequiresMountsFor=/sys/fs/bpf$' "$UNITS"/mapshare*@.service |
	cut -d: -f2 | sort -u)" 1

t_begin 'as systemd reads them'
command -v systemd-analyze >/dev/null || t_skip systemd-analyze 'comes with systemd'
cp "$UNITS/mapshare@.service" "$UNITS/mapshare@acct.service"
cp "$UNITS/mapshare-follow@.service" "$UNITS/mapshare-follow@acct.service"
for unit in mapshare@acct.service mapshare-follow@acct.service mapshare.target; do
	t_run any systemd-analyze verify --man=no --recursive-errors=no "$UNITS/$unit"
	t_is "$(grep -F "$UNITS" "$TMP/t_out" "$TMP/t_err" || :)" ''
done
t_run any systemd-analyze security --offline=yes "$UNITS/mapshare-follow@acct.service"
t_out_has 'Overall exposure level'
