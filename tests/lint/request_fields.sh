#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A word that a parser takes has an effect: every field of a request is read somewhere.
set -eu
cd "$(dirname "$0")/../.."
status=0

# fields HEADER: names of members, one a line.
fields() {
	sed -n '/^struct [a-z_]* {$/,/^};$/p' "$1" | sed 's|/[*].*||;s|^ [*].*||;/[{}]/d' |
		sed 's|[,;]|\n|g' | sed 's/[[].*//' | grep -oE '[a-z_0-9]+ *$' | tr -d ' ' | sort -u
}

for tool in tc_loader cgroup_loader; do
	find "$tool" common/verbs -name '*.c' -exec cat {} + >"${B:-build}/request_readers"
	for field in $(fields "$tool/request.h"); do
		# Storing into it is no use of it.
		sed -E "s/(->|[.])$field = //g" "${B:-build}/request_readers" |
			grep -qE "(->|[.])$field([^a-z_0-9]|$)" || {
			echo "$tool/request.h: '$field' is parsed and never read"
			status=1
		}
	done
done
exit "$status"
