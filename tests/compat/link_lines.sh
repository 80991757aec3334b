#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# link and batch lines through bpftool and cgroup_loader: the same bytes in text and JSON.
#
# alone: every link of the machine is listed, and ours names kinds that bpftool 7.1 does not know
# differs: stale-errno
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
. "$TOP/tests/lines.sh"
lib_private "$@"

# Kernels before 6.7 know no unix types.
types=$OBJ/cg_types_old.o
cg_add a
bpftool prog loadall "$types" "$BPFFS/all" 2>"$TMP/err" ||
	cgroup_loader prog loadall "$types" "$BPFFS/all"

# Ubuntu's kernels have a tracing link of their own, of whose target bpftool 7.1 says nothing.
links=$(bpftool -j link)
if [[ $links == *'"type":"tracing"'* && $links != *target_obj_id* ]]; then
	LINES_LESS='s/\n\ttarget_obj_id [0-9]+  target_btf_id [0-9]+  //g
		s/,\s*"target_obj_id": ?[0-9]+,\s*"target_btf_id": ?[0-9]+//g'
fi

t_begin 'without any of ours, and with links of every cgroup type'
same_all link
for type in ingress egress sock_create sock_ops device bind4 connect6 post_bind6 sendmsg4 \
	sysctl recvmsg6 getsockopt setsockopt getpeername4 getsockname6 sock_release; do
	t_run 0 cgroup_loader cgroup attach "$CG" $type pinned "$BPFFS/all/cg_$type" \
		link pinned "$BPFFS/l_$type"
done
same_all link
same_all link show
same_all link list
# newer: bpftool 7.8 prints this and ends with 255; 7.1 with 0.
same_all link show pinned "$BPFFS/l_egress"
id=$(bpftool -j link show pinned "$BPFFS/l_egress" | t_json .id)
same_all link show id "$id"
same l s id "$id"
same li sh i "$(printf '%#x' "$id")"
same link l p "$BPFFS/l_ingress"
same link show pinned "$BPFFS/l_ingress" -f -p
same -j link show -- pinned "$BPFFS/l_ingress"

t_begin 'iterators, with what they walk'
bpftool iter pin "$OBJ/iter_task.o" "$BPFFS/iter_task" 2>"$TMP/err"
bpftool map create "$BPFFS/walked" type hash key 4 value 4 entries 4 name "walked_$$"
bpftool iter pin "$OBJ/iter_map_elem.o" "$BPFFS/iter_map" map pinned "$BPFFS/walked" \
	2>"$TMP/err"
for link in iter_task iter_map; do
	same_all link show pinned "$BPFFS/$link"
done

t_begin 'pin and detach'
t_run 0 cgroup_loader -j link pin pinned "$BPFFS/l_egress" "$BPFFS/by_ours"
t_out_is null
t_run 0 cgroup_loader link pin id "$id" "$BPFFS/deep/er/by_id"
t_out_is ''
same_all link show id "$id"
t_is "$(bpftool -f -j link show id "$id" | t_json '.pinned|length')" 3
both_refuse link pin pinned "$BPFFS/l_egress" "$BPFFS/by_ours"
both_refuse -j link pin pinned "$BPFFS/l_egress" "$BPFFS/by_ours"
both_refuse link pin pinned "$BPFFS/l_egress"
both_refuse link pin id 4294967295 "$BPFFS/x"
t_run 0 cgroup_loader link detach pinned "$BPFFS/by_ours"
t_out_is ''
t_is "$(bpftool -j link show id "$id" | t_json .cgroup_id)" 0
same_all link show id "$id"
same link detach pinned "$BPFFS/by_ours"
same -j link detach id "$id"

t_begin 'what is no link'
for options in '' -j; do
	for line in 'show id 4294967295' 'show id x' 'show id' 'show pinned' 'show nosuch' \
		"show pinned $BPFFS/nosuch" "show pinned $BPFFS/all/cg_egress" \
		'show pinned /proc/version' 'detach' 'detach id 4294967295' 'pin' 'nosuch'; do
		# shellcheck disable=SC2086 # words
		both_refuse $options link $line
	done
done

t_begin 'batch: the same answers, in text and JSON'
cat >"$TMP/batch" <<BATCH
# links, and what they hold
link show	# a comment behind
   link show pinned "$BPFFS/l_ingress"

