/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

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

/*
 * A claim is a read lock on the first byte of the directory, which needs no more than to be
 * able to read it, and can be seen by whoever asks what a write lock would meet: that one
 * could not be had on a directory.
 */
static struct flock pin_lock_range(short type)
{
	return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_len = 1};
}

/* Where that cannot be told it is. EINVAL: this kernel has no such claims, nobody's. */
static bool pin_lock_is_claimed(int fd)
{
	struct flock range = pin_lock_range(F_WRLCK);

	return fcntl(fd, F_OFD_GETLK, &range) < 0 ? errno != EINVAL
						  : range.l_type != F_UNLCK;
}

static void pin_locks_unclaim(struct pin_locks *locks)
{
	struct flock range = pin_lock_range(F_UNLCK);

	for (size_t i = 0; i < locks->nr; i++)
		fcntl(locks->fds[i], F_OFD_SETLK, &range);
}

static bool pin_locks_claim(struct pin_locks *locks)
{
	struct flock range = pin_lock_range(F_RDLCK);

	for (size_t i = 0; i < locks->nr; i++) {
		if (fcntl(locks->fds[i], F_OFD_SETLK, &range) == 0)
			continue;
		pin_locks_unclaim(locks);
		return false;
	}
	return true;
}

/*
 * The lock is not held while claims are waited for: whoever has one takes the lock before
 * he gives it back.
 */
static int pin_lock_take(int fd, enum pin_lock_mode mode, const char *name)
{
	const struct timespec pause = {.tv_nsec = FLOCK_STEP_MS * 1000000L};
	int r = flock_wait(fd, LOCK_WAIT_MS, pin_lock_step, (char *)name);

	for (int waited = 0; r == 0 && mode == PIN_LOCK_ALONE && pin_lock_is_claimed(fd);
	     waited += FLOCK_STEP_MS) {
		flock(fd, LOCK_UN);
		r = waited < LOCK_WAIT_MS ? pin_lock_step(waited, (char *)name)
					  : -ETIMEDOUT;
		if (r < 0)
			return r;
		nanosleep(&pause, NULL);
		r = flock_wait(fd, LOCK_WAIT_MS, pin_lock_step, (char *)name);
	}
	return r;
}

int pin_locks_add(struct pin_locks *locks, int dir, enum pin_lock_mode mode,
		  const char *name)
{
	auto_close int fd = -1;
	int r;

	if (is_held(locks, dir))
		return 0;
	fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = pin_lock_take(fd, mode, name);
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

static void pin_locks_let_go(struct pin_locks *locks)
{
	for (size_t i = 0; i < locks->nr; i++)
		flock(locks->fds[i], LOCK_UN);
	locks->paused = locks->nr > 0;
}

void pin_locks_pause(struct pin_locks *locks)
{
	pin_locks_let_go(locks);
}

void pin_locks_admit(struct pin_locks *locks)
{
	if (pin_locks_claim(locks))
		pin_locks_let_go(locks);
}

int pin_locks_resume(struct pin_locks *locks, enum pin_lock_mode mode)
{
	int r = 0;

	if (!locks->paused)
		return 0;
	if (mode == PIN_LOCK_ALONE)
		pin_locks_unclaim(locks);
	for (size_t i = 0; i < locks->nr && r == 0; i++)
		r = pin_lock_take(locks->fds[i], mode, NULL);
	if (r < 0)
		return r;
	pin_locks_unclaim(locks);
	locks->paused = false;
	return 0;
}
