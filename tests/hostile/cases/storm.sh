# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# Many loaders at once, and who comes and goes: see loaders.py.
DEVS='v0 v1 v2 v3'
own_object "$BPF/counter_tc.o" traffic
own_object "$BPF/counter_cgroup.o" traffic
DRIVER=loaders.py
CMD=(true)
