#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Which numbers of a value are only added to, as the instructions of loaded programs show it:
# by atomic instructions, by a plain ++, per CPU, at an index. Never one that is also written in
# another way.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

"$BUILD/tests/netns/value_writes" "$BUILD/tests/fixtures/value_writes.o" >"$TMP/writes"

# Program, map, and the rest of its line.
writes() {
	t_begin "$1: ${3:-nothing is added up}"
	t_is "$(sed -n "s/^$1 $2: *//p" "$TMP/writes")" "$3"
}

bins='24:8 32:8 40:8 48:8 56:8 64:8 72:8 80:8'
writes made_first in_hash '0:8 8:8 20:4'
writes plain_lru in_lru '0:8 20:4'
writes plain_array in_array '0:8 8:8'
writes plain_percpu in_percpu '0:8 20:4'
writes plain_percpu_hash in_percpu_hash '0:8'
writes plain_section value_wr.bss '0:8'
writes under_lock in_locked '0:8'
writes masked_bin in_array "0:8 $bins"
writes checked_bin in_array "0:8 $bins"

writes averaged in_array '0:8'
writes doubled in_array ''
writes from_another in_array '20:4'
writes reset in_hash '8:8'
writes half_written in_hash '8:8'

writes cleared_bins in_array \
	"doubt: program 'cleared_bins' writes to a member that depends on a number"
writes handed_on in_array "doubt: program 'handed_on' hands the value to a function"
writes handed_back in_array \
	"doubt: program 'handed_back' returns a pointer to the value from a function"
writes called_back in_array \
	"doubt: program 'called_back' calls a function that may have the value"
