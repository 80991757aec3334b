/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "kernel/caller_ns.h"
#include "kernel/dir_watch.h"

enum {
	WATCH_NAMES = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO,
	WATCH_BUFFER = 32 * 1024,
	WATCH_READS = 16, /* at once */
};

int dir_watch_open(void)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

int dir_watch_add(int fd, const char *path)
{
	char real[PATH_MAX];
	int number = inotify_add_watch(fd, caller_ns_path(path, real),
				       WATCH_NAMES | IN_ONLYDIR | IN_EXCL_UNLINK);

	return number < 0 ? -errno : number;
}

void dir_watch_remove(int fd, int number)
{
	inotify_rm_watch(fd, number);
}

/* 1: something was lost. */
static int dir_watch_take(const char *buf, ssize_t got, dir_watch_fn fn, void *ctx)
{
	int lost = 0;

	for (const char *at = buf; at < buf + got;) {
		const struct inotify_event *e = (const struct inotify_event *)at;

		if (e->mask & IN_Q_OVERFLOW)
			lost = 1;
		else if (e->mask & IN_UNMOUNT)
			fn(e->wd, DIR_CHANGE_UNMOUNT, "", ctx);
		else if (e->mask & IN_IGNORED)
			fn(e->wd, DIR_CHANGE_GONE, "", ctx);
		else if (e->len)
			fn(e->wd, DIR_CHANGE_NAME, e->name, ctx);
		at += sizeof(*e) + e->len;
	}
	return lost;
}

int dir_watch_read(int fd, dir_watch_fn fn, void *ctx)
{
	char buf[WATCH_BUFFER] __attribute__((aligned(8)));
	int lost = 0;

	for (int i = 0; i < WATCH_READS; i++) {
		ssize_t got = read(fd, buf, sizeof(buf));

		if (got < 0)
			return errno == EAGAIN || errno == EINTR ? lost : -errno;
		lost |= dir_watch_take(buf, got, fn, ctx);
		if (got < (ssize_t)sizeof(buf) / 2)
			return lost;
	}
	return lost;
}
