/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "kernel/caller_ns.h"
#include "kernel/pin_at.h"
#include "kernel/pin_dir.h"
#include "kernel/pin_way.h"

enum { MAX_LINKS = 40 }; /* as the kernel's own walk */

struct pin_walk {
	int fd; /* O_PATH, the directory reached; owned */
	dev_t dev;
	uint32_t magic;     /* of its file system */
	bool shared_root;   /* the root of a bpffs that others may write to */
	struct strbuf seen; /* its path as walked, for messages */
	char *rest;         /* what is left of the path; owned */
	unsigned int links;
	/* What to do about a directory that is missing. */
	const struct pin_dir_watch *watch;
};

static void pin_walk_release(struct pin_walk *w)
{
	cleanup_close(&w->fd);
	sb_release(&w->seen);
	free(w->rest);
}

#define PIN_WALK_INIT                         \
	{                                     \
		.fd = -1, .seen = STRBUF_INIT \
	}
#define auto_pin_walk auto_release(pin_walk_release) struct pin_walk

static int refuse_owner(const char *what, const char *path, const struct stat *st,
			struct err *err)
{
	return err_say(
		err, PIN_DIR_REFUSED,
		"%s '%s' belongs to uid %u (mode %04o), who could exchange the pins in it; remove it, or take it over after a look with 'chown -h %u:%u %s'; 'mount -t bpf -o mode=0700 bpf /sys/fs/bpf' keeps others out",
		what, path, st->st_uid, st->st_mode & 07777u, geteuid(), getegid(), path);
}

static int refuse_mode(const char *path, const struct stat *st, struct err *err)
{
	return err_say(
		err, PIN_DIR_REFUSED,
		"directory '%s' of uid %u has mode %04o: others could exchange the pins in it; look at what is in it and run 'chmod 0700 %s'; 'mount -t bpf -o mode=0700 bpf /sys/fs/bpf' keeps others out",
		path, st->st_uid, st->st_mode & 07777u, path);
}

/* Below one device number lies one file system: asked where the number changes. */
static int walk_magic(const struct pin_walk *w, int fd, const struct stat *st,
		      uint32_t *ret)
{
	bool same = w->fd >= 0 && st->st_dev == w->dev;
	struct statfs fs;

	if (!same && fstatfs(fd, &fs) < 0)
		return -errno;
	*ret = same ? w->magic : (uint32_t)fs.f_type;
	return 0;
}

