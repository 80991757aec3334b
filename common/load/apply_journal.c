/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file_out.h"
#include "base/log.h"
#include "base/path_absent.h"
#include "kernel/bpffs.h"
#include "kernel/netns.h"
#include "load/apply_journal_private.h"
#include "load/apply_lock.h"

enum { BOOT_ID_LEN = 36 };

/* --- which machine, which namespaces --- */

static int journal_boot_id(char **ret, struct err *err)
{
	char id[BOOT_ID_LEN + 1] = "";
	auto_close int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, id, BOOT_ID_LEN);

	if (n != BOOT_ID_LEN)
		return err_set(
			err, n < 0 ? -errno : -EIO,
			"read /proc/sys/kernel/random/boot_id, which says which boot a record is of");
	*ret = xstrdup(id);
	return 0;
}

static int journal_here(struct apply_record *here, const char *name, struct err *err)
{
	struct stat st;
	int r = netns_own(&st, err);

	if (r == 0)
		r = bpffs_device(&here->bpffs, err);
	if (r < 0)
		return r;
	here->name = xstrdup(name);
	here->netns = st.st_ino;
	return journal_boot_id(&here->boot, err);
}

/* --- reading --- */

bool apply_journal_is_twice(const struct apply_journal *j)
{
	return j->interrupted || j->has_more;
}

/* Programs of another boot are gone; what was chosen then is chosen again. */
static void journal_forget_boot(struct apply_record *record)
{
	for (size_t i = 0; i < record->nr_loads; i++)
		apply_load_release(&record->loads[i]);
	record->nr_loads = 0;
	for (size_t i = 0; i < record->nr_made; i++)
		record->made[i].is = (struct apply_identity){.id = 0};
}

static int journal_join(struct apply_record *record, const char *path, void *ctx,
			struct err *err)
{
	struct apply_journal *j = ctx;

	if (strcmp(record->name, j->was.name) != 0 || record->netns != j->was.netns)
		return err_say(
			err, -EBADMSG,
			"record '%s' is damaged: it is of the name '%s'; remove it, and 'adopt: yes' takes over what still stands",
			path, record->name);
	if (strcmp(record->boot, j->was.boot) != 0)
		journal_forget_boot(record);
	else if (record->bpffs && j->was.bpffs && record->bpffs != j->was.bpffs)
		return err_say(
			err, -EXDEV,
			"record '%s' was made beside another BPF file system (another mount namespace, or it was mounted anew): run where that one is, use another --state-dir, or remove the record, and 'adopt: yes' takes over what still stands",
			path);
	for (size_t i = 0; i < record->nr_loads; i++)
		apply_record_add_load(&j->was, &record->loads[i]);
	for (size_t i = 0; i < record->nr_made; i++)
		apply_record_add_made(&j->was, &record->made[i]);
	return 0;
}

static int journal_add(struct apply_journal *j, const char *path, bool *found,
		       struct err *err)
{
	int r = apply_journal_read(path, journal_join, j, err);

	*found = r > 0;
	return r < 0 ? r : 0;
}

/* What is in one of the files of a name, of the namespace we are in. */
static char *journal_path(const char *dir, const char *name, uint64_t netns,
			  const char *what)
{
	return xasprintf("%s/%s@%llu.%s", dir ? dir : APPLY_STATE_DIR, name,
			 (unsigned long long)netns, what);
}

static int journal_take_lock(struct apply_journal *j, int seconds, bool follow,
			     struct err *err)
{
	auto_free char *path = journal_path(j->dir, j->was.name, j->was.netns, "lock");
	int tries = 3, r;

	/* Between the two a run of another name may take away the directory that it made. */
	do {
		err_release(err);
		r = apply_lock_dir(j->dir, true, err);
		if (r < 0)
			return r;
		j->made_dir = r > 0;
		r = apply_lock_take(path, j->was.name, seconds, follow, &j->made_lock,
				    err);
	} while (r == -ENOENT && !j->made_dir && --tries);
	if (r < 0 && j->made_dir)
		rmdir(j->dir);
	if (r < 0)
		return r;
	j->lock = r;
	return 0;
}

static bool journal_is_absent(const char *path)
{
	return path_there(path, F_OK) == 0;
}

/* A run that was refused, or had nothing to do, leaves nothing. */
static void journal_drop_lock(const struct apply_journal *j)
{
	auto_free char *path = NULL;

	if (j->lock < 0 || !j->made_lock || !journal_is_absent(j->record) ||
	    !journal_is_absent(j->journal) || !journal_is_absent(j->more))
		return;
	path = journal_path(j->dir, j->was.name, j->was.netns, "lock");
	if (unlink(path) == 0 && j->made_dir)
		rmdir(j->dir);
}

static int journal_name(struct apply_journal *j, const char *dir, const char *name,
			struct err *err)
{
	int r = journal_here(&j->was, name, err);

	if (r < 0)
		return r;
	j->dir = xstrdup(dir ? dir : APPLY_STATE_DIR);
	j->record = journal_path(dir, name, j->was.netns, "json");
	j->journal = journal_path(dir, name, j->was.netns, "journal");
	j->more = journal_path(dir, name, j->was.netns, "more");
	return 0;
}

int apply_journal_hold(struct apply_journal *ret, const char *dir, const char *name,
		       int seconds, struct err *err)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT;
	int r = journal_name(&j, dir, name, err);

	if (r == 0)
		r = journal_take_lock(&j, seconds, true, err);
	if (r < 0)
		return r;
	*ret = j;
	j = (struct apply_journal)APPLY_JOURNAL_INIT;
	return 0;
}

