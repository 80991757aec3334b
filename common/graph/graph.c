/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/id_compare.h"
#include "base/strbuf.h"
#include "graph/graph.h"

static char *graph_copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

/* --- adding --- */

/* What is counted is the graph's alone, also where the next copy fails (base/alloc.h). */

void graph_add_map(struct graph *g, const struct graph_map *map)
{
	struct graph_map new = *map;

	array_grow(g->maps, g->nr_maps);
	new.name = graph_copy(map->name);
	g->maps[g->nr_maps++] = new;
}

void graph_add_program(struct graph *g, const struct graph_program *program)
{
	struct graph_program new = *program;

	array_grow(g->programs, g->nr_programs);
	new.name = graph_copy(program->name);
	g->programs[g->nr_programs++] = new;
}

void graph_add_attachment(struct graph *g, const struct graph_attachment *at)
{
	struct graph_attachment *new;

	array_grow(g->attachments, g->nr_attachments);
	new = &g->attachments[g->nr_attachments++];
	*new = *at;
	new->netns = new->dev = new->path = NULL;
	new->netns = graph_copy(at->netns);
	new->dev = graph_copy(at->dev);
	new->path = graph_copy(at->path);
}

void graph_add_use(struct graph *g, uint32_t program, uint32_t map)
{
	array_grow(g->uses, g->nr_uses);
	g->uses[g->nr_uses++] = (struct graph_use){.program = program, .map = map};
}

void graph_add_slot(struct graph *g, const struct graph_slot *slot)
{
	array_grow(g->slots, g->nr_slots);
	g->slots[g->nr_slots++] = *slot;
}

void graph_add_link(struct graph *g, const struct graph_link *link)
{
	array_grow(g->links, g->nr_links);
	g->links[g->nr_links++] = *link;
}

void graph_add_pin(struct graph *g, enum graph_object of, uint32_t id, const char *path)
{
	struct graph_pin new = {.of = of, .id = id};

	array_grow(g->pins, g->nr_pins);
	new.path = xstrdup(path);
	g->pins[g->nr_pins++] = new;
}

void graph_add_migrating_pin(struct graph *g, uint32_t map, const char *path)
{
	graph_add_pin(g, GRAPH_OF_MAP, map, path);
	g->pins[g->nr_pins - 1].migrates = true;
}

void graph_add_holder(struct graph *g, const struct graph_holder *holder)
{
	struct graph_holder new = *holder;

	array_grow(g->holders, g->nr_holders);
	new.comm = graph_copy(holder->comm);
	g->holders[g->nr_holders++] = new;
}

bool graph_has_netns(const struct graph *g, uint64_t netns)
{
	for (size_t i = 0; i < g->nr_netns; i++)
		if (g->netns[i] == netns)
			return true;
	return false;
}

bool graph_add_netns(struct graph *g, uint64_t netns)
{
	if (graph_has_netns(g, netns))
		return false;
	array_grow(g->netns, g->nr_netns);
	g->netns[g->nr_netns++] = netns;
	return true;
}

static void add_hidden(struct graph *g, const struct graph_hidden *hidden,
		       const char *fmt, va_list ap)
{
	struct graph_hidden *new;
	va_list again;
	auto_free char *text = NULL;
	size_t size;

	va_copy(again, ap);
	size = (size_t)vsnprintf(NULL, 0, fmt, again) + 1;
	va_end(again);
	text = xcalloc(size, 1);
	vsnprintf(text, size, fmt, ap);
	array_grow(g->hidden, g->nr_hidden);
	new = &g->hidden[g->nr_hidden++];
	*new = *hidden;
	new->netns = new->dev = NULL;
	new->text = take_ptr(text);
	new->netns = graph_copy(hidden->netns);
	new->dev = graph_copy(hidden->dev);
}

void graph_add_hidden(struct graph *g, enum graph_source source, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_hidden(g, &(struct graph_hidden){.source = source}, fmt, ap);
	va_end(ap);
}

