/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pins that were set aside, once it is known which map the places have. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "base/log.h"
#include "base/path_absent.h"
#include "kernel/map_fd.h"
#include "kernel/pin_dir.h"
#include "kernel/pin_txn.h"
#include "load/apply_fresh.h"

enum left_what {
	LEFT_TELL,     /* changes nothing */
	LEFT_PUT_BACK, /* to its name, if that is free */
	LEFT_REMOVE,   /* if its name is not free, and the file gives it up */
};

/* Of one pin; its directory is locked by txn before anything of it is judged. */
struct fresh_left {
	enum left_what what;
	struct pin_txn *txn;           /* NULL: TELL */
	const struct apply_conf *conf; /* REMOVE */
	const char *prefix, *map, *pin;
	char name[NAME_MAX + 1];
};

static bool left_may_go(const struct fresh_left *l)
{
	for (size_t i = 0; i < l->conf->nr_maps; i++)
		if (strcmp(l->conf->maps[i].name.text, l->map) == 0)
			return l->conf->maps[i].on_change == APPLY_CHANGE_FRESH;
	return false;
}

static uint32_t left_map_id(const struct pin_aside *a)
{
	auto_close int fd = pin_at_get(a->aside, a->name, BPF_FD_MAP);
	struct bpf_map_info info;

	return fd >= 0 && map_fd_info(fd, &info) == 0 ? info.id : 0;
}

/* -errno: it could not be put back, although its name may be free. */
static int left_settle(const struct fresh_left *l, const struct pin_aside *a)
{
	uint32_t id = left_map_id(a);
	struct pin_mark mark;
	bool taken = pin_at_mark(a->dir, a->name, &mark) == 0;
	int r = -EEXIST;

	if (l->what == LEFT_PUT_BACK) {
		r = pin_aside_put_back(a);
		if (r == 0)
			log_info(
				"'%s' is map id %u again, which an interrupted run had set aside",
				l->pin, id);
		else if (r != -EEXIST)
			return r;
	} else if (l->what == LEFT_REMOVE && taken && left_may_go(l)) {
		/* Never the last pin of the two. */
		r = pin_aside_remove(a);
	}
	if (r == 0)
		return 0;
	if (r != -EEXIST)
		log_warn("'%s/%s' beside '%s': %s", a->aside_name, a->name, l->pin,
			 err_words(r));
	log_info(
		"map id %u, which was at '%s' before an interrupted run, is pinned as '%s/%s' beside it%s",
		id, l->pin, a->aside_name, a->name, taken ? "" : ", where no map is now");
	return 0;
}

/*
 * 1: in a directory of ours that nobody else can enter, which it has to be; 0: it is not there;
 * -ENOENT: the directory is another's, and stays as it is.
 */
static int left_is_aside(const struct pin_aside *a)
{
	struct pin_mark mark;
	struct stat st;
	int r;

	if (fstat(a->aside, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || st.st_mode & 077)
		return -ENOENT;
	r = pin_at_mark(a->aside, a->name, &mark);
	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

static int left_look_at(const struct fresh_left *l, int dir, const char *aside)
{
	struct pin_aside a = {.dir = -1, .aside = -1};
	int r;

	if (strlen(aside) >= sizeof(a.aside_name))
		return 0;
	strcpy(a.name, l->name);
	strcpy(a.aside_name, aside);
	a.dir = fcntl(dir, F_DUPFD_CLOEXEC, 3);
	r = a.dir < 0 ? -errno : 0;
	if (r == 0)
		a.aside =
			openat(dir, aside, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r == 0 && a.aside < 0)
		r = -errno;
	if (r == 0)
		r = left_is_aside(&a);
	if (r > 0)
		r = left_settle(l, &a);
	/* Once it is empty. */
	if (a.aside >= 0 && r == 0 && l->what != LEFT_TELL)
		pin_aside_release(&a);
	cleanup_close(&a.aside);
	cleanup_close(&a.dir);
	return path_is_absent(r) ? 0 : r;
}

static bool left_is_of_name(const char *entry, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(entry, prefix, n) == 0 && isdigit((unsigned char)entry[n]) &&
	       !entry[n + strspn(entry + n, "0123456789")];
}

/* The entries of its directory, which is path. */
static int left_look_in(const struct fresh_left *l, int at, const char *path,
			struct err *err)
{
	auto_dir DIR *list = dir_in_open(at);
	const struct dirent *entry;
	int r = list ? 0 : -errno;

	while (list && r == 0 && (entry = dir_in_next(list, &r))) {
		if (!left_is_of_name(entry->d_name, l->prefix))
			continue;
		if (l->txn)
			r = pin_txn_lock(l->txn, path, err);
		if (r == 0)
			r = left_look_at(l, at, entry->d_name);
	}
	return r;
}

/* What cannot be looked at may be the only pin that the map has. */
static int left_look(struct fresh_left *l, struct err *err)
{
	auto_free char *path = xstrdup(l->pin);
	auto_close int dir = pin_dir_parent(path, l->name, err);
	int r = dir;

	/* In a directory of somebody else nothing was set aside. */
	if (path_is_absent(r) || r == PIN_DIR_REFUSED) {
		err_release(err);
		return 0;
	}
	*strrchr(path, '/') = '\0';
	if (dir >= 0)
		r = left_look_in(l, dir, path, err);
	if (r >= 0)
		return 0;
	if (!err->code)
		err_set(err, r, "'%s'", path);
	return err_context(err, "look whether an interrupted run has set '%s' aside",
			   l->pin);
}

/* The first failure is the error; the others are looked at all the same. */
static void left_look_one(struct fresh_left *l, struct err *err)
{
	auto_err again = ERR_INIT;

	(void)!left_look(l, err->code ? &again : err);
}

static int left_look_all(enum left_what what, const struct apply_objects *objects,
			 const struct apply_journal *journal, struct err *err)
{
	auto_pin_txn *txn = what == LEFT_TELL ? NULL : pin_txn_new();
	auto_free char *prefix = apply_fresh_prefix(journal);
	struct fresh_left l = {.what = what,
			       .txn = txn,
			       .conf = objects ? objects->conf : NULL,
			       .prefix = prefix};

	for (size_t i = 0; i < journal->was.nr_loads; i++)
		for (size_t m = 0; m < journal->was.loads[i].nr_maps; m++) {
			l.map = journal->was.loads[i].maps[m].name;
			l.pin = journal->was.loads[i].maps[m].pin;
			if (l.pin && strchr(l.pin, '/'))
				left_look_one(&l, err);
		}
	for (size_t i = 0; objects && i < objects->nr_fresh; i++) {
		l.map = objects->fresh[i].map;
		l.pin = objects->fresh[i].path;
		left_look_one(&l, err);
	}
	if (txn)
		pin_txn_commit(txn);
	return err->code;
}

/* Nothing hangs on it any more: a word is all that is due. */
static void left_warn(int r, const struct err *err)
{
	if (r < 0)
		log_warn("%s", err->text);
}

void apply_fresh_tell(const struct apply_journal *journal)
{
	auto_err err = ERR_INIT;

	left_warn(left_look_all(LEFT_TELL, NULL, journal, &err), &err);
}

int apply_fresh_recover(const struct apply_journal *journal, struct err *err)
{
	return journal->interrupted ? left_look_all(LEFT_PUT_BACK, NULL, journal, err)
				    : 0;
}

void apply_fresh_finish(const struct apply_objects *objects,
			const struct apply_journal *journal)
{
	auto_err err = ERR_INIT;

	left_warn(left_look_all(LEFT_REMOVE, objects, journal, &err), &err);
}
