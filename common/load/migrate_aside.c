/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a migration keeps beside the pin, in the pin's own directory:
 *
 *	NAME				the pin
 *	mapshare_migrates_NAME/new	the new map, until it becomes NAME; then what NAME was
 *	mapshare_migrates_NAME/copied_N	rows of the old values (load/migrate_shadow.h)
 *	mapshare_migrates_NAME/policy	what was decided (load/migrate_policy.c)
 *	mapshare_migrates_NAME/array	a new prog array, until its pin is renamed
 *	mapshare_migrates_NAME/switched	the new map again: all of the old one is in it, and
 *					programs may write to it already
 *
 * Without "switched" a run that was killed is taken back, with it the next one finishes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "base/log.h"
#include "kernel/map_fd.h"
#include "kernel/pin_at.h"
#include "kernel/pin_dir.h"
#include "kernel/pin_txn.h"
#include "load/migrate_private.h"

static int aside_names(struct migration *m, struct err *err)
{
	const char *pin = m->opts->pin, *slash = strrchr(pin, '/');

	m->dir = !slash         ? xstrdup(".")
		 : slash == pin ? xstrdup("/")
				: xstrndup(pin, (size_t)(slash - pin));
	m->name = xstrdup(slash ? slash + 1 : pin);
	m->aside = xasprintf("%s/" PIN_MIGRATE_PREFIX "%s", m->dir, m->name);
	m->new_pin = xasprintf("%s/new", m->aside);
	m->switched = xasprintf("%s/switched", m->aside);
	if (strlen(m->name) + strlen(PIN_MIGRATE_PREFIX) > NAME_MAX ||
	    strlen(m->switched) >= PATH_MAX)
		return err_set(err, -ENAMETOOLONG, "pin '%s'", pin);
	return 0;
}

/* The id of the map at that pin; 0: there is none. */
static int aside_id(const char *path, uint32_t *ret, struct err *err)
{
	auto_close int fd = pin_dir_get(path, BPF_FD_MAP, err);
	struct bpf_map_info info;
	int r;

	*ret = 0;
	if (fd == -ENOENT)
		return 0;
	if (fd == PIN_DIR_REFUSED)
		return fd;
	r = fd < 0 ? fd : map_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "pin '%s'", path);
	*ret = info.id;
	return 0;
}

int migrate_aside_open(struct migration *m, struct err *err)
{
	uint32_t id, new_id = 0;
	int r = aside_names(m, err);

	if (r < 0)
		return r;
	m->old_fd = pin_dir_get(m->opts->pin, BPF_FD_MAP, err);
	if (m->old_fd == PIN_DIR_REFUSED)
		return m->old_fd;
	if (m->old_fd < 0)
		return err_set(err, m->old_fd, "pin '%s'", m->opts->pin);
	r = map_fd_info(m->old_fd, &m->old);
	if (r == 0)
		r = map_fd_def(m->old_fd, &m->old_def);
	if (r < 0)
		return err_set(err, r, "map '%s'", m->opts->pin);
	r = aside_id(m->switched, &id, err);
	if (r == 0)
		r = aside_id(m->new_pin, &new_id, err);
	/* "new" was exchanged or renamed: whatever is pinned by now, nothing is left to finish. */
	m->swapped = r == 0 && id && (id == m->old.id || new_id != id);
	m->resumed = r == 0 && id && !m->swapped;
	return r;
}

/* --- what is left --- */

/* Our own names only; what else is there is somebody's, and keeps the directory. */
static bool aside_is_ours(const char *name)
{
	return strcmp(name, "new") == 0 || strcmp(name, "switched") == 0 ||
	       strcmp(name, "policy") == 0 || strcmp(name, "array") == 0 ||
	       strncmp(name, "copied_", strlen("copied_")) == 0;
}

