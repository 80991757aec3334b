# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A migration that was killed once its programs were replaced is finished under traffic.
# shellcheck source=tests/hostile/migrated.sh
. "$TOP/tests/hostile/migrated.sh"
migrated hash
TRAFFIC_BASE=9
BEGINS_HALF=yes
CMD=(tc_loader map migrate pinned "$TRAFFIC" to obj "$NEW_OBJECT")
before() {
	local id
	migrated_before
	tc_loader map update pinned "$TRAFFIC" key 1 value '{packets:5,quota:6,bytes:5}'
	id=$(bpftool -j map show pinned "$TRAFFIC" | sed 's/.*"id":\([0-9]*\),.*/\1/')
	strace -f -qq -o "$TMP/half" -e trace=membarrier -e inject=membarrier:signal=KILL \
		tc_loader map migrate pinned "$TRAFFIC" to obj "$NEW_OBJECT" 2>"$TMP/said" || :
	[ -e "${TRAFFIC%/*}/mapshare_migrates_$TRAFFIC_MAP/switched" ]
	tc_loader map update id "$id" key 1 value '{packets:9,quota:6,bytes:9}'
}
