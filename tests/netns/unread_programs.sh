#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A program of a list that cannot be read may be any program: 'replace' puts nothing in its place,
# neither where one call fails nor without the right to open programs by their ids.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

LIST=$BUILD/tests/netns/tcx_list
IN=46
GET_FD_BY_ID=13 ENOMEM=12
own_objects tcx_ by_name again
dev_add v0
"$LIST" v0 $IN >"$TMP/list" 2>&1 || t_skip tcx 'this kernel has no tcx (Linux 6.6)'

# unread ID CMD…: refused, because the first program that it opens by its id, ID, is not opened.
unread() {
	t_run any "$BUILD/tests/netns/told" once $GET_FD_BY_ID $ENOMEM "${@:2}"
	t_isnt "$T_STATUS" 0
	t_err_has "program already cannot be determined: program id $1 cannot be read: Cannot allocate memory"
}

t_begin 'a program of a tcx hook that is not read'
ADD=(tc_loader filter add dev v0 ingress bpf obj "$OBJ/tcx_count.o")
t_run 0 "${ADD[@]}" program "$(own_word tcx_)count" tcx
one=$("$LIST" v0 $IN)
for words in replace ''; do
	# shellcheck disable=SC2086 # no word at all when empty
	unread "$one" "${ADD[@]}" program "$(own_word tcx_)other" tcx $words
	t_is "$("$LIST" v0 $IN)" "$one"
done

t_begin 'a program of a cgroup that is not read'
# With its map there already, nobody else's programs are looked at.
cg_add beside
t_run 0 cgroup_loader cgroup attach "$CG/beside" egress obj "$OBJ/again.o" multi
t_run 0 cgroup_loader cgroup attach "$CG" egress obj "$OBJ/by_name.o" multi
there=$(prog_in "$CG")
for words in replace ''; do
	# shellcheck disable=SC2086 # no word at all when empty
	unread "$there" cgroup_loader cgroup attach "$CG" egress obj "$OBJ/again.o" multi $words
	t_is "$(prog_in "$CG")" "$there"
done

t_begin 'a name of which only the beginning is read is not another one'
# Its BTF has all of it; the first that is opened is that of the program which was just loaded.
BTF_GET_FD_BY_ID=19
ATTACH=(cgroup_loader cgroup attach "$CG" ingress obj "$OBJ/cg_spellings.o" program cg_any_direction_of_traffic multi)
t_run 0 "${ATTACH[@]}"
for words in replace ''; do
	# shellcheck disable=SC2086 # no word at all when empty
	t_run 255 "$BUILD/tests/netns/told" once $BTF_GET_FD_BY_ID $ENOMEM "${ATTACH[@]}" $words
	t_err_has 'program already cannot be determined: '
	t_is "$(bpftool -j cgroup show "$CG" | grep -o '"cgroup_inet_ingress"' | wc -l)" 1
done
t_run 0 "${ATTACH[@]}"
t_err_has 'already attached'

t_begin 'a pinned program replaces none that may not be opened, and is added beside it'
t_run 0 cgroup_loader prog loadall "$OBJ/tcx_count.o" "$BPFFS/pins"
cp "$BUILD/bin/tc_loader" "$TMP"
chmod 755 "$TMP"
chown -R nobody "$BPFFS"
chmod -R 755 "$BPFFS"
FEW=-all,+bpf,+net_admin
# pinned WORDS…: with no more than these capabilities.
pinned() {
	setpriv --reuid=nobody --clear-groups --bounding-set=$FEW --inh-caps=$FEW --ambient-caps=$FEW -- \
		"$TMP/tc_loader" filter "$1" dev v0 ingress bpf object-pinned "$BPFFS/pins/$(own_word tcx_)other" tcx
}
t_run 2 pinned replace
t_err_has "program id $one cannot be read: "
t_err_has 'missing CAP_SYS_ADMIN'
t_is "$("$LIST" v0 $IN)" "$one"
t_run 0 pinned add
"$LIST" v0 $IN >"$TMP/list"
t_is "$(wc -w <"$TMP/list")" 2
t_ok grep -qw "$one" "$TMP/list"
t_run 0 pinned replace
t_err_has 'already attached'
