/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "kernel/bpf_fd.h"
#include "kernel/map_fd.h"
#include "kernel/prog_fd.h"
#include "share/gc_private.h"
#include "share/pin_txn.h"

/* What is needed to put a pin back. */
struct removal {
	int map_fd; /* owned; -1: a program */
	struct stat st;
	bool removed;
};

struct removals {
	struct removal *items; /* by index of the row */
	size_t nr;
};

static void removals_release(struct removals *r)
{
	for (size_t i = 0; i < r->nr; i++)
		cleanup_close(&r->items[i].map_fd);
	free(r->items);
}

static int check_name(const char *mnt, const char *path, char ret[PATH_MAX],
		      struct err *err)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir =
		slash ? xstrndup(path, (size_t)(slash + 1 - path)) : xstrdup(".");
	const char *name = slash ? slash + 1 : path;
	char real[PATH_MAX];
	struct stat st;

	if (lstat(path, &st) < 0)
		return err_set(err, -errno, "pin '%s'", path);
	if (!realpath(dir, real))
		return err_set(err, -errno, "directory '%s'", dir);
	if (snprintf(ret, PATH_MAX, "%s/%s", real, name) >= PATH_MAX)
		return err_set(err, -ENAMETOOLONG, "pin '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_say(err, -EINVAL, "'%s' is not a pin", path);
	if (idle_place_of(mnt, ret, NULL) == IDLE_NOWHERE)
		return err_say(
			err, -EINVAL,
			"'%s' is none of ours to remove: only pins in %s/tc/globals, "
			"%s/tc/keep and the object directories beside them are",
			path, mnt, mnt);
	return 0;
}

static int add_named(struct idle_pins *rows, const char *mnt, const char *path,
		     struct err *err)
{
	char real[PATH_MAX];
	int r = check_name(mnt, path, real, err);

	if (r < 0)
		return r;
	/* Named twice is named. */
	for (size_t i = 0; i < rows->nr; i++)
		if (strcmp(rows->items[i].path, real) == 0)
			return 0;
	idle_pins_add(rows, &(struct idle_pin){.path = xstrdup(real)});
	return 0;
}

static char *dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return xstrndup(path, (size_t)(slash - path));
}

/* A kept array is locked where all of them are: share/keep.c. */
static char *lock_of(const char *mnt, const char *path)
{
	if (idle_place_of(mnt, path, NULL) == IDLE_KEEP)
		return xasprintf("%s/tc/keep", mnt);
	return dir_of(path);
}

static int lock_rows(struct pin_txn *txn, const char *mnt, const struct idle_pins *rows,
		     struct err *err)
{
	auto_free const char **dirs = xcalloc(rows->nr + 1, sizeof(*dirs));
	int r;

	if (!pin_txn_mnt(txn, false, err))
		return err->code;
	for (size_t i = 0; i < rows->nr; i++)
		dirs[i] = lock_of(mnt, rows->items[i].path);
	r = pin_txn_lock_all(txn, dirs, rows->nr, err);
	for (size_t i = 0; i < rows->nr; i++)
		free((char *)dirs[i]);
	return r;
}

/* Under the lock: what the pins are now. */
static int open_rows(struct idle_pins *rows, const char *mnt, struct removals *removals,
		     struct err *err)
{
	removals->items = xcalloc(rows->nr + 1, sizeof(*removals->items));
	for (size_t i = 0; i < rows->nr; i++) {
		struct idle_pin *pin = &rows->items[i];
		struct removal *removal = &removals->items[i];
		auto_close int fd = bpf_fd_by_pin(pin->path, BPF_FD_UNKNOWN);
		enum bpf_fd_kind kind = fd < 0 ? BPF_FD_UNKNOWN : bpf_fd_kind(fd);

		removal->map_fd = -1;
		removals->nr++;
		if (fd < 0 || stat(pin->path, &removal->st) < 0 ||
		    bpf_fd_id(fd, &pin->id) < 0)
			return err_set(err, fd < 0 ? fd : -errno, "pin '%s'", pin->path);
		if (kind == BPF_FD_LINK)
			return err_say(err, -EBUSY,
				       "'%s' is a pinned link: it keeps its program "
				       "attached",
				       pin->path);
		if (kind == BPF_FD_UNKNOWN)
			return err_say(err, -EPERM, "cannot tell what '%s' is",
				       pin->path);
		pin->kind = kind == BPF_FD_MAP ? IDLE_MAP : IDLE_PROGRAM;
		pin->place = idle_place_of(mnt, pin->path, &pin->program);
		if (kind == BPF_FD_MAP)
			removal->map_fd = take_fd(&fd);
	}
	return 0;
}

static int refuse_used(const struct idle_pins *rows, struct err *err)
{
	auto_strbuf words = STRBUF_INIT;

	for (size_t i = 0; i < rows->nr; i++) {
		if (rows->items[i].mark.by == USAGE_NONE)
			continue;
		usage_words(&words, rows->items[i].mark);
		return err_say(err, -EBUSY, "'%s' stays: %s", rows->items[i].path,
			       sb_text(&words));
	}
	return 0;
}

