#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Files that never end, or a line that does not, are refused soon, in little memory.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

# No limit of address space under ASan, which takes terabytes of it.
LIMIT=(timeout 20)
sanitized || LIMIT+=(prlimit --as=$((64 << 20)))

# refused STATUS WORDS CMD…
refused() {
	local status=$1 words=$2
	shift 2
	t_run "$status" "${LIMIT[@]}" "$@"
	t_err_has "$words"
}

t_begin 'a batch'
refused 1 'File too large' tc_loader -batch /dev/zero
refused 255 'File too large' cgroup_loader batch file /dev/zero

t_begin 'an endless line of joined ones'
# shellcheck disable=SC2016 # the inner shell's
refused any 'File too large' sh -c 'yes "word \\" | tc_loader -batch -'

t_begin 'a long line below the limit is a line'
{
	printf 'qdisc help #'
	head -c 4000000 /dev/zero | tr '\0' x
	echo
} >"$TMP/long"
t_run any tc_loader -batch "$TMP/long"
t_err_lacks 'too large'

t_begin 'and whatever else is read'
refused 255 'File too large' tc_loader filter add devs @/dev/zero ingress bpf da obj x.o
refused 255 '/dev/zero' tc_loader apply /dev/zero
refused 255 '/dev/zero' tc_loader object show /dev/zero
refused 1 '/dev/zero' tc_loader filter add dev lo ingress bpf bytecode-file /dev/zero
