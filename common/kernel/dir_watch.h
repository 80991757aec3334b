/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Directories in which names come and go, as inotify(7) tells it. Whoever looks into one after
 * it is watched misses nothing.
 */
#ifndef KERNEL_DIR_WATCH_H
#define KERNEL_DIR_WATCH_H

#include "base/err.h"

/* What one of them tells. */
enum dir_change {
	DIR_CHANGE_NAME,    /* name came or went, or both */
	DIR_CHANGE_GONE,    /* the directory itself; its number is free again */
	DIR_CHANGE_UNMOUNT, /* its file system; all directories of it will be gone */
};

/* A descriptor that is readable while changes wait, or -errno. */
int dir_watch_open(void) must_check;

/*
 * The number of the directory, the same as long as it is watched, by whatever path. -ENOTDIR;
 * -ENOSPC: more than fs.inotify.max_user_watches.
 */
int dir_watch_add(int fd, const char *path) must_check;
/* Nothing is told of it any more, but that it is gone. */
void dir_watch_remove(int fd, int number);

typedef void (*dir_watch_fn)(int number, enum dir_change change, const char *name,
			     void *ctx);

/* What waits; never blocks. 1: the kernel had to drop some; -errno. */
int dir_watch_read(int fd, dir_watch_fn fn, void *ctx) must_check;

#endif
