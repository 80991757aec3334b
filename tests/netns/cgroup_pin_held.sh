#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A batch keeps the program of a pin open for the lines that name it next. What others do to
# the pin between two lines counts all the same, and nothing is held that somebody judges.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

cd "$TMP"
for c in a b c; do
	cg_add $c
done
pin=$BPFFS/held
bpftool prog load "$OBJ/no_maps.o" "$pin" type cgroup_skb/egress
bpftool prog load "$OBJ/no_maps.o" "${pin}_2" type cgroup_skb/egress

id_of() {
	bpftool -j prog show pinned "$1" | t_json .id
}

has() {
	[ "$(cg_progs "$CG/$1")" = "$2" ]
}

# feed LINE: to the batch that reads our descriptor 9.
feed() {
	printf '%s\n' "$*" >&9
}

# begin_batch: one that waits for lines.
begin_batch() {
	rm -f lines
	mkfifo lines
	exec 9<>lines
	start cgroup_loader batch file lines >out 2>err 9>&-
}

first=$(id_of "$pin")
second=$(id_of "${pin}_2")

t_begin 'another program behind the name is what the next line attaches'
begin_batch
feed "cgroup attach $CG/a egress pinned $pin multi"
t_ok wait_for 20 has a 1
rm "$pin"
mv "${pin}_2" "$pin"
feed "cgroup attach $CG/b egress pinned $pin multi"
t_ok wait_for 20 has b 1
t_is "$(prog_in "$CG/a")" "$first"
t_is "$(prog_in "$CG/b")" "$second"

t_begin 'what is attached nowhere and has no pin is gone behind the next other command'
feed "cgroup detach $CG/b egress pinned $pin"
t_ok wait_for 20 has b 0
t_is "$(cg_progs "$CG/a")" 1
rm "$pin"
feed "cgroup show $CG/a"
no_second() {
	! bpftool prog show id "$second" >shown 2>&1
}
t_ok wait_for 20 no_second

t_begin 'a pin that is gone ends the batch'
feed "cgroup attach $CG/c egress pinned $pin multi"
exec 9>&-
if wait "$STARTED"; then
	t_fail 'the batch succeeded'
fi
t_ok grep -q "program pinned '$pin': No such file or directory" err
t_is "$(cg_progs "$CG/c")" 0
bpftool cgroup detach "$CG/a" egress id "$first"

t_begin 'a list that others share keeps what is theirs'
bpftool prog load "$OBJ/no_maps.o" "$pin" type cgroup_skb/egress
bpftool prog load "$OBJ/no_maps.o" "${pin}_2" type cgroup_skb/egress
for c in a b c; do
	bpftool cgroup attach "$CG/$c" egress pinned "${pin}_2"
	echo "cgroup detach $CG/$c egress pinned $pin"
done >lines_3
t_run 255 cgroup_loader batch file lines_3
t_err_has 'is not attached to'
for c in a b c; do
	t_is "$(cg_progs "$CG/$c")" 1
	bpftool cgroup detach "$CG/$c" egress pinned "${pin}_2"
done
