/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Cgroups that are looked at one after the other, most of them in one directory. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/path_absent.h"
#include "kernel/caller_ns.h"
#include "load/follow_private.h"

int follow_cgroup_id(const char *path, uint64_t *ret)
{
	char real[PATH_MAX];
	struct stat st;

	*ret = 0;
	if (!path || strlen(path) >= PATH_MAX)
		return 0;
	if (stat(caller_ns_path(path, real), &st) < 0)
		return path_is_absent(-errno) ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		*ret = st.st_ino;
	return 0;
}

bool follow_cgroup_stands(struct follow *f, const char *path, uint64_t id,
			  unsigned int tries)
{
	struct follow_touch touch = {.kind = FOLLOW_GONE, .tries = tries, .id = id};
	uint64_t now;

	if (follow_cgroup_id(path, &now) == 0)
		return now == id;
	touch.name = xstrdup(path);
	follow_again(f, &touch, true);
	return true;
}

void follow_opener_release(struct follow_opener *o)
{
	cleanup_close(&o->fd);
	*o = (struct follow_opener)FOLLOW_OPENER_INIT;
}

static int opener_dir(struct follow_opener *o, const struct follow_dir *dir)
{
	char real[PATH_MAX];

	if (o->fd >= 0 && o->number == dir->number)
		return o->fd;
	follow_opener_release(o);
	o->number = dir->number;
	o->fd = open(caller_ns_path(dir->path, real), O_PATH | O_DIRECTORY | O_CLOEXEC);
	return o->fd;
}

int follow_cgroup_open(struct follow_opener *o, const struct follow *f,
		       const struct follow_dir *dir, const char *name, const char *path,
		       uint64_t *id, int *ret)
{
	const int dir_fd = ret ? opener_dir(o, dir) : -1;
	auto_close int fd = -1;
	struct stat st;

	if (dir_fd >= 0)
		fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == f->root_dev) {
		*id = st.st_ino;
		*ret = take_fd(&fd);
		return 0;
	}
	return follow_cgroup_id(path, id);
}
