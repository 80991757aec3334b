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

t_begin 'a command that is done says so, though its answer is lost'
t_run 255 full cgroup_loader version
t_err_has 'write: No space left on device; the command is done, and its answer is lost'

t_begin 'a limit of the size of files is an error like any other, of the files it makes too'
# Enough for what it says.
small() {
	prlimit --fsize=300 "$@"
}
for tool in tc_loader cgroup_loader; do
	t_run 255 small "$tool" object show "$OBJ/cg_types.o"
	t_err_has "$tool: write: File too large"
	t_run 255 small "$tool" object convert "$LEGACY/counter_def.o" "$TMP/modern.o"
	t_err_has 'File too large'
	t_is "$(find "$TMP" -name '*modern.o*')" ''
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

t_begin 'a stack that is too small for what may come is said'
for tool in tc_loader cgroup_loader; do
	t_run 255 env -i PATH="$PATH" prlimit --stack=65536 "$tool" object show "$OBJ/cg_types.o"
	t_err_is "$tool: a stack of 64 KiB is too small; 'ulimit -s 256' or more has room"
	t_run 0 env -i PATH="$PATH" prlimit --stack=262144 "$tool" object show "$OBJ/cg_types.o"
done
