/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/file_in.h"
#include "base/file_out.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/stop_hold.h"
#include "load/apply_journal.h"

enum {
	RECORD_MAX = 64 * 1024 * 1024,
	LOCK_STEP_MS = 20,
	BOOT_ID_LEN = 36,
};

/* --- which machine, which namespaces --- */

static int journal_boot_id(char **ret, struct err *err)
{
	char id[BOOT_ID_LEN + 1] = "";
	auto_close int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, id, BOOT_ID_LEN) != BOOT_ID_LEN)
		return err_say(
			err, -EIO,
			"/proc/sys/kernel/random/boot_id cannot be read, and says which boot a record is of");
	*ret = xstrdup(id);
	return 0;
}

static uint64_t journal_bpffs(void)
{
	char mnt[PATH_MAX];
	struct stat st;

	bpffs_mount_point(mnt);
	return bpffs_is(mnt) && bpffs_stat(mnt, &st) == 0 ? st.st_dev : 0;
}

static int journal_here(struct apply_record *here, const char *name, struct err *err)
{
	struct stat st;

	if (stat("/proc/thread-self/ns/net", &st) < 0)
		return err_set(err, -errno, "/proc/thread-self/ns/net");
	here->name = xstrdup(name);
	here->netns = st.st_ino;
	here->bpffs = journal_bpffs();
	return journal_boot_id(&here->boot, err);
}

/* --- the directory --- */

static int journal_check_dir(const char *dir, struct err *err)
{
	struct stat st;

	if (lstat(dir, &st) < 0)
		return err_set(err, -errno, "state directory '%s'", dir);
	if (!S_ISDIR(st.st_mode))
		return err_say(err, -ENOTDIR, "state directory '%s' is not a directory",
			       dir);
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || st.st_mode & 022)
		return err_say(
			err, -EPERM,
			"state directory '%s' of uid %u has mode %04o: others could write records into it; look at what is in it and run 'chown %u %s && chmod 0700 %s'",
			dir, st.st_uid, st.st_mode & 07777u, geteuid(), dir, dir);
	return 0;
}

/* 0 also where it is missing and nothing may be made. */
static int journal_open_dir(const char *dir, bool make, struct err *err)
{
	struct stat st;

	if (make && mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_set(err, -errno, "state directory '%s'", dir);
	if (!make && lstat(dir, &st) < 0 && errno == ENOENT)
		return 0;
	return journal_check_dir(dir, err);
}

/* --- the lock --- */

static void journal_say_wait(int fd, const char *name)
{
	char pid[16] = "";
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	pid[n > 0 ? n : 0] = '\0';
	pid[strspn(pid, "0123456789")] = '\0';
	log_info("waiting for another run of '%s' (pid %s)", name,
		 pid[0] ? pid : "unknown");
}

static int journal_lock(struct apply_journal *j, const char *path, const char *name,
			int seconds, struct err *err)
{
	const struct timespec step = {.tv_nsec = LOCK_STEP_MS * 1000000L};
	auto_close int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return err_set(err, -errno, "lock '%s'", path);
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(err, -errno, "lock '%s'", path);
		if (waited >= seconds * 1000)
			return err_say(
				err, -ETIMEDOUT,
				"another run of '%s' holds '%s' for more than %d seconds",
				name, path, seconds);
		r = stop_hold_check(err);
		if (r < 0)
			return r;
		if (waited == 0)
			journal_say_wait(fd, name);
		nanosleep(&step, NULL);
	}
	if (ftruncate(fd, 0) == 0)
		dprintf(fd, "%d\n", getpid());
	j->lock = take_fd(&fd);
	return 0;
}

/* --- reading --- */

static int journal_read_file(const char *path, char **ret, size_t *size, struct err *err)
{
	auto_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0)
		return err_set(err, -errno, "record '%s'", path);
	r = fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)
		    ? -EFBIG
		    : file_in_read(fd, RECORD_MAX, ret, size);
	if (r == -EFBIG)
		return err_say(err, -EBADMSG,
			       "record '%s' is not a regular file of at most 64 MiB",
			       path);
	return r < 0 ? err_set(err, r, "record '%s'", path) : 0;
}

