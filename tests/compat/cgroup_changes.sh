#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Lines that change something, right ones and mistyped ones (tests/broken_lines.py), through
# bpftool in one cgroup and on one map, and through cgroup_loader in and on others that are
# alike: both succeed or both fail, and after each line the two are alike. @ in a line is the
# letter of the tool. BROKEN_SEED and BROKEN_LINES choose other lines.
#
# differs: no-eviction
# differs: words-behind-detach
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

cd "$TMP"
P=$BPFFS/p
t_run 0 cgroup_loader prog loadall "$OBJ/cg_types.o" "$P"
for t in t o; do
	bpftool map create "$BPFFS/h$t" type hash key 4 value 4 entries 3 name ch$t$$ flags 0x40
	bpftool map create "$BPFFS/a$t" type array key 4 value 2 entries 3 name ca$t$$
	bpftool map create "$BPFFS/q$t" type queue value 4 entries 3 name cq$t$$
	bpftool map create "$BPFFS/s$t" type stack value 1 entries 3 name cs$t$$
	cg_add $t
	cg_add $t/below
done

# What a tool's cgroups and maps are; a queue tells its first element only.
state() {
	printf '%s\n' "cgroup show $CG/$1" "cgroup show $CG/$1/below" \
		"map dump pinned $BPFFS/h$1" "map dump pinned $BPFFS/a$1" >state.batch
	bpftool -j batch file state.batch
	for map in q s; do
		bpftool map peek pinned "$BPFFS/$map$1" 2>&1 || :
	done
}

alike() {
	state t | sed "s/$CGNAME\/t/CG/g; s/\([ha]\)[to]\b/\1/g" >state.theirs
	state o | sed "s/$CGNAME\/o/CG/g; s/\([ha]\)[to]\b/\1/g" >state.ours
	cmp -s state.theirs state.ours ||
		t_fail "not alike after: $line: $(diff state.theirs state.ours | head -n 4)"
}

# Where ours keeps what bpftool throws out (no-eviction) theirs is done by hand.
evicted() {
	cmp -s t_err their.err && return 1
	t_out_is ''
	grep -q "'replace'" t_err || return 1
	for type in egress ingress connect4; do
		for dir in "$CG/t" "$CG/t/below" "$CG/o" "$CG/o/below"; do
			for prog in egress ingress connect4; do
				bpftool cgroup detach "$dir" $type pinned "$P/cg_$prog" 2>err || :
			done
		done
	done
}

lines=0 changed=0 words=()
cp /dev/null before
# both LINE
both() {
	line=$1 theirs=0
	eval "words=(${line//@/t})"
	timeout 10 bpftool "${words[@]}" >their.out 2>their.err </dev/null || theirs=$?
	eval "words=(${line//@/o})"
	t_run any timeout 10 cgroup_loader "${words[@]}" </dev/null
	lines=$((lines + 1))
	[ $((theirs != 0)) -eq $((T_STATUS != 0)) ] || evicted ||
		t_fail "bpftool's status is $theirs: $line: $(head -n 1 their.err)"
	alike
	cmp -s before state.ours || changed=$((changed + 1))
	cp state.ours before
}

CGNAME=${CG//\//\\/}
t_begin "lines made with seed ${BROKEN_SEED:-11}"
cat >right.txt <<END
cgroup attach $CG/@ egress pinned $P/cg_egress multi
cgroup attach $CG/@ egress pinned $P/cg_ingress multi
cgroup attach $CG/@ ingress pinned $P/cg_ingress override
cgroup attach $CG/@/below ingress pinned $P/cg_egress
cgroup attach $CG/@/below connect4 pinned $P/cg_connect4 multi
cgroup detach $CG/@ egress pinned $P/cg_egress
cgroup detach $CG/@ ingress pinned $P/cg_ingress
cgroup detach $CG/@/below connect4 pinned $P/cg_connect4
map update pinned $BPFFS/h@ key 1 0 0 0 value 1 0 0 0
map update pinned $BPFFS/h@ key hex 02 0 0 a value hex ff 0 0 0 any
map update pinned $BPFFS/h@ key 3 0 0 0 value 3 0 0 0 noexist
map update pinned $BPFFS/a@ key 1 0 0 0 value 7 7 exist
map delete pinned $BPFFS/h@ key 1 0 0 0
map delete pinned $BPFFS/h@ key hex 02 0 0 a
map push pinned $BPFFS/s@ value 5
map enqueue pinned $BPFFS/q@ value 1 2 3 4
map dequeue pinned $BPFFS/q@
map pop pinned $BPFFS/s@
END
while IFS= read -r made; do
	both "$made"
done <right.txt
for word in "map dequeue pinned $BPFFS/q@ junk" "map pop pinned $BPFFS/s@ more words" \
	"map pin pinned $BPFFS/h@ $BPFFS/x@ junk" "prog pin pinned $P/cg_egress $BPFFS/y@ junk"; do
	both "$word"
	t_err_has 'has no meaning'
done
python3 "$TOP/tests/broken_lines.py" "${BROKEN_SEED:-11}" "${BROKEN_LINES:-50}" <right.txt >broken
# Right ones in between, or there would soon be nothing left to change.
paste -d '\n' broken <(shuf -r -n "$(wc -l <broken)" --random-source=right.txt right.txt) >all
while IFS= read -r made; do
	both "$made"
done <all
echo "  $lines lines, $changed of them changed something"
t_ok [ "$changed" -ge $((lines / 8)) ]
