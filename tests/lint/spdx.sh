#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Every source file names the licence in its first line, scripts in the line after #!.
set -eu
cd "$(dirname "$0")/../.."

git ls-files '*.c' '*.h' '*.sh' '*.bash' '*.8' Makefile .ci/run | {
	status=0
	while read -r file; do
		line=$(sed -n '1{/^#!/!p;};2p' "$file" | head -n 1)
		case $line in
		*'SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause'*) ;;
		*)
			echo "$file: no SPDX line"
			status=1
			;;
		esac
	done
	exit "$status"
}
