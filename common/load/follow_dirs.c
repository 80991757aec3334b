/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The directories in which a name may become a place: one is watched for each component that a
 * pattern still has, and read after it is watched. Whoever a subtree was delegated to can make as
 * many as he likes: a pattern has as many of them as its limit.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "base/log.h"
#include "base/path_absent.h"
#include "kernel/caller_ns.h"
#include "kernel/cgroup_fd.h"
#include "kernel/dir_watch.h"
#include "load/follow_private.h"

static void follow_dir_free(struct follow_dir *dir)
{
	for (size_t i = 0; i < dir->nr_kids; i++) {
		free(dir->kids[i].name);
		free(dir->kids[i].in);
	}
	free(dir->kids);
	free(dir->wants);
	free(dir->path);
	free(dir);
}

void follow_dirs_release(struct follow *f)
{
	for (size_t i = 0; i < f->nr_dirs; i++)
		follow_dir_free(f->dirs[i]);
	free(f->dirs);
	f->dirs = NULL;
	f->nr_dirs = 0;
	follow_words_empty(f);
	free(take_ptr(f->root));
	cleanup_close(&f->dirs_fd);
	f->dirs_fd = f->netns_dir = f->run_dir = -1;
}

/* Units are in the root and in slices; what is below a unit is whoever's it was delegated to. */
static bool name_is_slice(const char *name)
{
	const size_t n = strlen(name);

	return n > 6 && strcmp(name + n - 6, ".slice") == 0;
}

/* 1; 0: it is none, or not there; -errno: nobody knows. */
static int path_is_dir(const char *path)
{
	char real[PATH_MAX];
	struct stat st = {.st_mode = 0};

	if (strlen(path) < PATH_MAX && stat(caller_ns_path(path, real), &st) < 0 &&
	    !path_is_absent(-errno))
		return -errno;
	return S_ISDIR(st.st_mode);
}

/* All of them are looked at again after a while that grows: then there may be room. */
static void dirs_later(struct follow *f, const char *path, int r)
{
	if (r == 0 || path_is_absent(r) || r == -EACCES)
		return;
	if (!f->warned_watches && r == -ENOSPC)
		log_warn(
			"'%s' cannot be watched, and what appears there is served later: the limit of watches is reached; raise it: sysctl fs.inotify.max_user_watches",
			path);
	f->warned_watches |= r == -ENOSPC;
	f->dirs_left = true;
	follow_failed(f, FOLLOW_RETRY_DIRS);
}

static void dirs_add(struct follow *f, int parent, const char *path,
		     const struct follow_want *want);

static char *dir_child(const struct follow_dir *dir, const char *name)
{
	return xasprintf("%s/%s", strcmp(dir->path, "/") == 0 ? "" : dir->path, name);
}

static void dirs_gone(struct follow *f, int number)
{
	struct follow_dir *dir = follow_dirs_find(f, number);
	size_t at = follow_dirs_index(f, number);

	if (!dir)
		return;
	for (size_t i = 0; i < dir->nr_kids; i++) {
		auto_free char *path = dir_child(dir, dir->kids[i].name);

		follow_touch(f, FOLLOW_GONE, 0, dir->kids[i].id, path);
	}
	while (dir->nr_kids)
		follow_kid_drop(f, dir, dir->nr_kids - 1);
	for (size_t i = 0; i < dir->nr_wants; i++)
		follow_want_word(f, &dir->wants[i])->nr_dirs--;
	f->nr_dirs--;
	memmove(f->dirs + at, f->dirs + at + 1, (f->nr_dirs - at) * sizeof(*f->dirs));
	follow_dir_free(dir);
}

/*
 * A cgroup that is removed keeps its inode as long as it is watched (kernfs leaves its link count),
 * so nobody tells that it is gone but its parent. Another one of that name has another number.
 */
static void dirs_drop_twin(struct follow *f, int parent, const char *path, int number)
{
	for (size_t i = 0; i < f->nr_dirs; i++) {
		const int old = f->dirs[i]->number;

		if (f->dirs[i]->parent != parent || old == number ||
		    strcmp(f->dirs[i]->path, path) != 0)
			continue;
		dir_watch_remove(f->dirs_fd, old);
		dirs_gone(f, old);
		return;
	}
}

