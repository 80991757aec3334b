#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The worked examples for a fleet are documents of YAML, name what exists, and their commands do
# what they are there for, with the capabilities that the DaemonSet gives and no others.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
FLEET=$TOP/bpf/examples/fleet
"$LIB_PYTHON" -c 'import yaml' 2>"$TMP/null" || t_skip yaml 'needs the yaml module of python3'

# The files say /etc/mapshare, /usr/lib/acct and /run/mapshare: here all of it is below $TMP.
mkdir "$TMP/conf" "$TMP/acct" "$TMP/state"
# Other programs of this machine may have a map of that name.
own_map() {
	LC_ALL=C sed "s/\\btraffic/$(own_word traffic)/g" "$1"
}
own_map "$LEGACY/counter_elf.o" >"$TMP/acct/acct_tc.o"
own_map "$LEGACY/counter_def.o" >"$TMP/acct/acct_cg.o"
cg_add app.slice
sed "s|/usr/lib/acct|$TMP/acct|; s|app.slice|${CG#"$CGROUP2/"}/app.slice|" \
	"$FLEET/acct.yaml" >"$TMP/acct.yaml"
own_map "$TMP/acct.yaml" >"$TMP/conf/acct.yaml"
dev_add eth0

# picked FILE PYTHON: an expression about the document d, a word a line if it is a list.
picked() {
	"$LIB_PYTHON" -c '
import sys, yaml
d = yaml.safe_load(open(sys.argv[1]))
value = eval(sys.argv[2])
print("\n".join(value) if isinstance(value, list) else value)
' "$1" "$2"
}

# command_of FILE PYTHON: the words of a command, as COMMAND, with the paths of this place.
command_of() {
	local text
	text=$(picked "$1" "$2" | sed "s|/etc/mapshare|$TMP/conf|")
	mapfile -t COMMAND <<<"$text"
	# Before the file, which is the last word.
	COMMAND=("${COMMAND[@]::${#COMMAND[@]}-1}" --state-dir "$TMP/state" "${COMMAND[-1]}")
}

attached() {
	[ "$(filters "$1" ingress)" -eq 1 ]
}

tasks="d[0]['tasks']"
argv="[t for t in $tasks if t['name'] == '%s'][0]['ansible.builtin.command']['argv']"
container="d['spec']['template']['spec']['containers'][0]"

t_begin 'Ansible: 1 where it differs, and what differs as JSON; applied; then 0'
# shellcheck disable=SC2059
command_of "$FLEET/ansible.yaml" "$(printf "$argv" 'Is it so')"
check=("${COMMAND[@]}")
t_run 1 "${check[@]}"
t_is "$(t_out | "$LIB_PYTHON" -c 'import json, sys; print(type(json.load(sys.stdin)).__name__)')" dict
# shellcheck disable=SC2059
command_of "$FLEET/ansible.yaml" "$(printf "$argv" 'Make it so')"
t_run 0 "${COMMAND[@]}"
t_run 0 "${check[@]}"
t_is "$(filters eth0 ingress)" 1
t_is "$(cg_progs "$CG/app.slice")" 1
mv "$TMP/conf/acct.yaml" "$TMP/conf/acct.yaml.off"
t_run 255 "${check[@]}"
mv "$TMP/conf/acct.yaml.off" "$TMP/conf/acct.yaml"

t_begin 'the unit that it enables is one that is installed'
unit=$(picked "$FLEET/ansible.yaml" "${tasks}[-1]['ansible.builtin.systemd_service']['name']")
t_ok [ -e "$TOP/common/load/${unit%%@*}@.service.in" ]
t_run 0 tc_loader remove --state-dir "$TMP/state" "$TMP/conf/acct.yaml"

t_begin 'Kubernetes: what selects fits what is labelled, and each mount has its volume'
t_is "$(picked "$FLEET/daemonset.yaml" "d['apiVersion'] + ' ' + d['kind']")" 'apps/v1 DaemonSet'
t_is "$(picked "$FLEET/daemonset.yaml" \
	"d['spec']['selector']['matchLabels'] == d['spec']['template']['metadata']['labels']")" True
t_is "$(picked "$FLEET/daemonset.yaml" "sorted(m['name'] for m in ${container}['volumeMounts'])")" \
	"$(picked "$FLEET/daemonset.yaml" "sorted(v['name'] for v in d['spec']['template']['spec']['volumes'])")"

t_begin 'its container works with its capabilities, and its probe tells'
caps=$(picked "$FLEET/daemonset.yaml" "${container}['securityContext']['capabilities']['add']" |
	tr 'A-Z\n' 'a-z ' | sed 's/\([a-z_]*\) /,+\1/g')
# Namespaces of processes and of cgroups, too, where it is the first process.
contained=(unshare --pid --fork --kill-child --mount-proc --cgroup setpriv --no-new-privs --bounding-set="-all$caps" --inh-caps="-all$caps" --)
command_of "$FLEET/daemonset.yaml" "${container}['readinessProbe']['exec']['command']"
probe=("${contained[@]}" "${COMMAND[@]}")
t_run 1 "${probe[@]}"
command_of "$FLEET/daemonset.yaml" "${container}['command']"
start "${contained[@]}" "${COMMAND[@]}" >"$TMP/follow" 2>&1
t_ok wait_for 20 "${probe[@]}"
dev_add eth1
t_ok wait_for 20 attached eth1
t_run 0 "${probe[@]}"
kill "$(ps --ppid "$STARTED" -o pid=)"
t_run 0 wait "$STARTED"
t_run 0 "${probe[@]}"
t_is "$(filters eth0 ingress)" 1
