# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# clsact where there is none.
DEVS=v0
CMD=(tc_loader qdisc add dev v0 clsact)
