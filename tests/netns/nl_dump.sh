#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A list that somebody had enough of half-way leaves the socket free for the next question.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

t_begin 'a refused list of many interfaces, then the whole one'
i=0
while [ $i -lt 100 ]; do
	echo "link add e$i type veth peer name f$i"
	i=$((i + 1))
done >"$TMP/links"
ip -batch "$TMP/links"
t_run 0 "$BUILD/tests/netns/nl_dump"
t_out_is "1 1, 0 $(ip -o link show | wc -l)"
