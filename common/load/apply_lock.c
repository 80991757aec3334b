/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"
#include "kernel/stop_hold.h"
#include "load/apply_lock.h"

enum { LOCK_STEP_MS = 20 };

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

	if (make && mkdir(dir, 0700) < 0 && errno != EEXIST)
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

/* Once a step was waited: whoever holds it by now has written who it is. */
static int lock_wait(int fd, const char *name, int waited, struct err *err)
{
	const struct timespec step = {.tv_nsec = LOCK_STEP_MS * 1000000L};
	struct lock_holder holder;
	int r = stop_hold_check(err);

	if (r < 0)
		return r;
	lock_read_holder(fd, &holder);
	if (waited && holder.follows)
		return err_say(
			err, -EBUSY,
			"'%s' is followed by process %s, which keeps it as its file says: 'kill -HUP %s' makes it read the file again, and once it is stopped this is possible",
			name, holder.pid, holder.pid);
	if (waited == LOCK_STEP_MS)
		log_info("waiting for another run of '%s' (pid %s)", name, holder.pid);
	nanosleep(&step, NULL);
	return 0;
}

int apply_lock_take(const char *path, const char *name, int seconds, bool follow,
		    struct err *err)
{
	auto_close int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(err, -errno, "lock '%s'", path);
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_STEP_MS) {
		int r;

		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(err, -errno, "lock '%s'", path);
		if (waited >= seconds * 1000)
			return err_say(
				err, -ETIMEDOUT,
				"another run of '%s' holds '%s' for more than %d seconds",
				name, path, seconds);
		r = lock_wait(fd, name, waited, err);
		if (r < 0)
			return r;
	}
	if (ftruncate(fd, 0) == 0)
		dprintf(fd, "%d%s\n", getpid(), follow ? LOCK_FOLLOW : "");
	return take_fd(&fd);
}