/* A name of the directory, for one of its wants: a place, or a step on the way to some. */
static void dir_meet(struct follow *f, int number, const struct follow_want *want,
		     const char *name)
{
	const struct follow_dir *dir = follow_dirs_find(f, number);
	auto_free char *path = dir ? dir_child(dir, name) : NULL;
	struct follow_want below = *want;
	const char *next;
	bool fits;
	int r;

	if (!path)
		return;
	fits = follow_want_fits(f, want, name, &next);
	if (fits && !*next)
		follow_touch(f, FOLLOW_CGROUP, 0, (uint64_t)number, name);
	if (!want->rest ? !name_is_slice(name) : !fits || !*next)
		return;
	below.rest = want->rest ? next : NULL;
	r = path_is_dir(path);
	if (r > 0)
		dirs_add(f, number, path, &below);
	else if (r < 0)
		dirs_later(f, path, r);
	else
		dirs_drop_twin(f, number, path, -1);
}

static void dir_scan(struct follow *f, int number, const struct follow_want *want)
{
	auto_free char *path = xstrdup(follow_dirs_find(f, number)->path);
	char real[PATH_MAX];
	auto_dir DIR *dir = opendir(caller_ns_path(path, real));
	const struct dirent *e;
	int r = dir ? 0 : -errno;

	while (dir && (e = dir_in_next(dir, &r)))
		if (e->d_type == DT_DIR)
			dir_meet(f, number, want, e->d_name);
	dirs_later(f, path, r);
}

static bool dir_has_want(const struct follow_dir *dir, const struct follow_want *want)
{
	for (size_t i = 0; i < dir->nr_wants; i++)
		if (dir->wants[i].entry == want->entry &&
		    dir->wants[i].word == want->word && dir->wants[i].rest == want->rest)
			return true;
	return false;
}

/* Every name that is there counts for it from now on, too. */
static void dir_add_want(struct follow_dir *dir, const struct follow_want *want)
{
	array_grow(dir->wants, dir->nr_wants);
	for (size_t i = 0; i < dir->nr_kids; i++) {
		dir->kids[i].in = xrealloc(dir->kids[i].in, dir->nr_wants + 1,
					   sizeof(*dir->kids[i].in));
		dir->kids[i].in[dir->nr_wants] = false;
	}
	dir->wants[dir->nr_wants++] = *want;
}

static void dirs_add(struct follow *f, int parent, const char *path,
		     const struct follow_want *want)
{
	struct follow_word *word = follow_want_word(f, want);
	struct follow_dir *dir;
	int number;

	if (word->nr_dirs >= follow_want_dirs(f, want)) {
		follow_want_say_full(f, want);
		return;
	}
	number = dir_watch_add(f->dirs_fd, path);
	if (number < 0) {
		dirs_later(f, path, number);
		return;
	}
	dir = follow_dirs_find(f, number);
	if (!dir) {
		size_t at;

		if (parent >= 0)
			dirs_drop_twin(f, parent, path, number);
		at = follow_dirs_index(f, number);

		array_grow(f->dirs, f->nr_dirs);
		dir = xcalloc(1, sizeof(*dir));
		dir->number = number;
		dir->parent = parent;
		memmove(f->dirs + at + 1, f->dirs + at,
			(f->nr_dirs - at) * sizeof(*f->dirs));
		f->dirs[at] = dir;
		f->nr_dirs++;
		dir->path = xstrdup(path);
	} else if (parent >= 0) {
		/* Made again with what is above it, and found before that was: it goes with it. */
		dir->parent = parent;
	}
	if (dir_has_want(dir, want))
		return;
	dir_add_want(dir, want);
	word->nr_dirs++;
	dir_scan(f, number, want);
}

void follow_dirs_room(struct follow *f)
{
	auto_free int *numbers = NULL;
	const size_t nr = f->nr_dirs;

	if (!follow_words_room(f))
		return;
	/* Others come and go as they are read. */
	numbers = xcalloc(nr + 1, sizeof(*numbers));
	for (size_t d = 0; d < nr; d++)
		numbers[d] = f->dirs[d]->number;
	for (size_t d = 0; d < nr; d++) {
		const struct follow_dir *dir;

		for (size_t i = 0;
		     (dir = follow_dirs_find(f, numbers[d])) != NULL && i < dir->nr_wants;
		     i++) {
			const struct follow_want want = dir->wants[i];

			if (follow_want_word(f, &want)->room)
				dir_scan(f, numbers[d], &want);
		}
	}
}

/* --- what is told --- */

