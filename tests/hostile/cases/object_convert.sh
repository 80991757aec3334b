# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# Over a file that is there.
IDEMPOTENT=yes
before() {
	echo old >"$WORK/out.o"
	chmod 0640 "$WORK/out.o"
}
CMD=(tc_loader object convert "$LEGACY/counter_elf.o" "$WORK/out.o")
