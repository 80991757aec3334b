#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Somebody else made a directory, a link or a pin on the way to a shared map: refused by its
# owner and mode, with the way out, whatever moves meanwhile.
#
# differs: foreign-pins
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

OBJECT=$OBJ/layout_u64.o
GLOBALS=$BPFFS/tc/globals
PIN=$GLOBALS/layout_stats
dev_add v0
tc qdisc add dev v0 clsact

nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all -- "$@"
}

# both WORDS [OPTION...]: neither tool loads, both say WORDS; nothing is made.
both() {
	words=$1
	shift
	find "$BPFFS" -printf '%p %y %U %m\n' | sort >"$TMP/before"
	t_run 1 tc_loader "$@" filter add dev v0 ingress bpf da obj "$OBJECT" section tc
	t_err_has "map 'layout_stats': $words"
	t_run 255 cgroup_loader "$@" cgroup attach "$CG" egress obj "$OBJECT"
	t_err_has "map 'layout_stats': $words"
	t_is "$(filters v0 ingress)" 0 filters
	find "$BPFFS" -printf '%p %y %U %m\n' | sort >"$TMP/after"
	t_ok cmp "$TMP/before" "$TMP/after"
}

t_begin 'a directory of somebody else'
nobody mkdir -p "$GLOBALS"
both "directory '$BPFFS/tc' belongs to uid 65534 (mode 0755)"
t_err_has 'mount -t bpf -o mode=0700 bpf /sys/fs/bpf'
t_run 0 tc_loader -j object show "$OBJECT"
t_is "$(t_out | t_json '.[0].maps[0].would')" blocked
if command -v strace >/dev/null; then
	t_run 1 env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e trace=fstatfs -e inject=fstatfs:error=ENOMEM \
		tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc
	t_is "$(find "$GLOBALS" -type f)" '' 'pins where the kind of the file system is not told'
fi
chown 0:0 "$BPFFS/tc"
both "directory '$GLOBALS' belongs to uid 65534 (mode 0755)"
chown 0:0 "$GLOBALS"

t_begin 'a directory that others may write to, sticky or not'
for mode in 0777 1777 0770 0702; do
	chmod $mode "$GLOBALS"
	both "directory '$GLOBALS' of uid 0 has mode $mode"
	t_err_has "chmod 0700 $GLOBALS"
done
chmod 0700 "$GLOBALS"

t_begin 'bpftool-shaped pins as well'
bpftool map create "$BPFFS/mine" type array key 4 value 8 entries 4 name mine
nobody mkdir "$BPFFS/theirs"
t_run 255 cgroup_loader map pin pinned "$BPFFS/mine" "$BPFFS/theirs/new"
t_err_has "directory '$BPFFS/theirs' belongs to uid 65534"
t_run 255 cgroup_loader prog load "$OBJECT" "$BPFFS/theirs/p"
t_err_has "directory '$BPFFS/theirs' belongs to uid 65534"
t_is "$(ls "$BPFFS/theirs")" ''

t_begin 'a map that the line names by its pin'
mkdir -m 0700 "$BPFFS/given"
bpftool map create "$BPFFS/given/map" type array key 4 value 16 entries 4 name given
chown 65534 "$BPFFS/given"
t_run 1 tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc \
	map name layout_stats pinned "$BPFFS/given/map"
t_err_has "map 'layout_stats': directory '$BPFFS/given' belongs to uid 65534"
t_run 255 cgroup_loader cgroup attach "$CG" egress obj "$OBJECT" \
	map name layout_stats pinned "$BPFFS/given/map"
t_err_has "map 'layout_stats': directory '$BPFFS/given' belongs to uid 65534"
t_is "$(filters v0 ingress)" 0 filters
chown 0 "$BPFFS/given"
t_run 255 cgroup_loader cgroup attach "$CG" egress obj "$OBJECT" \
	map name layout_stats pinned "$BPFFS/given/map"
t_err_lacks belongs
rm -r "$BPFFS/given"
if command -v strace >/dev/null; then
	# In the root, where others may make names, the pin is looked at again once it is open.
	t_run 255 env ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/calls" -P mine -e trace=?newfstatat,?fstatat64 \
		-e inject=?newfstatat,?fstatat64:error=ENOMEM:when=2 cgroup_loader cgroup attach "$CG" egress obj "$OBJECT" \
		map name layout_stats pinned "$BPFFS/mine"
	t_err_has 'Cannot allocate memory'
fi

t_begin 'once they are ours, everything works'
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc
t_ok [ -e "$PIN" ]
tc filter del dev v0 ingress
rm -r "$BPFFS/tc" "$BPFFS/ip" "$BPFFS/xdp"

t_begin 'links: of somebody else refused, of root followed'
nobody ln -s "$BPFFS/theirs" "$BPFFS/tc"
both "link '$BPFFS/tc' belongs to uid 65534 (mode 0777)"
rm "$BPFFS/tc"
mkdir -m 0700 "$BPFFS/real"
ln -s "$BPFFS/real" "$BPFFS/tc"
t_run 0 tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc
t_ok [ -e "$BPFFS/real/globals/layout_stats" ]
tc filter del dev v0 ingress
rm -r "$BPFFS/tc" "$BPFFS/real"

t_begin 'a root that is open to all: only a pin of root or ours is taken there'
bpftool map create "$BPFFS/layout_stats" type array key 4 value 16 entries 4 name layout_stats
chown -h 65534:65534 "$BPFFS/layout_stats"
both "pin '$BPFFS/layout_stats' belongs to uid 65534 (mode 0600)" --pin-root "$BPFFS"
rm "$BPFFS/layout_stats"
t_run 0 tc_loader --pin-root "$BPFFS" filter add dev v0 ingress bpf da obj "$OBJECT" section tc
tc filter del dev v0 ingress
rm "$BPFFS/layout_stats"

t_begin 'a link and a directory that somebody swaps all the time lead nowhere else'
start setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all -- \
	"$LIB_PYTHON" -c '
import os, sys
top = sys.argv[1]
os.makedirs(top + "/theirs/globals", exist_ok=True)
def quietly(fn, *args):
    try:
        fn(*args)
    except OSError:
        pass
while True:
    quietly(os.symlink, top + "/theirs", top + "/next")
    quietly(os.rename, top + "/next", top + "/tc")
    quietly(os.unlink, top + "/tc")
    quietly(os.mkdir, top + "/tc")
    quietly(os.rmdir, top + "/tc")' "$BPFFS"
swapper=$STARTED
t_ok wait_for 5 [ -e "$BPFFS/theirs/globals" ]
loads=0
while [ "$loads" -lt 150 ]; do
	! tc_loader filter add dev v0 ingress bpf da obj "$OBJECT" section tc 2>/dev/null ||
		rm -r "$BPFFS/tc"
	loads=$((loads + 1))
	[ -z "$(ls "$BPFFS/theirs/globals")" ] || t_fail "load $loads landed in the directory of uid 65534"
done
t_ok kill -0 "$swapper"
kill "$swapper"
wait "$swapper" 2>/dev/null || :
t_is "$(find "$BPFFS" -user 65534 -name layout_stats)" ''
