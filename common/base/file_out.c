/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "base/file_out.h"

enum {
	LINKS_MAX = 40, /* the kernel's own limit */
};

static int out_error(const struct file_out *out, int code, struct err *err)
{
	return err_set(err, code, "write '%s'", out->path);
}

/* --- what is behind the path ------------------------------------------------------- */

/* Our own descriptor that a link below /proc stands for; -1: none of ours. */
static int own_descriptor(const char *link)
{
	auto_free char *copy = xstrdup(link), *name = xstrdup(link);
	auto_free char *dir = realpath(dirname(copy), NULL);
	auto_free char *own = realpath("/proc/self/fd", NULL);
	char *end;
	long fd;

	if (!dir || !own || strcmp(dir, own) != 0)
		return -1;
	fd = strtol(basename(name), &end, 10);
	return *end || fd < 0 || fd > INT_MAX ? -1 : (int)fd;
}

static bool is_below_proc(const char *link)
{
	auto_close int fd = open(link, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct statfs fs;

	return fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/*
 * Does path lead to an open file, as /dev/stdout does? That is somebody's own, even if it
 * has a name: it is written to and not replaced. *fd: if it is one of ours.
 */
static bool is_open_file(const char *path, int *fd)
{
	auto_free char *at = xstrdup(path);
	struct stat st;

	for (int i = 0; i < LINKS_MAX; i++) {
		char target[PATH_MAX];
		auto_free char *before = at, *dir = NULL;
		ssize_t n;

		at = NULL;
		if (lstat(before, &st) < 0 || !S_ISLNK(st.st_mode))
			return false;
		if (is_below_proc(before)) {
			*fd = own_descriptor(before);
			return true;
		}
		n = readlink(before, target, sizeof(target) - 1);
		if (n < 0)
			return false;
		target[n] = '\0';
		dir = xstrdup(before);
		at = target[0] == '/' ? xstrdup(target)
				      : xasprintf("%s/%s", dirname(dir), target);
	}
	return false;
}

/* Appended to: what is in an open file already is not ours. */
static int open_direct(struct file_out *out, int own, struct err *err)
{
	auto_close int fd = -1;

	if (own >= 0)
		fd = fcntl(own, F_DUPFD_CLOEXEC, 3);
	else
		fd = open(out->path, O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);
	out->direct = true;
	out->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out->file)
		return out_error(out, -errno, err);
	take_fd(&fd);
	return 0;
}

/* --- beside the target ------------------------------------------------------------- */

enum { ASIDE_DIGITS = 16 };

static bool is_aside(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(name, prefix, n) == 0 && strlen(name + n) == ASIDE_DIGITS &&
	       strspn(name + n, "0123456789abcdef") == ASIDE_DIGITS;
}

/* The name itself may be as long as names can be. */
static char *aside_prefix(const char *name)
{
	return xasprintf(".%.200s.mapshare-", name);
}

/* Names of ours beside the target whose writers are gone: a writer has its file locked. */
static void remove_left(int at, const char *prefix)
{
	auto_dir DIR *dir = dir_in_open(at);
	const struct dirent *e;

	while (dir && (e = readdir(dir))) {
		auto_close int left = -1;
		struct stat st;

		if (!is_aside(e->d_name, prefix))
			continue;
		left = openat(at, e->d_name,
			      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (left >= 0 && fstat(left, &st) == 0 && S_ISREG(st.st_mode) &&
		    flock(left, LOCK_EX | LOCK_NB) == 0)
			unlinkat(at, e->d_name, 0);
	}
}

void file_out_tidy(const char *path)
{
	auto_free char *copy = xstrdup(path), *base = xstrdup(path);
	auto_free char *prefix = aside_prefix(basename(base));
	auto_close int dir = open(dirname(copy), O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		remove_left(dir, prefix);
}

/* Kernels and file systems without unnamed files answer in many ways. */
static int create_file(struct file_out *out, mode_t mode)
{
	auto_close int fd = openat(out->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);

	if (fd < 0 && errno != ENOSPC && errno != EROFS && errno != EACCES) {
		fd = openat(out->dir, out->aside,
			    O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, mode);
		out->is_named = fd >= 0;
	}
	if (fd < 0)
		return -errno;
	(void)flock(fd, LOCK_EX | LOCK_NB); /* without locks nothing is ever removed */
	return take_fd(&fd);
}

static int keep_owner_and_mode(struct file_out *out, int fd, const struct stat *old,
			       struct err *err)
{
	struct stat now;

	if (fstat(fd, &now) < 0)
		return out_error(out, -errno, err);
	if ((now.st_uid != old->st_uid || now.st_gid != old->st_gid) &&
	    fchown(fd, old->st_uid, old->st_gid) < 0)
		return err_set(err, -errno, "write '%s': keep its owner %u:%u", out->path,
			       old->st_uid, old->st_gid);
	/* Behind the change of owner, which takes set-id bits away. */
	return fchmod(fd, old->st_mode & 07777) < 0 ? out_error(out, -errno, err) : 0;
}

/* old NULL: there is none yet. */
static int file_out_open_aside(struct file_out *out, const char *target,
			       const struct stat *old, struct err *err)
{
	auto_free char *copy = xstrdup(target), *name = xstrdup(target);
	auto_free char *prefix = NULL;
	auto_close int fd = -1;
	uint64_t number;
	int r;

	out->name = xstrdup(basename(name));
	out->dir = open(dirname(copy), O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (out->dir < 0 && errno == ENOENT) {
		out_error(out, -ENOENT, err);
		return err_hint(err, "its directory has to be there");
	}
	if (out->dir < 0)
		return out_error(out, -errno, err);
	if (old && faccessat(AT_FDCWD, target, W_OK, AT_EACCESS) < 0)
		return out_error(out, -errno, err);
	prefix = aside_prefix(out->name);
	remove_left(out->dir, prefix);
	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return out_error(out, -errno, err);
	out->aside =
		xasprintf("%s%0*llx", prefix, ASIDE_DIGITS, (unsigned long long)number);
	r = fd = create_file(out, old ? 0600 : 0666);
	if (r < 0)
		return err_set(err, r, "write '%s': create a file beside it", out->path);
	r = old ? keep_owner_and_mode(out, fd, old, err) : 0;
	if (r < 0)
		return r;
	out->file = fdopen(fd, "w");
	if (!out->file)
		return out_error(out, -errno, err);
	take_fd(&fd);
	return 0;
}

/* By what open() finds, which obeys fs.protected_symlinks; realpath() would not. */
static int open_existing(struct file_out *out, int found, struct err *err)
{
	auto_free char *target = realpath(out->path, NULL);
	struct stat st, again;

	if (fstat(found, &st) < 0)
		return out_error(out, -errno, err);
	if (S_ISDIR(st.st_mode))
		return out_error(out, -EISDIR, err);
	if (!S_ISREG(st.st_mode))
		return open_direct(out, -1, err);
	if (!target || lstat(target, &again) < 0)
		return out_error(out, -errno, err);
	if (st.st_dev != again.st_dev || st.st_ino != again.st_ino)
		return out_error(out, -EAGAIN, err);
	return file_out_open_aside(out, target, &st, err);
}

static int open_path(struct file_out *out, struct err *err)
{
	auto_close int found = -1;
	struct stat st;
	int own = -1;

	if (is_open_file(out->path, &own))
		return open_direct(out, own, err);
	found = open(out->path, O_PATH | O_CLOEXEC);
	if (found >= 0)
		return open_existing(out, found, err);
	if (errno != ENOENT || !out->path[0])
		return out_error(out, -errno, err);
	if (out->path[strlen(out->path) - 1] == '/')
		return out_error(out, -EISDIR, err);
	if (lstat(out->path, &st) == 0)
		return err_say(
			err, -ENOENT,
			"write '%s': it is a symbolic link to a file that does not exist",
			out->path);
	return file_out_open_aside(out, out->path, NULL, err);
}

int file_out_open(struct file_out *ret, const char *path, struct err *err)
{
	auto_file_out out = FILE_OUT_INIT;
	int r;

	out.path = xstrdup(path);
	r = open_path(&out, err);
	if (r < 0)
		return r;
	*ret = out;
	out = (struct file_out)FILE_OUT_INIT;
	return 0;
}

/* --- writing ------------------------------------------------------------------------ */

int file_out_write(struct file_out *out, const void *bytes, size_t size, struct err *err)
{
	out->is_ready = false;
	if (fwrite(bytes, 1, size, out->file) == size)
		return 0;
	return out_error(out, errno ? -errno : -EIO, err);
}

/* AT_EMPTY_PATH needs CAP_DAC_READ_SEARCH before Linux 6.10, the other way needs /proc. */
static int name_aside(struct file_out *out)
{
	int fd = fileno(out->file);
	auto_free char *link = xasprintf("/proc/self/fd/%d", fd);

	if (out->is_named)
		return 0;
	if (linkat(fd, "", out->dir, out->aside, AT_EMPTY_PATH) < 0 &&
	    linkat(AT_FDCWD, link, out->dir, out->aside, AT_SYMLINK_FOLLOW) < 0)
		return -errno;
	out->is_named = true;
	return 0;
}

int file_out_prepare(struct file_out *out, struct err *err)
{
	if (fflush(out->file) != 0 || ferror(out->file))
		return out_error(out, errno ? -errno : -EIO, err);
	if (out->direct)
		return 0;
	if (fsync(fileno(out->file)) < 0)
		return out_error(out, -errno, err);
	out->is_ready = true;
	return 0;
}

int file_out_commit(struct file_out *out, struct err *err)
{
	int r = out->is_ready ? 0 : file_out_prepare(out, err);

	if (r < 0)
		return r;
	if (!out->direct) {
		r = name_aside(out);
		if (r < 0)
			return out_error(out, r, err);
		if (renameat(out->dir, out->aside, out->dir, out->name) < 0)
			return out_error(out, -errno, err);
		out->is_named = false;
	}
	/* Network file systems tell of a full disk only here. */
	r = fclose(take_ptr(out->file)) != 0 ? -errno : 0;
	return r < 0 ? out_error(out, r, err) : 0;
}

void file_out_release(struct file_out *out)
{
	if (out->is_named)
		unlinkat(out->dir, out->aside, 0);
	cleanup_file(&out->file);
	cleanup_close(&out->dir);
	free(out->path);
	free(out->name);
	free(out->aside);
	*out = (struct file_out)FILE_OUT_INIT;
}

int file_out_put(const char *path, const void *bytes, size_t size, struct err *err)
{
	auto_file_out out = FILE_OUT_INIT;
	int r = file_out_open(&out, path, err);

	if (r == 0)
		r = file_out_write(&out, bytes, size, err);
	return r == 0 ? file_out_commit(&out, err) : r;
}
