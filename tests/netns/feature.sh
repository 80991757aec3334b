#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# `feature` of both tools: the same answers, by probes that change nothing; without the rights
# to ask the answer is unknown, never no; what is said to be there is there.
# differs: own-feature
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

answer_of() {
	sed -n "s/^$1  *\([a-z]*\) .*/\1/p" "$TMP/t_out"
}

t_begin 'both tools give one list, as text and as JSON'
t_run 0 tc_loader feature
cp "$TMP/t_out" "$TMP/text"
t_run 0 cgroup_loader feature show
t_ok cmp "$TMP/t_out" "$TMP/text"
t_run 0 cgroup_loader -j feature
t_is "$(t_json '[name]|length' <"$TMP/t_out")" "$(wc -l <"$TMP/text")"
t_run 255 cgroup_loader feature probe
t_err_has "unknown command 'probe'"

t_begin 'the answers are what the kernel does'
t_run 0 cgroup_loader feature
t_is "$(answer_of btf)" "$([ -r /sys/kernel/btf/vmlinux ] && echo yes || echo no)"
map=$(answer_of map_extra)
t_run any bpftool map create "$BPFFS/bloom" type bloom_filter key 0 value 4 entries 8 name bloom
t_is "$([ "$T_STATUS" = 0 ] && echo yes || echo no)" "$map"

t_begin 'what is said to be there works, what is not does not'
cgroup_loader feature >"$TMP/answers"
# works NAME CMD…: it succeeds where the kernel is said to have NAME, and only there.
works() {
	local said
	said=$(sed -n "s/^$1  *\([a-z]*\) .*/\1/p" "$TMP/answers")
	shift
	t_run any "$@"
	t_is "$([ "$T_STATUS" = 0 ] && echo yes || echo no)" "$said" "$*"
}
mkdir "$CG/a" "$CG/b"
egress="egress obj $LEGACY/counter_def.o"
cgroup_loader prog load "$LEGACY/counter_def.o" "$BPFFS/count" 2>"$TMP/remarks"
# shellcheck disable=SC2086 # words
works link cgroup_loader cgroup attach "$CG/a" $egress link pinned "$BPFFS/link"
works link_update cgroup_loader link update pinned "$BPFFS/link" pinned "$BPFFS/count"
works link_detach cgroup_loader link detach pinned "$BPFFS/link"
# shellcheck disable=SC2086 # words
works cgroup_preorder cgroup_loader cgroup attach "$CG/b" $egress multi preorder
works cgroup_order cgroup_loader cgroup attach "$CG/b" egress obj "$OBJ/cg_types.o" multi before
works cgroup_unix cgroup_loader prog loadall "$OBJ/cg_events.o" "$BPFFS/events"
works tcx "$BUILD/tests/netns/tcx_list" lo 46

t_begin 'without the rights to ask it is unknown'
t_run 0 setpriv --reuid=65534 --clear-groups "$MAPSHARE_BUILD/bin/cgroup_loader" feature
t_is "$(answer_of tcx)" unknown
t_out_has "list: not EINVAL: Operation not permitted)"
t_run 0 setpriv --reuid=65534 --clear-groups "$MAPSHARE_BUILD/bin/cgroup_loader" -j feature
t_is "$(jq -c '.[] | select(.name == "tcx") | [.available, .errno]' "$TMP/t_out")" '[null,1]'

t_begin 'what libbpf knows is asked of the one that is loaded'
t_run 0 cgroup_loader -j feature
t_is "$(t_json '[of]' <"$TMP/t_out" | grep -oE 'kernel|libbpf|process' | uniq | tr '\n' ' ')" \
	'kernel libbpf process '
t_run 0 cgroup_loader version
version=$(sed -n 's/^using libbpf v*//p' "$TMP/t_out")
t_run 0 cgroup_loader feature
t_out_has "libbpf $version is loaded"
library=$(ldd "$MAPSHARE_BUILD/bin/cgroup_loader" | sed -n 's/.*libbpf.*=> \(.*\) (.*/\1/p')
if [ -n "$library" ]; then
	t_is "$(grep -q bpf_token_create "$library" && echo yes || echo no)" \
		"$(answer_of libbpf_token)" "of $library"
fi

# as CMD…: user nobody with the capabilities $caps, and no others.
as() {
	setpriv --reuid=nobody --clear-groups --bounding-set="-all$caps" --inh-caps="-all$caps" \
		--ambient-caps="-all$caps" -- "$@"
}
cp "$MAPSHARE_BUILD/bin/cgroup_loader" "$TMP"
chmod 755 "$TMP"
mkdir -p "$BPFFS/tc/globals"
chown nobody "$BPFFS"

t_begin 'what is missing is named, and what needs it'
caps=,+bpf
t_run 0 as "$TMP/cgroup_loader" feature
t_ok grep -q "^may_pin  *no .*'$BPFFS/tc/globals': Permission denied" "$TMP/t_out"
chown -R nobody "$BPFFS/tc"
t_run 0 as "$TMP/cgroup_loader" feature
t_ok grep -qx 'may_load  *no .*(BPF_PROG_LOAD: Operation not permitted (missing CAP_NET_ADMIN))' "$TMP/t_out"
t_ok grep -qx 'may_list  *no .*(missing CAP_SYS_ADMIN))' "$TMP/t_out"
t_ok grep -qx 'may_migrate  *no .*(needs may_load, may_tc, may_cgroup, may_list, may_see_netns)' "$TMP/t_out"
t_ok grep -qx 'may_share  *no .*(needs may_list)' "$TMP/t_out"
caps=,+bpf,+net_admin,+sys_admin
t_run 0 as "$TMP/cgroup_loader" feature
t_ok grep -qx 'may_share  *yes .*(without may_see_files and may_see_netns some of it is unknown)' "$TMP/t_out"
t_ok grep -qx 'may_apply  *no .*(needs may_record)' "$TMP/t_out"
t_run 0 unshare -Urm "$TMP/cgroup_loader" feature
t_ok grep -qx 'may_list  *no .*(missing capabilities in the initial user namespace))' "$TMP/t_out"
t_ok grep -qE '^may_load  *no .*user namespace' "$TMP/t_out"
t_is "$(answer_of may_tc)" no
t_run 0 unshare -Urn "$TMP/cgroup_loader" feature
t_is "$(answer_of may_tc)" yes
t_is "$(answer_of may_apply)" no