static int judge(struct idle_pins *rows, struct err *err)
{
	auto_graph g = GRAPH_INIT;
	int r = gc_judge(rows, &g, GC_ASK_ALL, err);

	if (r == 0)
		r = gc_check_hidden(&g, err);
	return r < 0 ? r : refuse_used(rows, err);
}

static void put_back(const struct idle_pins *rows, const struct removals *removals)
{
	for (size_t i = 0; i < rows->nr; i++) {
		const struct removal *r = &removals->items[i];
		const char *path = rows->items[i].path;

		if (!r->removed || r->map_fd < 0)
			continue;
		if (map_fd_pin(r->map_fd, path) < 0 ||
		    chown(path, r->st.st_uid, r->st.st_gid) < 0 ||
		    chmod(path, r->st.st_mode & 07777) < 0)
			log_warn("'%s' could not be put back as it was: %s", path,
				 err_words(-errno));
	}
}

static bool is_row(const struct idle_pins *rows, enum idle_kind kind, uint32_t id)
{
	for (size_t i = 0; i < rows->nr; i++)
		if (rows->items[i].kind == kind && rows->items[i].id == id)
			return true;
	return false;
}

struct newcomer {
	const struct idle_pins *rows;
	const struct graph *g;
	uint32_t *map;
	struct strbuf *words;
};

/* A program that came while the graph was read, with one of the maps. */
static int find_newcomer(uint32_t id, int fd, const struct bpf_prog_info *info, void *ctx)
{
	struct newcomer *n = ctx;
	auto_free uint32_t *maps = NULL;
	size_t nr = 0;

	(void)info;
	if (graph_find_program(n->g, id) || prog_fd_maps(fd, &maps, &nr) < 0)
		return 0;
	for (size_t i = 0; i < nr; i++)
		if (is_row(n->rows, IDLE_MAP, maps[i])) {
			*n->map = maps[i];
			usage_words(n->words,
				    (struct usage_mark){.by = USAGE_ATTACHED, .id = id});
			return 1;
		}
	return 0;
}

/*
 * Maps only: a program's last pin may have been its life. A loader that holds a map has it
 * open when the open files are read, which is last; or it has ended by then, and left a
 * program.
 */
static bool is_taken(const struct idle_pins *rows, uint32_t *map, struct strbuf *words)
{
	auto_idle_pins maps = {.nr = 0};
	auto_graph g = GRAPH_INIT;
	auto_err err = ERR_INIT;
	struct newcomer n = {.rows = &maps, .g = &g, .map = map, .words = words};

	for (size_t i = 0; i < rows->nr; i++)
		if (rows->items[i].kind == IDLE_MAP)
			idle_pins_copy(&maps, &rows->items[i]);
	if (!maps.nr)
		return false;
	*map = maps.items[0].id;
	if (gc_judge(&maps, &g, GC_ASK_ALL, &err) < 0) {
		sb_add(words, err.text);
		return true;
	}
	for (size_t i = 0; i < maps.nr; i++)
		if (maps.items[i].mark.by != USAGE_NONE) {
			*map = maps.items[i].id;
			usage_words(words, maps.items[i].mark);
			return true;
		}
	return prog_fd_each(find_newcomer, &n) > 0;
}

/*
 * Loaders of this project wait for our lock. A stock one may have opened the pin between
 * the judgement and the removal; then it has it open, or its program uses it, now.
 */
static int remove_rows(struct idle_pins *rows, struct removals *removals, struct err *err)
{
	auto_strbuf words = STRBUF_INIT;
	uint32_t map;

	for (size_t i = 0; i < rows->nr; i++) {
		if (unlink(rows->items[i].path) < 0) {
			int r = err_set(err, -errno, "remove '%s'", rows->items[i].path);

			put_back(rows, removals);
			return r;
		}
		removals->items[i].removed = true;
	}
	if (!is_taken(rows, &map, &words))
		return 0;
	put_back(rows, removals);
	return err_say(err, -EBUSY,
		       "map id %u may have been taken meanwhile and is pinned "
		       "again: %s",
		       map, sb_text(&words));
}

int gc_delete_named(char *const *paths, size_t nr, struct idle_pins *ret, struct err *err)
{
	auto_release(removals_release) struct removals removals = {.nr = 0};
	auto_txn *txn = pin_txn_new();
	auto_idle_pins rows = {.nr = 0};
	char mnt[PATH_MAX];
	int r = gc_mount_point(mnt, err);

	for (size_t i = 0; i < nr && r == 0; i++)
		r = add_named(&rows, mnt, paths[i], err);
	r = r ? r : lock_rows(txn, mnt, &rows, err);
	r = r ? r : open_rows(&rows, mnt, &removals, err);
	r = r ? r : judge(&rows, err);
	r = r ? r : remove_rows(&rows, &removals, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < rows.nr; i++) {
		gc_remove_dir(mnt, &rows.items[i]);
		idle_pins_copy(ret, &rows.items[i]);
	}
	return 0;
}
