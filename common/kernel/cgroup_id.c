/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/caller_ns.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_id.h"

int cgroup_id_get(int fd, uint64_t *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = st.st_ino;
	return 0;
}

int cgroup_id_open(const char *path, uint64_t *ret, struct err *err)
{
	auto_close int fd = cgroup_fd_open(path, err);
	int r = fd < 0 ? fd : cgroup_id_get(fd, ret);

	if (fd < 0)
		return fd;
	return r < 0 ? err_set(err, r, "cgroup '%s'", path) : take_fd(&fd);
}

int cgroup_id_of(const char *path, uint64_t *ret, struct err *err)
{
	auto_close int fd = cgroup_id_open(path, ret, err);

	return fd < 0 ? fd : 0;
}

void cgroup_tree_open(struct cgroup_tree *ret)
{
	auto_err err = ERR_INIT;

	ret->asked = true;
	ret->fd = cgroup_root(ret->root, &err);
	if (ret->fd == 0)
		ret->fd = cgroup_fd_open(ret->root, &err);
}

int cgroup_tree_path(const struct cgroup_tree *tree, uint64_t id, char ret[PATH_MAX])
{
	char link[sizeof("/proc/self/fd/") + 3 * sizeof(int)], real[PATH_MAX];
	auto_close int fd = -1;
	size_t root = strlen(tree->root);
	struct stat st;
	ssize_t n;

	if (tree->fd < 0)
		return -ENOENT;
	fd = cgroup_fd_by_id(tree->fd, id);
	if (fd < 0)
		return fd;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, ret, PATH_MAX);
	if (n < 0)
		return -errno;
	if (n == PATH_MAX)
		return -ENAMETOOLONG;
	ret[n] = '\0';
	if (strncmp(ret, tree->root, root) != 0 || (ret[root] && ret[root] != '/'))
		return -ENOENT;
	/* " (deleted)" may also be part of a name, and the handle of a directory outside of a
	 * bind mount has a path of its own. */
	if (stat(caller_ns_path(ret, real), &st) < 0)
		return -ESTALE;
	return st.st_ino == id ? 0 : -ENOENT;
}
