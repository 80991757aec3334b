/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/pin_at.h"
#include "kernel/pin_dir.h"
#include "kernel/pin_lock.h"
#include "kernel/pin_txn_private.h"

enum {
	/* A directory may vanish between mkdir and lock when its maker rolls back. */
	LOCK_TRIES = 100,
};

struct pin_txn *pin_txn_new(void)
{
	auto_pin_txn *txn = xcalloc(1, sizeof(*txn));

	txn->undo = undo_new();
	return take_ptr(txn);
}

struct undo *pin_txn_undo(struct pin_txn *txn)
{
	return txn->undo;
}

const char *pin_txn_mnt(struct pin_txn *txn, bool may_mount, struct err *err)
{
	if (!txn->mnt)
		txn->mnt = xcalloc(1, PATH_MAX);
	if (!txn->mnt[0]) {
		char mnt[PATH_MAX];
		bool mounted;

		undo_reserve(txn->undo);
		if (bpffs_find(mnt, may_mount, &mounted, err) < 0)
			return NULL;
		strcpy(txn->mnt, mnt);
		if (mounted)
			pin_undo_push_mount(txn);
	}
	return txn->mnt;
}

static void prepare_dir(const char *path, void *ctx)
{
	pin_undo_prepare(ctx, MADE_DIR, path, 0);
}

static void remember_dir(int dir, const char *name, void *ctx)
{
	pin_undo_push(ctx, dir, name);
}

static int make_remembered(struct pin_txn *txn, const char *dir, struct err *err)
{
	const struct pin_dir_watch watch = {
		.before = prepare_dir, .made = remember_dir, .ctx = txn};

	return pin_dir_make(dir, &watch, err);
}

/* As tc does with its first pin; no load fails for want of one. */
static void make_tc_links(struct pin_txn *txn)
{
	static const char *const names[] = {"xdp", "ip"};
	/* A relative TC_BPF_MNT counts from our directory, not from the link's. */
	auto_free char *target = xasprintf("%s/tc/", txn->mnt[0] == '/' ? txn->mnt : ".");
	auto_err err = ERR_INIT;
	auto_close int mnt = pin_dir_open(txn->mnt, &err);

	txn->linked = true;
	for (size_t i = 0; i < array_size(names); i++) {
		auto_free char *path = xasprintf("%s/%s", txn->mnt, names[i]);

		pin_undo_prepare(txn, MADE_LINK, path, 0);
		if (mnt >= 0 && symlinkat(target, mnt, names[i]) == 0)
			pin_undo_push(txn, mnt, names[i]);
		else if (mnt < 0 || errno != EEXIST)
			log_warn("cannot make tc's link '%s': %s", path,
				 strerror(mnt < 0 ? -mnt : errno));
	}
}

/* Where dir is not that itself, which is made like any other. */
static int make_tc_tree(struct pin_txn *txn, const char *dir, struct err *err)
{
	auto_free char *path = xasprintf("%s/tc/globals", txn->mnt);
	auto_close int globals = -1;

	if (strcmp(dir, path) == 0)
		return 0;
	globals = make_remembered(txn, path, err);
	return globals < 0 ? globals : 0;
}

static bool below_tc(const struct pin_txn *txn, const char *dir)
{
	size_t n = txn->mnt ? strlen(txn->mnt) : 0;

	return n && strncmp(dir, txn->mnt, n) == 0 && strncmp(dir + n, "/tc", 3) == 0 &&
	       (dir[n + 3] == '/' || dir[n + 3] == '\0');
}

/* The directory, made where missing, as an O_PATH descriptor of the caller's. */
static int make_dir(struct pin_txn *txn, const char *dir, struct err *err)
{
	int r = -ENOENT;

	/* Whoever made a parent may take it back meanwhile. */
	for (int i = 0; i < LOCK_TRIES && r == -ENOENT; i++) {
		r = below_tc(txn, dir) ? make_tc_tree(txn, dir, err) : 0;
		if (r == 0)
			r = make_remembered(txn, dir, err);
	}
	if (r >= 0 || r == PIN_DIR_REFUSED)
		return r;
	if (r == -EPERM && strchr(dir, '.'))
		return err_say(err, r,
			       "make directory '%s': names in bpffs may not have a dot",
			       dir);
	return err_set(err, r, "make directory '%s'", dir);
}