static int aside_unlink(int dir, const char *name)
{
	return unlinkat(dir, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

/*
 * "switched" goes last: until then a run that is killed here is told from one before. The first
 * thing that failed: -errno.
 */
static int aside_empty(const struct migration *m, bool keep_switched)
{
	auto_err ignored = ERR_INIT;
	auto_close int fd = pin_dir_open(m->aside, &ignored);
	auto_dir DIR *dir = fd < 0 ? NULL : dir_in_open(fd);
	const struct dirent *entry;
	int r = 0, first;

	if (!dir)
		return 0;
	/* While it is there "policy" says which map it should be. */
	first = keep_switched ? 0 : aside_unlink(fd, "new");
	while ((entry = readdir(dir))) {
		if (aside_is_ours(entry->d_name) &&
		    strcmp(entry->d_name, "switched") != 0)
			r = aside_unlink(fd, entry->d_name);
		first = first ? first : r;
	}
	r = keep_switched ? 0 : aside_unlink(fd, "switched");
	return first ? first : r;
}

/* The map is migrated all the same: a word is all that is due. */
static void aside_remove(const struct migration *m)
{
	auto_err ignored = ERR_INIT;
	char name[NAME_MAX + 1];
	auto_close int dir = pin_dir_parent(m->aside, name, &ignored);
	int in_it = aside_empty(m, false);
	int r = dir >= 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0 ? -errno : dir;

	/* What kept it from being empty says more. */
	if (r == -ENOTEMPTY && in_it < 0)
		r = in_it;
	if (r < 0 && r != -ENOENT)
		log_warn(
			"directory '%s' of a finished migration cannot be removed: %s; the next 'map migrate' tries again",
			m->aside, err_words(r));
}

void migrate_aside_clean(const struct migration *m)
{
	aside_remove(m);
}

/* --- the pin becomes the new map's --- */

struct aside_places {
	char name[NAME_MAX + 1]; /* of the pin */
	int dir, aside;          /* owned */
};

static void aside_places_release(struct aside_places *p)
{
	cleanup_close(&p->dir);
	cleanup_close(&p->aside);
}

static int aside_places_open(const struct migration *m, struct aside_places *ret,
			     struct err *err)
{
	ret->dir = pin_dir_parent(m->opts->pin, ret->name, err);
	if (ret->dir < 0)
		return ret->dir == PIN_DIR_REFUSED
			       ? ret->dir
			       : err_set(err, ret->dir, "pin '%s'", m->opts->pin);
	ret->aside = pin_dir_open(m->aside, err);
	if (ret->aside < 0)
		return ret->aside == PIN_DIR_REFUSED
			       ? ret->aside
			       : err_set(err, ret->aside, "directory '%s'", m->aside);
	return 0;
}

static int refuse_exchanged(const struct migration *m, uint32_t id, struct err *err)
{
	if (!id)
		return err_say(err, -EBUSY, "pin '%s' was removed meanwhile",
			       m->opts->pin);
	return err_say(err, -EBUSY, "pin '%s' was exchanged for map id %u meanwhile",
		       m->opts->pin, id);
}

static int aside_exchange(const struct aside_places *p)
{
	/* bpffs has it since Linux 5.16; musl has no function for it. */
	return syscall(SYS_renameat2, p->aside, "new", p->dir, p->name, RENAME_EXCHANGE) <
			       0
		       ? -errno
		       : 0;
}

/* What "new" is after an exchange that was not ours to make goes back to where it was put. */
static int aside_put_back(const struct migration *m, const struct aside_places *p,
			  struct err *err)
{
	uint32_t id = 0;
	int r = aside_exchange(p);

	if (r == 0)
		r = aside_id(m->opts->pin, &id, err);
	return r < 0 ? err_set(err, r, "put '%s' back to '%s'", m->new_pin, m->opts->pin)
		     : refuse_exchanged(m, id, err);
}

/* A run was killed between its exchange and its look at what it got for it. */
static int aside_check_exchange(const struct migration *m, struct err *err)
{
	auto_release(aside_places_release) struct aside_places p = {.dir = -1,
								    .aside = -1};
	uint32_t got = 0, old = 0;
	int r = aside_id(m->new_pin, &got, err);

	if (r == 0 && !got)
		return 0;
	if (r == 0)
		r = migrate_policy_map(m, &old, err);
	if (r < 0 || got == old)
		return r;
	r = aside_places_open(m, &p, err);
	return r < 0 ? r : aside_put_back(m, &p, err);
}

int migrate_aside_recover(struct migration *m, struct err *err)
{
	uint32_t pinned, switched = 0;
	int r = aside_id(m->opts->pin, &pinned, err);

	if (r == 0)
		r = aside_id(m->switched, &switched, err);
	if (r < 0)
		return r;
	if (pinned != m->old.id || (switched != 0) != (m->resumed || m->swapped))
		return err_say(
			err, -EBUSY,
			"pin '%s' was exchanged while this waited for its lock; run it again",
			m->opts->pin);
	if (m->swapped) {
		r = aside_check_exchange(m, err);
		if (r < 0)
			return r;
	}
	if (m->swapped || m->report->same) {
		m->report->finished = m->swapped;
		m->swapped = false;
		aside_remove(m);
	} else if (!m->resumed) {
		(void)aside_empty(m, true);
	}
	return 0;
}

int migrate_aside_mark(struct migration *m, struct err *err)
{
	int r = pin_txn_pin(m->txn, m->new_fd, m->new.id, m->switched, err);

	return r == -EEXIST ? err_set(err, r, "pin '%s'", m->switched) : r;
}

/* Who may open the old pin may open the new one. */
static int aside_dress(const struct aside_places *p)
{
	struct stat st;

	if (fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchownat(p->aside, "new", st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(p->aside, "new", st.st_mode & 07777, 0) < 0)
		return -errno;
	return 0;
}

int migrate_aside_swap(struct migration *m, struct err *err)
{
	auto_release(aside_places_release) struct aside_places p = {.dir = -1,
								    .aside = -1};
	uint32_t id;
	int r = aside_places_open(m, &p, err);

	/* Stock loaders take no lock. */
	if (r == 0)
		r = aside_id(m->opts->pin, &id, err);
	if (r < 0)
		return r;
	if (id != m->old.id)
		return refuse_exchanged(m, id, err);
	r = aside_dress(&p);
	if (r < 0)
		return err_set(err, r, "owner and mode of '%s'", m->new_pin);
	r = aside_exchange(&p);
	if (r == 0) {
		/* Whoever came between the look and the exchange is seen now. */
		r = aside_id(m->new_pin, &id, err);
		return r == 0 && id == m->old.id ? 0 : aside_put_back(m, &p, err);
	}
	if (r == -EINVAL)
		r = renameat(p.aside, "new", p.dir, p.name) < 0 ? -errno : 0;
	return r < 0 ? err_set(err, r, "rename '%s' to '%s'", m->new_pin, m->opts->pin)
		     : 0;
}
