/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every pin below a directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "kernel/bpffs.h"
#include "kernel/caller_ns.h"

/* One walk; the directory and the file system it stays in change on the way. */
struct pins_walk {
	const char *const *names; /* NULL: all */
	size_t nr_names;
	int (*fn)(const char *path, void *ctx);
	void *ctx;
	dev_t dev;
	int unread; /* why the first directory could not be read; 0 */
};

static int walk_pins(struct pins_walk *w, const char *dir);

static void pins_walk_unread(struct pins_walk *w, int code)
{
	if (code < 0 && code != -ENOENT && !w->unread)
		w->unread = code;
}

static bool pins_walk_asks(const struct pins_walk *w, const char *name)
{
	for (size_t i = 0; i < w->nr_names; i++)
		if (strcmp(w->names[i], name) == 0)
			return true;
	return !w->names;
}

static int walk_pins_entry(struct pins_walk *w, const char *dir, int dir_fd,
			   const char *name)
{
	auto_free char *path = NULL;
	struct stat st;

	/* Links (tc's MNT/ip) would show the same pins again. */
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		pins_walk_unread(w, -errno);
		return 0;
	}
	if (st.st_dev != w->dev || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return 0;
	path = xasprintf("%s/%s", dir, name);
	if (S_ISDIR(st.st_mode))
		return walk_pins(w, path);
	return pins_walk_asks(w, name) ? w->fn(path, w->ctx) : 0;
}

/* A directory of bpffs counts itself, its name above and the directories in it. */
static bool is_without_directories(const struct pins_walk *w, int dir_fd)
{
	struct stat st;

	return w->names && fstat(dir_fd, &st) == 0 && st.st_dev == w->dev &&
	       st.st_nlink == 2;
}

/*
 * Names come from objects: what is no name of a file is no pin's either, nor one with a dot, as
 * data sections have: bpffs answers EPERM to that, which looks like a place nobody may see.
 */
static int walk_pins_named(struct pins_walk *w, const char *dir, int dir_fd)
{
	int r = 0;

	for (size_t i = 0; i < w->nr_names && r == 0; i++) {
		struct stat st;

		if (strpbrk(w->names[i], "/."))
			continue;
		if (fstatat(dir_fd, w->names[i], &st, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno != ENAMETOOLONG)
				pins_walk_unread(w, -errno);
		} else if (st.st_dev == w->dev && S_ISREG(st.st_mode)) {
			auto_free char *path = xasprintf("%s/%s", dir, w->names[i]);

			r = w->fn(path, w->ctx);
		}
	}
	return r;
}

static int walk_pins(struct pins_walk *w, const char *dir)
{
	char real[PATH_MAX];
	auto_dir DIR *entries = opendir(caller_ns_path(dir, real));
	const struct dirent *entry;
	int error, r = 0;

	/* A directory that somebody removes meanwhile has no pins. */
	if (!entries) {
		pins_walk_unread(w, -errno);
		return 0;
	}
	if (is_without_directories(w, dirfd(entries)))
		return walk_pins_named(w, dir, dirfd(entries));
	while ((entry = dir_in_next(entries, &error))) {
		if (entry->d_type == DT_REG && !pins_walk_asks(w, entry->d_name))
			continue;
		r = walk_pins_entry(w, dir, dirfd(entries), entry->d_name);
		if (r != 0)
			return r;
	}
	/* What comes after the entry that could not be read is missing. */
	pins_walk_unread(w, error);
	return 0;
}

int bpffs_each_pin(const char *dir, int (*fn)(const char *path, void *ctx), void *ctx)
{
	return bpffs_each_pin_named(dir, NULL, 0, fn, ctx);
}

int bpffs_each_pin_named(const char *dir, const char *const *names, size_t nr,
			 int (*fn)(const char *path, void *ctx), void *ctx)
{
	struct pins_walk w = {.names = names, .nr_names = nr, .fn = fn, .ctx = ctx};
	struct stat st;
	int r = bpffs_stat(dir, &st);

	if (r < 0)
		return r;
	w.dev = st.st_dev;
	r = walk_pins(&w, dir);
	return r ? r : w.unread;
}
