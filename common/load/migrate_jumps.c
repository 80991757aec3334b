/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs that are reached by tail calls. A prog array that is in use is never filled again: a
 * packet would begin in an old program and go on in a new one. The new programs get arrays of
 * their own, those that call into them are replaced, and the old arrays go with the old callers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text_list.h"
#include "graph/graph_words.h"
#include "kernel/map_fd.h"
#include "kernel/pin_at.h"
#include "kernel/pin_dir.h"
#include "load/migrate_private.h"
#include "load/object.h"

/* --- arrays that are pinned --- */

static int jumps_refuse_shared(const struct migration *m, const struct object_map *map,
			       struct err *err)
{
	for (size_t i = 0; i < m->nr_arrays; i++)
		if (strcmp(m->arrays[i].pin, map->place.path) == 0)
			return err_say(
				err, -EOPNOTSUPP,
				"prog array '%s', pinned at '%s', is filled by several of the objects, and a live prog array is not refilled; fill it in one of them",
				map->def.name, map->place.path);
	return 0;
}

int migrate_jumps_place(struct migration *m, struct migrate_object *o, struct err *err)
{
	size_t nr, before = o->placed.nr;
	const struct object_map *maps = object_maps(o->obj, &nr);

	for (size_t i = 0; i < nr; i++) {
		struct map_overrides *to = &o->placed;
		int r;

		if (maps[i].def.type != BPF_MAP_TYPE_PROG_ARRAY ||
		    maps[i].state != OBJECT_MAP_REUSE ||
		    maps[i].place.kind != PLACE_PIN ||
		    !object_fills_slots(o->obj, maps[i].def.name))
			continue;
		r = jumps_refuse_shared(m, &maps[i], err);
		if (r < 0)
			return r;
		array_grow(m->arrays, m->nr_arrays);
		m->arrays[m->nr_arrays++] =
			(struct migrate_array){.obj = o->obj,
					       .name = maps[i].def.name,
					       .pin = xstrdup(maps[i].place.path),
					       .id = maps[i].id};
		array_grow(to->items, to->nr);
		to->items[to->nr++] = (struct map_override){.idx = -1,
							    .map = maps[i].def.name,
							    .target = OVERRIDE_PRIVATE,
							    .fd = -1};
	}
	if (o->placed.nr == before)
		return 0;
	o->opts.overrides = o->placed;
	return object_plan(o->obj, err);
}

void migrate_jumps_release(struct migration *m)
{
	for (size_t i = 0; i < m->nr_arrays; i++)
		free(m->arrays[i].pin);
	free(m->arrays);
}

void migrate_jumps_dirs(const struct migration *m, struct text_list *dirs)
{
	for (size_t i = 0; i < m->nr_arrays; i++) {
		const char *slash = strrchr(m->arrays[i].pin, '/');
		auto_free char *dir =
			xstrndup(m->arrays[i].pin, (size_t)(slash - m->arrays[i].pin));

		text_list_add(dirs, dir);
	}
}

static int jumps_map_fd(const struct migrate_array *a)
{
	size_t nr;
	const struct object_map *maps = object_maps(a->obj, &nr);

	for (size_t i = 0; i < nr; i++)
		if (strcmp(maps[i].def.name, a->name) == 0)
			return object_map_fd(a->obj, &maps[i]);
	return -ENOENT;
}

/* If the pin is still the one that was looked at. */
static int jumps_exchange(const struct migration *m, const struct migrate_array *a,
			  struct err *err)
{
	char name[NAME_MAX + 1];
	auto_close int old = pin_dir_get(a->pin, BPF_FD_MAP, err);
	auto_close int dir = pin_dir_parent(a->pin, name, err);
	auto_close int aside = pin_dir_open(m->aside, err);
	struct bpf_map_info info;
	int r = old < 0     ? old
		: dir < 0   ? dir
		: aside < 0 ? aside
			    : map_fd_info(old, &info);

	if (r == 0 && info.id != a->id)
		return -ESTALE;
	if (r == 0)
		r = pin_at_make(aside, "array", jumps_map_fd(a));
	if (r == 0 && renameat(aside, "array", dir, name) < 0)
		r = -errno;
	return r;
}

/* --- programs in slots --- */

static bool jumps_uses(const struct graph *g, uint32_t program, uint32_t map)
{
	size_t nr;
	const struct graph_use *uses = graph_find_uses(g, program, &nr);

	for (size_t i = 0; i < nr; i++)
		if (uses[i].map == map)
			return true;
	return false;
}

