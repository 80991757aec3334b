/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text_list.h"
#include "def/mapdef.h"
#include "kernel/bpffs.h"
#include "kernel/cpus.h"
#include "kernel/map_fd.h"
#include "kernel/pin_dir.h"
#include "load/apply_migrate.h"
#include "load/apply_moved.h"
#include "load/migrate_part.h"
#include "load/object.h"

/* --- which maps --- */

static bool migrate_is_said(const struct apply_objects *objects, const char *map,
			    enum apply_change what)
{
	for (size_t i = 0; i < objects->conf->nr_maps; i++)
		if (strcmp(objects->conf->maps[i].name.text, map) == 0)
			return objects->conf->maps[i].on_change == what;
	return false;
}

static int migrate_set_constants(void *ctx, struct object *obj, struct err *err)
{
	const struct apply_object *conf = ctx;
	int r = 0;

	for (size_t i = 0; i < conf->nr_constants && r == 0; i++)
		r = object_set(obj, conf->constants[i].name.text,
			       conf->constants[i].value.text, err);
	return r;
}

static const struct object_map *migrate_map_at(const struct apply_opened *o,
					       const char *pin)
{
	size_t nr = 0;
	const struct object_map *maps =
		apply_opened_is_due(o) ? object_maps(o->obj, &nr) : NULL;

	for (size_t i = 0; i < nr; i++)
		if (maps[i].place.kind == PLACE_PIN &&
		    strcmp(maps[i].place.path, pin) == 0)
			return &maps[i];
	return NULL;
}

/* The object's map is made aside. */
static void migrate_place(const struct apply_moved *mi, struct apply_opened *o,
			  const char *map)
{
	struct map_overrides *to = &o->opts.overrides;
	size_t i = 0;

	while (i < to->nr && strcmp(to->items[i].map, map) != 0)
		i++;
	if (i == to->nr) {
		array_grow(to->items, to->nr);
		to->nr++;
	}
	to->items[i] = (struct map_override){.idx = -1,
					     .map = map,
					     .target = OVERRIDE_AT,
					     .what = migrate_part_place(mi->part),
					     .fd = -1,
					     .aside = true};
}

static int migrate_add_object(const struct apply_moved *mi, struct apply_opened *o,
			      const char *map, struct err *err)
{
	struct migrate_part_object object = {
		.obj = o->obj, .set = migrate_set_constants, .ctx = (void *)o->conf};

	for (size_t w = 0; w < o->nr_wants; w++) {
		array_grow(object.programs, object.nr);
		object.programs[object.nr++] = (struct migrate_part_program){
			.name = o->wants[w].prog->name,
			.type = o->wants[w].type,
			.attach_type = o->wants[w].attach_type};
	}
	migrate_part_add(mi->part, &object);
	migrate_place(mi, o, map);
	return object_plan(o->obj, err);
}

/* What is pinned, and in what it differs. */
static int migrate_compare(struct apply_moved *mi, const struct object_map *m,
			   struct err *err)
{
	auto_release(mapdef_release) struct mapdef pinned = MAPDEF_INIT;
	auto_close int fd = pin_dir_get(mi->pin, BPF_FD_MAP, err);
	auto_strbuf diff = STRBUF_INIT;
	struct bpf_map_info info;
	int r = fd < 0 ? fd : map_fd_info(fd, &info);

	if (r == PIN_DIR_REFUSED)
		return r;
	if (r == 0)
		r = map_fd_def(fd, &pinned);
	if (r < 0)
		return err_set(err, r, "map pinned at '%s'", mi->pin);
	mi->id = info.id;
	mapdef_diff(&pinned, &m->def,
		    mi->o->opts.no_layout_check ? MAPDEF_DIFF_NO_LAYOUT : 0,
		    possible_cpus(), &diff);
	mi->differs = xstrdup(diff.len ? sb_text(&diff) : "what is in it");
	return 0;
}

static int migrate_add(struct apply_objects *objects, const struct apply_opened *first,
		       const struct object_map *m, struct err *err)
{
	struct migrate_part_opts opts = {.share = &first->opts,
					 .txn = objects->txn,
					 .map = m->def.name,
					 .stays = apply_migrate_stays};
	struct apply_moved *mi = xcalloc(1, sizeof(*mi));
	int r;

	array_grow(objects->moved, objects->nr_moved);
	objects->moved[objects->nr_moved++] = mi;
	mi->map = m->def.name;
	mi->o = first;
	mi->pin = xstrdup(m->place.path);
	opts.pin = mi->pin;
	opts.ctx = mi;
	r = migrate_compare(mi, m, err);
	if (r == 0)
		r = migrate_part_open(&mi->part, &opts, err);
	for (size_t i = 0; i < objects->nr && r == 0; i++) {
		struct apply_opened *o = &objects->items[i];
		const struct object_map *map;

		for (size_t k = 0; o->good && k < o->good->nr_maps; k++) {
			const char *pin = o->good->maps[k].pin;

			if (!pin || strcmp(pin, mi->pin) != 0)
				continue;
			/* It would keep the old map. */
			free(o->stale);
			o->stale = xasprintf("its map '%s' migrates", mi->map);
			o->good = NULL;
			r = object_plan(o->obj, err);
			break;
		}
		map = r == 0 ? migrate_map_at(o, mi->pin) : NULL;
		if (map)
			r = migrate_add_object(mi, o, map->def.name, err);
	}
	return r;
}

