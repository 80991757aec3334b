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

# Kinds that no test can make on every kernel: the kernel says so of a link of a cgroup.
TOLD=$BUILD/tests/netns/told
cg_add told
t_run 0 cgroup_loader cgroup attach "$CG/told" ingress obj "$OBJ/only_cgroup.o" link pinned "$BPFFS/told"
link=$(bpftool -j link show pinned "$BPFFS/told" | t_json .id)

# is_told WORDS TEXT JSON: behind the ids.
is_told() {
	t_run 0 "$TOLD" info-link "$link" "$1" cgroup_loader link show pinned "$BPFFS/told"
	t_is "$(t_out | sed 's/^[0-9]*: //;s/  prog [0-9]*  /  /')" "$2" text
	t_run 0 "$TOLD" info-link "$link" "$1" cgroup_loader -j link show pinned "$BPFFS/told"
	t_is "$(t_out | sed 's/"id":[0-9]*,//;s/"prog_id":[0-9]*,//;s/,"prog_id":[0-9]*}/}/')" "$3" JSON
}

# Offsets: 0 type, 8 program, from 16 on what the type has.
t_begin 'tracing, of the kernel and of a program'
is_told 0=2,16=24 "tracing  $(printf '\n\tprog_type cgroup_skb  attach_type trace_fentry  ')" \
	'{"type":"tracing","prog_type":"cgroup_skb","attach_type":"trace_fentry","target_obj_id":0,"target_btf_id":0}'
is_told 0=2,16=25,20=3,24=4 \
	"tracing  $(printf '\n\tprog_type cgroup_skb  attach_type trace_fexit  \n\ttarget_obj_id 3  target_btf_id 4  ')" \
	'{"type":"tracing","prog_type":"cgroup_skb","attach_type":"trace_fexit","target_obj_id":3,"target_btf_id":4}'
is_told 0=2,8=4294967295,16=999 "tracing  $(printf '\n\tprog_type unspec  attach_type 999  ')" \
	'{"type":"tracing","prog_type":"unspec","attach_type":999,"target_obj_id":0,"target_btf_id":0}'

t_begin 'network namespaces, sockets, struct_ops'
is_told 0=5,16=4026531840,20=17 "netns  $(printf '\n\tnetns_ino 4026531840  attach_type flow_dissector  ')" \
	'{"type":"netns","netns_ino":4026531840,"attach_type":"flow_dissector"}'
is_told 0=14,16=77,20=4 "sockmap  $(printf '\n\tmap_id 77  attach_type sk_skb_stream_parser  ')" \
	'{"type":"sockmap","map_id":77,"attach_type":"sk_skb_stream_parser"}'
is_told 0=9,16=77 "struct_ops  $(printf '\n\tmap_id 77  ')" \
	'{"type":"struct_ops","map_id":77}'

t_begin 'a kind that is newer than the tool'
is_told 0=250 'type 250  ' '{"type":250}'

t_begin 'kprobe_multi: how many, what was missed; where the kernel tells no place'
is_told 0=8,24=2,28=1,32=5 "kprobe_multi  $(printf '\n\t%s  \n\t%s\n\t%s  \n\t%s  ' \
	'kretprobe.multi  func_cnt 2  missed 5' 'addr             cookie           func [module]' \
	'(hidden)         0                (unknown)' '(hidden)         0                (unknown)')" \
	'{"type":"kprobe_multi","retprobe":true,"func_cnt":2,"missed":5,"funcs":[{"addr":null,"func":null,"module":null,"cookie":0},{"addr":null,"func":null,"module":null,"cookie":0}]}'
is_told 0=8 'kprobe_multi  ' '{"type":"kprobe_multi"}'
is_told 0=8,24=4294967295 'kprobe_multi  ' '{"type":"kprobe_multi"}'
t_err_has "link id $link: not all of it can be read: "

# 16 type of the event, 36 offset, 40 address, 48 missed, 56 cookie.
t_begin 'perf_event: kprobes by address, and an event that is newer than the tool'
address=$(awk '$1 !~ /^0*$/ && $2 ~ /[tT]/ && $3 == "schedule" { print $1; exit }' /proc/kallsyms)
if [ -n "$address" ]; then
	words=36=4,40=0x${address: -8},44=0x${address:0:8},48=2,56=7
	for event in 3:kprobe:false 4:kretprobe:true; do
		IFS=: read -r number name returns <<<"$event"
		is_told "0=7,16=$number,$words" \
			"perf_event  $(printf '\n\t%s %s schedule+0x4  missed 2  cookie 7  ' "$name" "$address")" \
			"{\"type\":\"perf_event\",\"retprobe\":$returns,\"addr\":$(printf %u "0x$address"),\"func\":\"schedule\",\"offset\":4,\"missed\":2,\"cookie\":7}"
	done
else
	say '  addresses of the kernel are hidden here'
fi
is_told 0=7,16=3 "perf_event  $(printf '\n\tkprobe (hidden) (unknown)+0x0  ')" \
	'{"type":"perf_event","retprobe":false,"addr":null,"func":null,"offset":0,"missed":0,"cookie":0}'
is_told 0=7,16=99 'perf_event  ' '{"type":"perf_event"}'
