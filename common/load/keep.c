/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/map_fd.h"
#include "kernel/pin_dir.h"
#include "kernel/pin_index.h"
#include "kernel/prog_fd.h"
#include "load/keep.h"
#include "load/object.h"
#include "kernel/pin_txn.h"
#include "kernel/undo.h"

enum { KEEP_NAMES = 100 };

/* 1: it does, 0: it does not, or there is no such program; -errno: cannot be told. */
static int refers_to(const struct object_program *prog, uint32_t map, struct err *err)
{
	auto_free uint32_t *maps = NULL;
	size_t nr = 0;
	int r = prog->fd < 0 ? 0 : prog_fd_maps(prog->fd, &maps, &nr);

	if (r < 0)
		return err_set(err, r, "program '%s': read which maps it uses",
			       prog->name);
	for (size_t i = 0; i < nr; i++)
		if (maps[i] == map)
			return 1;
	return 0;
}

/* Without a first jump nothing else is reached. As refers_to(). */
static int keep_jumps(struct object *obj, const struct object_program *prog,
		      struct err *err)
{
	const struct object_map *maps;
	size_t nr;
	int r = 0;

	maps = object_maps(obj, &nr);
	for (size_t i = 0; i < nr && r == 0; i++)
		if (maps[i].def.type == BPF_MAP_TYPE_PROG_ARRAY && maps[i].id)
			r = refers_to(prog, maps[i].id, err);
	return r;
}

/* Does any program of this load refer to the map, attached or in a slot? */
static int keep_is_needed(struct object *obj, uint32_t map, struct err *err)
{
	const struct object_program *progs;
	size_t nr;
	int r = 0;

	progs = object_programs(obj, &nr);
	for (size_t i = 0; i < nr && r == 0; i++)
		r = refers_to(&progs[i], map, err);
	return r;
}

static bool is_kept_path(const char *path)
{
	return strstr(path, "/tc/keep/");
}

/* A map the command line names is often pinned; kept for another program is not enough. */
static bool keep_is_pinned(uint32_t map)
{
	auto_pin_index index = {.nr = 0};

	pin_index_read(&index, BPF_FD_MAP);
	for (size_t i = 0; i < index.nr; i++)
		if (index.pins[i].id == map && !is_kept_path(index.pins[i].path))
			return true;
	return false;
}

static int wants_keeping(struct object *obj, const struct object_map *m, struct err *err)
{
	int r;

	if (m->def.type != BPF_MAP_TYPE_PROG_ARRAY || m->place.kind == PLACE_PIN ||
	    !m->id)
		return 0;
	r = keep_is_needed(obj, m->id, err);
	if (r <= 0 || m->place.kind == PLACE_PRIVATE)
		return r;
	/* A pin that could not be opened is not found: then it is kept besides. */
	return !keep_is_pinned(m->id);
}

/* 1: this very map is pinned there. */
static int is_pin_of(const char *path, uint32_t id, struct err *err)
{
	auto_close int there = pin_dir_get(path, BPF_FD_MAP, err);
	struct bpf_map_info info;

	if (there == PIN_DIR_REFUSED)
		return there;
	return there >= 0 && map_fd_info(there, &info) == 0 && info.id == id;
}

/*
 * Numbers of programs come again: what is kept for a former one, or was put there by somebody,
 * takes no name away. Any name will do, since the directory says whose the array is.
 */
static int pin_array(struct pin_txn *txn, char **path, int fd, uint32_t id,
		     struct err *err)
{
	auto_free char *name = xstrdup(*path);
	int r = -EEXIST;

	for (unsigned int i = 2; r == -EEXIST && i < KEEP_NAMES; i++) {
		r = pin_txn_pin(txn, fd, id, *path, err);
		if (r != -EEXIST)
			return r;
		/* The same program attached once more. */
		r = is_pin_of(*path, id, err);
		if (r != 0)
			return r < 0 ? r : 0;
		free(*path);
		*path = xasprintf("%s_%u", name, i);
		r = -EEXIST;
	}
	return err_set(err, r, "pin '%s'", *path);
}

/* -ENOENT, -EACCES, -EPERM, -EROFS: there is no place to keep it in. */
static int keep_map(struct object *obj, struct object_map *m, const char *mnt,
		    uint32_t program, struct err *err)
{
	auto_free char *keep = xasprintf("%s/tc/keep", mnt);
	auto_free char *dir = xasprintf("%s/%u", keep, program);
	auto_free char *path = xasprintf("%s/%s", dir, m->def.name);
	struct pin_txn *txn = object_txn(obj);
	size_t depth = undo_depth(object_undo(obj));
	auto_err ignored = ERR_INIT;
	int r = pin_txn_lock(txn, keep, err);

	if (r == 0)
		r = pin_txn_mkdir(txn, dir, err);
	if (r == 0)
		r = pin_array(txn, &path, object_map_fd(obj, m), m->id, err);
	if (r == 0) {
		/* One load may attach several programs, and is told of one. */
		if (!m->kept)
			m->kept = take_ptr(path);
		return 0;
	}
	if (r == PIN_DIR_REFUSED)
		return r;
	/* Not even an empty directory, should the command go on without. */
	if (undo_rewind(object_undo(obj), depth, &ignored) < 0)
		log_debug("%s", ignored.text);
	return r;
}

static bool is_no_place(int code)
{
	return code == -ENOENT || code == -EACCES || code == -EPERM || code == -EROFS;
}

int keep_prog_arrays(struct object *obj, const struct object_program *prog,
		     bool may_mount, struct err *err)
{
	struct object_map *maps;
	size_t nr;
	int r = keep_jumps(obj, prog, err);

	if (r <= 0)
		return r;
	maps = object_maps(obj, &nr);
	for (size_t i = 0; i < nr; i++) {
		auto_err why = ERR_INIT;
		char path[PATH_MAX];
		const char *mnt;

		r = wants_keeping(obj, &maps[i], err);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		r = -ENOENT;
		/* A mount that goes with this command would keep nothing. */
		bpffs_mount_point(path);
		mnt = !may_mount && bpffs_mount_is_private(path)
			      ? NULL
			      : pin_txn_mnt(object_txn(obj), may_mount, &why);
		if (mnt)
			r = keep_map(obj, &maps[i], mnt, prog->id, &why);
		if (r < 0 && !is_no_place(r)) {
			err_say(err, r, "%s", why.text);
			return err_context(err, "keep prog array '%s'", maps[i].def.name);
		}
		if (r < 0)
			log_debug("prog array '%s' is not kept: %s", maps[i].def.name,
				  why.text);
	}
	return 0;
}
