/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/id_compare.h"
#include "graph/graph_names.h"
#include "scan/scan_asked.h"

/* --- which maps --- */

static bool asked_by_name(const struct graph_look *look)
{
	for (size_t i = 0; i < look->nr_asked; i++)
		if (!look->asked[i].name)
			return false;
	return true;
}

static bool asked_is_map(const struct graph *g, const struct graph_look *look,
			 const struct graph_map *map)
{
	for (size_t i = 0; i < look->nr_asked; i++) {
		const struct graph_asked *a = &look->asked[i];
		bool cut;

		if ((!a->name && a->id == map->id) ||
		    graph_map_has_name(
			    g, map, a->name ? a->name : graph_map_name(g, a->id), &cut))
			return true;
	}
	return false;
}

size_t scan_asked_maps(struct graph *g, const struct graph_look *look, uint32_t **ret)
{
	uint32_t *ids = NULL;
	size_t nr = 0;

	/* What one map is called, any pin may tell. */
	if (asked_by_name(look))
		scan_pins_named(g, look->asked, look->nr_asked);
	else
		scan_pins(g);
	graph_sort(g);
	for (size_t i = 0; i < g->nr_maps; i++) {
		if (!asked_is_map(g, look, &g->maps[i]))
			continue;
		array_grow(ids, nr);
		ids[nr++] = g->maps[i].id;
	}
	*ret = ids;
	return nr;
}

/* --- who comes to them --- */

/* What is known to lead there, by index of the graph. */
struct users_walk {
	const struct graph *g;
	bool *programs, *maps; /* owned */
	bool more;             /* something was added in this round */
};

static void users_walk_release(struct users_walk *w)
{
	free(w->programs);
	free(w->maps);
}

static void users_walk_init(struct users_walk *ret, const struct graph *g)
{
	*ret = (struct users_walk){.g = g};
	ret->programs = xcalloc(g->nr_programs + 1, sizeof(*ret->programs));
	ret->maps = xcalloc(g->nr_maps + 1, sizeof(*ret->maps));
}

static bool *users_walk_program(const struct users_walk *w, uint32_t id)
{
	const struct graph_program *p = id ? graph_find_program(w->g, id) : NULL;

	return p ? &w->programs[p - w->g->programs] : NULL;
}

static bool *users_walk_map(const struct users_walk *w, uint32_t id)
{
	const struct graph_map *m = id ? graph_find_map(w->g, id) : NULL;

	return m ? &w->maps[m - w->g->maps] : NULL;
}

/* What is known of from is known of to as well. */
static void users_walk_pass(struct users_walk *w, const bool *from, bool *to)
{
	if (!from || !to || !*from || *to)
		return;
	*to = true;
	w->more = true;
}

/* Against the calls: from the maps to programs, and to those that call them. */
static void users_walk_up(struct users_walk *w)
{
	const struct graph *g = w->g;

	do {
		w->more = false;
		for (size_t i = 0; i < g->nr_slots; i++) {
			const struct graph_slot *slot = &g->slots[i];

			users_walk_pass(w,
					slot->inner
						? users_walk_map(w, slot->inner)
						: users_walk_program(w, slot->program),
					users_walk_map(w, slot->map));
		}
		for (size_t i = 0; i < g->nr_uses; i++)
			users_walk_pass(w, users_walk_map(w, g->uses[i].map),
					users_walk_program(w, g->uses[i].program));
	} while (w->more);
}

/* With the calls: from programs to those that they call. */
static void users_walk_down(struct users_walk *w)
{
	const struct graph *g = w->g;

	do {
		w->more = false;
		for (size_t i = 0; i < g->nr_uses; i++)
			users_walk_pass(w, users_walk_program(w, g->uses[i].program),
					users_walk_map(w, g->uses[i].map));
		for (size_t i = 0; i < g->nr_slots; i++)
			users_walk_pass(w, users_walk_map(w, g->slots[i].map),
					users_walk_program(w, g->slots[i].program));
	} while (w->more);
}

void scan_users_init(struct scan_users *ret, const struct graph *g, const uint32_t *maps,
		     size_t nr_maps)
{
	auto_release(users_walk_release) struct users_walk w = {.g = NULL};
	struct scan_users u = {.nr = 0};

	users_walk_init(&w, g);
	for (size_t i = 0; i < nr_maps; i++) {
		bool *map = users_walk_map(&w, maps[i]);

		if (map)
			*map = true;
	}
	users_walk_up(&w);
	for (size_t i = 0; i < g->nr_programs; i++) {
		if (!w.programs[i])
			continue;
		array_grow(u.ids, u.nr);
		u.ids[u.nr++] = g->programs[i].id;
	}
	*ret = u;
}

void scan_users_release(struct scan_users *u)
{
	free(u->ids);
}

/* --- who of them is missing --- */

static bool users_have(const struct scan_users *u, uint32_t program)
{
	return u->nr && bsearch(&program, u->ids, u->nr, sizeof(program), id_compare);
}

/* Notes one that is attached; false: by a link that runs nothing. */
static bool users_meet(const struct scan_users *u, struct users_walk *w, uint32_t program,
		       bool dead)
{
	bool *met = users_walk_program(w, program);

	if (met && !dead)
		*met = true;
	return !dead || !users_have(u, program);
}

bool scan_users_are_found(const struct scan_users *u, const struct graph *g)
{
	auto_release(users_walk_release) struct users_walk w = {.g = NULL};

	users_walk_init(&w, g);
	for (size_t i = 0; i < g->nr_attachments; i++)
		if (!users_meet(u, &w, g->attachments[i].program, g->attachments[i].dead))
			return false;
	for (size_t i = 0; i < g->nr_links; i++)
		if (!users_meet(u, &w, g->links[i].program, g->links[i].dead))
			return false;
	users_walk_down(&w);
	for (size_t i = 0; i < u->nr; i++) {
		const bool *met = users_walk_program(&w, u->ids[i]);

		if (!met || !*met)
			return false;
	}
	return true;
}
