#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A command that runs out of memory says so, breaks nowhere and leaves what was there as it was.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
sanitized && t_skip asan 'the sanitizer needs more address space than there is'

own_objects by_name layout_ moved
dev_add v0
dev_add v1
tc qdisc add dev v1 clsact
tc_loader filter add dev v1 egress pref 1 handle 1 bpf da obj "$OBJ/moved_hash_old.o"
cp "$OBJ/by_name.o" "$TMP/by_name.o"
cat >"$TMP/acct.yaml" <<END
name: acct
objects:
  all: { file: by_name.o }
tc:
  - { object: all, program: from_classifier, interfaces: [ v0 ], hook: ingress }
cgroups:
  - { object: all, program: from_cgroup, type: egress, cgroups: [ $CG ], mode: link }
END

look() {
	find "$BPFFS" | sort
	tc qdisc show dev v0
	tc filter show dev v1 egress
	bpftool cgroup show "$CG"
}

# with_little CMD…: with more and more memory, until it is enough.
with_little() {
	local kib=2048
	# What the kernel needs to start a program at all is not ours.
	until (prlimit --as=$((kib << 10)) "$1" -V) >"$TMP/null" 2>&1; do
		kib=$((kib + 512))
	done
	look >"$TMP/before"
	while t_run any prlimit --as=$((kib << 10)) "$@" && [ "$T_STATUS" -ne 0 ]; do
		t_begin "with $kib KiB: $1 $2"
		t_is "$T_STATUS" 255
		t_ok [ -n "$(t_out)$(t_err)" ]
		! grep -q 'out of memory' "$TMP/t_err" || said=$((said + 1))
		look >"$TMP/after"
		t_is "$(diff "$TMP/before" "$TMP/after" || :)" ''
		kib=$((kib + 512))
		t_ok [ $kib -lt 200000 ]
	done
}

said=0
with_little tc_loader apply --state-dir "$TMP/state" "$TMP/acct.yaml"
t_begin 'all of it is done in the end'
t_run 0 tc_loader check --state-dir "$TMP/state" "$TMP/acct.yaml"

with_little cgroup_loader -j map migrate name "$(own_word moved)_hit_00000" to obj "$OBJ/moved_hash_new.o"
t_begin 'lack of memory was met'
t_ok [ $said -gt 0 ]
