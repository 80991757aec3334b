/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/caller_ns.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_near.h"

void cgroup_near_release(struct cgroup_near *near)
{
	cleanup_close(&near->fd);
	free(take_ptr(near->dir));
}

static void cgroup_near_go(struct cgroup_near *near, const char *path, size_t len)
{
	char real[PATH_MAX];

	if (near->dir && near->len == len && memcmp(near->dir, path, len) == 0)
		return;
	cgroup_near_release(near);
	near->dir = xstrndup(path, len);
	near->len = len;
	near->fd =
		open(caller_ns_path(near->dir, real), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int cgroup_near_open(struct cgroup_near *near, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	auto_close int fd = -1;

	if (!slash || slash == path || !slash[1])
		return cgroup_fd_open(path, err);
	cgroup_near_go(near, path, (size_t)(slash - path));
	if (near->fd >= 0)
		fd = openat(near->fd, slash + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Whatever is wrong is said by who goes the whole way. */
	if (fd < 0 || cgroup_fd_is_v2(fd) <= 0)
		return cgroup_fd_open(path, err);
	return take_fd(&fd);
}