/* It is what is pinned, and what the new programs of that run counted is elsewhere. */
static int migrate_refuse_half(struct object_map *map, struct err *err)
{
	int half = map->place.kind == PLACE_PIN
			   ? migrate_part_is_half(map->place.path, err)
			   : 0;

	if (half <= 0)
		return half < 0 ? err_context(err, "map '%s'", map->def.name) : 0;
	map->state = OBJECT_MAP_CONFLICT;
	free(map->reason);
	map->differs = false;
	map->reason = xasprintf(
		"pin '%s': an interrupted migration to another definition has to be finished first; run it again with its objects",
		map->place.path);
	return 0;
}

/* What could not be compared may be what on-change is for. */
static void migrate_refuse_unchecked(const struct apply_objects *objects,
				     struct object_map *map)
{
	if (map->state != OBJECT_MAP_REUSE || !map->unchecked ||
	    (!migrate_is_said(objects, map->def.name, APPLY_CHANGE_MIGRATE) &&
	     !migrate_is_said(objects, map->def.name, APPLY_CHANGE_FRESH)))
		return;
	map->state = OBJECT_MAP_CONFLICT;
	free(map->reason);
	map->differs = false;
	map->reason =
		xasprintf("whether it is to change is not known: %s", map->unchecked);
}

int apply_migrate_plan(struct apply_objects *objects, const struct apply_journal *journal,
		       struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < objects->nr && r == 0; i++) {
		const struct apply_opened *o = &objects->items[i];
		size_t nr = 0;
		struct object_map *maps =
			apply_opened_is_due(o) ? object_maps(o->obj, &nr) : NULL;

		for (size_t m = 0; m < nr; m++)
			migrate_refuse_unchecked(objects, &maps[m]);
		for (size_t m = 0; m < nr && r == 0; m++)
			if (maps[m].state == OBJECT_MAP_REUSE
				    ? journal->interrupted
				    : maps[m].state == OBJECT_MAP_CONFLICT &&
					      migrate_is_said(objects, maps[m].def.name,
							      APPLY_CHANGE_FRESH))
				r = migrate_refuse_half(&maps[m], err);
		for (size_t m = 0; m < nr && r == 0; m++)
			if (maps[m].state == OBJECT_MAP_CONFLICT && maps[m].differs &&
			    maps[m].place.kind == PLACE_PIN &&
			    migrate_is_said(objects, maps[m].def.name,
					    APPLY_CHANGE_MIGRATE))
				r = migrate_add(objects, o, &maps[m], err);
	}
	return r;
}

/* --- the act --- */

void apply_migrate_record(const struct apply_objects *objects, struct apply_record *to)
{
	for (size_t i = 0; i < objects->nr_moved; i++) {
		const struct apply_moved *mi = objects->moved[i];
		struct apply_loaded_map map = {
			.name = (char *)mi->map, .pin = mi->pin, .id = mi->id};
		/* No load has such settings, so it is taken for none. */
		const struct apply_load load = {.object = mi->o->conf->key.text,
						.sha1 = (char *)object_sha1(mi->o->obj),
						.settings = (char *)"migrate",
						.maps = &map,
						.nr_maps = 1};

		apply_record_add_load(to, &load);
	}
}

void apply_migrate_dirs(const struct apply_objects *objects, struct text_list *dirs)
{
	for (size_t i = 0; i < objects->nr_moved; i++)
		migrate_part_dirs(objects->moved[i]->part, dirs);
}

static int migrate_each(struct apply_objects *objects,
			int (*fn)(struct migrate_part *part, struct err *err),
			struct err *err)
{
	for (size_t i = 0; i < objects->nr_moved; i++) {
		int r = fn(objects->moved[i]->part, err);

		if (r < 0)
			return err_context(err, "map '%s'", objects->moved[i]->map);
	}
	return 0;
}

int apply_migrate_begin(struct apply_objects *objects, struct err *err)
{
	return migrate_each(objects, migrate_part_begin, err);
}

int apply_migrate_copy(struct apply_objects *objects, struct err *err)
{
	return migrate_each(objects, migrate_part_copy, err);
}

int apply_migrate_finish(struct apply_objects *objects, struct err *err)
{
	return migrate_each(objects, migrate_part_finish, err);
}

/* --- after a kill --- */

static void migrate_recover_pin(const char *pin)
{
	auto_err err = ERR_INIT;
	bool half = false;

	if (bpffs_there(pin) == 0)
		return;
	if (migrate_part_recover(pin, &half, &err) < 0)
		log_warn("%s", err.text);
	else if (half)
		log_info(
			"the migration of '%s' was interrupted: what new programs counted is in its new map, and 'apply' of a file with that definition, or 'map migrate', finishes it",
			pin);
}

void apply_migrate_recover(const struct apply_journal *journal)
{
	auto_text_list pins = TEXT_LIST_INIT;

	for (size_t i = 0; journal->interrupted && i < journal->was.nr_loads; i++)
		for (size_t m = 0; m < journal->was.loads[i].nr_maps; m++) {
			const char *pin = journal->was.loads[i].maps[m].pin;

			bool known = false;

			for (size_t k = 0; k < pins.nr && pin; k++)
				known |= strcmp(pins.items[k], pin) == 0;
			if (pin && !known)
				text_list_add(&pins, pin);
		}
	for (size_t i = 0; i < pins.nr; i++)
		migrate_recover_pin(pins.items[i]);
}
