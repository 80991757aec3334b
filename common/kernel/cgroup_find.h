/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Directories of the cgroup v2 tree by something else than their path. Results are
 * absolute paths below cgroup_root().
 */
#ifndef KERNEL_CGROUP_FIND_H
#define KERNEL_CGROUP_FIND_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The v2 cgroup of a process. -ESRCH: no such process; -ENOENT: its cgroup is not in the
 * tree that is mounted here (a cgroup namespace, or removed).
 */
int cgroup_find_pid(uint32_t pid, char ret[PATH_MAX], struct err *err) must_check;

/*
 * The only directory of that name ("x.service"; without a dot ".service" is added), as
 * systemd makes one for each unit. -EINVAL: several have it, which are named.
 */
int cgroup_find_unit(const char *name, char ret[PATH_MAX], struct err *err) must_check;

/* A unit's name is that of its cgroup: "x" stands for "x.service". The caller frees. */
char *cgroup_unit_name(const char *word);

/* fn for every cgroup below root whose own name fits the word; its non-zero return ends. */
struct cgroup_named {
	const char *word;
	bool (*fits)(const char *word, const char *name);
	int (*fn)(const char *path, void *ctx);
	void *ctx;
};
int cgroup_each_named(const char *root, const struct cgroup_named *named,
		      struct err *err) must_check;

struct cgroup_paths {
	char **items; /* owned, each of them too */
	size_t nr;
};

/* Every cgroup below root that has none below itself; -ENOENT: there is none. */
int cgroup_find_leaves(const char *root, struct cgroup_paths *ret,
		       struct err *err) must_check;
void cgroup_paths_release(struct cgroup_paths *paths);

#endif
