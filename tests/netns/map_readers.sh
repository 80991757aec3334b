#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A pin that may be read and not written: what only reads works, what writes is refused.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

chmod 711 "$BPFFS"
mkdir -m 755 "$BPFFS/open" "$BPFFS/shut"
for dir in open shut; do
	bpftool map create "$BPFFS/$dir/m" type hash key 4 value 8 entries 4 name "mr_$$"
	bpftool map update pinned "$BPFFS/$dir/m" key 1 0 0 0 value 2 0 0 0 0 0 0 0
	chmod 644 "$BPFFS/$dir/m"
done
mkdir -m 755 "$BPFFS/shut/in"
chmod 700 "$BPFFS/shut"
bpftool -j map dump pinned "$BPFFS/open/m" >"$TMP/dump"

as_reader() {
	setpriv --reuid=65534 --regid=65534 --clear-groups cgroup_loader "$@"
}

t_begin 'what only reads'
t_run 0 as_reader -j map dump pinned "$BPFFS/open/m"
t_is "$(t_out)" "$(cat "$TMP/dump")"
t_run 0 as_reader map lookup pinned "$BPFFS/open/m" key 1 0 0 0
t_out_has 'value: 02 00 00 00 00 00 00 00'
t_run 0 as_reader map getnext pinned "$BPFFS/open/m"
t_run 0 as_reader -j map show pinned "$BPFFS/open/m"
t_is "$(t_out | t_json .name)" "mr_$$"
t_run 0 as_reader map export pinned "$BPFFS/open/m" --openmetrics
t_out_has "bpf_map_entries{map=\"mr_$$\",type=\"hash\"} 1"
t_run 0 as_reader map watch pinned "$BPFFS/open/m" count 1
t_out_has 'value 2'

t_begin 'what writes'
t_run 255 as_reader map update pinned "$BPFFS/open/m" key 1 0 0 0 value 3 0 0 0 0 0 0 0
t_err_has 'Permission denied'
t_run 255 as_reader map delete pinned "$BPFFS/open/m" key 1 0 0 0
t_err_has 'Permission denied'
t_is "$(bpftool -j map dump pinned "$BPFFS/open/m")" "$(cat "$TMP/dump")"

t_begin 'a directory that may not be entered is no other file system'
for pin in shut/m shut/in/m; do
	t_run 255 as_reader map dump pinned "$BPFFS/$pin"
	t_err_is "cgroup_loader: bpf obj get ($BPFFS/$pin): Permission denied"
done
echo >"$TMP/file"
t_run 255 cgroup_loader map dump pinned "$TMP/file"
t_err_has 'directory not in bpf file system'
