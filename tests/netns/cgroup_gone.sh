#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A directory that is still open while its cgroup is gone: said, not "No such file".
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

t_run 0 cgroup_loader prog load "$OBJ/only_cgroup.o" "$BPFFS/prog"
mkdir "$CG/gone"
cd "$CG/gone"
rmdir "$CG/gone"
for verb in attach detach; do
	t_begin "$verb"
	t_run 255 cgroup_loader cgroup $verb . egress pinned "$BPFFS/prog"
	t_err_is "cgroup_loader: cgroup '.' was removed meanwhile"
	t_run 255 cgroup_loader -j cgroup $verb . egress pinned "$BPFFS/prog"
	t_is "$(t_out | t_json .error)" "cgroup '.' was removed meanwhile"
done

for verb in show tree; do
	t_begin "$verb"
	t_run 255 cgroup_loader cgroup $verb .
	t_err_is "cgroup_loader: cgroup '.' was removed meanwhile"
done
