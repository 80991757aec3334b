#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# plan, apply, check and remove on files that cannot be read: one line that begins with the
# place, status 255 in both tools; all files are read before anything is looked at.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

cd "$TMP"
mkdir conf empty

# refused ERROR WORD…: every verb of both tools says that, on stderr or as JSON.
refused() {
	local text=$1
	shift
	for tool in tc_loader cgroup_loader; do
		for verb in plan apply check remove; do
			t_run 255 $tool "$verb" --state-dir state "$@"
			t_err_is "$tool: $text"
			t_out_is ''
		done
		t_run 255 $tool -j apply --state-dir=state "$@"
		t_err_is ''
		# What is said to help stands on stderr alone.
		t_is "$(t_json .error <"$TMP/t_out")" "${text%"; the path begins in "*}" 'the error in JSON'
	done
	t_ok [ ! -e state ]
}

t_begin 'the place, the key, the value, the way out'
printf 'name: acct\ntc:\n  - { object: x, interfaces: v0, hook: ingress }\n' >a.yaml
refused "a.yaml:3:15: object: 'x' is not defined under objects, which has none" a.yaml
printf 'name: acct\nobjects:\n  x: { file: x.o }\ntc:\n  - object: x\n    interface: v0\n' >a.yaml
refused "a.yaml:6:5: interface: unknown key of a tc entry; did you mean 'interfaces'?" a.yaml
printf '{"name": "acct",\n "name": "b"}' >conf/a.json
refused 'conf/a.json:2:2: name: set twice, first in line 1; keep one' conf/a.json
printf '{"name": "acct",\n "maps": {"m": {"on-change": "migrat"}}}' >conf/a.json
refused "conf/a.json:2:30: on-change: 'migrat' is not one of refuse|fresh|migrate; did you mean 'migrate'?" conf
printf 'name: b\0' >conf/a.json
refused 'conf/a.json:1:8: not a YAML text: control characters are not allowed; only printable UTF-8 is read' conf/a.json

t_begin 'bytes of a file do not reach the terminal'
printf 'name: "a\\x1b[31m"\n' >a.yaml
refused 'a.yaml:1:7: control byte 0x1b in a text; remove it, a value is one line' a.yaml
printf 'name: "a\\u009b31m"\n' >a.yaml
refused "a.yaml:1:7: name: 'a\\xc2\\x9b31m' cannot be a name; use up to 64 letters, digits, '.', '_' and '-', and begin with a letter or digit" a.yaml

t_begin 'one name, two files: none of them is done'
printf 'name: acct\n' >a.yaml
printf '# a comment\nname: acct\n' >conf/b.yml
rm conf/a.json
refused "conf/b.yml:2:7: name: 'acct' is also the name in a.yaml:1:7; give each file its own" a.yaml conf
refused "a.yaml:1:7: name: 'acct' is also the name in a.yaml:1:7; give each file its own" a.yaml a.yaml

t_begin 'files that are not there, and what is no file'
refused 'none.yaml: No such file or directory; the path begins in the directory this runs in' a.yaml none.yaml
refused 'empty: no *.yaml, *.yml or *.json in this directory' empty
mkfifo fifo
refused 'fifo: not a regular file' fifo

t_begin 'lines without a file, options nobody knows'
for tool in tc_loader cgroup_loader; do
	t_run 255 $tool apply
	t_err_is "$tool: 'apply' needs a file: apply FILE|DIR..."
	t_run 255 $tool apply --state-dri x a.yaml
	t_err_is "$tool: unknown option '--state-dri' for apply; did you mean '--state-dir'?"
	t_run 255 $tool apply --nosuch a.yaml
	t_err_is "$tool: unknown option '--nosuch' for apply; write a file that begins with '-' as ./--nosuch"
done

t_begin 'help of each verb, and in that of all'
for tool in tc_loader cgroup_loader; do
	for verb in plan apply check remove; do
		t_run 0 $tool $verb help
		[ $verb != apply ] || verb='apply [--follow]'
		t_out_has "$tool $verb [-j] [-p] [--state-dir DIR] {FILE|DIR}..."
		t_run 0 $tool help
		t_ok grep -qhw "${verb%% *}" "$TMP/t_out" "$TMP/t_err"
	done
done
t_begin 'abbreviations of theirs mean what they did'
t_run 0 cgroup_loader p help
t_out_has 'cgroup_loader prog show '
t_run any tc_loader a
t_err_has "'actions' is not offered here"
