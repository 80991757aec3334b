/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/caller_ns.h"
#include "kernel/link_fd.h"
#include "kernel/map_fd.h"
#include "kernel/pin_dir.h"
#include "kernel/stop_hold.h"
#include "scan/gc_private.h"
#include "kernel/pin_txn.h"

/* A link that is severed keeps nothing, wherever it is pinned. */
static bool is_dead_link(const char *path)
{
	struct link_fd_info info;
	auto_close int fd = link_fd_by_pin(path);

	return fd >= 0 && link_fd_info(fd, &info) == 0 && link_fd_is_dead(&info);
}

static int gc_delete_check_name(const struct gc_places *places, const char *path,
				char ret[PATH_MAX], struct err *err)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir =
		slash ? xstrndup(path, (size_t)(slash + 1 - path)) : xstrdup(".");
	const char *name = slash ? slash + 1 : path;
	char real[PATH_MAX];
	struct stat st;
	int r;

	if (lstat(caller_ns_path(path, real), &st) < 0)
		return err_set(err, -errno, "pin '%s'", path);
	r = bpffs_real(dir, real);
	if (r < 0)
		return err_set(err, r, "directory '%s'", dir);
	if (snprintf(ret, PATH_MAX, "%s/%s", real, name) >= PATH_MAX)
		return err_set(err, -ENAMETOOLONG, "pin '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_say(err, -EINVAL,
			       "'%s' is not a pin; 'share gc' lists those that can go",
			       path);
	if (gc_place_of(places, ret, NULL) == IDLE_NOWHERE &&
	    !(idle_pins_below(ret, places->mnt) && is_dead_link(ret)))
		return err_say(
			err, -EINVAL,
			"'%s' is not ours to remove: only severed links, pins below --pin-root DIR, in %s/tc/globals, %s/tc/keep and the object directories beside them are",
			path, places->mnt, places->mnt);
	return 0;
}

static int add_named(struct idle_pins *rows, const struct gc_places *places,
		     const char *path, struct err *err)
{
	char real[PATH_MAX];
	int r = gc_delete_check_name(places, path, real, err);

	if (r < 0)
		return r;
	/* Named twice is named. */
	for (size_t i = 0; i < rows->nr; i++)
		if (strcmp(rows->items[i].path, real) == 0)
			return 0;
	idle_pins_add(rows, &(struct idle_pin){.path = xstrdup(real)});
	return 0;
}

static char *gc_delete_dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return xstrndup(path, (size_t)(slash - path));
}

/* A kept array is locked where all of them are: load/keep.c. */
static char *lock_of(const char *mnt, const char *path)
{
	auto_free char *dir = gc_delete_dir_of(path);

	if (idle_place_of(mnt, path, NULL) == IDLE_KEEP)
		return xasprintf("%s/tc/keep", mnt);
	/* A lock on that one means that its process is alive. */
	return strstr(dir, "/" PIN_ASIDE_PREFIX) ? gc_delete_dir_of(dir) : take_ptr(dir);
}

/* What a killed process set aside is put back, and judged by its name. */
static void recover_row(struct idle_pin *pin)
{
	auto_free char *dir = gc_delete_dir_of(pin->path),
		       *beside = gc_delete_dir_of(dir);
	char *name;

	gc_aside_recover(dir);
	gc_aside_recover(beside);
	name = gc_aside_name(pin->path);
	if (name) {
		free(pin->path);
		pin->path = name;
	}
}

static int lock_rows(struct pin_txn *txn, const char *mnt, const struct idle_pins *rows,
		     struct err *err)
{
	auto_free const char **dirs = xcalloc(rows->nr + 1, sizeof(*dirs));
	int r;

	if (!pin_txn_mnt(txn, false, err))
		return err->code;
	for (size_t i = 0; i < rows->nr; i++) {
		recover_row(&rows->items[i]);
		dirs[i] = lock_of(mnt, rows->items[i].path);
	}
	r = pin_txn_lock_all(txn, dirs, rows->nr, err);
	for (size_t i = 0; i < rows->nr; i++) {
		free((char *)dirs[i]);
	}
	return r;
}

