#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a policy does not allow is told from what the same errno mostly means: EPERM of an update,
# that the link has another program than the one to be replaced; EACCES of a path, that it is no
# pin.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

# barred ERRNO CALL CMD…: that call of bpf(2), whose N-th the last trace tells, fails.
barred() {
	local n

	n=$(awk -v call="$2" '/^bpf\(/ { n++; if ($0 ~ call) { print n; exit } }' "$TMP/trace")
	t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=bpf \
		-e "inject=bpf:error=$1:when=$n" "${@:3}"
}

traced() {
	t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -qq -e trace=bpf -o "$TMP/trace" "$@"
}

LINK=$BPFFS/link
for pin in one two; do
	t_run 0 cgroup_loader prog load "$OBJ/cg_types_old.o" "$BPFFS/$pin" type cgroup_skb/egress
done
t_run 0 cgroup_loader cgroup attach "$CG" egress pinned "$BPFFS/one" link pinned "$LINK"
one=$(bpftool -j prog show pinned "$BPFFS/one" | t_json .id)
two=$(bpftool -j prog show pinned "$BPFFS/two" | t_json .id)

t_begin 'a link with another program than the one that is named'
t_run 255 cgroup_loader link update pinned "$LINK" id "$two" old id "$two"
t_err_has "the link has program id $one 'cg_ingress', not program id $two, the one to be replaced"

t_begin 'a policy: not blamed on the program'
for old in '' "old id $one"; do
	# shellcheck disable=SC2086 # words
	set -- cgroup_loader link update pinned "$LINK" id "$two" $old
	traced "$@"
	t_run 0 cgroup_loader link update pinned "$LINK" id "$one"
	barred EPERM BPF_LINK_UPDATE "$@"
	t_err_is 'cgroup_loader: update the link: Operation not permitted'
	t_is "$(bpftool -j link show pinned "$LINK" | t_json .prog_id)" "$one"
done

t_begin 'a pin that may not be opened is one'
LOAD=(cgroup_loader prog load "$BPF/counter_cgroup.o" "$BPFFS/three")
t_run 0 "${LOAD[@]}"
rm "$BPFFS/three"
MAP=$(ls "$BPFFS/tc/globals")
traced "${LOAD[@]}"
rm "$BPFFS/three"
barred EACCES "BPF_OBJ_GET, .*\"$MAP\"" "${LOAD[@]}"
t_err_has "map '$MAP': open pin '$BPFFS/tc/globals/$MAP': Permission denied"
t_ok [ ! -e "$BPFFS/three" ]
rm "$BPFFS/tc/globals/$MAP"
mkdir "$BPFFS/tc/globals/$MAP"
t_run 255 "${LOAD[@]}"
t_err_has "'$BPFFS/tc/globals/$MAP' is not a pin"
