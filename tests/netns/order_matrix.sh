#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every pair of dialects, loaded by every pair of tools, in both orders: one map where both
# loads say 'shared', and never two maps without a word where one of them is pinned.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

# A name of our own: maps have no namespace, and the same test may run beside this one.
NAME=pair_hits_$(printf %05d $(($$ % 100000)))
DIALECTS='elf_global elf_none def btf_name btf_none'
for dialect in elf_object $DIALECTS; do
	sed "s/pair_hits_00000/$NAME/g" "$OBJ/pair_$dialect.o" >"$TMP/$dialect.o"
done
dev_add v0
tc qdisc add dev v0 clsact
cg_add job1
cg_add job2

# load NTH TOOL DIALECT WORDS: attaches at a place of its own.
load() {
	nth=$1
	tool=$2
	object=$TMP/$3.o
	shift 3
	case $tool in
	tc) tc_loader ${require:+"$require"} filter add dev v0 ingress pref "$nth" bpf da obj "$object" section tc "$@" ;;
	cg) cgroup_loader ${require:+"$require"} cgroup attach "$CG/job$nth" egress obj "$object" multi "$@" ;;
	esac >"$TMP/out" 2>"$TMP/err"
}

ids() {
	bpftool map list | awk -v name="$NAME" '$4 == name { print $1 + 0 }'
}

clean() {
	tc filter del dev v0 ingress
	rm -rf "$BPFFS/tc" "$BPFFS/ip" "$BPFFS/xdp"
	rmdir "$CG/job1" "$CG/job2"
	# The kernel gives programs of a removed cgroup back a little later.
	wait_for 10 sh -c "! bpftool map list | grep -q '$NAME'"
	mkdir "$CG/job1" "$CG/job2"
}

is_pinned() {
	[ -e "$BPFFS/tc/globals/$NAME" ]
}

for first in tc cg; do
	for second in tc cg; do
		t_begin "$first, then $second: one map where both say shared"
		for a in elf_object $DIALECTS; do
			for b in elf_object $DIALECTS; do
				load 1 "$first" "$a" map name "$NAME" shared ||
					t_fail "$a: $(cat "$TMP/err")"
				load 2 "$second" "$b" map name "$NAME" shared ||
					t_fail "$b after $a: $(cat "$TMP/err")"
				t_is "$(ids | wc -l)" 1 "maps of $a and $b"
				t_is "$(map_id "$BPFFS/tc/globals/$NAME")" "$(ids)"
				! grep -q warning "$TMP/err" || t_fail "$b after $a: $(cat "$TMP/err")"
				clean
			done
		done

		t_begin "$first, then $second: two maps are told, and refused where that is asked"
		for a in $DIALECTS; do
			for b in $DIALECTS; do
				load 1 "$first" "$a" || t_fail "$a: $(cat "$TMP/err")"
				before=$(ids)
				pinned=false
				! is_pinned || pinned=true
				status=0
				require=--require-shared load 2 "$second" "$b" || status=$?
				# Nothing is made by a load that is refused.
				[ "$status" -eq 0 ] || t_is "$(ids)" "$before" "maps of $a after $b was refused"
				if [ "$status" -ne 0 ]; then
					t_ok grep -q "map '$NAME': --require-shared: " "$TMP/err"
					$pinned || t_ok [ ! -e "$BPFFS/tc/globals/$NAME" ]
					load 2 "$second" "$b" || t_fail "$b after $a: $(cat "$TMP/err")"
					# Both private: only --require-shared asks all maps of the machine.
					{ ! $pinned && ! is_pinned; } ||
						t_ok grep -q "warning: map '$NAME': .*another map of this name" "$TMP/err"
					t_is "$(ids | wc -l)" 2 "maps of $a and $b"
				elif is_pinned; then
					t_is "$(ids | wc -l)" 1 "maps of $a and $b"
				fi
				clean
			done
		done
	done
done
