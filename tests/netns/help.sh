#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Help of every verb of both tools: asked for with --help and with help, on stdout and a
# success, no line wider than a terminal; and its example, which is run.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

cd "$TMP"
cp "$BUILD/bpf/counter_tc.o" tc.o
cp "$BUILD/bpf/counter_cgroup.o" cg.o
cp "$BUILD/bpf/upgrade_new.o" new.o
cp "$BUILD/bpf/legacy/counter_def.o" old.o
dev_add eth0
dev_add v0
tc qdisc add dev v0 clsact
cg_add app
cat >acct.yaml <<END
name: help$$
objects: { tc: { file: tc.o } }
tc: [ { object: tc, interfaces: [ eth0 ], hook: ingress, preference: 9 } ]
END
echo version >lines.txt

seen=
# ask TOOL VERB…: its help, both ways; its example, into $example.
ask() {
	tool=$1
	shift
	t_run 0 "$tool" "$@" --help
	t_err_is ''
	t_is "$(expand "$TMP/t_out" | awk 'length > 80')" '' 'too wide'
	cp "$TMP/t_out" asked
	t_run 0 "$tool" help "$@"
	t_ok cmp asked "$TMP/t_out"
	example=$(sed -n 's/^  e\.g\. //p' asked)
	t_is "$(printf '%s\n' "$example" | wc -l)" 1 "examples of $tool $*"
	case $example in
	"$tool $*" | "$tool $* "*) ;;
	*) t_fail "$tool $*: the example is of another verb: $example" ;;
	esac
	seen="$seen$tool $*
"
}

# try TOOL VERB…: the example is run, with our cgroup for the one it names.
try() {
	ask "$@"
	# shellcheck disable=SC2086 # words of a line
	t_run 0 ${example//\/sys\/fs\/cgroup\/app/$CG\/app}
}

t_begin 'lines of tc'
for verb in add change replace link delete; do
	[ $verb != link ] || tc qdisc del dev eth0 clsact
	[ $verb != link ] || tc qdisc add dev eth0 clsact
	try tc_loader qdisc $verb
done
try tc_loader qdisc show
try tc_loader qdisc list
try tc_loader qdisc lst
tc qdisc add dev eth0 clsact
try tc_loader filter add
try tc_loader filter replace
try tc_loader filter change
tc filter add dev eth0 ingress pref 7 handle 1 bpf da obj tc.o sec classifier
for verb in get show list lst delete; do
	try tc_loader filter $verb
done
t_run 0 tc_loader exec bpf --help
t_out_has 'e.g. tc_loader exec bpf debug'
t_run 0 tc_loader monitor --help

t_begin 'programs, links and cgroups'
try cgroup_loader prog load
mv "$BPFFS/acct" "$BPFFS/acct1"
bpftool prog pin pinned "$BPFFS/acct1" "$BPFFS/acct"
try cgroup_loader prog loadall
try cgroup_loader prog show
try cgroup_loader prog list
try cgroup_loader prog pin
try cgroup_loader cgroup attach
for verb in show list tree; do
	try cgroup_loader cgroup $verb
done
try tc_loader share check
try tc_loader share show
try cgroup_loader share check
try cgroup_loader share show
try cgroup_loader cgroup detach
t_run 0 cgroup_loader cgroup attach "$CG/app" egress obj cg.o link pinned "$BPFFS/link"
for verb in show list pin update detach; do
	try cgroup_loader link $verb
done

for tool in tc_loader cgroup_loader; do
	t_begin "the verbs both have, of $tool"
	[ "$tool" != tc_loader ] || try tc_loader map list
	rm -f "$BPFFS/m" "$BPFFS/visits" modern.o
	try "$tool" map create
	bpftool map create "$BPFFS/q" type queue value 4 entries 4 name q$$
	bpftool map create "$BPFFS/s" type stack value 4 entries 4 name s$$
	for verb in update show dump lookup; do
		try "$tool" map $verb
	done
	bpftool map update pinned "$BPFFS/m" key 2 0 0 0 value 1 0 0 0
	# The last key has none behind it, and a hash has no order.
	bpftool map create "$BPFFS/o" type array key 4 value 4 entries 4 name o$$
	ask "$tool" map getnext
	# shellcheck disable=SC2086
	t_run 0 ${example//bpf\/m/bpf\/o}
	bpftool -j map dump pinned "$BPFFS/m" >saved.json
	for verb in load export delete clear push enqueue peek pop; do
		try "$tool" map $verb
	done
	try "$tool" map dequeue
	ask "$tool" map watch
	# shellcheck disable=SC2086
	t_run 0 ${example//interval 1 count 3/interval 0.1 count 2}
	ask "$tool" map event_pipe
	ask "$tool" map pin
	ask "$tool" map list
	bpftool prog loadall "$BUILD/bpf/upgrade_old.o" "$BPFFS/old"
	rm -r "$BPFFS/old"
	try "$tool" map migrate
	try "$tool" map freeze
	for verb in show convert; do
		try "$tool" object $verb
	done
	for verb in 'share gc' 'feature show' plan apply check remove bugreport; do
		# shellcheck disable=SC2086
		try "$tool" $verb
	done
	rm "$BPFFS/q" "$BPFFS/s" "$BPFFS/o"
done
try cgroup_loader batch
try cgroup_loader version

t_begin 'no verb was passed over'
t_run 0 cgroup_loader help
cp "$TMP/t_out" all
for object in object map share feature; do
	t_run 0 tc_loader $object help
	cat "$TMP/t_out" >>all
done
grep -oE '^(cgroup|tc)_loader [a-z_]+( [a-z_]+)?' all | sed 's/batch file/batch/' | sort -u >named
printf %s "$seen" | sort -u >tried
t_is "$(comm -23 named tried)" '' 'not tried'
