/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The objects of a migration: what they define, and their load beside the old map. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text_list.h"
#include "kernel/map_fd.h"
#include "kernel/pin_txn.h"
#include "load/keep.h"
#include "load/migrate_private.h"
#include "load/new_pin.h"
#include "load/object.h"

static struct object_map *migrate_map_of(const struct migrate_object *o, const char *name)
{
	size_t nr;
	struct object_map *maps = object_maps(o->obj, &nr);

	for (size_t i = 0; i < nr; i++)
		if (strcmp(maps[i].def.name, name) == 0)
			return &maps[i];
	return NULL;
}

static int refuse_unknown_map(const struct migrate_object *o, const char *name,
			      struct err *err)
{
	auto_strbuf names = STRBUF_INIT;
	size_t nr;
	const struct object_map *maps = object_maps(o->obj, &nr);

	for (size_t i = 0; i < nr; i++) {
		if (maps[i].def.dialect == MAPDEF_DATA)
			continue;
		sb_add_sep(&names, ", ", "");
		sb_add(&names, maps[i].def.name);
	}
	return err_say(
		err, -ENOENT,
		"object '%s' has no map '%s'; it has %s; 'map NAME' says which one",
		object_path(o->obj), name, names.len ? sb_text(&names) : "none");
}

/* Where the map is placed: first at the pin, for the comparison, then aside. */
static void place_map_at(struct migrate_object *o, const char *name, const char *path)
{
	if (!o->placed.nr) {
		array_grow(o->placed.items, o->placed.nr);
		o->placed.nr = 1;
	}
	o->placed.items[0] = (struct map_override){.idx = -1,
						   .map = name,
						   .target = OVERRIDE_AT,
						   .what = path,
						   .fd = -1,
						   .aside = true};
	o->opts.overrides = o->placed;
}

static int refuse_other_objects(const struct migration *m, struct err *err)
{
	return err_say(
		err, -EBUSY,
		"pin '%s': an interrupted migration to another definition has to be finished first; run it again with its objects",
		m->opts->pin);
}

/* What a run left is finished by objects that define the map as its own did. */
static int migrate_open_aside(struct migration *m, struct migrate_object *o,
			      struct err *err)
{
	int r;

	place_map_at(o, m->report->map, m->new_pin);
	r = m->resumed ? object_plan(o->obj, err) : 0;
	if (r == 0 && m->resumed &&
	    migrate_map_of(o, m->report->map)->state != OBJECT_MAP_REUSE)
		return refuse_other_objects(m, err);
	return r < 0 ? r : migrate_jumps_place(m, o, err);
}

static int migrate_open_one(struct migration *m, struct migrate_object *o,
			    const char *file, struct err *err)
{
	const char *name = m->report->map;
	const struct object_map *map;
	int r;

	o->opts = *m->opts->share;
	o->opts.overrides = (struct map_overrides){.nr = 0};
	r = object_open(&o->obj, file, &o->opts, err);
	if (r < 0)
		return r;
	object_join(o->obj, m->txn);
	if (!migrate_map_of(o, name))
		return refuse_unknown_map(o, name, err);
	place_map_at(o, name, m->opts->pin);
	r = object_plan(o->obj, err);
	if (r < 0)
		return err_context(err, "object '%s'", file);
	map = migrate_map_of(o, name);
	/* Nothing to do, or all of it: what was not compared does not say which. */
	if (map->state == OBJECT_MAP_REUSE && map->unchecked)
		return err_say(err, -EPERM, "map '%s': %s", m->opts->pin, map->unchecked);
	if (map->state == OBJECT_MAP_REUSE)
		return 1;
	if (map->state == OBJECT_MAP_CONFLICT && map->differs)
		return migrate_open_aside(m, o, err);
	/* What could not be read need not differ. */
	return map->state == OBJECT_MAP_CONFLICT
		       ? err_say(err, map->error, "object '%s': %s", file, map->reason)
		       : err_say(err, -EINVAL, "object '%s': map '%s': %s", file, name,
				 map->reason ? map->reason : "it has no place");
}

/* They were placed aside by who opened them. */
static int objects_check_part(const struct migration *m, struct err *err)
{
	for (size_t i = 0; i < m->nr_objects && m->resumed; i++)
		if (migrate_map_of(&m->objects[i], m->report->map)->state !=
		    OBJECT_MAP_REUSE)
			return refuse_other_objects(m, err);
	return 0;
}

