#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A map whose BTF cannot be read for a moment may be one that has changed: with on-change, plan and
# apply refuse; without it plan says that nothing was compared.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"
command -v strace >/dev/null || t_skip strace 'strace makes calls fail'

FILE=(--state-dir "$TMP/state" "$TMP/unread.yaml")
WORDS="the layout of keys and values is not compared: the BTF of the map at '$PIN' cannot be read"
dev_add v0

# write_file OBJECT ON-CHANGE
write_file() {
	cat >"$TMP/unread.yaml" <<-END
		name: unread
		objects: { o: { file: $1 } }
		maps: { $MAP: { shared: yes, on-change: $2 } }
		tc:
		  - { object: o, section: tc, hook: egress, interfaces: [ v0 ] }
	END
}

# unread STATUS VERB: the first BTF that it asks for, that of the pinned map, is not given.
unread() {
	local n

	ASAN_OPTIONS=detect_leaks=0 strace -qq -e trace=bpf -o "$TMP/trace" tc_loader plan "${FILE[@]}" >"$TMP/usual" || :
	n=$(awk '/^bpf\(/ { n++; if (/BPF_BTF_GET_FD_BY_ID/) { print n; exit } }' "$TMP/trace")
	t_run "$1" env ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=bpf \
		-e "inject=bpf:error=ENOMEM:when=$n" tc_loader "$2" "${FILE[@]}"
}

write_file "$OBJ/moved_hash_old.o" refuse
t_run 0 tc_loader apply "${FILE[@]}"
old=$(map_id "$PIN")
prog=$(prog_at v0 egress)
for change in migrate fresh; do
	t_begin "on-change: $change"
	write_file "$OBJ/moved_hash_new.o" "$change"
	unread 1 plan
	t_out_has "whether it is to change is not known: $WORDS"
	unread 255 apply
	t_err_has "map '$MAP': whether it is to change is not known: $WORDS"
	t_is "$(map_id "$PIN") $(prog_at v0 egress)" "$old $prog"
done

t_begin 'without: said beside the map'
write_file "$OBJ/moved_hash_new.o" refuse
unread 0 plan
t_out_has '= reuse '
t_out_has "$WORDS"

t_begin 'and read again it is migrated'
write_file "$OBJ/moved_hash_new.o" migrate
t_run 0 tc_loader apply "${FILE[@]}"
t_isnt "$(map_id "$PIN")" "$old"
