/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tables of what a file of apply may say. Only apply's readers know it. */
#ifndef LOAD_APPLY_KEYS_H
#define LOAD_APPLY_KEYS_H

#include "load/apply_value.h"

/* The entries of tc and cgroups; into is an apply_conf whose objects are known. */
APPLY_SET(tc_list);
APPLY_SET(cgroup_list);

/* A whole file. Not owned: ret is released by the caller in case of an error, too. */
int apply_keys_read(struct apply_conf *ret, const char *file, const char *dir,
		    const struct apply_node *root, struct err *err) must_check;

#endif
