#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Files of at most 400 lines, functions of at most 60 (from the opening to the closing brace in
# column one): what one reads at a sitting. Functions of tests are lists of cases: 100.
set -eu
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2046 # names without blanks
awk '
function file_end() {
	if (lines > 400) {
		printf "%s: %d lines, more than 400\n", name, lines
		status = 1
	}
}
FNR == 1 {
	file_end()
	name = FILENAME
	start = 0
	most_lines = name ~ /^tests\// ? 500 : 400
	most_body = name ~ /^tests\// ? 100 : 60
}
{ lines = FNR }
/^{/ && name ~ /[.]c$/ { start = FNR; head = before }
/^}/ && start {
	if (FNR - start - 1 > most_body) {
		printf "%s:%d: %d lines, more than %d: %s\n", name, start, FNR - start - 1,
			most_body, head
		status = 1
	}
	start = 0
}
{ before = $0 }
END { file_end(); exit status }
' $(git ls-files '*.c' '*.h' '*.sh' '*.bash')
