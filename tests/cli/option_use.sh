#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Shared options that are for some verbs only: each verb of both tools takes those that its help
# names, and refuses the others in one line, in front of it and behind it.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

USES="'--sum' is for 'map dump' and 'map lookup'
'--readable' is for 'map dump', 'map lookup', 'map export' and 'map watch'
'--openmetrics' is for 'map export'
'--private' is for 'object convert'"

# refuses LINE WORDS…: of the options those that LINE, from the help, does not name.
refuses() {
	verb=$(echo "$1" | grep -oE '^[a-z]+( [a-z_]+)?')
	case $verb in
	plan* | apply* | check* | remove* | bugreport*) verb=${verb%% *} ;;
	esac
	while read -r use; do
		option=${use#\'} option=${option%%\'*}
		case $1 in
		*"$option"*) continue ;;
		esac
		for words in "$option $verb" "$verb $option"; do
			# shellcheck disable=SC2086 # words
			t_run any "$tool" $words
			t_isnt "$T_STATUS" 0
			t_err_is "$tool: $use, not for '$verb'"
		done
	done <<<"$USES"
}

t_begin 'each verb refuses what it has no use for'
for tool in tc_loader cgroup_loader; do
	for object in map object share feature plan apply check remove bugreport; do
		t_run 0 "$tool" help "$object"
		# What is wrapped is one line again.
		grep -v '^	' "$TMP/t_out" | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n  */ /g' |
			sed -n "s/^$tool //p" >"$TMP/lines"
		t_ok [ -s "$TMP/lines" ]
		while read -r line; do
			refuses "$line"
		done <"$TMP/lines"
	done
done

t_begin 'those of one tool, too'
for words in 'prog show' 'cgroup tree' 'link show' version; do
	# shellcheck disable=SC2086 # words
	t_run 255 cgroup_loader --readable $words
	t_err_has "not for '$words'"
done
for words in 'qdisc show' 'filter show dev lo' monitor; do
	# shellcheck disable=SC2086 # words
	t_run any tc_loader $words --sum
	t_isnt "$T_STATUS" 0
	t_err_has "'--sum' is for 'map dump' and 'map lookup', not for"
done

t_begin 'help is given all the same, and a batch takes them for its lines'
for tool in tc_loader cgroup_loader; do
	t_run 0 "$tool" --sum map help
	t_run 0 "$tool" --private help map dump
done
echo 'object show nosuch.o' >"$TMP/lines"
t_run any tc_loader --sum -batch "$TMP/lines"
t_err_has "object 'nosuch.o'"
t_run any cgroup_loader --sum batch file "$TMP/lines"
t_err_has "object 'nosuch.o'"

t_begin 'completion offers them behind the verbs that take them'
offers() {
	t_run 0 "$@"
	t_is "$(cut -f 1 "$TMP/t_out" | grep -c '^--sum$' || :)" "$offered"
}
for tool in tc_loader cgroup_loader; do
	offered=1
	offers "$tool" --complete map dump name x --
	offered=0
	offers "$tool" --complete map show name x --
	offers "$tool" --complete share gc --
done

t_begin 'feature and bugreport are in the help of both'
for tool in tc_loader cgroup_loader; do
	t_run 0 "$tool" help
	for word in feature bugreport; do
		t_ok grep -qw "$word" "$TMP/t_out" "$TMP/t_err"
	done
done
