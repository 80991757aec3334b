# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# All programs and all maps of an object, each with a pin.
own_object "$OBJ/again.o" again
CMD=(cgroup_loader prog loadall "$OWN/again.o" "$BPFFS/progs" pinmaps "$BPFFS/maps")
