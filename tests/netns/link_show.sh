#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Links of kinds that the installed bpftool may show as numbers: each with its type and what
# it is attached to, as bpftool 7.8 prints them.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

LINKS=$BUILD/tests/netns/bpf_links
dev_add v0
index=$(ip -j link show dev v0 | t_json '.[0].ifindex')
t_run 0 cgroup_loader prog load "$OBJ/verdicts.o" "$BPFFS/cls" type classifier
t_run 0 cgroup_loader prog loadall "$OBJ/graph.o" "$BPFFS/graph"

# shows PIN TEXT JSON: behind the ids, in text and JSON.
shows() {
	t_run 0 cgroup_loader link show pinned "$1"
	t_is "$(t_out | sed 's/^[0-9]*: //;s/  prog [0-9]*  /  /')" "$2" text
	t_run 0 cgroup_loader -j link show pinned "$1"
	t_is "$(t_out | sed 's/"id":[0-9]*,//;s/"prog_id":[0-9]*,//')" "$3" JSON
}

t_begin 'tcx: the device and the direction; gone, it says so'
if "$LINKS" link "$BPFFS/cls" v0 46 "$BPFFS/tcx" >"$TMP/id" 2>"$TMP/err"; then
	shows "$BPFFS/tcx" "tcx  $(printf '\n\tifindex v0(%s)  attach_type tcx_ingress  ' "$index")" \
		"{\"type\":\"tcx\",\"devname\":\"v0\",\"ifindex\":$index,\"attach_type\":\"tcx_ingress\"}"
	t_run 0 cgroup_loader link detach pinned "$BPFFS/tcx"
	shows "$BPFFS/tcx" "tcx  $(printf '\n\tifindex (detached)  attach_type tcx_ingress  ')" \
		'{"type":"tcx","devname":"(detached)","ifindex":0,"attach_type":"tcx_ingress"}'
else
	say '  this kernel has no tcx (Linux 6.6)'
fi

t_begin 'xdp'
t_run 0 "$LINKS" link "$BPFFS/graph/graph_xdp" v0 37 "$BPFFS/xdp"
shows "$BPFFS/xdp" "xdp  $(printf '\n\tifindex v0(%s)  ' "$index")" \
	"{\"type\":\"xdp\",\"devname\":\"v0\",\"ifindex\":$index}"
ns_add blue
t_run 0 nsenter --net=/run/netns/blue cgroup_loader -j link show pinned "$BPFFS/xdp"
t_is "$(t_out | t_json .devname)" '(unknown)'
t_run 0 cgroup_loader link detach pinned "$BPFFS/xdp"
shows "$BPFFS/xdp" "xdp  $(printf '\n\tifindex (detached)  ')" \
	'{"type":"xdp","devname":"(detached)","ifindex":0}'

t_begin 'netfilter'
if "$LINKS" netfilter "$BPFFS/nf" 2>"$TMP/err"; then
	shows "$BPFFS/nf" \
		"netfilter  $(printf '\n\tpf 2  hooknum 1  prio 7  flags 0x0  ')" \
		'{"type":"netfilter","pf":2,"hooknum":1,"prio":7,"flags":0}'
else
	say '  this kernel has no netfilter programs (Linux 6.4)'
fi

t_begin 'iterators: what they walk'
bpftool iter pin "$OBJ/iter_task.o" "$BPFFS/iter_task" 2>"$TMP/err"
shows "$BPFFS/iter_task" 'iter  target_name task  ' '{"type":"iter","target_name":"task"}'
