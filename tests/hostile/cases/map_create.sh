# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A map and its pin.
CMD=(cgroup_loader map create "$BPFFS/new" type hash key 4 value 8 entries 16 name "$OWN_NAME")
