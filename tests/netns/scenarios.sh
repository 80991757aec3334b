#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every scenario script keeps what it promises: each ends non-zero as soon as a number is wrong.
# They are found by glob: all that can be run, which lib.sh and topo_*.sh are not.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

[ "$(id -u)" -eq 0 ] || t_skip root 'network and mount namespaces need root'
for script in "$TOP"/netns_scripts/*.sh; do
	name=${script##*/}
	if [ ! -x "$script" ] || [ "$name" = demo.sh ]; then
		continue
	fi
	t_begin "$name"
	t_run 0 "$script"
	t_out_has '  ok: '
done
