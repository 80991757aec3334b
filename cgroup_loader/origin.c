/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "graph/cgroup_origin.h"
#include "kernel/cgroup_fd.h"
#include "origin.h"

/* Level upon level: "/a/b", "/a". */
static char *origin_parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return xstrndup(path, slash && slash > path ? (size_t)(slash - path) : 1);
}

static void add_level(struct origin *o, int fd, char *path)
{
	array_grow(o->fds, o->nr);
	array_grow(o->paths, o->nr);
	o->fds[o->nr] = fd;
	o->paths[o->nr++] = path;
}

static void origin_failed(struct origin *o, int error)
{
	if (!o->error)
		o->error = error;
}

/* 1: dir, seen from fd, is of the tree and opened; 0: the tree ends before it; -errno. */
static int open_level(int fd, const char *dir, int *ret)
{
	auto_close int level = openat(fd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = level < 0 ? -errno : cgroup_fd_is_v2(level);

	if (r > 0)
		*ret = take_fd(&level);
	return r;
}

void origin_open(struct origin *ret, int cgroup_fd, const char *path)
{
	auto_free char *at = realpath(path, NULL);
	int fd, r;

	*ret = (struct origin){.nr = 0};
	/* Without it the names of those above would be guesses. */
	r = at ? open_level(cgroup_fd, ".", &fd) : -errno;
	while (r > 0) {
		add_level(ret, fd, take_ptr(at));
		at = origin_parent_of(ret->paths[ret->nr - 1]);
		r = open_level(fd, "..", &fd);
	}
	if (r < 0)
		origin_failed(ret, r);
}

void origin_release(struct origin *o)
{
	for (size_t i = 0; i < o->nr; i++) {
		close(o->fds[i]);
		free(o->paths[i]);
	}
	free(o->fds);
	free(o->paths);
	*o = (struct origin){.nr = 0};
}

void origin_of(struct origin *o, uint32_t attach_type, const uint32_t *effective,
	       size_t nr, const char **ret)
{
	auto_free struct cgroup_query *lists = xcalloc(o->nr + 1, sizeof(*lists));
	auto_free struct cgroup_level *levels = xcalloc(o->nr + 1, sizeof(*levels));
	auto_free int *level = xcalloc(nr + 1, sizeof(*level));

	for (size_t i = 0; i < o->nr; i++) {
		int r = cgroup_fd_query(o->fds[i], attach_type, false, &lists[i]);

		if (r < 0) {
			origin_failed(o, r);
			continue;
		}
		levels[i] = (struct cgroup_level){.ids = lists[i].prog_ids,
						  .nr = lists[i].nr,
						  .multi = lists[i].flags &
							   BPF_F_ALLOW_MULTI};
	}
	cgroup_origin(levels, o->nr, effective, nr, level);
	for (size_t i = 0; i < nr; i++)
		ret[i] = level[i] < 0 ? NULL : o->paths[level[i]];
	for (size_t i = 0; i < o->nr; i++)
		cgroup_query_release(&lists[i]);
}