/* Of a map without BTF its sizes are all that was compared: members may lie otherwise. */
static void objects_say_unseen(struct migration *m)
{
	struct migrate_report *report = m->report;
	uint32_t key_type, value_type = 0;

	if (m->old.btf_value_type_id || mapdef_is_outer(&m->old_def) ||
	    !object_map_btf(m->objects[0].obj, migrate_objects_map(m), &key_type,
			    &value_type) ||
	    !value_type)
		return;
	array_grow(report->unseen, report->nr_unseen);
	report->unseen[report->nr_unseen++] = xstrdup(
		"whether its members are where the objects have them: the pinned map has no BTF, and sizes alone were compared");
}

int migrate_objects_open(struct migration *m, struct err *err)
{
	size_t same = 0;

	if (m->is_part)
		return objects_check_part(m, err);
	m->nr_objects = m->opts->nr_objects;
	m->objects = xcalloc(m->nr_objects + 1, sizeof(*m->objects));
	for (size_t i = 0; i < m->nr_objects; i++) {
		int r = migrate_open_one(m, &m->objects[i], m->opts->objects[i], err);

		if (r < 0)
			return r;
		same += (size_t)r;
	}
	m->report->same = same == m->nr_objects;
	if (m->report->same && m->resumed)
		return refuse_other_objects(m, err);
	if (m->report->same)
		objects_say_unseen(m);
	if (same && !m->report->same)
		return err_say(
			err, -EINVAL,
			"the objects define map '%s' differently: some of them as it is pinned, others not",
			m->report->map);
	return 0;
}

const struct object_map *migrate_objects_map(const struct migration *m)
{
	return migrate_map_of(&m->objects[0], m->report->map);
}

/* --- load --- */

static int migrate_lock(struct migration *m, struct err *err)
{
	auto_text_list dirs = TEXT_LIST_INIT;

	text_list_add(&dirs, m->dir);
	text_list_add(&dirs, m->aside);
	migrate_jumps_dirs(m, &dirs);
	/* The map's own place is the pin's directory here, the same. */
	for (size_t i = 0; i < m->nr_objects; i++)
		object_pin_dirs(m->objects[i].obj, &dirs);
	return pin_txn_lock_all(m->txn, (const char *const *)dirs.items, dirs.nr, err);
}

static int migrate_load_one(struct migration *m, struct migrate_object *o,
			    struct err *err)
{
	int r = object_load(o->obj, err);

	for (size_t i = 0; i < m->nr_swaps && r == 0; i++)
		if (m->swaps[i].obj == o->obj)
			r = keep_prog_arrays(o->obj, m->swaps[i].prog,
					     o->opts.mount_bpffs, err);
	return r;
}

/* libbpf makes a map without BTF where the kernel does not take it, and goes on. */
static int objects_check_btf(const struct migration *m, struct err *err)
{
	if (!m->old.btf_value_type_id || !m->described || m->new.btf_value_type_id)
		return 0;
	return err_say(
		err, -EOPNOTSUPP,
		"map '%s': the kernel made the new map without BTF, so its members have no names; the old one stays",
		m->report->map);
}

int migrate_objects_take(struct migration *m, struct err *err)
{
	int r;

	m->new_fd = object_map_fd(m->objects[0].obj, migrate_objects_map(m));
	r = map_fd_info(m->new_fd, &m->new);
	if (r < 0)
		return err_set(err, r, "map '%s'", m->report->map);
	m->report->new_id = m->new.id;
	return objects_check_btf(m, err);
}

int migrate_objects_load(struct migration *m, struct err *err)
{
	int r = new_pin_check_mount(m->opts->share, err);

	if (r == 0)
		r = migrate_lock(m, err);
	if (r == 0)
		r = migrate_aside_recover(m, err);
	if (r == 0)
		r = migrate_users_check(m, err);
	for (size_t i = 0; i < m->nr_objects && r == 0; i++)
		r = migrate_load_one(m, &m->objects[i], err);
	return r < 0 ? r : migrate_objects_take(m, err);
}

void migrate_objects_keep(struct migration *m)
{
	for (size_t i = 0; i < m->nr_objects; i++)
		object_keep(m->objects[i].obj);
	pin_txn_commit(m->txn);
}