static int open_row(struct idle_pin *pin, const struct gc_places *places, struct err *err)
{
	auto_close int fd = pin_dir_get(pin->path, BPF_FD_UNKNOWN, err);
	enum bpf_fd_kind kind = fd < 0 ? BPF_FD_UNKNOWN : bpf_fd_kind(fd);
	struct bpf_map_info info;
	int r = fd < 0 ? fd : bpf_fd_id(fd, &pin->id);

	if (r == PIN_DIR_REFUSED)
		return r;
	if (r < 0)
		return err_set(err, r, "pin '%s'", pin->path);
	if (kind == BPF_FD_LINK && !is_dead_link(pin->path))
		return err_say(err, -EBUSY,
			       "'%s' is a pinned link: it keeps its program attached",
			       pin->path);
	if (kind == BPF_FD_UNKNOWN)
		return err_say(err, -EPERM, "cannot tell what '%s' is", pin->path);
	pin->kind = kind == BPF_FD_MAP    ? IDLE_MAP
		    : kind == BPF_FD_PROG ? IDLE_PROGRAM
					  : IDLE_LINK;
	pin->place = gc_place_of(places, pin->path, &pin->program);
	if (pin->kind != IDLE_MAP)
		return 0;
	/* Who may hold it without having it open depends on its type. */
	r = map_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "pin '%s'", pin->path);
	pin->type = info.type;
	pin->flags = info.map_flags;
	return 0;
}

/* Under the lock: what the pins are now. */
static int open_rows(struct idle_pins *rows, const struct gc_places *places,
		     struct gc_aside *aside, struct err *err)
{
	for (size_t i = 0; i < rows->nr; i++) {
		int r = gc_aside_add(aside, rows->items[i].path, err);

		if (r == 0)
			r = open_row(&rows->items[i], places, err);
		if (r < 0)
			return r;
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

static int judge_rows(struct idle_pins *rows, const struct gc_opts *opts, struct graph *g,
		      struct err *err)
{
	int r = gc_judge(rows, g, &(struct gc_ask){.each = false}, err);

	if (r == 0)
		r = refuse_used(rows, err);
	return r < 0 ? r : gc_check_hidden(g, opts->force_unseen, err);
}

/*
 * Loaders of this project wait for our lock. A stock one may have opened the pin between
 * the judgement and its being set aside; then it has it open, or its program uses it, now.
 */
static int remove_rows(const struct idle_pins *rows, const struct graph *g,
		       struct gc_aside *aside, struct err *err)
{
	auto_strbuf words = STRBUF_INIT;
	uint32_t map;
	int r = gc_aside_set(aside, err);

	if (r == 0 && gc_is_taken(rows, g, &map, &words))
		r = err_say(err, -EBUSY,
			    "map id %u was taken meanwhile and is pinned again: %s", map,
			    sb_text(&words));
	if (r == 0)
		r = stop_hold_check(err);
	if (r < 0) {
		gc_aside_put_back(aside);
		return r;
	}
	return gc_aside_remove(aside, err);
}

int gc_delete_named(const struct gc_opts *opts, char *const *paths, size_t nr,
		    struct idle_pins *ret, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_gc_aside aside = {.nr = 0};
	auto_pin_txn *txn = pin_txn_new();
	auto_idle_pins rows = {.nr = 0};
	auto_graph g = GRAPH_INIT;
	struct gc_places places;
	int r = gc_find_places(&places, opts, err);

	stop_hold_begin(&hold);
	for (size_t i = 0; i < nr && r == 0; i++)
		r = add_named(&rows, &places, paths[i], err);
	r = r ? r : lock_rows(txn, places.mnt, &rows, err);
	r = r ? r : open_rows(&rows, &places, &aside, err);
	r = r ? r : judge_rows(&rows, opts, &g, err);
	r = r ? r : remove_rows(&rows, &g, &aside, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < rows.nr; i++) {
		auto_free char *dir = gc_delete_dir_of(rows.items[i].path);
		auto_free char *beside = gc_delete_dir_of(dir);

		gc_remove_dir(places.mnt, &rows.items[i]);
		gc_aside_recover(beside);
		idle_pins_copy(ret, &rows.items[i]);
	}
	return 0;
}
