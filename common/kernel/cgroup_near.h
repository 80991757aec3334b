/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Opens many cgroups, one after the other: the directory that the last one was in stays open, since
 * the way from the root takes the kernel longer than the rest.
 */
#ifndef KERNEL_CGROUP_NEAR_H
#define KERNEL_CGROUP_NEAR_H

#include <stddef.h>

#include "base/err.h"

struct cgroup_near {
	char *dir; /* owned; NULL: none yet */
	size_t len;
	int fd; /* owned: of that directory */
};

#define CGROUP_NEAR_INIT \
	{                \
		.fd = -1 \
	}

/* As cgroup_fd_open(): where the directory is gone, by the whole way again. */
int cgroup_near_open(struct cgroup_near *near, const char *path,
		     struct err *err) must_check;
void cgroup_near_release(struct cgroup_near *near);

#endif