/* Takes the directory fd, whose stat is st, as the next one reached. */
static int walk_enter(struct pin_walk *w, int *fd, const struct stat *st, struct err *err)
{
	uint32_t magic = 0;
	struct stat above;
	bool root;
	int r = walk_magic(w, *fd, st, &magic);

	if (r < 0)
		return r;
	w->shared_root = false;
	if (magic == BPF_FS_MAGIC) {
		r = fstatat(*fd, "..", &above, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
		/* Which we may not go through ends the walk. */
		if (r < 0 && r != -EACCES)
			return r;
		root = r < 0 || above.st_dev != st->st_dev || above.st_ino == st->st_ino;
		w->shared_root = root && st->st_mode & 022;
		if (!pin_way_owner_is_trusted(st))
			return refuse_owner("directory", sb_text(&w->seen), st, err);
		if (!pin_way_mode_is_trusted(st, root))
			return refuse_mode(sb_text(&w->seen), st, err);
	}
	cleanup_close(&w->fd);
	w->fd = take_fd(fd);
	w->dev = st->st_dev;
	w->magic = magic;
	return 0;
}

static int walk_enter_first(struct pin_walk *w, int *fd, struct err *err)
{
	struct stat st;

	return fstat(*fd, &st) < 0 ? -errno : walk_enter(w, fd, &st, err);
}

static const char default_mnt[] = "/sys/fs/bpf";

static bool is_callers(const char *path)
{
	size_t n = strlen(default_mnt);

	return strncmp(path, default_mnt, n) == 0 &&
	       (path[n] == '/' || path[n] == '\0') && caller_ns_has_bpffs();
}

/* The first steps of the rest are done: they end at the caller's bpffs. */
static int walk_begin_at_callers(struct pin_walk *w, struct err *err)
{
	auto_free char *old = take_ptr(w->rest);
	char real[PATH_MAX];
	auto_close int fd =
		open(caller_ns_path(default_mnt, real), O_PATH | O_DIRECTORY | O_CLOEXEC);

	w->rest = xstrdup(strncmp(old, default_mnt, strlen(default_mnt)) == 0
				  ? old + strlen(default_mnt)
				  : old);
	if (fd < 0)
		return -errno;
	sb_clear(&w->seen);
	sb_add(&w->seen, default_mnt);
	return walk_enter_first(w, &fd, err);
}

/* All of it at once, where that can be had. */
static bool walk_short(struct pin_walk *w, const char *dir)
{
	struct pin_way way;

	if (w->fd >= 0 || dir[0] != '/' || is_callers(dir) || !pin_way_open(dir, &way))
		return false;
	w->fd = way.fd;
	w->dev = way.dev;
	w->magic = BPF_FS_MAGIC;
	w->shared_root = way.shared_root;
	sb_add(&w->seen, dir);
	return true;
}

/* From the top, or from where we are, with the rest of the path. */
static int walk_begin(struct pin_walk *w, const char *path, struct err *err)
{
	bool absolute = path[0] == '/';
	auto_close int fd = -1;

	if (w->fd >= 0 && !absolute)
		return 0;
	if (is_callers(path))
		return walk_begin_at_callers(w, err);
	fd = open(absolute ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	sb_clear(&w->seen);
	sb_add(&w->seen, absolute ? "" : ".");
	return walk_enter_first(w, &fd, err);
}

/* What a link says goes in front of the rest. */
static int walk_link(struct pin_walk *w, int link, const char *path, struct err *err)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (++w->links > MAX_LINKS)
		return -ELOOP;
	if (fstat(link, &st) < 0)
		return -errno;
	if (!pin_way_owner_is_trusted(&st))
		return refuse_owner("link", path, &st, err);
	n = readlinkat(link, "", target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';

	auto_free char *old = take_ptr(w->rest);

	w->rest = xasprintf("%s/%s", target, old);
	return walk_begin(w, target, err);
}

static int walk_open(struct pin_walk *w, const char *name, const char *path)
{
	/* The links of /proc lead on by themselves; only the kernel makes any. */
	int nofollow = w->magic == PROC_SUPER_MAGIC ? 0 : O_NOFOLLOW;
	int fd = openat(w->fd, name, O_PATH | nofollow | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT || !w->watch)
		return fd < 0 ? -errno : fd;
	w->watch->before(path, w->watch->ctx);
	if (mkdirat(w->fd, name, 0700) == 0)
		w->watch->made(w->fd, name, w->watch->ctx);
	else if (errno != EEXIST)
		return -errno;
	fd = openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int walk_step(struct pin_walk *w, const char *name, struct err *err)
{
	auto_free char *path = xasprintf("%s/%s", sb_text(&w->seen), name);
	auto_close int fd = walk_open(w, name, path);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return walk_link(w, fd, path, err);
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	sb_clear(&w->seen);
	sb_add(&w->seen, path);
	return walk_enter(w, &fd, &st, err);
}

/* The next step of the rest, NULL at the end. The caller frees. */
static char *take_step(struct pin_walk *w)
{
	auto_free char *old = take_ptr(w->rest);
	const char *from = old + strspn(old, "/");
	size_t n = strcspn(from, "/");

	w->rest = xstrdup(from + n);
	return n ? xstrndup(from, n) : NULL;
}

static int walk_rest(struct pin_walk *w, struct err *err)
{
	for (;;) {
		auto_free char *name = take_step(w);
		int r;

		if (!name)
			return 0;
		r = strcmp(name, ".") == 0 ? 0 : walk_step(w, name, err);
		if (r < 0)
			return r;
	}
}

static int walk_to(struct pin_walk *w, const char *dir, struct err *err)
{
	int r;

	if (walk_short(w, dir))
		return 0;
	free(take_ptr(w->rest));
	w->rest = xstrdup(dir);
	r = walk_begin(w, dir, err);
	return r < 0 ? r : walk_rest(w, err);
}

int pin_dir_open(const char *dir, struct err *err)
{
	auto_pin_walk w = PIN_WALK_INIT;
	int r = walk_to(&w, dir, err);

	return r < 0 ? r : take_fd(&w.fd);
}

int pin_dir_make(const char *dir, const struct pin_dir_watch *watch, struct err *err)
{
	auto_pin_walk w = {.fd = -1, .watch = watch};
	int r = walk_to(&w, dir, err);

	return r < 0 ? r : take_fd(&w.fd);
}

/* "DIR/NAME" in two; DIR is "." or "/" where it is not said. The caller frees. */
static char *split_path(const char *path, char ret_name[NAME_MAX + 1])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (strlen(name) > NAME_MAX)
		return NULL;
	strcpy(ret_name, name);
	if (!slash)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

int pin_dir_parent(const char *path, char ret_name[NAME_MAX + 1], struct err *err)
{
	auto_free char *dir = split_path(path, ret_name);

	return dir ? pin_dir_open(dir, err) : -ENAMETOOLONG;
}

int pin_dir_check(const char *path, struct err *err)
{
	char name[NAME_MAX + 1];
	auto_close int dir = pin_dir_parent(path, name, err);

	return dir == PIN_DIR_REFUSED ? dir : 0;
}

/* Follows the links in a pin's place; w is then where the pin is, by the name; its stat. */
static int walk_to_pin(struct pin_walk *w, const char *path, char ret_name[NAME_MAX + 1],
		       struct stat *ret, struct err *err)
{
	auto_free char *at = xstrdup(path);

	for (;;) {
		auto_free char *dir = split_path(at, ret_name), *link_path = NULL;
		auto_close int fd = -1;
		int r;

		if (!dir)
			return -ENAMETOOLONG;
		r = walk_to(w, dir, err);
		if (r < 0)
			return r;
		if (fstatat(w->fd, ret_name, ret, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		if (!S_ISLNK(ret->st_mode))
			return 0;
		fd = openat(w->fd, ret_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || fstat(fd, ret) < 0)
			return -errno;
		if (!S_ISLNK(ret->st_mode))
			return 0;
		link_path = xasprintf("%s/%s", sb_text(&w->seen), ret_name);
		free(take_ptr(w->rest));
		w->rest = xstrdup("");
		r = walk_link(w, fd, link_path, err);
		if (r < 0)
			return r;
		/* walk_link() added a slash before the rest, which was empty. */
		free(at);
		at = take_ptr(w->rest);
		at[strlen(at) - 1] = '\0';
	}
}

int pin_dir_get(const char *path, enum bpf_fd_kind want, struct err *err)
{
	auto_pin_walk w = PIN_WALK_INIT;
	char name[NAME_MAX + 1];
	struct stat before, after;
	auto_close int fd = -1;
	int r = walk_to_pin(&w, path, name, &before, err);

	if (r < 0)
		return r;
	if (w.shared_root && !pin_way_owner_is_trusted(&before))
		return refuse_owner("pin", path, &before, err);
	fd = pin_at_get(w.fd, name, want);
	if (fd == -ENOTSUP)
		return err_say(err, PIN_DIR_REFUSED,
			       "open '%s': without /proc this takes Linux 6.5", path);
	if (fd < 0)
		return fd;
	/* Where others may make names: it is what we looked at, which they cannot move. */
	if (w.shared_root && fstatat(w.fd, name, &after, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (w.shared_root && after.st_ino != before.st_ino)
		return -ENOENT;
	return take_fd(&fd);
}

/* Only a hint: removes keep what they take in a directory beside it. */
static bool has_directories(const char *path)
{
	char name[NAME_MAX + 1], real[PATH_MAX];
	auto_free char *dir = split_path(path, name);
	struct stat st;

	return dir && stat(caller_ns_path(dir, real), &st) == 0 &&
	       st.st_nlink != PIN_DIR_EMPTY;
}

bool pin_dir_recover(const char *path)
{
	auto_err ignored = ERR_INIT;
	char name[NAME_MAX + 1];
	auto_close int dir =
		has_directories(path) ? pin_dir_parent(path, name, &ignored) : -1;

	if (dir >= 0)
		pin_at_recover(dir);
	return dir >= 0;
}
