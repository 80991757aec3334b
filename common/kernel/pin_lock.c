/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/flock_wait.h"
#include "kernel/stop_hold.h"
#include "kernel/pin_lock.h"

enum { LOCK_WAIT_MS = 60 * 1000, LOCK_TOLD_MS = 2000 };

/* dir NULL: whoever takes back cannot stop half way, and has no name to say. */
static int pin_lock_step(int waited, void *dir)
{
	/* The longest wait there is: Ctrl-C ends it, held back or not. */
	if (dir && stop_hold_waits())
		return -EINTR;
	if (dir && waited == LOCK_TOLD_MS)
		log_info("waiting for another loader that holds '%s'", (char *)dir);
	return 0;
}

static bool is_held(const struct pin_locks *locks, int dir)
{
	struct stat wanted, held;

	if (fstat(dir, &wanted) < 0)
		return false;
	for (size_t i = 0; i < locks->nr; i++)
		if (fstat(locks->fds[i], &held) == 0 && held.st_dev == wanted.st_dev &&
		    held.st_ino == wanted.st_ino)
			return true;
	return false;
}

int pin_locks_add(struct pin_locks *locks, int dir, const char *name)
{
	auto_close int fd = -1;
	int r;

	if (is_held(locks, dir))
		return 0;
	fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = flock_wait(fd, LOCK_WAIT_MS, pin_lock_step, (char *)name);
	if (r < 0)
		return r;
	array_grow(locks->fds, locks->nr);
	locks->fds[locks->nr++] = take_fd(&fd);
	return 0;
}

void pin_locks_drop(struct pin_locks *locks, size_t nr)
{
	while (locks->nr > nr)
		close(locks->fds[--locks->nr]);
}

void pin_locks_release(struct pin_locks *locks)
{
	pin_locks_drop(locks, 0);
	free(locks->fds);
	*locks = (struct pin_locks){.nr = 0};
}

void pin_locks_pause(struct pin_locks *locks)
{
	for (size_t i = 0; i < locks->nr; i++)
		flock(locks->fds[i], LOCK_UN);
	locks->paused = locks->nr > 0;
}

int pin_locks_resume(struct pin_locks *locks)
{
	int r = 0;

	for (size_t i = 0; locks->paused && i < locks->nr && r == 0; i++)
		r = flock_wait(locks->fds[i], LOCK_WAIT_MS, pin_lock_step, NULL);
	if (r == 0)
		locks->paused = false;
	return r;
}
