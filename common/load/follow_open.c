/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Cgroups that are looked at one after the other, most of them in one directory. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "kernel/caller_ns.h"
#include "load/follow_private.h"

uint64_t follow_cgroup_id(const char *path)
{
	char real[PATH_MAX];
	struct stat st;

	return path && strlen(path) < PATH_MAX &&
			       stat(caller_ns_path(path, real), &st) == 0 &&
			       S_ISDIR(st.st_mode)
		       ? st.st_ino
		       : 0;
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
		       uint64_t *id)
{
	const int dir_fd = opener_dir(o, dir);
	auto_close int fd = -1;
	struct stat st;

	if (dir_fd >= 0)
		fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == f->root_dev) {
		*id = st.st_ino;
		return take_fd(&fd);
	}
	*id = follow_cgroup_id(path);
	return -1;
}