/* 1: read; 0: there is none. */
static int journal_read(const char *path, struct apply_record *ret, struct err *err)
{
	auto_free char *text = NULL;
	size_t size = 0;
	int r = journal_read_file(path, &text, &size, err);

	if (r == -ENOENT) {
		err_release(err);
		return 0;
	}
	if (r == 0)
		r = apply_record_parse(ret, text, size, err);
	if (r == -EBADMSG && text) {
		auto_free char *why = xstrdup(err->text);

		return err_say(
			err, r,
			"record '%s' is damaged: %s; remove it, and 'adopt: yes' takes over what still stands",
			path, why);
	}
	return r < 0 ? r : 1;
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

static int journal_add(struct apply_journal *j, const char *path, bool *found,
		       struct err *err)
{
	auto_apply_record record = APPLY_RECORD_INIT;
	int r = journal_read(path, &record, err);

	*found = r > 0;
	if (r <= 0)
		return r;
	if (strcmp(record.name, j->was.name) != 0 || record.netns != j->was.netns)
		return err_say(
			err, -EBADMSG,
			"record '%s' is damaged: it is of the name '%s'; remove it, and 'adopt: yes' takes over what still stands",
			path, record.name);
	if (strcmp(record.boot, j->was.boot) != 0)
		journal_forget_boot(&record);
	else if (record.bpffs && j->was.bpffs && record.bpffs != j->was.bpffs)
		return err_say(
			err, -EXDEV,
			"record '%s' was made beside another BPF file system (another mount namespace, or it was mounted anew): run where that one is, use another --state-dir, or remove the record, and 'adopt: yes' takes over what still stands",
			path);
	for (size_t i = 0; i < record.nr_loads; i++)
		apply_record_add_load(&j->was, &record.loads[i]);
	for (size_t i = 0; i < record.nr_made; i++)
		apply_record_add_made(&j->was, &record.made[i]);
	return 0;
}

int apply_journal_open(struct apply_journal *ret, const char *dir, const char *name,
		       int seconds, struct err *err)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT;
	auto_free char *lock = NULL;
	int r = journal_here(&j.was, name, err);

	if (r < 0)
		return r;
	j.dir = xstrdup(dir ? dir : APPLY_STATE_DIR);
	j.record = xasprintf("%s/%s@%llu.json", j.dir, name,
			     (unsigned long long)j.was.netns);
	j.journal = xasprintf("%s/%s@%llu.journal", j.dir, name,
			      (unsigned long long)j.was.netns);
	lock = xasprintf("%s/%s@%llu.lock", j.dir, name, (unsigned long long)j.was.netns);
	r = journal_open_dir(j.dir, seconds >= 0, err);
	if (r == 0 && seconds >= 0)
		r = journal_lock(&j, lock, name, seconds, err);
	/* In this order: who commits meanwhile turns the one into the other. */
	if (r == 0)
		r = journal_add(&j, j.journal, &j.interrupted, err);
	if (r == 0)
		r = journal_add(&j, j.record, &j.has_record, err);
	if (r < 0)
		return r;
	*ret = j;
	j = (struct apply_journal)APPLY_JOURNAL_INIT;
	return 0;
}

/* --- writing --- */

static int journal_put(const struct apply_journal *j, const char *path,
		       struct apply_record *record, struct err *err)
{
	auto_strbuf text = STRBUF_INIT;

	if (!record->name)
		record->name = xstrdup(j->was.name);
	if (!record->boot)
		record->boot = xstrdup(j->was.boot);
	record->netns = j->was.netns;
	/* It may have been mounted meanwhile, by us. */
	record->bpffs = journal_bpffs();
	apply_record_write(record, &text);
	return file_out_put(path, text.text, text.len, err);
}

int apply_journal_write(struct apply_journal *j, struct apply_record *record,
			struct err *err)
{
	return journal_put(j, j->journal, record, err);
}

int apply_journal_commit(struct apply_journal *j, struct apply_record *record,
			 struct err *err)
{
	int r;

	if (!record)
		return rename(j->journal, j->record) < 0
			       ? err_set(err, -errno, "record '%s'", j->record)
			       : 0;
	r = journal_put(j, j->record, record, err);
	if (r == 0 && unlink(j->journal) < 0 && errno != ENOENT)
		return err_set(err, -errno, "journal '%s'", j->journal);
	return r;
}

void apply_journal_drop(struct apply_journal *j)
{
	auto_err err = ERR_INIT;
	int r = 0;

	if (j->interrupted)
		r = journal_put(j, j->journal, &j->was, &err);
	else if (unlink(j->journal) < 0 && errno != ENOENT)
		r = err_set(&err, -errno, "journal '%s'", j->journal);
	if (r < 0)
		log_warn("%s", err.text);
}

int apply_journal_erase(struct apply_journal *j, struct err *err)
{
	if (unlink(j->record) < 0 && errno != ENOENT)
		return err_set(err, -errno, "remove the record '%s'", j->record);
	if (unlink(j->journal) < 0 && errno != ENOENT) {
		auto_err ignored = ERR_INIT;

		/* What was detached comes back, and with it the record of it. */
		err_set(err, -errno, "remove the journal '%s'", j->journal);
		if (journal_put(j, j->record, &j->was, &ignored) < 0)
			log_warn("%s", ignored.text);
		return err->code;
	}
	return 0;
}

void apply_journal_release(struct apply_journal *j)
{
	cleanup_close(&j->lock);
	free(j->dir);
	free(j->record);
	free(j->journal);
	apply_record_release(&j->was);
	for (size_t i = 0; i < j->nr_others; i++)
		apply_record_release(&j->others[i]);
	free(j->others);
	free(j->unread);
	*j = (struct apply_journal)APPLY_JOURNAL_INIT;
}

/* --- others --- */

/* Of a run that was killed the journal alone may tell what it made. */
static bool journal_is_others(const struct apply_journal *j, const char *name)
{
	const char *own = strrchr(j->record, '/') + 1, *dot = strrchr(name, '.');
	const size_t stem = (size_t)(strrchr(own, '.') - own);

	if (!dot || (strcmp(dot, ".json") != 0 && strcmp(dot, ".journal") != 0))
		return false;
	return (size_t)(dot - name) != stem || strncmp(name, own, stem) != 0;
}

static void journal_read_others(struct apply_journal *j)
{
	auto_dir DIR *dir = opendir(j->dir);
	const struct dirent *entry;

	j->others_read = true;
	while (dir && (entry = readdir(dir))) {
		auto_apply_record record = APPLY_RECORD_INIT;
		auto_free char *path = NULL;
		auto_err ignored = ERR_INIT;
		int r;

		if (!journal_is_others(j, entry->d_name))
			continue;
		path = xasprintf("%s/%s", j->dir, entry->d_name);
		r = journal_read(path, &record, &ignored);
		if (r < 0 && !j->unread)
			j->unread = take_ptr(path);
		if (r <= 0 || strcmp(record.boot, j->was.boot) != 0)
			continue;
		array_grow(j->others, j->nr_others);
		j->others[j->nr_others++] = record;
		record = (struct apply_record)APPLY_RECORD_INIT;
	}
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