static bool *jumps_at(const struct graph *g, bool *marks, uint32_t program)
{
	const struct graph_program *p = graph_find_program(g, program);

	return p ? &marks[p - g->programs] : NULL;
}

static bool jumps_is_marked(const struct graph *g, bool *marks, uint32_t program)
{
	const bool *mark = jumps_at(g, marks, program);

	return mark && *mark;
}

/* One step between each program in that slot and those that use its array; true: a new one. */
static bool jumps_step(const struct graph *g, const struct graph_slot *slot, bool *marks,
		       bool to_callers)
{
	bool *inside = jumps_at(g, marks, slot->program), found = false;

	if (slot->redirect || !inside || (to_callers ? !*inside : *inside))
		return false;
	for (size_t i = 0; i < g->nr_uses; i++) {
		bool *caller = g->uses[i].map == slot->map
				       ? jumps_at(g, marks, g->uses[i].program)
				       : NULL;
		bool *to = to_callers ? caller : inside;

		if (!caller || *to || (!to_callers && !*caller))
			continue;
		*to = found = true;
	}
	return found;
}

static void jumps_spread(const struct graph *g, bool *marks, bool to_callers)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < g->nr_slots; i++)
			more |= g->slots[i].program &&
				jumps_step(g, &g->slots[i], marks, to_callers);
	}
}

bool *migrate_jumps_callers(const struct migration *m)
{
	const struct graph *g = &m->graph;
	bool *marks = xcalloc(g->nr_programs + 1, sizeof(*marks));

	for (size_t i = 0; i < g->nr_uses; i++) {
		bool *mark = g->uses[i].map == m->old.id
				     ? jumps_at(g, marks, g->uses[i].program)
				     : NULL;

		if (mark)
			*mark = true;
	}
	if (!m->is_part)
		jumps_spread(g, marks, true);
	return marks;
}

/* Without its pin the kernel would empty the array of a program that stays. */
static bool jumps_is_needed(const struct migration *m, uint32_t array)
{
	for (size_t i = 0; i < m->report->nr_users; i++)
		if (m->report->users[i].fate != MIGRATE_REPLACED &&
		    jumps_uses(&m->graph, m->report->users[i].program, array))
			return true;
	return false;
}

void migrate_jumps_pin(const struct migration *m)
{
	for (size_t i = 0; i < m->nr_arrays; i++) {
		const struct migrate_array *a = &m->arrays[i];
		auto_err err = ERR_INIT;
		int r = jumps_is_needed(m, a->id) ? -EBUSY : jumps_exchange(m, a, &err);

		if (r < 0)
			log_warn(
				"pin '%s' stays the old prog array's, whose programs write to the old map: %s",
				a->pin, err_words(r));
	}
}

/* Those that are jumped to by the ones of that fate. */
static bool *jumps_targets(const struct migration *m, bool replaced)
{
	const struct graph *g = &m->graph;
	bool *marks = xcalloc(g->nr_programs + 1, sizeof(*marks));

	for (size_t i = 0; i < m->report->nr_users; i++) {
		const struct migrate_user *user = &m->report->users[i];
		bool *mark = jumps_at(g, marks, user->program);

		if (mark && user->fate != MIGRATE_IDLE)
			*mark |= (user->fate == MIGRATE_REPLACED) == replaced;
	}
	jumps_spread(g, marks, false);
	return marks;
}

void migrate_jumps_settle(struct migration *m)
{
	const struct graph *g = &m->graph;
	auto_free bool *goes = jumps_targets(m, true), *stays = jumps_targets(m, false);

	for (size_t i = 0; i < g->nr_slots; i++) {
		const struct graph_slot *slot = &g->slots[i];
		struct migrate_user *user;

		if (slot->redirect || !jumps_uses(g, slot->program, m->old.id))
			continue;
		user = migrate_report_add(m, slot->program, MIGRATE_REPLACED);
		user->place =
			xasprintf("slot %u of prog array id %u", slot->key, slot->map);
		if (!m->is_part && jumps_is_marked(g, goes, slot->program) &&
		    !jumps_is_marked(g, stays, slot->program))
			continue;
		user->fate = MIGRATE_STAYS;
		user->why = xstrdup(
			m->is_part
				? "'apply' does not move programs that are reached by tail calls; 'map migrate' does"
				: "a live prog array is not refilled, and not all that call into it are replaced");
	}
}
