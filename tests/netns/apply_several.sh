#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Several files of apply on one line: a directory of them, one answer for all; what was done
# before one of them fails stays and is said; each name has its own things. In batches, too.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

dev_add va
dev_add vb
cd "$TMP"
mkdir conf
STATE='--state-dir state'

# conf NAME DEV: a file of that name, a classifier on DEV.
conf() {
	cat >"conf/$1.yaml" <<END
name: $1
objects: { tc: { file: $LEGACY/counter_elf.o } }
maps: { traffic: { shared: yes } }
tc: [ { object: tc, interfaces: $2, hook: ingress, preference: 1, handle: 1 } ]
END
}

conf one va
conf two vb

t_begin 'a directory: its files in order, one answer'
# shellcheck disable=SC2086 # STATE is two words
t_run 0 tc_loader apply $STATE conf
t_is "$(t_out | grep -E '^(one|two): ')" 'one: 1 attached
two: 1 attached'
id=$(map_id "$BPFFS/tc/globals/traffic")
t_is "$(maps_of "$(prog_at va ingress)")" "$id" 'map behind va'
t_is "$(maps_of "$(prog_at vb ingress)")" "$id" 'map behind vb'
# shellcheck disable=SC2086
t_run 0 cgroup_loader check -j $STATE conf/two.yaml conf/one.yaml
t_is "$(t_json .files[0].name <"$TMP/t_out")" two
t_is "$(t_json .files[1].name <"$TMP/t_out")" one
# shellcheck disable=SC2086
t_run 0 cgroup_loader check $STATE conf
t_out_is 'one: in sync
two: in sync'

t_begin 'one that differs is enough'
tc filter del dev vb ingress
# shellcheck disable=SC2086
t_run 1 tc_loader check $STATE conf
t_out_has 'one: in sync'
t_out_has 'two: 1 different'

t_begin 'a subset touches no other name'
prog=$(prog_at va ingress)
# shellcheck disable=SC2086
t_run 0 cgroup_loader apply $STATE conf/two.yaml
t_is "$(prog_at va ingress)" "$prog" 'program of va'
t_is "$(filters vb ingress)" 1 'filters on vb'

t_begin 'one that is refused: those before it stay and are said, those behind it are not begun'
conf a vb
conf b va
conf one2 va
sed -i 's/preference: 1,/preference: 2,/' conf/a.yaml
for tool in tc_loader cgroup_loader; do
	# shellcheck disable=SC2086
	t_run 255 $tool apply $STATE conf/a.yaml conf/b.yaml conf/one2.yaml
	t_out_has 'a: '
	t_out_lacks 'b: '
	t_err_has "$tool: a: done before the failure, and kept"
	t_err_has "$tool: b: conf/b.yaml:4:7: "
done
t_is "$(filters vb ingress)" 2 'filters on vb'
t_is "$(prog_at va ingress)" "$prog" 'program of va'
# shellcheck disable=SC2086
t_run 255 tc_loader apply -j $STATE conf/a.yaml conf/b.yaml
t_err_has 'tc_loader: a: done before the failure, and kept'
t_ok t_json .error <"$TMP/t_out"

t_begin 'lines of a batch'
printf 'check --state-dir state conf/one.yaml\nremove --state-dir=state conf/one.yaml\n' >lines
t_run 0 tc_loader -batch lines
t_out_has 'one: in sync'
t_out_has 'one: 1 detached'
t_is "$(filters va ingress)" 0 'filters on va'
printf 'apply --state-dir state conf/one.yaml\n' >lines
t_run 0 cgroup_loader batch file lines
t_out_has 'one: 1 attached'
t_run 0 cgroup_loader -j batch file lines
t_is "$(t_json .[0].output.files[0].kept <"$TMP/t_out")" 1
printf 'check --state-dir state conf\n' >lines
tc filter del dev va ingress
t_run any tc_loader -batch lines
t_is "$T_STATUS" 1 'a difference ends a batch'

t_begin 'in a network namespace: the names are of that, the pins those of everybody'
ns_add guest
ip link add vg type veth peer name vh netns guest
on_exit 'ip link del vg 2>/dev/null'
conf guest vh
# shellcheck disable=SC2086
t_run 0 tc_loader -n guest apply $STATE conf/guest.yaml
t_out_has 'guest: 1 attached'
t_is "$(maps_of "$(tc -n guest filter show dev vh ingress | sed -n 's/.* id \([0-9]*\) .*/\1/p')")" \
	"$id" 'map behind vh'
# shellcheck disable=SC2086
t_run 0 tc_loader -n guest apply $STATE conf/guest.yaml
t_out_has 'guest: in sync, nothing loaded, 1 kept'

t_begin 'in namespaces that a pattern names'
conf outer vh
sed -i 's/interfaces: vh/interfaces: vh, netns: "gues?"/; s/preference: 1,/preference: 2,/' \
	conf/outer.yaml
# shellcheck disable=SC2086
t_run 0 cgroup_loader plan $STATE conf/outer.yaml
t_out_has '+ attach   netns guest dev vh ingress pref 2 handle 0x1 '
# shellcheck disable=SC2086
t_run 0 cgroup_loader apply -j $STATE conf/outer.yaml
t_is "$(t_json .files[0].attached <"$TMP/t_out")" 1
t_is "$(t_json '.files[0].steps[-1].netns' <"$TMP/t_out")" guest
# shellcheck disable=SC2086
t_run 0 tc_loader check $STATE conf/outer.yaml
# shellcheck disable=SC2086
t_run 0 tc_loader remove $STATE conf/outer.yaml
t_out_has 'outer: 1 detached'