int pin_txn_mkdir(struct pin_txn *txn, const char *dir, struct err *err)
{
	/* Links to many cgroups are pinned into one directory. */
	if (!pin_kept_is(&txn->kept, dir)) {
		int fd;

		pin_kept_drop(&txn->kept);
		fd = make_dir(txn, dir, err);
		if (fd < 0)
			return fd;
		pin_kept_set(&txn->kept, dir, fd);
	}
	txn->kept_is_next = txn->kept.path != NULL;
	return 0;
}

/*
 * Where path is to be pinned: the directory of pin_txn_mkdir() just before, which stays the
 * transaction's, else its own into owned.
 */
static int pin_txn_parent(struct pin_txn *txn, const char *path, char name[NAME_MAX + 1],
			  int *owned, struct err *err)
{
	const char *dir = txn->kept_is_next ? txn->kept.path : "";
	size_t n = strlen(dir);
	bool kept = n && strncmp(path, dir, n) == 0 && path[n] == '/' &&
		    !strchr(path + n + 1, '/') && strlen(path + n + 1) <= NAME_MAX;

	txn->kept_is_next = false;
	if (!kept)
		return *owned = pin_dir_parent(path, name, err);
	strcpy(name, path + n + 1);
	return txn->kept.fd;
}

/* --- locks --- */

/* A directory that is to be locked. */
struct wanted_dir {
	const char *path;
	int fd; /* owned */
	struct pin_mark mark;
};

struct wanted_dirs {
	struct wanted_dir *items; /* owned */
	size_t nr;
};

static void wanted_dirs_release(struct wanted_dirs *w)
{
	for (size_t i = 0; i < w->nr; i++)
		cleanup_close(&w->items[i].fd);
	free(w->items);
}

static struct wanted_dirs wanted_dirs_of(const char *const *dirs, size_t nr)
{
	struct wanted_dirs w = {.items = xcalloc(nr + 1, sizeof(*w.items)), .nr = nr};

	for (size_t i = 0; i < nr; i++)
		w.items[i] = (struct wanted_dir){.path = dirs[i], .fd = -1};
	return w;
}

/* By what they are: two loaders may know the same two directories by other names. */
static int by_inode(const void *a, const void *b)
{
	const struct pin_mark *x = &((const struct wanted_dir *)a)->mark;
	const struct pin_mark *y = &((const struct wanted_dir *)b)->mark;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return (x->ino > y->ino) - (x->ino < y->ino);
}

static int open_wanted(struct pin_txn *txn, struct wanted_dir *dirs, size_t nr,
		       struct err *err)
{
	for (size_t i = 0; i < nr; i++) {
		dirs[i].fd = make_dir(txn, dirs[i].path, err);
		if (dirs[i].fd < 0)
			return dirs[i].fd;
		if (pin_at_mark(dirs[i].fd, ".", &dirs[i].mark) < 0)
			return err_set(err, -errno, "directory '%s'", dirs[i].path);
	}
	return 0;
}

/* 0 if the directory we hold is still the one of that name, -EAGAIN if not. */
static int still_there(const struct wanted_dir *dir, struct err *err)
{
	struct pin_mark now = {.ino = 0};
	auto_close int fd = pin_dir_open(dir->path, err);

	if (fd == -ENOENT)
		return -EAGAIN;
	if (fd == PIN_DIR_REFUSED)
		return fd;
	if (fd < 0)
		return err_set(err, fd, "directory '%s'", dir->path);
	if (pin_at_mark(fd, ".", &now) < 0)
		return err_set(err, -errno, "directory '%s'", dir->path);
	return now.dev == dir->mark.dev && now.ino == dir->mark.ino ? 0 : -EAGAIN;
}

static int lock_wanted(struct pin_txn *txn, const struct wanted_dir *dirs, size_t nr,
		       enum pin_lock_mode mode, struct err *err)
{
	for (size_t i = 0; i < nr; i++) {
		int r = pin_locks_add(undo_locks(txn->undo), dirs[i].fd, mode,
				      dirs[i].path);

		if (r == -ETIMEDOUT)
			return err_say(
				err, r,
				"directory '%s' is locked by another loader for over 60 s",
				dirs[i].path);
		if (r < 0)
			return err_set(err, r, "lock directory '%s'", dirs[i].path);
		r = still_there(&dirs[i], err);
		if (r < 0)
			return r;
		pin_at_recover(dirs[i].fd);
	}
	return 0;
}

