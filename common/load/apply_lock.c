/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "kernel/flock_wait.h"
#include "kernel/stop_hold.h"
#include "load/apply_lock.h"

/* Behind the process id, in the lock of a name that is followed. */
#define LOCK_FOLLOW " follow"

static int lock_check_dir(const char *dir, struct err *err)
{
	struct stat st;

	if (lstat(dir, &st) < 0)
		return err_set(err, -errno, "state directory '%s'", dir);
	if (!S_ISDIR(st.st_mode))
		return err_say(err, -ENOTDIR, "state directory '%s' is not a directory",
			       dir);
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || st.st_mode & 022)
		return err_say(
			err, -EPERM,
			"state directory '%s' of uid %u has mode %04o: others could write records into it; look at what is in it and run 'chown %u %s && chmod 0700 %s'",
			dir, st.st_uid, st.st_mode & 07777u, geteuid(), dir, dir);
	return 0;
}

int apply_lock_dir(const char *dir, bool make, struct err *err)
{
	struct stat st;

	if (make && mkdir(dir, 0700) == 0)
		return 1;
	if (make && errno != EEXIST)
		return err_set(err, -errno, "state directory '%s'", dir);
	if (!make && lstat(dir, &st) < 0 && errno == ENOENT)
		return 0;
	return lock_check_dir(dir, err);
}

struct lock_holder {
	char pid[16];
	bool follows;
};

static void lock_read_holder(int fd, struct lock_holder *ret)
{
	char text[32] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	size_t digits;

	text[n > 0 ? n : 0] = '\0';
	digits = strspn(text, "0123456789");
	ret->follows = strcmp(text + digits, LOCK_FOLLOW "\n") == 0;
	snprintf(ret->pid, sizeof(ret->pid), "%.*s", (int)digits, digits ? text : "");
	if (!digits)
		strcpy(ret->pid, "unknown");
}

struct lock_waiter {
	int fd;
	const char *name;
	struct err *err;
};

/* Once a step was waited: whoever holds it by now has written who it is. */
static int lock_step(int waited, void *ctx)
{
	const struct lock_waiter *w = ctx;
	struct lock_holder holder;
	int r = stop_hold_check(w->err);

	if (r < 0)
		return r;
	lock_read_holder(w->fd, &holder);
	if (waited && holder.follows)
		return err_say(
			w->err, -EBUSY,
			"'%s' is followed by process %s, which keeps it as its file says: 'kill -HUP %s' makes it read the file again, and once it is stopped this is possible",
			w->name, holder.pid, holder.pid);
	if (waited == FLOCK_STEP_MS)
		log_info("waiting for another run of '%s' (pid %s)", w->name, holder.pid);
	return 0;
}

static int lock_open(const char *path, bool *made)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	*made = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

/* Whoever made it may have taken it away again while we waited. */
static bool lock_is_at(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

int apply_lock_take(const char *path, const char *name, int seconds, bool follow,
		    bool *made, struct err *err)
{
	auto_close int fd = -1;
	int r;

	do {
		struct lock_waiter waiter = {.name = name, .err = err};

		cleanup_close(&fd);
		fd = waiter.fd = lock_open(path, made);
		if (fd < 0)
			return err_set(err, fd, "lock '%s'", path);
		r = flock_wait(fd, seconds * 1000, lock_step, &waiter);
		if (r == -ETIMEDOUT)
			return err_say(
				err, r,
				"another run of '%s' holds '%s' for more than %d seconds",
				name, path, seconds);
		if (r < 0 && !err->code)
			err_set(err, r, "lock '%s'", path);
		/* Who did not get it cannot know whether another run has it by now. */
		if (r < 0 && *made)
			err_hint(err,
				 "the file stays, the next run of that name takes it");
		if (r < 0)
			return r;
	} while (!lock_is_at(fd, path));
	if (ftruncate(fd, 0) == 0)
		dprintf(fd, "%d%s\n", getpid(), follow ? LOCK_FOLLOW : "");
	return take_fd(&fd);
}
