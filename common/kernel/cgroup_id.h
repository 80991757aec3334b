/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ids that bpf_get_current_cgroup_id() and its like give to programs, and the paths of
 * cgroup v2 directories.
 */
#ifndef KERNEL_CGROUP_ID_H
#define KERNEL_CGROUP_ID_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* The directory, opened; its id in *ret. Errors as cgroup_fd_open(). */
int cgroup_id_open(const char *path, uint64_t *ret, struct err *err) must_check;
/* Its id alone; 0. */
int cgroup_id_of(const char *path, uint64_t *ret, struct err *err) must_check;

/* That of a cgroup that is open; -errno. */
int cgroup_id_get(int fd, uint64_t *ret) must_check;

/* The tree that cgroup_root() finds, kept open for the life of the process. */
struct cgroup_tree {
	bool asked; /* by cgroup_tree_open(); false in a struct of zeroes */
	int fd;     /* negative: there is no tree */
	char root[PATH_MAX];
};

void cgroup_tree_open(struct cgroup_tree *ret);

/*
 * The path of the cgroup of that id. -ESTALE: there is none, or it was removed; -ENOENT: no
 * tree, or not in the part that is mounted here; -EPERM: without CAP_DAC_READ_SEARCH. Needs
 * /proc.
 */
int cgroup_tree_path(const struct cgroup_tree *tree, uint64_t id,
		     char ret[PATH_MAX]) must_check;

#endif
