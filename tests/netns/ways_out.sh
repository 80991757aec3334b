#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Where the text of a refusal has to be bpftool's, the way out stands behind it on stderr, and
# what -j answers stays bpftool's.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

NONE=4294967295
map=$BPFFS/m
bpftool map create "$map" type hash key 4 value 4 entries 2 name out$$

# out TEXT WORDS…: the line is refused with that way out; -j answers what bpftool answers.
out() {
	out_text=$1
	shift
	t_run 255 cgroup_loader "$@"
	t_err_has "; $out_text"
	t_is "$(wc -l <"$TMP/t_err")" 1 'lines on stderr'
	[ "$1" = map ] || return 0
	bpftool -j "$@" >"$TMP/theirs" 2>"$TMP/err" && t_fail "bpftool takes it: $*"
	t_run 255 cgroup_loader -j "$@"
	[ "$3" = name ] || t_ok cmp "$TMP/theirs" "$TMP/t_out"
}

t_begin 'an id, a name, a pin that is not there'
out "'map show' lists the maps" map dump id $NONE
out "'map show' lists the maps" map dump name nosuch$$
out "'share show' lists maps with their pins" map dump pinned "$BPFFS/nosuch"
# bpftool says the directory, ours what was named.
t_run 255 cgroup_loader map dump pinned "$TMP/t_err"
t_err_has "; 'share show' lists maps with their pins"
out "'cgroup_loader prog show' lists" prog show id $NONE
out "'cgroup_loader prog show' lists" prog show name nosuch$$
out "'cgroup_loader -f prog show' lists" prog show pinned "$BPFFS/nosuch"
out "'link show' lists the links" link show id $NONE
out "'link show -f' lists links" link detach pinned "$BPFFS/nosuch"
cg_add c
out "'cgroup_loader prog show' lists" cgroup attach "$CG/c" egress id $NONE

t_begin 'a key that is not there, none behind the last one, one that is there already'
out 'the map has no elements' map getnext pinned "$map"
bpftool map update pinned "$map" key 1 0 0 0 value 1 0 0 0
out 'KEY is the last one' map getnext pinned "$map" key 1 0 0 0
out "the map has no such key; 'map dump'" map delete pinned "$map" key 2 0 0 0
out "the map has no such key; 'map dump'" map update pinned "$map" \
	key 2 0 0 0 value 1 0 0 0 exist
out "'noexist' asks for a key that is new" map update pinned "$map" \
	key 1 0 0 0 value 1 0 0 0 noexist

t_begin 'a word that is no attach type is named before a program that is missing'
t_run 255 cgroup_loader cgroup attach "$CG/c" egrss id $NONE
t_err_has "attach type 'egrss' is unknown; did you mean 'egress'?"
# An abbreviation, as bpftool takes it: there the program is what is missing.
t_run 255 bpftool cgroup attach "$CG/c" egres id $NONE
t_run 255 cgroup_loader cgroup attach "$CG/c" egres id $NONE
t_err_has "program id $NONE"

t_begin 'of a pin in a directory that may not be entered nothing is said but that'
mkdir -m 700 "$BPFFS/closed"
bpftool map pin pinned "$map" "$BPFFS/closed/m"
cp "$BUILD/bin/cgroup_loader" "$TMP"
chmod 755 "$TMP" "$BPFFS"
# denied WORDS…
denied() {
	t_run 255 setpriv --reuid=nobody --clear-groups --inh-caps=-all,+bpf \
		--ambient-caps=-all,+bpf -- "$TMP/cgroup_loader" "$@"
	t_err_has 'Permission denied'
	t_err_lacks 'file system'
}
denied map show pinned "$BPFFS/closed/m"
denied prog show pinned "$BPFFS/closed/m"
denied link show pinned "$BPFFS/closed/m"

t_begin 'remarks of share check begin at the margin'
mkdir "$BPFFS/progs"
bpftool map create "$BPFFS/hits" type array key 4 value 8 entries 1 name rem$$
bpftool prog loadall "$OBJ/truth.o" "$BPFFS/progs" map name truth_hits pinned "$BPFFS/hits"
bpftool cgroup attach "$CG/c" egress pinned "$BPFFS/progs/truth_cgroup" multi
t_run 1 cgroup_loader share check rem$$ cgroup "$CG/c"
t_err_has 'cgroup_loader: attachment not found: id '
