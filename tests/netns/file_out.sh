#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Three verbs write files, by one set of rules: an old file keeps mode, owner and, until the
# new one is whole, its content; links stay; what is no file is written to.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

bpftool map create "$BPFFS/m" type array key 4 value 8 entries 1 name "fo_$$"
mkdir "$TMP/bin"
printf '#!/bin/sh\ncat >/dev/null\nhead -c 20000 /dev/zero\n' >"$TMP/bin/dot"
chmod +x "$TMP/bin/dot"
PATH=$TMP/bin:$PATH

# writes VERB STATUS FILE
writes() {
	case $1 in
	export) t_run "$2" cgroup_loader map export pinned "$BPFFS/m" --openmetrics file "$3" ;;
	svg) t_run "$2" cgroup_loader share show id "$(map_id "$BPFFS/m")" --svg "$3" ;;
	convert) t_run "$2" cgroup_loader object convert "$LEGACY/counter_elf.o" "$3" ;;
	esac
}

mkdir "$TMP/small"
mount -t tmpfs -o size=8k tmpfs "$TMP/small"
on_exit 'umount "$TMP/small"'
echo old >"$TMP/small/full"
for verb in export svg convert; do
	t_begin "$verb: mode, owner and links stay"
	echo old >"$TMP/$verb"
	chmod 600 "$TMP/$verb"
	chown 65534:65533 "$TMP/$verb"
	ln -s "$verb" "$TMP/$verb.link"
	writes "$verb" 0 "$TMP/$verb.link"
	t_is "$(readlink "$TMP/$verb.link")" "$verb"
	t_is "$(stat -c '%a %u:%g' "$TMP/$verb")" '600 65534:65533'
	t_isnt "$(tr -d '\0' <"$TMP/$verb")" old

	t_begin "$verb: devices, FIFOs and open files are written to"
	mknod "$TMP/null" c 1 3
	writes "$verb" 0 "$TMP/null"
	t_is "$(stat -c %F "$TMP/null")" 'character special file'
	rm "$TMP/null"
	writes "$verb" 0 /dev/stdout
	# An answer may follow: convert lists what is lost.
	size=$(stat -c %s "$TMP/$verb")
	head -c "$size" "$TMP/t_out" >"$TMP/head"
	[ "$verb" = export ] || t_ok cmp "$TMP/head" "$TMP/$verb"
	[ "$verb" != export ] || t_out_has '# EOF'
	writes "$verb" 255 /dev/full
	t_err_has "write '/dev/full': No space left on device"

	t_begin "$verb: a full disk leaves the old file and nothing else"
	[ "$verb" = export ] || {
		writes "$verb" 255 "$TMP/small/full"
		t_err_has 'No space left on device'
	}
	t_is "$(cat "$TMP/small/full")" old
	t_is "$(ls -A "$TMP/small")" full
	t_is "$(find "$TMP" -name '.*.mapshare-*')" ''
done

t_begin 'a file that may not be written is not replaced'
chmod 711 "$TMP" "$BPFFS"
chmod 666 "$BPFFS/m"
mkdir -m 777 "$TMP/open"
echo old >"$TMP/open/root"
t_run 255 setpriv --reuid=65534 --regid=65534 --clear-groups \
	cgroup_loader map export pinned "$BPFFS/m" --openmetrics file "$TMP/open/root"
t_err_has "write '$TMP/open/root': Permission denied"
t_is "$(cat "$TMP/open/root")" old

# Of the calls in this directory: it is opened, read, and then asked for a file without a name.
mkdir "$TMP/named"
unnamed() {
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/calls" -P "$TMP/named" \
		-e 'inject=openat:error=EOPNOTSUPP:when=3' "$@" \
		cgroup_loader map export pinned "$BPFFS/m" --openmetrics file "$TMP/named/file"
}

t_begin 'a file system without unnamed files: by a name beside it, which goes with what fails'
echo old >"$TMP/named/file"
t_run 0 unnamed
t_ok grep -q 'O_TMPFILE.*INJECTED' "$TMP/calls"
t_isnt "$(cat "$TMP/named/file")" old
t_is "$(ls -A "$TMP/named")" file
echo old >"$TMP/named/file"
t_run 255 unnamed -e inject=renameat:error=EIO
t_err_has "write '$TMP/named/file': Input/output error"
t_is "$(cat "$TMP/named/file")" old
t_is "$(ls -A "$TMP/named")" file
