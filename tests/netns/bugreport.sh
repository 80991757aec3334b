#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A report of the machine: what is in it is said first, nothing secret is, names of processes and
# the kernel's log only if asked for, and without rights it says what could not be made.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

# section NAME: its lines in what was printed last.
section() {
	sed -n "/^== $1 ==\$/,/^== /p" "$TMP/t_out" | sed '1d; /^== /d'
}

SECRET="6d 61 70 73 68 61 72 65 5f 6b 65 79"
bpftool map create "$BPFFS/held" type array key 4 value 12 entries 1 name "br$$"
# shellcheck disable=SC2086 # bytes
bpftool map update pinned "$BPFFS/held" key 0 0 0 0 value hex $SECRET
id=$(map_id "$BPFFS/held")

t_begin 'both tools: contents first, then each section'
for tool in tc_loader cgroup_loader; do
	t_run 0 $tool bugreport
	t_err_is ''
	t_is "$(sed -n 1p "$TMP/t_out")" "bugreport of $tool"
	t_is "$(sed -n '/^In it:/,/^Not in it/s/^  \([a-z]*\) .*/\1/p' "$TMP/t_out")" \
		"$(sed -n 's/^== \(.*\) ==$/\1/p' "$TMP/t_out")"
	t_ok grep -q '^Not in it: names of processes (--processes), the kernel.s log (--dmesg); contents of maps' "$TMP/t_out"
	t_ok grep -qF "$(uname -r)" "$TMP/t_out"
	t_is "$(section pins | grep -cx "map id $id $BPFFS/held")" 1
	t_ok grep -qx "bpf $BPFFS" "$TMP/t_out"
	t_ok grep -q '^may_load  *yes' "$TMP/t_out"
	setting=/proc/sys/kernel/unprivileged_bpf_disabled
	t_ok grep -qx "$setting: $(cat $setting)" "$TMP/t_out"
	t_out_lacks mapshare_key
	t_out_lacks "$SECRET"
	t_out_lacks "$(uname -n)."
done

t_begin 'sections end after 1000 lines, and say so'
t_is "$(t_out | awk '/^== /{n = 0} n++ > 1003' | wc -l)" 0
before=$(section pins | grep -c .)
mkdir "$BPFFS/many"
for i in $(seq 1100); do
	echo "map pin pinned $BPFFS/held $BPFFS/many/$i"
done >"$TMP/batch"
bpftool batch file "$TMP/batch" >"$TMP/pinned"
t_run 0 cgroup_loader bugreport
left=$(section pins | sed -n 's/^(\([0-9]*\) lines are left out)$/\1/p')
t_is "$left" $((before + 1100 - 1000))
rm -r "$BPFFS/many"

t_begin 'in JSON the same'
t_run 0 cgroup_loader -j bugreport
t_is "$(t_json '.sections[0].name' <"$TMP/t_out")" versions
t_is "$(t_json '.contents|length' <"$TMP/t_out")" "$(t_json '.sections|length' <"$TMP/t_out")"
t_is "$(t_json '.sections[5].name' <"$TMP/t_out")" pins
t_ok grep -qF "\"map id $id $BPFFS/held\"" "$TMP/t_out"

t_begin 'names of processes and the log only if asked'
# A map that only a process has open, whose name is one to look for.
"$LIB_PYTHON" -c '
import ctypes, platform, struct, sys
nr = {"x86_64": 321, "aarch64": 280, "s390x": 351}[platform.machine()]
path = ctypes.create_string_buffer(sys.argv[1].encode())
attr = struct.pack("=QII", ctypes.addressof(path), 0, 0)
fd = ctypes.CDLL(None).syscall(nr, 7, ctypes.create_string_buffer(attr, len(attr)), len(attr))
assert fd >= 0
open("/proc/self/comm", "w").write("br_name_" + sys.argv[3])
open(sys.argv[2], "w").close()
__import__("signal").pause()' "$BPFFS/held" "$TMP/ready" "$$" >"$TMP/holder" 2>&1 &
holder=$!
on_exit "kill $holder 2>/dev/null || :"
t_ok wait_for 10 test -e "$TMP/ready"
t_run 0 cgroup_loader bugreport
t_out_lacks "br_name_"
t_out_lacks '== dmesg =='
t_run 0 cgroup_loader bugreport --processes
section share >"$TMP/share"
grep -q 'left out' "$TMP/share" || t_out_has br_name_
t_ok grep -q '^Not in it: the kernel.s log (--dmesg); contents' "$TMP/t_out"
t_run 0 tc_loader bugreport --dmesg
t_out_has '== dmesg =='
kill "$holder"

t_begin 'without rights: all that can be said, and why the rest is not'
cp "$BUILD/bin/cgroup_loader" "$TMP"
chmod 755 "$TMP"
t_run 0 setpriv --reuid=65534 --clear-groups "$TMP/cgroup_loader" bugreport --dmesg
t_ok grep -q '^may_load  *no' "$TMP/t_out"
t_is "$(section share)" '(not made: list programs: Operation not permitted (missing CAP_SYS_ADMIN))'
t_ok grep -qx 'effective uid: not 0' "$TMP/t_out"
t_run 255 cgroup_loader bugreport more
t_err_has "what is 'more'? --processes or --dmesg may follow"