link sh id $id
prog show pinned $BPFFS/all/cg_egress
BATCH
for options in '' -j -p -f '-f -j'; do
	# shellcheck disable=SC2086 # words
	same $options batch file "$TMP/batch"
done
same ba f "$TMP/batch"
printf 'link show \\\n pinned \\\n%s' "$BPFFS/l_ingress" >"$TMP/joined"
same batch file "$TMP/joined"
same -j batch file "$TMP/joined"
printf '# nothing\n\n   \n' >"$TMP/empty"
for options in '' -j -p; do
	# shellcheck disable=SC2086
	same $options batch file "$TMP/empty"
done
bpftool batch file - <"$TMP/batch" >"$TMP/theirs"
t_run 0 cgroup_loader batch file - <"$TMP/batch"
less_said
t_ok cmp "$TMP/theirs" "$TMP/t_out"
both_refuse batch
both_refuse batch file
both_refuse batch nosuch "$TMP/batch"
both_refuse batch file "$TMP/batch" more
both_refuse batch file "$TMP/nosuch"
both_refuse -j batch file "$TMP/nosuch"

t_begin 'a batch ends with its first failure, and JSON stays one document'
printf 'link show id %s\nlink show id 4294967295\nversion\n' "$id" >"$TMP/fails"
bpftool batch file "$TMP/fails" >"$TMP/theirs" 2>"$TMP/err" && t_fail 'bpftool takes it'
t_run 255 cgroup_loader batch file "$TMP/fails"
t_ok cmp "$TMP/theirs" "$TMP/t_out"
t_err_has "$TMP/fails:2: link id 4294967295"
t_run 255 cgroup_loader -j batch file "$TMP/fails"
t_is "$(t_out | t_json '.|length')" 2
t_is "$(t_out | t_json '.[1].output.error')" \
	'link id 4294967295: No such file or directory'
t_run 255 cgroup_loader -p batch file "$TMP/fails"
t_is "$(t_out | t_json '.[0].output.id')" "$id"
printf 'version "open\n' >"$TMP/fails"
both_refuse batch file "$TMP/fails"
t_run 255 cgroup_loader -j batch file "$TMP/fails"
t_is "$(t_out | t_json '.|length')" 1
printf 'batch file %s\n' "$TMP/batch" >"$TMP/fails"
same batch file "$TMP/fails"
printf 'version\n-j version\n' >"$TMP/fails"
both_refuse -j -- batch file "$TMP/nosuch"
t_run 255 cgroup_loader batch file "$TMP/fails"
t_err_has "in front of 'batch'"

t_begin 'a cgroup line does not fail the batch, as it does with bpftool: a stale errno'
printf 'cgroup show %s\n\nversion\n' "$CG/a" >"$TMP/batch"
t_run 255 bpftool batch file "$TMP/batch"
t_err_has 'reading batch file failed'
t_run 0 cgroup_loader -j batch file "$TMP/batch"
t_is "$(t_out | t_json '.[0].output')" '[]'
t_run 0 cgroup_loader batch file "$TMP/batch"
t_out_has 'processed 2 commands'

t_begin 'update swaps the program, under a condition if asked'
link=$BPFFS/l_ingress
old=$(bpftool -j link show pinned "$link" | t_json .prog_id)
new=$(bpftool -j prog show pinned "$BPFFS/all/cg_egress" | t_json .id)
t_run 255 cgroup_loader link update pinned "$link" id "$new" old id "$new"
t_err_has "the link has program id $old 'cg_ingress', not program id $new, the one to be replaced"
t_run 255 cgroup_loader link update pinned "$link" pinned "$BPFFS/all/cg_device"
t_err_has 'of another type'
t_is "$(bpftool -j link show pinned "$link" | t_json .prog_id)" "$old"
t_run 0 cgroup_loader link update pinned "$link" id "$new" old id "$old"
t_out_is ''
t_is "$(bpftool -j link show pinned "$link" | t_json .prog_id)" "$new"
t_run 0 cgroup_loader -j link update pinned "$link" id "$old"
t_out_is null
t_run 255 cgroup_loader link update pinned "$BPFFS/by_ours" id "$old"
t_err_has 'detached'
lines_report
