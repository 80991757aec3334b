#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# An answer that cannot be written is a failure, not a success; nor does a stream that the
# caller closed lend its number to a socket, which would then receive our output.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

closed() {
	"$@" >&-
}

full() {
	"$@" >/dev/full
}

t_begin 'stdout closed or full'
for tool in tc_loader cgroup_loader; do
	for how in closed full; do
		t_run 255 $how "$tool" -V
		t_err_has "$tool: write: "
		t_run 255 $how "$tool" object show "$LEGACY/counter_elf.o"
		t_err_has "$tool: write: "
	done
done

t_begin 'netlink has taken no number of a closed stream'
for how in closed full; do
	t_run 255 $how tc_loader qdisc show
	t_err_has 'tc_loader: write: '
	t_run 255 $how tc_loader -j qdisc show
	t_err_has 'tc_loader: write: '
done

t_begin 'no stream at all'
t_run 255 sh -c 'tc_loader object show "$1" <&- >&- 2>&-' sh "$LEGACY/counter_elf.o"
t_run 0 sh -c 'exec cgroup_loader version <&-'
