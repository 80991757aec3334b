/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <dirent.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "base/err.h"
#include "base/log.h"
#include "base/path_absent.h"
#include "kernel/caller_ns.h"
#include "kernel/pin_at.h"

/* Since Linux 6.5; older headers have neither the flag nor the member. */
enum { PIN_BY_PATH_FD = 1 << 14 };

enum {
	/* Who puts back what was left has its directory locked for a moment. */
	ASIDE_TRIES = 500,
	ASIDE_STEP_MS = 2,
	ASIDE_NAMES = 100, /* of one process in one directory */
};

struct obj_attr {
	uint64_t pathname;
	uint32_t bpf_fd;
	uint32_t file_flags;
	int32_t path_fd;
	uint32_t padding;
};

static int call_obj(int cmd, struct obj_attr *attr)
{
	long r = syscall(__NR_bpf, cmd, attr, sizeof(*attr));

	return r < 0 ? -errno : (int)r;
}

static int call_at(int cmd, int dir, const char *name, int fd)
{
	struct obj_attr attr = {
		.pathname = (uintptr_t)name,
		.bpf_fd = (uint32_t)fd,
		.file_flags = PIN_BY_PATH_FD,
		.path_fd = dir,
	};
	auto_free char *path = NULL;
	int r = call_obj(cmd, &attr);

	/* What an older kernel says of a flag it does not know. */
	if (r != -EINVAL)
		return r;
	path = xasprintf("/proc/self/fd/%d/%s", dir, name);
	attr = (struct obj_attr){.pathname = (uintptr_t)path, .bpf_fd = (uint32_t)fd};
	r = call_obj(cmd, &attr);
	return r == -ENOENT && access("/proc/self/fd", F_OK) < 0 ? -ENOTSUP : r;
}

int pin_at_make(int dir, const char *name, int fd)
{
	return call_at(BPF_OBJ_PIN, dir, name, fd);
}

int pin_at_get(int dir, const char *name, enum bpf_fd_kind want)
{
	return bpf_fd_expect(call_at(BPF_OBJ_GET, dir, name, 0), want);
}

int pin_at_mark(int dir, const char *name, struct pin_mark *ret)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	*ret = (struct pin_mark){.dev = st.st_dev, .ino = st.st_ino};
	return 0;
}

/* 0: it is; -ESTALE: another is there. */
static int pin_at_check_mark(int dir, const char *name, const struct pin_mark *mark)
{
	struct pin_mark now = {.ino = 0};
	int r = pin_at_mark(dir, name, &now);

	if (r < 0)
		return r;
	return now.dev == mark->dev && now.ino == mark->ino ? 0 : -ESTALE;
}

/* 0 or -errno; the name must be free, as RENAME_NOREPLACE demands. */
static int move_pin(int from, int to, const char *name)
{
	return syscall(SYS_renameat2, from, name, to, name, RENAME_NOREPLACE) < 0 ? -errno
										  : 0;
}

/* -EEXIST: others may enter it, or somebody lives in it. */
static int pin_aside_check(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return st.st_uid == geteuid() && !(st.st_mode & 077) ? 0 : -EEXIST;
}

/*
 * A directory that nobody but us can enter, locked as long as we live: that tells it from one
 * that was left. -EAGAIN: who took it for left removed it.
 */
