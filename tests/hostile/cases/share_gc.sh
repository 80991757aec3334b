# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# Two idle pins: both or none.
before() {
	mkdir -m 0700 "$BPFFS/tc" "$BPFFS/tc/globals"
	for name in one two; do
		bpftool map create "$BPFFS/tc/globals/$name" type hash key 4 value 4 entries 16 \
			name "h$name"
	done
}
# Where some process may not be looked into, even by root, what is removed is removed by force.
FORCE=()
! tc_loader share gc 2>&1 | grep -q 'not seen: open files' || FORCE=(--force-unseen)
CMD=(tc_loader share gc --delete "${FORCE[@]}" "$BPFFS/tc/globals/one" "$BPFFS/tc/globals/two")
