#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A line of a batch is what it would be alone: nothing that its words switch on is left to the
# next one, and no byte of it is dropped on the way.
#
# differs: batch-lines
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add v0
tc qdisc add dev v0 clsact
cd "$TMP"
cp "$OBJ/no_maps.o" a.o

# batch FORMAT: writes the file f, as printf does.
batch() {
	# shellcheck disable=SC2059 # the format is the file
	printf "$1" >f
}

t_begin 'tc_loader: -j behind a verb is for its line'
batch 'qdisc show dev v0 clsact\n'
t_run 0 tc_loader -b f
t_out >text
batch 'share show -j\nqdisc show dev v0 clsact\nshare show -p\nqdisc show dev v0 clsact\n'
t_run 0 tc_loader -b f
t_is "$(t_out | grep -c '^qdisc clsact')" 2
t_is "$(t_out | tail -n 1)" "$(cat text)"
batch 'qdisc show dev v0 clsact\nshare check -j no_such_map\nobject show nope.o\n'
t_run 1 tc_loader -force -b f
t_out_has '{"error":'
t_is "$(t_out | sed -n 1p)" "$(cat text)"
t_err_has 'nope.o'

t_begin 'cgroup_loader: the same; the batch itself stays what it began as'
cgroup_loader object show a.o >text
batch 'share show -j\nobject show a.o\nshare show -p\nobject show a.o\n'
t_run 0 cgroup_loader batch file f
t_out >all
t_is "$(tail -n 1 all)" 'processed 4 commands'
n=$(wc -l <text)
t_is "$(tail -n "$((n + 1))" all | sed -n "1,${n}p")" "$(cat text)"
t_run 0 cgroup_loader -j batch file f
t_is "$(t_out | t_json '.|length')" 4
t_run 0 cgroup_loader -p batch file f
t_is "$(t_out | t_json '.[command]|length')" 4

t_begin 'a NUL byte does not make a shorter command of a line'
for pref in 5 7; do
	tc filter add dev v0 ingress pref $pref bpf da obj a.o
done
batch 'qdisc show dev v0\nfilter del dev v0 ingress\0 pref 7\n'
t_run 1 tc_loader -b f
t_err_has 'the line holds a NUL byte'
t_err_has 'Command failed f:2'
t_is "$(filters v0 ingress)" 2
bpftool map create "$BPFFS/m" type hash key 4 value 4 entries 4 name m
batch 'version\nmap delete pinned %s\0x key 1 0 0 0\n'
sed -i "s|%s|$BPFFS/m|" f
for key in 1 2; do
	bpftool map update pinned "$BPFFS/m" key $key 0 0 0 value 0 0 0 0
done
t_run 255 cgroup_loader batch file f
t_err_has 'f:2: the line holds a NUL byte'
t_run 255 cgroup_loader -j batch file f
t_is "$(t_out | t_json '.|length')" 2
t_out_has 'f:2: the line holds a NUL byte'
t_is "$(bpftool -j map dump pinned "$BPFFS/m" | t_json '.|length')" 2
batch '# \0 in a comment\nqdisc show dev v0\n'
t_run 0 tc_loader -b f

t_begin 'a batch in a batch, as in bpftool; one that runs itself ends'
batch 'version\n'
mv f inner
batch 'batch file inner\nversion\n'
for option in '' -j -p; do
	# shellcheck disable=SC2086 # no word at all when empty
	bpftool $option batch file f >theirs
	# shellcheck disable=SC2086
	t_run 0 cgroup_loader $option batch file f
	case $option in
	'') t_is "$(t_out | grep processed)" "$(grep processed theirs)" ;;
	*)
		t_is "$(t_out | t_json '.[0].command')" "$(t_json '.[0].command' <theirs)"
		t_is "$(t_out | t_json '.[0].output[0].command')" \
			"$(t_json '.[0].output[0].command' <theirs)"
		t_is "$(t_out | t_json '.[1].command')" "$(t_json '.[1].command' <theirs)"
		;;
	esac
done
batch 'batch file f\n'
t_run 255 cgroup_loader batch file f
t_err_has '16 batch files are open already'
t_run 255 cgroup_loader -j batch file f
t_ok [ "$(t_out | t_json '.|length')" -eq 1 ]

t_begin 'a line that is done, and whose answer cannot be kept: said to be done'
bpftool map create "$BPFFS/kept" type hash key 4 value 4 entries 4 name kept
batch "map update pinned $BPFFS/kept key 1 0 0 0 value 2 0 0 0\\n"
t_run 255 bash -c 'set -o pipefail; prlimit --fsize=1 cgroup_loader -j batch file f | cat'
t_is "$(t_out | t_json '.[0].error')" 'f:1: batch: File too large; the command is done, and its answer is lost'
t_is "$(bpftool -j map lookup pinned "$BPFFS/kept" key 1 0 0 0 | t_json '.value[0]')" 0x02
