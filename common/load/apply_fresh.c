/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "def/mapdef.h"
#include "kernel/cpus.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/pin_dir.h"
#include "kernel/pin_txn.h"
#include "kernel/undo.h"
#include "load/apply_fresh.h"
#include "load/object.h"

enum { FRESH_TRIES = 100 };

const struct apply_fresh *apply_fresh_find(const struct apply_objects *objects,
					   const char *pin)
{
	for (size_t i = 0; pin && i < objects->nr_fresh; i++)
		if (strcmp(objects->fresh[i].path, pin) == 0)
			return &objects->fresh[i];
	return NULL;
}

char *apply_fresh_prefix(const struct apply_journal *journal)
{
	char *prefix = xasprintf(PIN_FRESH_PREFIX "%s@%llu_", journal->was.name,
				 (unsigned long long)journal->was.netns);

	/* bpffs takes no name with a dot. */
	for (char *c = strchr(prefix, '.'); c; c = strchr(c, '.'))
		*c = ':';
	return prefix;
}

/* --- the plan --- */

static bool fresh_is_wanted(const struct apply_objects *objects,
			    const struct object_map *m)
{
	if (m->state != OBJECT_MAP_CONFLICT || m->place.kind != PLACE_PIN ||
	    !m->differs || apply_fresh_find(objects, m->place.path))
		return false;
	for (size_t i = 0; i < objects->conf->nr_maps; i++)
		if (strcmp(objects->conf->maps[i].name.text, m->def.name) == 0)
			return objects->conf->maps[i].on_change == APPLY_CHANGE_FRESH;
	return false;
}

/* -errno: the type has no keys to go by. */
static int fresh_count(int fd, const struct bpf_map_info *info, size_t *ret)
{
	auto_free char *key = xcalloc(2, info->key_size + 1);
	char *next = key + info->key_size + 1;
	int r = map_io_next_key(fd, NULL, next);

	/* Elements that come and go meanwhile must not make it endless. */
	for (*ret = 0; r == 0 && *ret < info->max_entries; ++*ret) {
		memcpy(key, next, info->key_size);
		r = map_io_next_key(fd, key, next);
	}
	return r == -ENOENT ? 0 : r;
}

static char *fresh_words(const struct apply_opened *o, const struct object_map *m, int fd,
			 const struct bpf_map_info *info)
{
	auto_release(mapdef_release) struct mapdef pinned = MAPDEF_INIT;
	auto_strbuf out = STRBUF_INIT, diff = STRBUF_INIT;
	size_t nr;

	if (map_fd_def(fd, &pinned) == 0)
		mapdef_diff(&pinned, &m->def,
			    o->opts.no_layout_check ? MAPDEF_DIFF_NO_LAYOUT : 0,
			    possible_cpus(), &diff);
	sb_addf(&out, "fresh: %s differs (pin/object); ",
		diff.len ? sb_text(&diff) : "what is in it");
	if (fresh_count(fd, info, &nr) == 0)
		sb_addf(&out, "%zu element%s of map id %u %s given up", nr,
			nr == 1 ? "" : "s", info->id, nr == 1 ? "is" : "are");
	else
		sb_addf(&out, "the elements of map id %u are given up", info->id);
	return sb_take(&out);
}

static int fresh_add(struct apply_objects *objects, const struct apply_opened *o,
		     const struct object_map *m, struct err *err)
{
	auto_close int fd = pin_dir_get(m->place.path, BPF_FD_MAP, err);
	struct apply_fresh *f;
	struct bpf_map_info info;
	int r = fd < 0 ? fd : map_fd_info(fd, &info);

	if (r == PIN_DIR_REFUSED)
		return r;
	if (r < 0)
		return err_set(err, r, "map pinned at '%s'", m->place.path);
	array_grow(objects->fresh, objects->nr_fresh);
	f = &objects->fresh[objects->nr_fresh++];
	*f = (struct apply_fresh){.o = o,
				  .map = m->def.name,
				  .id = info.id,
				  .at = {.dir = -1, .aside = -1}};
	f->path = xstrdup(m->place.path);
	f->why = fresh_words(o, m, fd, &info);
	return 0;
}

/* It would keep the map that is given up. */
static bool fresh_renews(const struct apply_objects *objects, struct apply_opened *o)
{
	for (size_t i = 0; o->good && i < o->good->nr_maps; i++) {
		if (!apply_fresh_find(objects, o->good->maps[i].pin))
			continue;
		free(o->stale);
		o->stale = xasprintf("its map '%s' begins afresh", o->good->maps[i].name);
		o->good = NULL;
	}
	return !o->good;
}

int apply_fresh_plan(struct apply_objects *objects, const struct apply_journal *journal,
		     struct err *err)
{
	bool again = true;
	int r = 0;

