#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A map without BTF: as many bytes as both have are copied if that is asked for, and refused, with
# the word for it, if not; a word too much where BTF says more is refused.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/moved.sh"

dev_add v0
tc qdisc add dev v0 clsact
NEW=$OBJ/moved_hash_new.o
mkdir -p "${PIN%/*}"

# made BYTES: a map without BTF, and one element: its bytes are 1 2 3 and so on.
made() {
	rm -f "$PIN"
	bpftool map create "$PIN" type hash key 4 value "$1" entries 64 name "${MAP:0:15}"
	# shellcheck disable=SC2046 # a word for each byte
	bpftool map update pinned "$PIN" key 1 0 0 0 value $(seq 1 "$1")
	old=$(map_id "$PIN")
}

# bytes: of the element, in decimal.
bytes() {
	bpftool -j map lookup pinned "$PIN" key 1 0 0 0 >"$TMP/element"
	"$LIB_PYTHON" -c 'import json; print(*[int(b, 16) for b in json.load(open("'"$TMP/element"'"))["value"]])'
}

for size in 16 40; do
	t_begin "$size bytes become 24"
	made $size
	t_run 255 tc_loader map migrate pinned "$PIN" to obj "$NEW"
	t_err_has "$size B cannot become 24 B: its members are not described by BTF on both sides; --copy-prefix copies the bytes that both have"
	t_is "$(map_id "$PIN")" "$old"
	t_run 0 tc_loader map migrate pinned "$PIN" to obj "$NEW" --copy-prefix --plan
	t_out_has "without BTF: the bytes after it are $([ $size = 16 ] && echo 0 || echo lost)"
	t_run 0 cgroup_loader map migrate pinned "$PIN" to obj "$NEW" --copy-prefix
	t_isnt "$(map_id "$PIN")" "$old"
	t_is "$(bytes)" "$({ seq 1 $size; printf "%s\n" 0 0 0 0 0 0 0 0; } | sed -n 1,24p | xargs)"
done

t_begin 'as many bytes: whether members lie as the object has them is not known, and said'
made 24
UNSEEN='whether its members are where the objects have them: the pinned map has no BTF, and sizes alone were compared'
for words in '' --plan; do
	# shellcheck disable=SC2086 # a word or none
	t_run 0 tc_loader map migrate pinned "$PIN" to obj "$NEW" $words
	t_out_has "nothing to do"
	t_out_has "not seen: $UNSEEN"
	# shellcheck disable=SC2086
	t_run 0 tc_loader -j map migrate pinned "$PIN" to obj "$NEW" $words
	t_is "$(t_out | t_json .same) $(t_out | t_json '.unseen[0]')" "true $UNSEEN"
done
rm "$PIN"
t_run 0 tc_loader filter replace dev v0 egress pref 1 handle 1 bpf da obj "$NEW"
t_run 0 tc_loader map migrate pinned "$PIN" to obj "$NEW"
t_out_has "nothing to do"
t_out_lacks 'not seen'
tc filter del dev v0 egress

t_begin 'where both are described, the word is one too much'
t_run 255 tc_loader map migrate pinned "$PIN" to obj "$OBJ/moved_hash_old.o" --copy-prefix
t_err_has 'both definitions have BTF, which says more than --copy-prefix; leave it out'
rm "$PIN"
