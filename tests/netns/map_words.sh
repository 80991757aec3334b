#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every word of the map commands, by their own help, behind every map command that does not
# have it: refused, and named. Nothing is passed over; where bpftool reads no further, a remark
# names it.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

bpftool map create "$BPFFS/hash" type hash key 1 value 1 entries 4 name "mw_h_$$"
bpftool map create "$BPFFS/queue" type queue value 1 entries 4 name "mw_q_$$"
bpftool map create "$BPFFS/perf" type perf_event_array key 4 value 4 entries 4 name "mw_p_$$"
bpftool map update pinned "$BPFFS/hash" key 1 value 1
bpftool map push pinned "$BPFFS/queue" value 1
bpftool -j map dump pinned "$BPFFS/hash" >"$TMP/elements"

# A whole line of each.
line_of() {
	case $1 in
	show | list | dump | freeze) echo "pinned $BPFFS/hash" ;;
	lookup | getnext | delete) echo "pinned $BPFFS/hash key 1" ;;
	update) echo "pinned $BPFFS/hash key 1 value 1" ;;
	pin) echo "pinned $BPFFS/hash $BPFFS/again" ;;
	event_pipe) echo "pinned $BPFFS/perf" ;;
	create) echo "$BPFFS/new type hash key 1 value 1 entries 4 name n" ;;
	clear) echo "pinned $BPFFS/hash" ;;
	peek | pop | dequeue) echo "pinned $BPFFS/queue" ;;
	push | enqueue) echo "pinned $BPFFS/queue value 1" ;;
	load) echo "pinned $BPFFS/hash $TMP/elements" ;;
	migrate) echo "pinned $BPFFS/hash to obj $OBJ/by_name.o" ;;
	export) echo "pinned $BPFFS/hash --openmetrics" ;;
	watch) echo "pinned $BPFFS/hash count 1" ;;
	*) return 1 ;;
	esac
}

# The words that a line of help names: small letters, not behind dashes.
words_of() {
	tr -c 'a-zA-Z0-9_-' '\n' | grep -xE '[a-z][a-z_]+' | sort -u
}

# One line each, also those that the help breaks.
cgroup_loader map help | awk '
	/^cgroup_loader map / { if (line) print line; line = $0; next }
	/^        [^ ]/ && line { sub(/^ */, " "); line = line $0; next }
	line { print line; line = "" }' >"$TMP/help"
sed 's/^cgroup_loader map [a-z_]*//' "$TMP/help" | words_of >"$TMP/words"

t_begin 'the help has words and commands'
t_ok [ "$(wc -l <"$TMP/words")" -ge 15 ]
t_ok [ "$(wc -l <"$TMP/help")" -ge 19 ]

t_begin 'a word of another command is refused by its name'
wrong=
while read -r _ _ verb synopsis; do
	line=$(line_of "$verb") || { wrong="$wrong $verb:no-line" && continue; }
	echo "$synopsis" | words_of >"$TMP/own"
	for word in $(comm -23 "$TMP/words" "$TMP/own"); do
		status=0
		# shellcheck disable=SC2086 # words of their own
		cgroup_loader map "$verb" $line "$word" >/dev/null 2>"$TMP/err" || status=$?
		case $verb in
		pin | pop | dequeue)
			grep -qF "'$word' and what follows has no meaning" "$TMP/err" || status=
			rm -f "$BPFFS/again"
			[ "$verb" = pin ] || bpftool map push pinned "$BPFFS/queue" value 1
			;;
		*) grep -qF "$word" "$TMP/err" && [ "$status" = 255 ] || status= ;;
		esac
		[ -n "$status" ] || wrong="$wrong $verb:$word"
	done
done <"$TMP/help"
t_is "$wrong" ''

t_begin 'and nothing was done'
t_is "$(bpftool -j map dump pinned "$BPFFS/hash")" "$(cat "$TMP/elements")"
t_ok [ ! -e "$BPFFS/new" ]
t_ok [ ! -e "$BPFFS/again" ]
