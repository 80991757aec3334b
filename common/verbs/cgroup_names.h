/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Cgroups in keys and values: what BTF says to be the id of one is written as its path. The
 * tree is looked for when the first is asked for, once in a process.
 */
#ifndef VERBS_CGROUP_NAMES_H
#define VERBS_CGROUP_NAMES_H

#include "btf/readable.h"

extern const struct readable_names cgroup_names;

#endif
