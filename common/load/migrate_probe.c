/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the programs of both sides do to a value. Those of the objects are loaded for it, with
 * maps of their own that nobody else sees, and go again at once: so a plan knows, too, whether
 * the kernel takes them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/map_fd.h"
#include "kernel/prog_fd.h"
#include "load/migrate_part.h"
#include "load/migrate_private.h"
#include "load/object.h"
#include "load/value_writes.h"

/* Room enough for a look, and fast to make. */
enum { PROBE_ENTRIES = 4096 };

struct probe {
	struct share_opts opts; /* the object borrows it */
	struct object *obj;
};

static void probe_release(struct probe *p)
{
	object_close(p->obj);
	free(p->opts.overrides.items);
}

static void probe_scan(struct value_writes *w, const char *name, int fd,
		       const struct value_writes_map *map)
{
	auto_free struct bpf_insn *insns = NULL;
	size_t nr = 0;

	if (prog_fd_insns(fd, &insns, &nr) < 0)
		value_writes_scan(w, name, NULL, 0, map);
	else
		value_writes_scan(w, name, insns, nr, map);
}

void migrate_probe_old(const struct migration *m, struct value_writes *w)
{
	const struct value_writes_map map = {m->old.id, m->old_lock_at};

	for (size_t i = 0; i < m->graph.nr_uses; i++) {
		const struct graph_program *p;
		auto_close int fd = -1;

		if (m->graph.uses[i].map != m->old.id)
			continue;
		p = graph_find_program(&m->graph, m->graph.uses[i].program);
		fd = prog_fd_by_id(m->graph.uses[i].program);
		/* Gone meanwhile: it writes no more. */
		if (fd != -ENOENT)
			probe_scan(w, p && p->name ? p->name : "", fd, &map);
	}
}

/* No map of it is anybody else's. */
static void probe_hide_maps(struct probe *p, const struct migrate_object *o)
{
	size_t nr;
	const struct object_map *maps = object_maps(o->obj, &nr);
	struct map_overrides *to = &p->opts.overrides;

	*to = (struct map_overrides){.items = xcalloc(nr + 1, sizeof(*to->items))};
	for (size_t i = 0; i < nr; i++)
		if (maps[i].def.dialect != MAPDEF_DATA)
			to->items[to->nr++] =
				(struct map_override){.idx = -1,
						      .map = maps[i].def.name,
						      .target = OVERRIDE_PRIVATE,
						      .fd = -1};
}

static void probe_shrink(struct probe *p, bool arrays)
{
	size_t nr;
	const struct object_map *maps = object_maps(p->obj, &nr);

	for (size_t i = 0; i < nr; i++)
		if ((arrays || !migrate_is_array(maps[i].def.type)) &&
		    mapdef_is_data(&maps[i].def) &&
		    maps[i].def.max_entries > PROBE_ENTRIES)
			object_set_max_entries(p->obj, maps[i].def.name, PROBE_ENTRIES);
}

/* What a part will have attached. */
static int probe_select_programs(struct probe *p, const struct migrate_object *o,
				 struct err *err)
{
	for (size_t i = 0; i < o->nr_programs; i++) {
		const struct migrate_part_program *prog = &o->programs[i];
		struct object_program *found;
		int r = object_want(p->obj, NULL, prog->name, &found, err);

		if (r < 0)
			return r;
		object_program_set_type(p->obj, found, prog->type, prog->attach_type);
	}
	return o->set(o->ctx, p->obj, err);
}

static int probe_select(struct probe *p, const struct migration *m,
			const struct migrate_object *o, struct err *err)
{
	if (m->is_part)
		return probe_select_programs(p, o, err);
	for (size_t i = 0; i < m->nr_swaps; i++) {
		int r = m->swaps[i].obj == o->obj
				? migrate_users_select(p->obj, &m->swaps[i].at,
						       m->swaps[i].prog->name, err)
				: 0;

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < m->nr_swaps; i++)
		if (m->swaps[i].obj == o->obj)
			migrate_users_settle(p->obj, m, &m->swaps[i]);
	return 0;
}

/* id 0: it was not made. */
static struct value_writes_map probe_map(const struct probe *p, const struct migration *m)
{
	struct value_writes_map ret = {.lock_at = m->new_lock_at};
	size_t nr;
	const struct object_map *maps = object_maps(p->obj, &nr);

	for (size_t i = 0; i < nr; i++)
		if (strcmp(maps[i].def.name, m->report->map) == 0)
			ret.id = maps[i].id;
	return ret;
}

static int probe_once(const struct migration *m, const struct migrate_object *o,
		      bool small_arrays, struct value_writes *w, uint32_t *map,
		      struct err *err)
{
	auto_release(probe_release) struct probe p = {.opts = *m->opts->share};
	struct object_program *progs;
	struct value_writes_map of;
	size_t nr;
	int r;

	probe_hide_maps(&p, o);
	r = object_open(&p.obj, object_path(o->obj), &p.opts, err);
	if (r < 0)
		return r;
	probe_shrink(&p, small_arrays);
	r = probe_select(&p, m, o, err);
	if (r == 0)
		r = object_load(p.obj, err);
	if (r < 0)
		return r;
	of = probe_map(&p, m);
	*map = of.id;
	progs = object_programs(p.obj, &nr);
	for (size_t i = 0; i < nr; i++)
		if (progs[i].wanted)
			probe_scan(w, progs[i].name, progs[i].fd, &of);
	return 0;
}

/*
 * An element of an array at a constant index needs no check for NULL if the array has it: where
 * a small one is refused the large one is asked for, which takes as long as the copy itself.
 */
static int probe_one(const struct migration *m, const struct migrate_object *o,
		     struct value_writes *w, uint32_t *map, struct err *err)
{
	/* The load that counts says it all again. */
	auto_release(log_scope_end) struct log_scope quiet = {.sink = NULL};
	auto_err refused = ERR_INIT;

	log_scope_begin(&quiet);
	if (probe_once(m, o, true, w, map, &refused) == 0)
		return 0;
	return probe_once(m, o, false, w, map, err);
}

/*
 * The kernel frees programs, and what they use, a moment after they were closed: until then
 * two maps have the name.
 */
static void probe_wait(uint32_t map)
{
	enum { TRIES = 200, PAUSE_US = 2000 };

	for (int i = 0; i < TRIES && map; i++) {
		auto_close int fd = map_fd_by_id(map);

		if (fd < 0)
			return;
		cleanup_close(&fd);
		fd = -1;
		usleep(PAUSE_US);
	}
}

int migrate_probe_new(const struct migration *m, struct value_writes *w, struct err *err)
{
	for (size_t i = 0; i < m->nr_objects; i++) {
		uint32_t map = 0;
		int r = 0;

		if (m->is_part)
			r = probe_one(m, &m->objects[i], w, &map, err);
		for (size_t k = 0; k < m->nr_swaps; k++)
			if (m->swaps[k].obj == m->objects[i].obj) {
				r = probe_one(m, &m->objects[i], w, &map, err);
				break;
			}
		probe_wait(map);
		if (r < 0)
			return r;
	}
	return 0;
}
