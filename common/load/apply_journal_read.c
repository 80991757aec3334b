/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The files of a name, and of all other names: bytes to records. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "base/file_in.h"
#include "load/apply_journal_private.h"

enum { RECORD_MAX = 64 * 1024 * 1024 };

static int journal_read_file(const char *path, char **ret, size_t *size, struct err *err)
{
	auto_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0)
		return err_set(err, -errno, "record '%s'", path);
	r = fstat(fd, &st) < 0 ? -errno : 0;
	if (r == 0)
		r = S_ISREG(st.st_mode) ? file_in_read(fd, RECORD_MAX, ret, size)
					: -EFBIG;
	if (r == -EFBIG)
		return err_say(err, -EBADMSG,
			       "record '%s' is not a regular file of at most 64 MiB",
			       path);
	return r < 0 ? err_set(err, r, "record '%s'", path) : 0;
}

static int journal_damaged(const char *path, struct err *err)
{
	auto_free char *why = xstrdup(err->text);

	return err_say(
		err, -EBADMSG,
		"record '%s' is damaged: %s; remove it, and 'adopt: yes' takes over what still stands",
		path, why);
}

static int journal_parse(const char *path, const char *text, size_t size,
			 apply_journal_fn fn, void *ctx, struct err *err)
{
	auto_apply_record record = APPLY_RECORD_INIT;
	int r = apply_record_parse(&record, text, size, err);

	if (r == -EBADMSG)
		return journal_damaged(path, err);
	return r < 0 ? r : fn(&record, path, ctx, err);
}

/* A line is a record; the last one of a killed writer may be cut. */
static int journal_parse_lines(const char *path, const char *text, size_t size,
			       apply_journal_fn fn, void *ctx, struct err *err)
{
	const char *end;
	int r = 0;

	while (r == 0 && (end = memchr(text, '\n', size))) {
		const size_t length = (size_t)(end - text);

		r = journal_parse(path, text, length, fn, ctx, err);
		text += length + 1;
		size -= length + 1;
	}
	return r;
}

static bool journal_has_lines(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && strcmp(dot, ".more") == 0;
}

int apply_journal_read(const char *path, apply_journal_fn fn, void *ctx, struct err *err)
{
	auto_free char *text = NULL;
	size_t size = 0;
	int r = journal_read_file(path, &text, &size, err);

	if (r == -ENOENT) {
		err_release(err);
		return 0;
	}
	if (r == 0)
		r = journal_has_lines(path)
			    ? journal_parse_lines(path, text, size, fn, ctx, err)
			    : journal_parse(path, text, size, fn, ctx, err);
	return r < 0 ? r : 1;
}

/* --- others --- */

/* Of a run that was killed the journal alone may tell what it made. */
static bool journal_is_others(const struct apply_journal *j, const char *name)
{
	const char *own = strrchr(j->record, '/') + 1, *dot = strrchr(name, '.');
	const size_t stem = (size_t)(strrchr(own, '.') - own);

	if (!dot || (strcmp(dot, ".json") != 0 && strcmp(dot, ".journal") != 0 &&
		     strcmp(dot, ".more") != 0))
		return false;
	return (size_t)(dot - name) != stem || strncmp(name, own, stem) != 0;
}

static int journal_take_other(struct apply_record *record, const char *path, void *ctx,
			      struct err *err)
{
	struct apply_journal *j = ctx;

	(void)path;
	(void)err;
	if (strcmp(record->boot, j->was.boot) != 0)
		return 0;
	array_grow(j->others, j->nr_others);
	j->others[j->nr_others++] = *record;
	*record = (struct apply_record)APPLY_RECORD_INIT;
	return 0;
}

static void journal_read_others(struct apply_journal *j)
{
	auto_dir DIR *dir = opendir(j->dir);
	const struct dirent *entry;
	int error = dir || errno == ENOENT ? 0 : -errno;

	j->others_read = true;
	while (dir && (entry = dir_in_next(dir, &error))) {
		auto_free char *path = NULL;
		auto_err ignored = ERR_INIT;

		if (!journal_is_others(j, entry->d_name))
			continue;
		path = xasprintf("%s/%s", j->dir, entry->d_name);
		if (apply_journal_read(path, journal_take_other, j, &ignored) < 0 &&
		    !j->unread)
			j->unread = take_ptr(path);
	}
	if (error && !j->unread)
		j->unread = xstrdup(j->dir);
}

int apply_journal_each_other(struct apply_journal *j,
			     int (*fn)(const struct apply_record *record, void *ctx),
			     void *ctx)
{
	int r = 0;

	if (!j->others_read)
		journal_read_others(j);
	for (size_t i = 0; i < j->nr_others && r == 0; i++)
		r = fn(&j->others[i], ctx);
	return r;
}
