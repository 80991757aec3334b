#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Links of programs that trace: what they are attached to, in text and JSON.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

PROBES=$BUILD/tests/netns/probe_links
# Nobody runs the copy, so nothing is ever traced.
cp "$PROBES" "$TMP/traced"
file=$TMP/traced

# probe PIN WORD...: a link; 1 where this kernel has none of the kind, and says so.
probe() {
	local status=0 name=$1
	shift
	"$PROBES" "$@" 2>"$TMP/probe_err" || status=$?
	[ "$status" -ne 0 ] || return 0
	[ "$status" -eq 3 ] || t_fail "$name: $(cat "$TMP/probe_err")"
	say "  this kernel has no $name: $(cat "$TMP/probe_err")"
	return 1
}

# shows PIN TEXT JSON: behind the ids, in text and JSON.
shows() {
	t_run 0 cgroup_loader link show pinned "$1"
	t_is "$(t_out | sed 's/^[0-9]*: //;s/  prog [0-9]*  /  /')" "$2" text
	t_run 0 cgroup_loader -j link show pinned "$1"
	t_is "$(t_out | sed 's/"id":[0-9]*,//;s/"prog_id":[0-9]*,//')" "$3" JSON
}

# tells NAME FIELD: does this kernel tell of such a link (Linux 6.6, of uprobe_multi 6.8)? So
# does the tool then, and says no word of FIELD where it does not.
tells() {
	local said status=0
	said=$(cgroup_loader -j link show pinned "$BPFFS/$1")
	"$PROBES" told "$BPFFS/$1" 2>"$TMP/probe_err" || status=$?
	case $status in
	0) [[ $said == *"\"$2\":"* ]] || t_fail "nothing of $2: $said" ;;
	3)
		[[ $said != *"\"$2\":"* ]] || t_fail "$2 is made up: $said"
		say "  this kernel does not tell of $1"
		return 1
		;;
	*) t_fail "$1: $(cat "$TMP/probe_err")" ;;
	esac
}

# The kernel wants one semaphore for one place in a file, whoever probes it.
t_begin 'uprobe_multi: path, offsets, semaphores, cookies, the process'
if probe uprobe_multi uprobes "$BPFFS/ups" 0 "$file" 0 0x1010:0x20:7 0x1020:0:0xbeef &&
	tells ups funcs; then
	shows "$BPFFS/ups" "$(printf '%s  \n\t%s  \n\t%s\n\t%s \n\t%s ' uprobe_multi \
		"uprobe.multi  path $file  func_cnt 2" \
		'offset             ref_ctr_offset     cookies' \
		'0x1010             0x20               0x7               ' \
		'0x1020             0x0                0xbeef            ')" \
		"{\"type\":\"uprobe_multi\",\"retprobe\":false,\"path\":\"$file\",\"func_cnt\":2,\"pid\":0,\"funcs\":[{\"offset\":4112,\"ref_ctr_offset\":32,\"cookie\":7},{\"offset\":4128,\"ref_ctr_offset\":0,\"cookie\":48879}]}"
	probe uprobe_multi uprobes "$BPFFS/up_ret" 1 "$file" $$ 0x1020:0:0
	t_run 0 cgroup_loader link show pinned "$BPFFS/up_ret"
	t_out_has "uretprobe.multi  path $file  func_cnt 1  pid $$  "
	t_run 0 cgroup_loader -j link show pinned "$BPFFS/up_ret"
	t_is "$(t_out | t_json .pid)" $$
	t_is "$(t_out | t_json .retprobe)" true
fi

t_begin 'perf_event of a uprobe: the file and the offset'
if probe uprobe uprobe "$BPFFS/up" 9 "$file" 0x1010 0x20 0 && tells up file; then
	t_run 0 cgroup_loader link show pinned "$BPFFS/up"
	t_out_has "uprobe $file+0x1010  cookie 9  "
	t_run 0 cgroup_loader -j link show pinned "$BPFFS/up"
	t_is "$(t_out | t_json .retprobe)" false
	t_is "$(t_out | t_json .file)" "$file"
	t_is "$(t_out | t_json .offset)" 4112
	t_is "$(t_out | t_json .cookie)" 9
	probe uretprobe uprobe "$BPFFS/upr" 0 "$file" 0x1020 0 1
	shows "$BPFFS/upr" "$(printf '%s  \n\t%s  ' perf_event "uretprobe $file+0x1020")" \
		"{\"type\":\"perf_event\",\"retprobe\":true,\"file\":\"$file\",\"offset\":4128,\"ref_ctr_offset\":0,\"cookie\":0}"
fi

t_begin 'perf_event of an event: its names, numbers where it has none'
if probe event event "$BPFFS/faults" 0x10 1 2 && tells faults event_type; then
	shows "$BPFFS/faults" \
		"$(printf '%s  \n\t%s  ' perf_event 'event software:page-faults  cookie 16')" \
		'{"type":"perf_event","event_type":"software","event_config":"page-faults","cookie":16}'
fi

t_begin 'perf_event of a tracepoint'
id=
mkdir "$TMP/trace"
if mount -t tracefs tracefs "$TMP/trace" 2>"$TMP/err"; then
	id=$(cat "$TMP/trace/events/sched/sched_process_fork/id" 2>"$TMP/err") || id=
	# At once: what removes our directory is not to walk in there.
	umount -l "$TMP/trace"
fi
if [ -n "$id" ] && probe tracepoint event "$BPFFS/tp" 5 2 "$id" && tells tp tracepoint; then
	shows "$BPFFS/tp" \
		"$(printf '%s  \n\t%s  ' perf_event 'tracepoint sched_process_fork  cookie 5')" \
		'{"type":"perf_event","tracepoint":"sched_process_fork","cookie":5}'
fi

t_begin 'kprobe_multi and kprobe: kernel functions by name'
if probe kprobe_multi kprobes "$BPFFS/kps" 0 kernel_clone:3 vfs_read:4 && tells kps funcs; then
	# Of cookies the kernel tells since Linux 6.9; before there is 0, as bpftool has it.
	cookies='3 4'
	"$PROBES" cookies "$BPFFS/kps" || cookies='0 0'
	t_run 0 cgroup_loader -j link show pinned "$BPFFS/kps"
	t_out_has "\"func\":\"kernel_clone\",\"module\":null,\"cookie\":${cookies% *}}"
	t_out_has "\"func\":\"vfs_read\",\"module\":null,\"cookie\":${cookies#* }}"
	t_run 0 cgroup_loader link show pinned "$BPFFS/kps"
	t_out_has 'kprobe.multi  func_cnt 2  '
	t_out_has kernel_clone
fi
if probe kprobe kprobe "$BPFFS/kp" 3 kernel_clone 0 0 && tells kp func; then
	t_run 0 cgroup_loader link show pinned "$BPFFS/kp"
	t_out_has ' kernel_clone+0x0  cookie 3  '
	t_run 0 cgroup_loader -j link show pinned "$BPFFS/kp"
	t_is "$(t_out | t_json .func)" kernel_clone
fi

t_begin 'all of them in one list'
t_run 0 cgroup_loader -j link show
for name in ups up_ret up upr faults tp kps kp; do
	[ -e "$BPFFS/$name" ] || continue
	t_out_has "$(cgroup_loader -j link show pinned "$BPFFS/$name" | sed 's/}$//')"
done
