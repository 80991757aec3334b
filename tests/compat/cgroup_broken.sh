#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Lines as people mistype them, made from right ones (tests/broken_lines.py), through bpftool
# and through cgroup_loader: both succeed or both fail; what succeeds prints the same bytes, if
# it is about something of our own. BROKEN_SEED and BROKEN_LINES choose other lines.
#
# differs: json-documents
# differs: help-on-stdout
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

cd "$TMP"
bpftool map create "$BPFFS/m" type hash key 4 value 4 entries 4 name lines_map
for key in 1 2; do
	bpftool map update pinned "$BPFFS/m" key $key 0 0 0 value 7 0 0 0
done
bpftool prog load "$OBJ/verdicts.o" "$BPFFS/prog" type classifier
map=$(map_id "$BPFFS/m")
prog=$(bpftool -j prog show pinned "$BPFFS/prog" | t_json .id)
printf 'map show pinned %s\nprog show pinned %s\n' "$BPFFS/m" "$BPFFS/prog" >b.txt

lines=0
# both WORD…
both() {
	theirs=0
	timeout 10 bpftool "$@" >their.out 2>their.err </dev/null || theirs=$?
	t_run any timeout 10 cgroup_loader "$@" </dev/null
	lines=$((lines + 1))
	[ $((theirs != 0)) -eq $((T_STATUS != 0)) ] ||
		t_fail "bpftool's status is $theirs: $(head -n 1 their.err)"
	[ "$T_STATUS" -eq 0 ] || {
		t_is "$T_STATUS" 255 status
		[ -s t_out ] || [ -s t_err ] || t_fail 'nothing says what is wrong'
		return 0
	}
	# Help is our own, and lists of the whole machine change between the two.
	case " $* " in
	*' help'* | *' ver'*) return 0 ;;
	*" $BPFFS/"* | *" $CG"* | *" $map "* | *" $prog "* | *' b.txt '*) ;;
	*) return 0 ;;
	esac
	# Nothing is [] in our JSON.
	[ "$(cat their.out)" ] || [ "$(cat t_out)" != '[]' ] || return 0
	cmp -s their.out t_out || t_fail "stdout differs: $(diff their.out t_out | head -n 4)"
}

t_begin "lines made with seed ${BROKEN_SEED:-5}"
python3 "$TOP/tests/broken_lines.py" "${BROKEN_SEED:-5}" "${BROKEN_LINES:-200}" >broken <<END
map show pinned $BPFFS/m
map dump pinned $BPFFS/m
map lookup pinned $BPFFS/m key 1 0 0 0
map getnext pinned $BPFFS/m key 1 0 0 0
map getnext pinned $BPFFS/m
map show id $map
prog show pinned $BPFFS/prog
prog show id $prog
cgroup show $CG
cgroup list $CG effective
cgroup tree $CG
version
-j map show pinned $BPFFS/m
-j map dump pinned $BPFFS/m
-p map lookup pinned $BPFFS/m key 1 0 0 0
-j prog show pinned $BPFFS/prog
-j cgroup show $CG
-p cgroup tree $CG
-f map show pinned $BPFFS/m
batch file b.txt
-j batch file b.txt
END
while read -r line; do
	words=()
	for word in $line; do
		[ "$word" != "''" ] || word=
		words+=("$word")
	done
	both "${words[@]}"
done <broken
printf '  %s lines compared\n' "$lines"