	free(objects->aside); /* a part of the file is planned again and again */
	objects->aside = apply_fresh_prefix(journal);
	while (again && r == 0) {
		again = false;
		for (size_t i = 0; i < objects->nr && r == 0; i++) {
			const struct apply_opened *o = &objects->items[i];
			size_t nr = 0;
			const struct object_map *maps =
				apply_opened_is_due(o) ? object_maps(o->obj, &nr) : NULL;

			for (size_t m = 0; m < nr && r == 0; m++)
				if (fresh_is_wanted(objects, &maps[m]))
					r = fresh_add(objects, o, &maps[m], err);
		}
		for (size_t i = 0; i < objects->nr && r == 0; i++) {
			struct apply_opened *o = &objects->items[i];

			if (!o->good || !fresh_renews(objects, o))
				continue;
			again = true;
			r = object_plan(o->obj, err);
		}
	}
	return r;
}

/* --- aside --- */

void apply_fresh_record(const struct apply_objects *objects, struct apply_record *to)
{
	for (size_t i = 0; i < objects->nr_fresh; i++) {
		const struct apply_fresh *f = &objects->fresh[i];
		struct apply_loaded_map map = {
			.name = (char *)f->map, .pin = f->path, .id = f->id};
		/* No load has such settings, so it is taken for none. */
		const struct apply_load load = {.object = f->o->conf->key.text,
						.sha1 = (char *)object_sha1(f->o->obj),
						.settings = (char *)"fresh",
						.maps = &map,
						.nr_maps = 1};

		apply_record_add_load(to, &load);
	}
}

static int fresh_undo(void *data, struct err *err)
{
	struct apply_fresh *f = data;
	int r = pin_aside_put_back(&f->at);

	return r < 0 ? err_set(err, r,
			       "'%s' could not be put back and is '%s/%s' beside it now",
			       f->path, f->at.aside_name, f->at.name)
		     : 0;
}

static void fresh_drop(void *data)
{
	struct apply_fresh *f = data;

	pin_aside_release(&f->at);
}

/* A directory of that number may be left of a run that was killed, and hold that name. */
static int fresh_move(struct apply_objects *objects, struct apply_fresh *f, int dir,
		      const char *name, const struct pin_mark *mark)
{
	int r = -EEXIST;

	for (int i = 0; i < FRESH_TRIES && r == -EEXIST; i++) {
		auto_free char *aside =
			xasprintf("%s%d", objects->aside, (int)getpid() + i);

		undo_reserve(pin_txn_undo(objects->txn));
		r = pin_at_set_aside_as(dir, name, mark, aside, &f->at);
		if (r == 0)
			undo_push(pin_txn_undo(objects->txn), fresh_undo, f, fresh_drop);
	}
	return r;
}

static int fresh_set_one(struct apply_objects *objects, struct apply_fresh *f,
			 struct err *err)
{
	char name[NAME_MAX + 1];
	auto_close int dir = pin_dir_parent(f->path, name, err);
	struct bpf_map_info info = {.id = 0};
	struct pin_mark mark;
	int r = dir;

	if (r == PIN_DIR_REFUSED)
		return r;
	if (dir >= 0)
		r = pin_at_mark(dir, name, &mark);
	if (r == 0) {
		auto_close int fd = pin_at_get(dir, name, BPF_FD_MAP);

		r = fd < 0 ? fd : map_fd_info(fd, &info);
	}
	if (r == 0)
		r = info.id == f->id ? fresh_move(objects, f, dir, name, &mark) : -ESTALE;
	if (r == -ESTALE || r == -ENOENT || r == -EMEDIUMTYPE)
		return err_say(err, -ESTALE, "'%s' does not hold map id %u any more",
			       f->path, f->id);
	return r < 0 ? err_set(err, r, "set '%s' aside", f->path) : 0;
}

/* The load would warn of two maps of one name. */
static void fresh_tell_objects(const struct apply_objects *objects)
{
	for (size_t i = 0; i < objects->nr; i++) {
		const struct apply_opened *o = &objects->items[i];
		size_t nr = 0;
		struct object_map *maps =
			apply_opened_is_due(o) ? object_maps(o->obj, &nr) : NULL;

		for (size_t m = 0; m < nr; m++) {
			const struct apply_fresh *f =
				maps[m].place.kind == PLACE_PIN
					? apply_fresh_find(objects, maps[m].place.path)
					: NULL;

			maps[m].given_up = f ? f->id : 0;
		}
	}
}

int apply_fresh_set(struct apply_objects *objects, struct err *err)
{
	int r = 0;

	if (objects->nr_fresh)
		fresh_tell_objects(objects);
	for (size_t i = 0; i < objects->nr_fresh && r == 0; i++)
		r = fresh_set_one(objects, &objects->fresh[i], err);
	return r;
}