void graph_add_hidden_at(struct graph *g, const struct graph_hidden *hidden,
			 const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_hidden(g, hidden, fmt, ap);
	va_end(ap);
}

/* --- releasing --- */

static void graph_attachment_release(struct graph_attachment *at)
{
	free((char *)at->netns);
	free((char *)at->dev);
	free((char *)at->path);
}

static void graph_hidden_release(struct graph_hidden *hidden)
{
	free((char *)hidden->netns);
	free((char *)hidden->dev);
	free((char *)hidden->text);
}

void graph_drop_attachments(struct graph *g, size_t nr)
{
	while (g->nr_attachments > nr)
		graph_attachment_release(&g->attachments[--g->nr_attachments]);
}

/* Of programs that go, asked by id: the uses are in no order yet, perhaps. */
static void drop_uses(struct graph *g, uint32_t *ids, size_t nr)
{
	size_t kept = 0;

	if (!nr)
		return;
	qsort(ids, nr, sizeof(*ids), id_compare);
	for (size_t i = 0; i < g->nr_uses; i++)
		if (!bsearch(&g->uses[i].program, ids, nr, sizeof(*ids), id_compare))
			g->uses[kept++] = g->uses[i];
	g->nr_uses = kept;
}

void graph_drop_programs(struct graph *g, const bool *drop)
{
	auto_free uint32_t *ids = xcalloc(g->nr_programs + 1, sizeof(*ids));
	size_t kept = 0, dropped = 0;

	for (size_t i = 0; i < g->nr_programs; i++) {
		if (!drop[i]) {
			g->programs[kept++] = g->programs[i];
			continue;
		}
		ids[dropped++] = g->programs[i].id;
		free((char *)g->programs[i].name);
	}
	g->nr_programs = kept;
	drop_uses(g, ids, dropped);
}

void graph_release(struct graph *g)
{
	graph_drop_attachments(g, 0);
	for (size_t i = 0; i < g->nr_maps; i++)
		free((char *)g->maps[i].name);
	for (size_t i = 0; i < g->nr_programs; i++)
		free((char *)g->programs[i].name);
	for (size_t i = 0; i < g->nr_pins; i++)
		free((char *)g->pins[i].path);
	for (size_t i = 0; i < g->nr_holders; i++)
		free((char *)g->holders[i].comm);
	for (size_t i = 0; i < g->nr_hidden; i++)
		graph_hidden_release(&g->hidden[i]);
	free(g->maps);
	free(g->programs);
	free(g->attachments);
	free(g->uses);
	free(g->slots);
	free(g->links);
	free(g->pins);
	free(g->holders);
	free(g->netns);
	free(g->hidden);
	*g = (struct graph)GRAPH_INIT;
}

/* --- merging --- */

/* All the room first: strings belong to one of both at any time. */
#define MOVE_ALL(to, from, items, nr)                               \
	do {                                                        \
		for (size_t i = 0; i < (from)->nr; i++)             \
			array_grow((to)->items, (to)->nr + i);      \
		for (size_t i = 0; i < (from)->nr; i++)             \
			(to)->items[(to)->nr++] = (from)->items[i]; \
		(from)->nr = 0;                                     \
	} while (0)

void graph_merge(struct graph *g, struct graph *other)
{
	MOVE_ALL(g, other, maps, nr_maps);
	MOVE_ALL(g, other, programs, nr_programs);
	MOVE_ALL(g, other, attachments, nr_attachments);
	MOVE_ALL(g, other, uses, nr_uses);
	MOVE_ALL(g, other, slots, nr_slots);
	MOVE_ALL(g, other, links, nr_links);
	MOVE_ALL(g, other, pins, nr_pins);
	MOVE_ALL(g, other, holders, nr_holders);
	MOVE_ALL(g, other, netns, nr_netns);
	g->nr_devices += other->nr_devices;
	g->nr_cgroups += other->nr_cgroups;
	MOVE_ALL(g, other, hidden, nr_hidden);
	graph_release(other);
}
