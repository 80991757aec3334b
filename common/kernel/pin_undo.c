/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How what a transaction made in bpffs is taken back, a step of the journal each. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path_absent.h"
#include "kernel/bpffs.h"
#include "kernel/pin_at.h"
#include "kernel/pin_dir.h"
#include "kernel/pin_txn_private.h"
#include "kernel/prog_fd.h"

struct made {
	struct pin_txn *txn;
	enum made_kind kind;
	char *path;
	uint32_t map_id;
	struct pin_mark mark;
	int untold; /* why there is no mark: -errno; 0: there is */
};

struct use_search {
	const struct pin_txn *txn;
	uint32_t map_id;
};

static int is_foreign_user(uint32_t id, int fd, const struct bpf_prog_info *info,
			   void *ctx)
{
	const struct use_search *s = ctx;
	auto_free uint32_t *maps = NULL;
	size_t nr = 0;
	int r;

	(void)info;
	for (size_t i = 0; i < s->txn->nr_programs; i++)
		if (s->txn->programs[i] == id)
			return 0;
	r = prog_fd_maps(fd, &maps, &nr);
	if (r < 0)
		return r;
	for (size_t i = 0; i < nr; i++)
		if (maps[i] == s->map_id)
			return 1;
	return 0;
}

/*
 * NULL: no, else why its pin stays. Without CAP_SYS_ADMIN programs cannot be listed and the
 * answer is no: our own loaders are kept out by the lock, only a stock loader in the same
 * instant could be missed.
 */
static const char *map_foreign_user(const struct pin_txn *txn, uint32_t map_id)
{
	struct use_search search = {.txn = txn, .map_id = map_id};
	int r = prog_fd_each(is_foreign_user, &search);

	if (r > 0)
		return "another program uses the map by now";
	return r == 0 || r == -EPERM
		       ? NULL
		       : "programs that may use the map by now cannot be listed";
}

/* Withdrawn under the lock or not at all: another loader may be on its way to the map. */
static bool holds_locks(struct pin_txn *txn)
{
	if (!txn->lost)
		txn->lost = pin_locks_resume(undo_locks(txn->undo), PIN_LOCK_ALONE) < 0;
	return !txn->lost;
}

/* Others have put something into it, or mounted something there. */
static bool dir_is_in_use(int code)
{
	return code == ENOTEMPTY || code == EEXIST || code == EBUSY;
}

static int undo_at(struct made *m, int dir, const char *name, struct err *err)
{
	const char *why;
	int r = 0;

	switch (m->kind) {
	case MADE_PIN:
		why = m->map_id ? map_foreign_user(m->txn, m->map_id) : NULL;
		if (!why) {
			r = pin_at_remove(dir, name, &m->mark);
			break;
		}
		log_warn("'%s' stays: %s", m->path, why);
		r = -ESTALE;
		break;
	case MADE_LINK:
		if (!m->txn->tree_in_use)
			r = pin_at_remove(dir, name, &m->mark);
		break;
	case MADE_DIR:
		if (unlinkat(dir, name, AT_REMOVEDIR) < 0)
			r = dir_is_in_use(errno) ? -ESTALE : -errno;
		break;
	}
	m->txn->tree_in_use |= r == -ESTALE;
	return r < 0 && r != -ESTALE && r != -ENOENT ? err_set(err, r, "'%s'", m->path)
						     : 0;
}

/* What we made is not at its path any more; anything else did not tell whether it is. */
static bool made_is_gone(int r)
{
	return path_is_absent(r) || r == PIN_DIR_REFUSED;
}

/* Somebody may have removed what we made and put something else there: that stays. */
static int undo_made(void *data, struct err *err)
{
	struct made *m = data;
	char name[NAME_MAX + 1];
	auto_err gone = ERR_INIT;
	struct pin_mark now;

	if (!holds_locks(m->txn)) {
		m->txn->tree_in_use = true;
		if (m->kind == MADE_PIN)
			log_warn("'%s' stays: another loader holds its directory",
				 m->path);
		return 0;
	}

	auto_close int dir = pin_dir_parent(m->path, name, &gone);
	int r = m->untold ? m->untold : dir < 0 ? dir : pin_at_mark(dir, name, &now);

	if (r < 0)
		return made_is_gone(r) ? 0 : err_set(err, r, "'%s'", m->path);
	if (now.dev == m->mark.dev && now.ino == m->mark.ino)
		return undo_at(m, dir, name, err);
	m->txn->tree_in_use = true;
	return 0;
}

static void made_drop(void *data)
{
	struct made *m = data;

	free(m->path);
	free(m);
}

/* Open directories would keep the mount busy; with it goes what they lock. */
static int undo_mount(void *data, struct err *err)
{
	struct pin_txn *txn = data;

	(void)err;
	if (txn->tree_in_use)
		return 0;
	pin_locks_drop(undo_locks(txn->undo), 0);
	bpffs_unmount(txn->mnt);
	txn->mnt[0] = '\0';
	return 0;
}

void pin_undo_forget(struct pin_txn *txn)
{
	if (txn->next)
		made_drop(take_ptr(txn->next));
}

void pin_undo_prepare(struct pin_txn *txn, enum made_kind kind, const char *path,
		      uint32_t map_id)
{
	pin_undo_forget(txn);
	txn->next = xcalloc(1, sizeof(*txn->next));
	txn->next->txn = txn;
	txn->next->kind = kind;
	txn->next->map_id = map_id;
	txn->next->path = xstrdup(path);
	undo_reserve(txn->undo);
}

void pin_undo_push(struct pin_txn *txn, int dir, const char *name)
{
	struct made *m = take_ptr(txn->next);

	/* -ENOENT: gone already. */
	m->untold = pin_at_mark(dir, name, &m->mark);
	undo_push(txn->undo, undo_made, m, made_drop);
}

void pin_undo_push_mount(struct pin_txn *txn)
{
	undo_push(txn->undo, undo_mount, txn, NULL);
}