static void dirs_take(int number, enum dir_change change, const char *name, void *ctx)
{
	struct follow *f = ctx;
	const struct follow_dir *dir = follow_dirs_find(f, number);

	if (change == DIR_CHANGE_UNMOUNT) {
		f->look_dirs = f->look_nets = true;
	} else if (number == f->netns_dir || number == f->run_dir) {
		const bool other = change == DIR_CHANGE_GONE ||
				   (number == f->run_dir && strcmp(name, "netns") == 0);

		f->look_nets |= other || number == f->netns_dir;
		/* Watched before it is looked at: nothing comes between. */
		if (other && follow_dirs_netns(f) < 0)
			f->look_dirs = true;
	} else if (change == DIR_CHANGE_GONE) {
		/* With its file system they all go, and the cgroups are there as before. */
		if (!f->look_dirs)
			dirs_gone(f, number);
	} else if (dir) {
		size_t nr = dir->nr_wants;

		for (size_t i = 0; i < nr && (dir = follow_dirs_find(f, number)); i++) {
			const struct follow_want want = dir->wants[i];

			dir_meet(f, number, &want, name);
		}
	}
}

void follow_dirs_read(struct follow *f)
{
	if (dir_watch_read(f->dirs_fd, dirs_take, f) != 0) {
		f->count.nr_lost++;
		f->look_dirs = f->look_nets = true;
	}
}

/* --- anew --- */

static void dirs_begin(struct follow *f, size_t entry, size_t word)
{
	const struct apply_cgroup *cg = &f->conf->cgroups[entry];
	const char *text = f->words[entry][word].pattern, *root = f->root;
	const size_t n = strlen(root);
	struct follow_want want = {.entry = entry, .word = word};

	if (cg->place == APPLY_UNITS) {
		dirs_add(f, -1, root, &want);
		return;
	}
	if (text[0] == '/' &&
	    (strncmp(text, root, n) != 0 || (text[n] && text[n] != '/')))
		root = "/";
	else if (text[0] == '/')
		text += n;
	want.rest = text + strspn(text, "/");
	if (*want.rest)
		dirs_add(f, -1, root, &want);
}

int follow_dirs_netns(struct follow *f)
{
	bool named = false;
	int r;

	for (size_t i = 0; i < f->conf->nr_tc; i++)
		named |= f->conf->tc[i].netns.nr > 0;
	if (!named)
		return 0;
	f->netns_dir = dir_watch_add(f->dirs_fd, "/run/netns");
	/* Not there yet: who makes it is seen. */
	if (f->netns_dir == -ENOENT)
		f->run_dir = dir_watch_add(f->dirs_fd, "/run");
	r = f->netns_dir == -ENOENT ? f->run_dir : f->netns_dir;
	if (r >= 0)
		return 0;
	dirs_later(f, "/run/netns", r);
	return f->dirs_left ? 0 : r;
}

static int dirs_look_cgroups(struct follow *f, const char *root, struct err *err)
{
	char real[PATH_MAX];
	struct stat st;

	f->root = xstrdup(root);
	if (stat(caller_ns_path(root, real), &st) < 0)
		return err_set(err, -errno, "'%s'", root);
	f->root_dev = st.st_dev;
	f->root_ino = st.st_ino;
	follow_words_make(f);
	for (size_t i = 0; i < f->book.nr; i++)
		f->book.spots[i]->seen = false;
	f->looking = true;
	for (size_t e = 0; e < f->nr_words; e++)
		for (size_t w = 0; w < f->conf->cgroups[e].where.nr; w++)
			dirs_begin(f, e, w);
	follow_touch(f, FOLLOW_SWEEP, 0, 0, NULL);
	f->looking = false;
	return 0;
}

int follow_dirs_look(struct follow *f, struct err *err)
{
	struct epoll_event ev = {.events = EPOLLIN};
	char root[PATH_MAX];
	int r = f->conf->nr_cgroups ? cgroup_root(root, err) : 0;

	if (r < 0)
		return r;
	follow_dirs_release(f);
	f->dirs_left = false;
	f->dirs_fd = ev.data.fd = dir_watch_open();
	if (f->dirs_fd < 0)
		err_set(err, f->dirs_fd, "watch directories");
	/* Either limit, inotify_init1(2). */
	if (f->dirs_fd == -EMFILE)
		err_hint(
			err,
			"raise the limit: sysctl fs.inotify.max_user_instances, or that of open files");
	if (f->dirs_fd < 0)
		return f->dirs_fd;
	if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, f->dirs_fd, &ev) < 0)
		return err_set(err, -errno, "wait for changes of directories");
	r = follow_dirs_netns(f);
	if (r < 0)
		return err_set(err, r, "watch '/run/netns'");
	if (f->conf->nr_cgroups)
		r = dirs_look_cgroups(f, root, err);
	if (r < 0)
		return r;
	if (f->warned_watches && !f->dirs_left)
		log_info("all directories are watched again");
	f->warned_watches &= f->dirs_left;
	return 0;
}
