/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What bpftool has and this tool leaves to it.
 */
#ifndef CGROUP_LOADER_LEFT_H
#define CGROUP_LOADER_LEFT_H

#include "base/args.h"

/*
 * -EINVAL in words when the line's object or command is one of bpftool's; prefixes count,
 * as there, but not before a word of ours in the tables, where bpftool has it too.
 */
int left_to_bpftool(const struct verb *objects, const struct args *words,
		    struct err *err) must_check;

#endif
