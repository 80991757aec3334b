/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "kernel/root_file.h"

enum { ROOT_WALK_LINKS_MAX = 40 }; /* as the kernel's own walk */

struct root_walk {
	int fd;             /* O_PATH, what was reached; owned */
	struct strbuf seen; /* its path as walked, for messages */
	char *rest;         /* what is left of the path; owned */
	unsigned int links;
};

static void root_walk_release(struct root_walk *w)
{
	cleanup_close(&w->fd);
	sb_release(&w->seen);
	free(w->rest);
}

static const char *root_walk_noun(const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return "directory";
	return S_ISLNK(st->st_mode) ? "link" : "file";
}

/* Links have no mode of their own: who may replace one is a matter of its directory. */
static int root_walk_check(const char *path, const struct stat *st, struct err *err)
{
	if (st->st_uid != 0)
		return err_say(
			err, -EPERM,
			"%s '%s' belongs to uid %u (mode %04o), who could exchange the program that is run; name one that only root can change, /sbin/tc for one",
			root_walk_noun(st), path, st->st_uid, st->st_mode & 07777u);
	if (!S_ISLNK(st->st_mode) && st->st_mode & 022)
		return err_say(
			err, -EPERM,
			"%s '%s' of uid %u has mode %04o: others could exchange the program that is run; run 'chmod go-w %s' after a look, or name one that only root can change",
			root_walk_noun(st), path, st->st_uid, st->st_mode & 07777u, path);
	return 0;
}

static int root_walk_begin(struct root_walk *w, struct err *err)
{
	auto_close int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, -errno, "'/'");
	cleanup_close(&w->fd);
	w->fd = take_fd(&fd);
	sb_clear(&w->seen);
	return root_walk_check("/", &st, err);
}

/* What the link says goes in front of the rest. */
static int root_walk_link(struct root_walk *w, int link, const char *path,
			  struct err *err)
{
	auto_free char *old = w->rest;
	char target[PATH_MAX];
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);

	w->rest = NULL;
	if (n < 0)
		return err_set(err, -errno, "link '%s'", path);
	if (++w->links > ROOT_WALK_LINKS_MAX)
		return err_set(err, -ELOOP, "link '%s'", path);
	target[n] = '\0';
	w->rest = old[0] ? xasprintf("%s/%s", target, old) : xstrdup(target);
	return target[0] == '/' ? root_walk_begin(w, err) : 0;
}

/* One step. The rest is shorter, or longer by a link. */
static int root_walk_step(struct root_walk *w, struct err *err)
{
	const char *from = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(from, "/");
	auto_free char *name = xstrndup(from, n);
	auto_free char *path = xasprintf("%s/%s", sb_text(&w->seen), name);
	auto_close int fd = openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, -errno, "'%s'", path);
	r = root_walk_check(path, &st, err);
	if (r < 0)
		return r;
	memmove(w->rest, from + n, strlen(from + n) + 1);
	if (S_ISLNK(st.st_mode))
		return root_walk_link(w, fd, path, err);
	if (w->rest[0] && !S_ISDIR(st.st_mode))
		return err_set(err, -ENOTDIR, "'%s'", path);
	cleanup_close(&w->fd);
	w->fd = take_fd(&fd);
	sb_clear(&w->seen);
	sb_add(&w->seen, path);
	return 0;
}

/* Two names of one file, hard links among them, are one program. */
static int root_file_check(int fd, const char *path, struct err *err)
{
	struct stat st, own;

	if (fstat(fd, &st) < 0)
		return err_set(err, -errno, "'%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_say(err, -EACCES, "'%s' is not a file", path);
	if (!(st.st_mode & 0111))
		return err_say(err, -EACCES,
			       "file '%s' of uid %u has mode %04o: it is not executable",
			       path, st.st_uid, st.st_mode & 07777u);
	if (stat("/proc/self/exe", &own) < 0)
		return err_set(err, -errno,
			       "'%s': whether it is this very program: /proc/self/exe",
			       path);
	if (st.st_dev == own.st_dev && st.st_ino == own.st_ino)
		return err_say(
			err, -ELOOP,
			"'%s' (uid %u, mode %04o) is this very program under another name; name the real one",
			path, st.st_uid, st.st_mode & 07777u);
	return 0;
}

int root_file_open(const char *path, struct err *err)
{
	auto_release(root_walk_release) struct root_walk w = {.fd = -1};
	int r;

	if (path[0] != '/')
		return err_say(err, -EINVAL,
			       "'%s' is not an absolute path; say /sbin/tc for one",
			       path);
	w.rest = xstrdup(path);
	r = root_walk_begin(&w, err);
	while (r == 0 && w.rest[strspn(w.rest, "/")])
		r = root_walk_step(&w, err);
	if (r == 0)
		r = root_file_check(w.fd, path, err);
	return r < 0 ? r : take_fd(&w.fd);
}
