/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths below the mounts where pins and cgroups are. */
#ifndef VERBS_COMPLETE_TREE_H
#define VERBS_COMPLETE_TREE_H

#include "verbs/complete_offer.h"

/*
 * Directories of the mounts of that type ("bpf", "cgroup2"), and those on the way to one; and
 * what file(), if given, takes of the files in them.
 */
void complete_tree(struct complete *c, const char *type, bool (*file)(const char *path));

#endif
