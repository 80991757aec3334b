#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Each of many cgroups gets the program, wherever it is below; cgroups of one directory are opened
# from there, as the way from the root takes the kernel longer than the attach. One that goes
# meanwhile is named, and all of it taken back.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/syscalls.sh"

bpftool prog load "$OBJ/no_maps.o" "$BPFFS/prog" type cgroup_skb/egress
LEAVES='a/b a/c a/d/e a/d/f a/g h i/j/k l/m'
for leaf in $LEAVES; do
	mkdir -p "$CG/all/$leaf"
done
EACH=(cgroup_loader cgroup attach each "$CG/all" egress pinned "$BPFFS/prog")

# attached CGROUP: how many programs are there itself.
attached() {
	bpftool cgroup show "$CG/all/$1" >"$TMP/shown"
	t_count cgroup_inet_egress <"$TMP/shown"
}

for how in multi 'link pinned DIR'; do
	t_begin "every leaf and nothing else: $how"
	mkdir -m 0700 "$BPFFS/links"
	# shellcheck disable=SC2086 # words
	t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=openat -o "$TMP/opened" "${EACH[@]}" ${how/DIR/$BPFFS/links}
	for leaf in $LEAVES; do
		t_is "$(attached "$leaf")" 1 "$leaf"
	done
	for inner in . a a/d i i/j l; do
		t_is "$(attached "$inner")" 0 "$inner"
	done

	t_begin 'no leaf is looked for from the root'
	for leaf in $LEAVES; do
		t_is "$(t_count "\"$CG/all/$leaf\"" <"$TMP/opened")" 0 "$leaf"
	done
	rm -r "$BPFFS/links"
	for leaf in $LEAVES; do
		bpftool cgroup detach "$CG/all/$leaf" egress pinned "$BPFFS/prog" 2>"$TMP/err" || :
		t_is "$(attached "$leaf")" 0 "$leaf"
	done
done

t_begin 'a directory that goes meanwhile is named, and nothing stays'
calls_of "${EACH[@]}" multi
for leaf in $LEAVES; do
	bpftool cgroup detach "$CG/all/$leaf" egress pinned "$BPFFS/prog"
done
stopped_after "$(grep -n BPF_PROG_ATTACH "$TMP/calls" | sed -n '1s/:.*//p')" "${EACH[@]}" multi
first=
for leaf in $LEAVES; do
	[ "$(attached "$leaf")" != 1 ] || first=$leaf
done
t_isnt "$first" ''
# Of the directory that it is in nothing but that one is left.
for leaf in a/b a/c a/d/e a/d/f a/d a/g h i/j/k i/j i l/m l; do
	case $first/ in
	"$leaf"/*) ;;
	*) rmdir "$CG/all/$leaf" ;;
	esac
done
goes_on 255
t_ok grep -q "cgroup '$CG/all/.*No such file" "$TMP/stopped_err"
t_is "$(attached "$first")" 0
