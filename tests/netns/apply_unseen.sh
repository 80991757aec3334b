#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A cgroup that cannot be looked at for a moment is not one that is gone, nor is an interface by its
# alternative name: apply refuses, and what is attached there stays.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

STATE=$TMP/state
cg_add apps/one
cg_add apps/two

# numbers CALL CMD…: which of the CALLs that CMD makes are of the cgroup apps, by name or by descriptor.
numbers() {
	ASAN_OPTIONS=detect_leaks=0 strace -y -qq -e signal=none -e "trace=$1" -o "$TMP/trace" "${@:2}" >"$TMP/usual"
	awk -v call="$1(" -v dir="$CG/apps" 'index($0, call) == 1 { n++; if (index($0, dir)) print n }' "$TMP/trace"
}

for word in "$CG/apps/*" "$CG/apps/one"; do
	t_begin "cgroups: $word"
	printf 'name: acct\nobjects: { o: { file: %s } }\ncgroups: [ { object: o, type: ingress, cgroups: [ "%s" ] } ]\n' \
		"$OBJ/only_cgroup.o" "$word" >"$TMP/acct.yaml"
	APPLY=(tc_loader apply --state-dir "$STATE" "$TMP/acct.yaml")
	t_run 0 "${APPLY[@]}"
	there=$(prog_in "$CG/apps/one")
	t_ok [ -n "$there" ]
	refused=0
	for call in openat:EMFILE getdents64:ENOMEM newfstatat:ENOMEM; do
		for number in $(numbers "${call%:*}" "${APPLY[@]}"); do
			t_run any env ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/failed" -e "trace=${call%:*}" \
				-e "inject=${call%:*}:error=${call#*:}:when=$number" "${APPLY[@]}"
			t_is "$(prog_in "$CG/apps/one")" "$there"
			[ "$T_STATUS" -eq 0 ] || refused=$((refused + 1))
			[ "$T_STATUS" -eq 0 ] || t_ok [ -n "$(t_err)" ]
		done
	done
	t_ok [ $refused -gt 0 ]
	t_run 0 tc_loader remove --state-dir "$STATE" "$TMP/acct.yaml"
done

t_begin 'one that is gone has nothing to be detached from'
t_run 0 "${APPLY[@]}"
rmdir "$CG/apps/one"
t_run 0 "${APPLY[@]}"
t_out_has pending
ln -s round "$TMP/round"
sed "s|$CG/apps/one|$TMP/round/one|" "$TMP/acct.yaml" >"$TMP/round.yaml"
t_run 0 tc_loader plan --state-dir "$STATE" "$TMP/round.yaml"
t_out_has pending

t_begin 'what is not wanted any more goes, or the record keeps it'
cg_add apps/one
REMOVE=(tc_loader remove --state-dir "$STATE" "$TMP/acct.yaml")
refused=0
for call in openat:EMFILE newfstatat:ENOMEM fstat:ENOMEM; do
	t_run 0 "${APPLY[@]}"
	for number in $(numbers "${call%:*}" "${REMOVE[@]}"); do
		t_run 0 "${APPLY[@]}"
		t_run any env ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/failed" -e "trace=${call%:*}" \
			-e "inject=${call%:*}:error=${call#*:}:when=$number" "${REMOVE[@]}"
		[ "$T_STATUS" -eq 0 ] || refused=$((refused + 1))
		t_run 0 "${REMOVE[@]}"
		t_is "$(prog_in "$CG/apps/one")" ''
	done
done
t_ok [ $refused -gt 0 ]

t_begin 'an interface by its alternative name'
long=another_name_of_the_interface
dev_add v0
tc qdisc add dev v0 clsact
ip link property add dev v0 altname $long
ip link property add dev v0 altname short
cat >"$TMP/acct.yaml" <<END
name: acct
objects: { o: { file: $OBJ/no_maps.o } }
tc: [ { object: o, hook: ingress, interfaces: [ WORD ], preference: 10, handle: 1 } ]
END
for word in $long:sendto:ENOBUFS short:ioctl:ENOMEM; do
	IFS=: read -r name call errno <<<"$word"
	sed -i "s/interfaces: \\[.*\\], p/interfaces: [ $name ], p/" "$TMP/acct.yaml"
	t_run 0 "${APPLY[@]}"
	there=$(prog_at v0 ingress)
	t_ok [ -n "$there" ]
	refused=0
	nr=$(numbers "$call" "${APPLY[@]}" >"$TMP/none"; grep -c "^$call" "$TMP/trace")
	for ((number = 1; number <= nr; number++)); do
		t_run any env ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/failed" -e "trace=$call" \
			-e "inject=$call:error=$errno:when=$number" "${APPLY[@]}"
		t_is "$(prog_at v0 ingress)" "$there" "the program at v0, $call $number"
		[ "$T_STATUS" -eq 0 ] || refused=$((refused + 1))
	done
	t_ok [ $refused -gt 0 ]
done

t_begin 'where the tree is not mounted nothing is gone: remove and another file are refused'
printf 'name: acct\nobjects: { o: { file: %s } }\ncgroups: [ { object: o, type: ingress, cgroups: [ %s ] } ]\n' \
	"$OBJ/only_cgroup.o" "$CG/apps/one" >"$TMP/acct.yaml"
printf 'name: acct\nobjects: { o: { file: %s } }\ncgroups: [ { object: o, type: ingress, cgroups: [ %s ] } ]\n' \
	"$OBJ/only_cgroup.o" "$CG/apps/two" >"$TMP/other.yaml"
t_run 0 tc_loader apply --state-dir "$STATE" "$TMP/acct.yaml"
there=$(prog_in "$CG/apps/one")
for line in "remove --state-dir $STATE $TMP/acct.yaml" "apply --state-dir $STATE $TMP/other.yaml"; do
	t_run 255 unshare -m --propagation private sh -c 'while umount -l "$0" 2>/dev/null; do :; done; exec tc_loader --no-caller-pins $1' \
		"$CGROUP2" "$line"
	t_err_has "no cgroup v2 "
	t_is "$(prog_in "$CG/apps/one")" "$there"
done
t_run 0 tc_loader remove --state-dir "$STATE" "$TMP/acct.yaml"
t_is "$(prog_in "$CG/apps/one")" ''