static int pin_txn_lock_dirs(struct pin_txn *txn, const char *const *dirs, size_t nr,
			     enum pin_lock_mode mode, struct err *err)
{
	size_t held = undo_locks(txn->undo)->nr;
	int paused = pin_locks_resume(undo_locks(txn->undo), mode);

	if (paused < 0)
		return err_set(err, paused, "lock directory '%s'", nr ? dirs[0] : "");
	for (int i = 0; i < LOCK_TRIES; i++) {
		auto_release(wanted_dirs_release) struct wanted_dirs wanted =
			wanted_dirs_of(dirs, nr);
		int r = open_wanted(txn, wanted.items, nr, err);

		if (r == 0) {
			qsort(wanted.items, nr, sizeof(*wanted.items), by_inode);
			r = lock_wanted(txn, wanted.items, nr, mode, err);
		}
		if (r != -EAGAIN)
			return r;
		/* One went away with its maker's roll-back: once more, in order again. */
		pin_locks_drop(undo_locks(txn->undo), held);
	}
	return err_say(err, -EBUSY, "directory '%s' came and went %d times", dirs[0],
		       LOCK_TRIES);
}

int pin_txn_lock_all(struct pin_txn *txn, const char *const *dirs, size_t nr,
		     struct err *err)
{
	return pin_txn_lock_dirs(txn, dirs, nr, PIN_LOCK_ALONE, err);
}

int pin_txn_lock_beside(struct pin_txn *txn, const char *const *dirs, size_t nr,
			struct err *err)
{
	return pin_txn_lock_dirs(txn, dirs, nr, PIN_LOCK_BESIDE, err);
}

int pin_txn_lock(struct pin_txn *txn, const char *dir, struct err *err)
{
	return pin_txn_lock_all(txn, &dir, 1, err);
}

/* --- pins --- */

int pin_txn_pin(struct pin_txn *txn, int fd, uint32_t map_id, const char *path,
		struct err *err)
{
	char name[NAME_MAX + 1];
	auto_close int owned = -1;
	int dir = pin_txn_parent(txn, path, name, &owned, err), r;

	/* Before the pin, so that a roll-back judges the pin first. */
	if (dir >= 0 && !txn->linked && below_tc(txn, path))
		make_tc_links(txn);
	if (dir >= 0)
		pin_undo_prepare(txn, MADE_PIN, path, map_id);
	r = dir < 0 ? dir : pin_at_make(dir, name, fd);
	if (r == -ENOTSUP)
		return err_say(err, r, "pin '%s': without /proc this takes Linux 6.5",
			       path);
	if (r == -EEXIST || r == PIN_DIR_REFUSED)
		return r;
	if (r < 0)
		return err_set(err, r, "pin '%s'", path);
	pin_undo_push(txn, dir, name);
	return 0;
}

void pin_txn_own_program(struct pin_txn *txn, uint32_t prog_id)
{
	array_grow(txn->programs, txn->nr_programs);
	txn->programs[txn->nr_programs++] = prog_id;
}

void pin_txn_admit(struct pin_txn *txn)
{
	pin_locks_admit(undo_locks(txn->undo));
}

int pin_txn_close(struct pin_txn *txn, struct err *err)
{
	int r = pin_locks_resume(undo_locks(txn->undo), PIN_LOCK_BESIDE);

	return r < 0 ? err_set(err, r, "lock the directories of pins again") : 0;
}

void pin_txn_pause(struct pin_txn *txn)
{
	pin_locks_pause(undo_locks(txn->undo));
}

void pin_txn_commit(struct pin_txn *txn)
{
	undo_commit(txn->undo);
}

void pin_txn_free(struct pin_txn *txn)
{
	if (!txn)
		return;
	undo_free(txn->undo);
	pin_undo_forget(txn);
	pin_kept_drop(&txn->kept);
	free(txn->programs);
	free(txn->mnt);
	free(txn);
}

void pin_txn_freep(struct pin_txn **txn)
{
	pin_txn_free(*txn);
}
