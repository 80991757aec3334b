/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "kernel/pin_kept.h"

static bool has_name(const struct pin_kept *k, int above, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct pin_mark now;

	return slash && pin_at_mark(above, slash + 1, &now) == 0 &&
	       now.dev == k->mark.dev && now.ino == k->mark.ino;
}

void pin_kept_set(struct pin_kept *k, const char *path, int fd)
{
	auto_close int self = fd;
	auto_close int above = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (above < 0 || pin_at_mark(fd, ".", &k->mark) < 0 || !has_name(k, above, path))
		return;
	k->path = xstrdup(path);
	k->fd = take_fd(&self);
	k->above = take_fd(&above);
}

bool pin_kept_is(const struct pin_kept *k, const char *path)
{
	return k->path && strcmp(k->path, path) == 0 && has_name(k, k->above, path);
}

void pin_kept_drop(struct pin_kept *k)
{
	if (!k->path)
		return;
	close(k->fd);
	close(k->above);
	free(k->path);
	*k = (struct pin_kept){.path = NULL};
}