int apply_journal_open(struct apply_journal *ret, const char *dir, const char *name,
		       enum apply_journal_use use, int seconds, struct err *err)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT;
	int r = journal_name(&j, dir, name, err);

	if (r < 0)
		return r;
	r = use == APPLY_JOURNAL_LOCK ? journal_take_lock(&j, seconds, false, err)
				      : apply_lock_dir(j.dir, false, err);
	if (r == 0 && use == APPLY_JOURNAL_LOCK) {
		file_out_tidy(j.journal);
		file_out_tidy(j.more);
		file_out_tidy(j.record);
	}
	/* In this order: who commits meanwhile turns the first into the second. */
	if (r == 0)
		r = journal_add(&j, j.journal, &j.interrupted, err);
	if (r == 0)
		r = journal_add(&j, j.more, &j.has_more, err);
	if (r == 0)
		r = journal_add(&j, j.record, &j.has_record, err);
	if (r < 0)
		return r;
	*ret = j;
	j = (struct apply_journal)APPLY_JOURNAL_INIT;
	return 0;
}

/* --- writing --- */

static void journal_sign(const struct apply_journal *j, struct apply_record *record)
{
	auto_err err = ERR_INIT;

	if (!record->name)
		record->name = xstrdup(j->was.name);
	if (!record->boot)
		record->boot = xstrdup(j->was.boot);
	record->netns = j->was.netns;
	/* It may have been mounted meanwhile, by us. */
	if (bpffs_device(&record->bpffs, &err) < 0)
		record->bpffs = j->was.bpffs;
}

static int journal_put(const struct apply_journal *j, const char *path,
		       struct apply_record *record, struct err *err)
{
	auto_strbuf text = STRBUF_INIT;

	journal_sign(j, record);
	apply_record_write(record, &text);
	return file_out_put(path, text.text, text.len, err);
}

int apply_journal_append(struct apply_journal *j, struct apply_record *record,
			 struct err *err)
{
	auto_close int fd = open(
		j->more, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	auto_strbuf text = STRBUF_INIT;
	off_t before;

	if (fd < 0)
		return err_set(err, -errno, "'%s'", j->more);
	journal_sign(j, record);
	apply_record_write(record, &text);
	before = lseek(fd, 0, SEEK_END);
	if (write(fd, text.text, text.len) == (ssize_t)text.len && fdatasync(fd) == 0)
		return 0;
	err_set(err, errno ? -errno : -ENOSPC, "write '%s'", j->more);
	/* Half a line would take the next one with it. */
	if (before >= 0 && ftruncate(fd, before) < 0)
		err_context(err, "cut '%s'", j->more);
	return err->code;
}

int apply_journal_write(struct apply_journal *j, struct apply_record *record,
			struct err *err)
{
	return journal_put(j, j->journal, record, err);
}

static int journal_remove(const char *path, struct err *err)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	return err_set(err, -errno, "'%s' cannot be removed", path);
}

/* The record has all of it. What stays is read once more; what does not stand then is nobody's. */
static void journal_leave(const char *path)
{
	auto_err err = ERR_INIT;

	if (journal_remove(path, &err) < 0 && !journal_is_absent(path))
		log_warn("%s; the next run of that name does it", err.text);
}

int apply_journal_commit(struct apply_journal *j, struct apply_record *record,
			 struct err *err)
{
	int r = 0;

	if (record)
		r = journal_put(j, j->record, record, err);
	else if (rename(j->journal, j->record) < 0)
		r = err_set(err, -errno, "record '%s'", j->record);
	if (r < 0)
		return r;
	/* The record before is gone: from here on nothing is taken back. */
	if (record)
		journal_leave(j->journal);
	journal_leave(j->more);
	return 0;
}

void apply_journal_drop(struct apply_journal *j)
{
	auto_err err = ERR_INIT;
	int r = 0;

	if (j->interrupted)
		r = journal_put(j, j->journal, &j->was, &err);
	else
		r = journal_remove(j->journal, &err);
	if (r < 0)
		log_warn("%s", err.text);
}

/* What killed writers left beside a name goes as the next writer opens it. */
static void journal_tidy(const char *path)
{
	auto_file_out out = FILE_OUT_INIT;
	auto_err ignored = ERR_INIT;

	if (file_out_open(&out, path, &ignored) < 0)
		log_debug("%s", ignored.text);
}

int apply_journal_erase(struct apply_journal *j, struct err *err)
{
	int r = journal_remove(j->record, err);

	if (r < 0)
		return r;
	r = journal_remove(j->journal, err);
	if (r == 0)
		r = journal_remove(j->more, err);
	if (r < 0) {
		auto_err ignored = ERR_INIT;

		/* What was detached comes back, and with it the record of it. */
		if (journal_put(j, j->record, &j->was, &ignored) < 0)
			log_warn("%s", ignored.text);
		return r;
	}
	journal_tidy(j->journal);
	journal_tidy(j->record);
	return 0;
}

void apply_journal_forget_others(struct apply_journal *j)
{
	for (size_t i = 0; i < j->nr_others; i++)
		apply_record_release(&j->others[i]);
	free(take_ptr(j->others));
	free(take_ptr(j->unread));
	j->nr_others = 0;
	j->others_read = false;
}

void apply_journal_release(struct apply_journal *j)
{
	journal_drop_lock(j);
	cleanup_close(&j->lock);
	free(j->dir);
	free(j->record);
	free(j->journal);
	free(j->more);
	apply_record_release(&j->was);
	apply_journal_forget_others(j);
	*j = (struct apply_journal)APPLY_JOURNAL_INIT;
}
