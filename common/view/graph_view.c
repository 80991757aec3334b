/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/alloc.h"
#include "base/id_compare.h"
#include "view/graph_view.h"

static void graph_view_add_program(struct graph_view *v, uint32_t program)
{
	/* One that went away while the kernel was read has no node. */
	if (!graph_find_program(v->g, program))
		return;
	array_grow(v->programs, v->nr_programs);
	v->programs[v->nr_programs++] = program;
}

static void graph_view_add_users(struct graph_view *v, uint32_t map)
{
	size_t nr;
	const struct graph_user *users = graph_reach_find(v->reach, map, &nr);
	const struct graph_slot *slots;

	for (size_t i = 0; i < nr; i++) {
		graph_view_add_program(v, users[i].program);
		if (users[i].root)
			graph_view_add_program(v, users[i].root);
	}
	slots = graph_find_slots(v->g, map, &nr);
	for (size_t i = 0; i < nr; i++)
		if (slots[i].program)
			graph_view_add_program(v, slots[i].program);
}

void graph_view_init(struct graph_view *v, bool all)
{
	size_t kept = 0;

	v->programs = NULL;
	v->nr_programs = 0;
	for (size_t i = 0; !all && i < v->nr_maps; i++)
		graph_view_add_users(v, v->maps[i]);
	for (size_t i = 0; all && i < v->g->nr_programs; i++)
		graph_view_add_program(v, v->g->programs[i].id);
	if (v->nr_programs == 0)
		return;
	qsort(v->programs, v->nr_programs, sizeof(*v->programs), id_compare);
	for (size_t i = 1; i < v->nr_programs; i++)
		if (v->programs[i] != v->programs[kept])
			v->programs[++kept] = v->programs[i];
	v->nr_programs = kept + 1;
}

bool graph_view_has_map(const struct graph_view *v, uint32_t map)
{
	return v->nr_maps &&
	       bsearch(&map, v->maps, v->nr_maps, sizeof(*v->maps), id_compare);
}

void graph_view_release(struct graph_view *v)
{
	free(v->programs);
	v->programs = NULL;
	v->nr_programs = 0;
}