static int pin_at_lock_aside(int dir, const char *name)
{
	struct pin_mark mark = {.ino = 0};
	auto_close int fd = -1;
	int r;

	/* One of the same name is what a killed process of ours left. */
	if (mkdirat(dir, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == EINTR ? -EAGAIN : -errno;
	r = pin_aside_check(fd);
	if (r < 0)
		return r;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EEXIST : errno == EINTR ? -EAGAIN : -errno;
	if (pin_at_mark(fd, ".", &mark) < 0 || pin_at_check_mark(dir, name, &mark) < 0)
		return -EAGAIN;
	return take_fd(&fd);
}

static int pin_at_open_aside(int dir, const char *name)
{
	const struct timespec step = {.tv_nsec = ASIDE_STEP_MS * 1000000L};
	int fd = pin_at_lock_aside(dir, name);

	for (int i = 0; i < ASIDE_TRIES && fd == -EAGAIN; i++) {
		nanosleep(&step, NULL);
		fd = pin_at_lock_aside(dir, name);
	}
	/* Empty, or it is not removed. */
	if (fd < 0 && fd != -EEXIST)
		unlinkat(dir, name, AT_REMOVEDIR);
	return fd == -EAGAIN ? -EBUSY : fd;
}

/* A duplicate has the same lock. */
static int aside_share(const struct pin_aside *beside)
{
	int fd = fcntl(beside->aside, F_DUPFD_CLOEXEC, 3);

	return fd < 0 ? -errno : fd;
}

/* beside: who has that directory already; NULL: it is to be made. */
static int set_aside_in(int dir, const char *name, const struct pin_mark *mark,
			const char *aside, const struct pin_aside *beside,
			struct pin_aside *ret)
{
	struct pin_aside a = {.dir = -1, .aside = -1};
	int r = pin_at_check_mark(dir, name, mark);

	if (r < 0)
		return r;
	if (strlen(name) >= sizeof(a.name) || strlen(aside) >= sizeof(a.aside_name))
		return -ENAMETOOLONG;
	strcpy(a.name, name);
	strcpy(a.aside_name, aside);
	a.dir = fcntl(dir, F_DUPFD_CLOEXEC, 3);
	if (a.dir < 0)
		return -errno;
	a.aside = beside ? aside_share(beside) : pin_at_open_aside(dir, a.aside_name);
	r = a.aside < 0 ? a.aside : move_pin(dir, a.aside, name);
	if (r == 0) {
		r = pin_at_check_mark(a.aside, name, mark);
		if (r < 0 && pin_aside_put_back(&a) < 0)
			log_warn("the pin '%s' is '%s/%s' beside it now", name,
				 a.aside_name, name);
	}
	if (r < 0) {
		pin_aside_release(&a);
		return r;
	}
	*ret = a;
	return 0;
}

int pin_at_set_aside_as(int dir, const char *name, const struct pin_mark *mark,
			const char *aside, struct pin_aside *ret)
{
	return set_aside_in(dir, name, mark, aside, NULL, ret);
}

static bool aside_is_of(const struct pin_aside *beside, int dir)
{
	struct pin_mark mark;

	return pin_at_mark(dir, ".", &mark) == 0 &&
	       pin_at_check_mark(beside->dir, ".", &mark) == 0;
}

int pin_at_set_aside(int dir, const char *name, const struct pin_mark *mark,
		     const struct pin_aside *beside, struct pin_aside *ret)
{
	int r = -EEXIST;

	if (beside && aside_is_of(beside, dir))
		return set_aside_in(dir, name, mark, beside->aside_name, beside, ret);
	pin_at_recover(dir);
	for (int i = 0; i < ASIDE_NAMES && r == -EEXIST; i++) {
		/* bpffs takes no name with a dot. */
		auto_free char *aside =
			xasprintf(PIN_ASIDE_PREFIX "%d_%d", (int)getpid(), i);

		r = set_aside_in(dir, name, mark, aside, NULL, ret);
	}
	return r == -EEXIST ? -EBUSY : r;
}

int pin_aside_put_back(const struct pin_aside *a)
{
	return move_pin(a->aside, a->dir, a->name);
}

int pin_aside_remove(const struct pin_aside *a)
{
	return unlinkat(a->aside, a->name, 0) < 0 ? -errno : 0;
}

void pin_aside_release(struct pin_aside *a)
{
	if (a->aside >= 0 && unlinkat(a->dir, a->aside_name, AT_REMOVEDIR) < 0 &&
	    errno != ENOTEMPTY && errno != ENOENT)
		log_warn("the empty directory '%s' stays: %s", a->aside_name,
			 err_words(-errno));
	cleanup_close(&a->aside);
	cleanup_close(&a->dir);
	a->aside = a->dir = -1;
}

int pin_at_remove(int dir, const char *name, const struct pin_mark *mark)
{
	struct pin_aside a;
	int r = pin_at_set_aside(dir, name, mark, NULL, &a);

	if (r < 0)
		return r;
	r = pin_aside_remove(&a);
	if (r < 0 && pin_aside_put_back(&a) < 0)
		log_warn("the pin '%s' is '%s/%s' beside it now", a.name, a.aside_name,
			 a.name);
	pin_aside_release(&a);
	return r;
}

/* --- what was left --- */

static void aside_put_all_back(int dir, int aside)
{
	struct pin_aside a = {.dir = dir, .aside = aside};
	auto_dir DIR *pins = dir_in_open(aside);
	const struct dirent *entry;

	while (pins && (entry = readdir(pins))) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof(a.name))
			continue;
		strcpy(a.name, entry->d_name);
		/* Where its name is taken it stays: as pins go, it is listed by share gc. */
		if (pin_aside_put_back(&a) < 0)
			log_debug("'%s' stays set aside", a.name);
	}
}

static void aside_recover(int dir, const char *name)
{
	auto_close int fd =
		openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || pin_aside_check(fd) < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return;
	aside_put_all_back(dir, fd);
	unlinkat(dir, name, AT_REMOVEDIR);
}

void pin_at_recover(int dir)
{
	auto_dir DIR *list = NULL;
	const struct dirent *entry;
	struct stat st;

	/* Directories of pins have no others in them, and most of them many pins. */
	if (fstat(dir, &st) < 0 || st.st_nlink == PIN_DIR_EMPTY)
		return;
	list = dir_in_open(dir);
	while (list && (entry = readdir(list)))
		if (strncmp(entry->d_name, PIN_ASIDE_PREFIX, strlen(PIN_ASIDE_PREFIX)) ==
		    0)
			aside_recover(dir, entry->d_name);
}

int pin_at_migrates(const char *path)
{
	const char *slash = strrchr(path, '/');
	auto_free char *aside = slash ? xasprintf("%.*s/" PIN_MIGRATE_PREFIX "%s",
						  (int)(slash - path), path, slash + 1)
				      : NULL;
	char real[PATH_MAX];

	/* Where the name is too long nobody could make it. */
	return aside ? path_there(caller_ns_path(aside, real), F_OK) : 0;
}
