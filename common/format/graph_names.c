/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "format/graph_names.h"

enum { MAP_TYPE_ARRAY = 2 }; /* enum bpf_map_type, kernel ABI */

const char *graph_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const char *known_name(const struct graph_map *map)
{
	return map->name ? map->name : "";
}

/* Is whole what the kernel cut to its name? */
static bool continues(const char *kernel, const char *whole)
{
	return strlen(kernel) == GRAPH_KERNEL_NAME && strlen(whole) > GRAPH_KERNEL_NAME &&
	       strncmp(kernel, whole, GRAPH_KERNEL_NAME) == 0;
}

/* Ours is all of it, or was never cut. */
static bool is_whole(const struct graph_map *map)
{
	return map->whole || strlen(known_name(map)) != GRAPH_KERNEL_NAME;
}

const char *graph_map_name(const struct graph *g, uint32_t id)
{
	const struct graph_map *map = graph_find_map(g, id);
	const char *known = map ? known_name(map) : "";
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, GRAPH_OF_MAP, id, &nr);

	for (size_t i = 0; i < nr; i++) {
		const char *base = graph_base_name(pins[i].path);

		if (!*known || (!map->whole && continues(known, base)))
			return base;
	}
	return known;
}

bool graph_map_is_cut(const struct graph *g, const struct graph_map *map)
{
	const char *known = known_name(map);
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, GRAPH_OF_MAP, map->id, &nr);

	if (is_whole(map) || strlen(graph_map_name(g, map->id)) != GRAPH_KERNEL_NAME)
		return false;
	for (size_t i = 0; i < nr; i++)
		if (strcmp(graph_base_name(pins[i].path), known) == 0)
			return false;
	return true;
}

const char *graph_program_name(const struct graph *g, uint32_t id)
{
	const struct graph_program *program = graph_find_program(g, id);
	const char *known = program && program->name ? program->name : "";
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, GRAPH_OF_PROGRAM, id, &nr);

	for (size_t i = 0; i < nr && program && !program->whole; i++)
		if (continues(known, graph_base_name(pins[i].path)))
			return graph_base_name(pins[i].path);
	return known;
}

bool graph_program_is_cut(const struct graph *g, const struct graph_program *program)
{
	return !program->whole &&
	       strlen(graph_program_name(g, program->id)) == GRAPH_KERNEL_NAME;
}

bool graph_map_has_name(const struct graph *g, const struct graph_map *map,
			const char *name, bool *cut)
{
	const char *known = known_name(map);
	bool whole = is_whole(map);
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, GRAPH_OF_MAP, map->id, &nr);

	if (!*name)
		return false;
	for (size_t i = 0; i < nr; i++) {
		if (strcmp(graph_base_name(pins[i].path), name) == 0)
			return true;
		whole |= continues(known, graph_base_name(pins[i].path));
	}
	if (strcmp(known, name) == 0)
		return whole == is_whole(map);
	if (whole || strlen(name) <= GRAPH_KERNEL_NAME)
		return false;
	*cut = continues(known, name);
	return *cut;
}

bool graph_map_is_data_section(const struct graph_map *map)
{
	/* Names in C have no dot; libbpf's for .data, .rodata, .bss, .kconfig do. */
	return map->type == MAP_TYPE_ARRAY && strchr(known_name(map), '.');
}

/* --- twins --- */

static void add_name(struct graph_names *n, const char *name, uint32_t map, bool pinned)
{
	array_grow(n->items, n->nr);
	n->items[n->nr++] =
		(struct graph_name){.name = name, .map = map, .pinned = pinned};
}

static int by_name(const void *a, const void *b)
{
	const struct graph_name *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : x->map < y->map ? -1 : x->map > y->map;
}

/* One entry of equal name and map, pinned if one of them was. */
static void unite(struct graph_names *n)
{
	size_t kept = 0;

	for (size_t i = 1; i < n->nr; i++) {
		if (by_name(&n->items[kept], &n->items[i]) == 0)
			n->items[kept].pinned |= n->items[i].pinned;
		else
			n->items[++kept] = n->items[i];
	}
	n->nr = n->nr ? kept + 1 : 0;
}

static void keep_shared(struct graph_names *n)
{
	size_t kept = 0, end;

	for (size_t first = 0; first < n->nr; first = end) {
		const char *name = n->items[first].name;

		for (end = first; end < n->nr && strcmp(n->items[end].name, name) == 0;)
			end++;
		for (size_t i = first; end - first > 1 && i < end; i++)
			n->items[kept++] = n->items[i];
	}
	n->nr = kept;
}

void graph_twins_init(struct graph_names *ret, const struct graph *g)
{
	struct graph_names n = {.nr = 0};

	for (size_t i = 0; i < g->nr_maps; i++) {
		const struct graph_map *map = &g->maps[i];
		const char *name = graph_map_name(g, map->id);
		size_t nr;
		const struct graph_pin *pins =
			graph_find_pins(g, GRAPH_OF_MAP, map->id, &nr);

		if (graph_map_is_data_section(map))
			continue;
		if (*name)
			add_name(&n, name, map->id, false);
		for (size_t k = 0; k < nr; k++)
			add_name(&n, graph_base_name(pins[k].path), map->id, true);
	}
	if (n.nr)
		qsort(n.items, n.nr, sizeof(*n.items), by_name);
	unite(&n);
	keep_shared(&n);
	*ret = n;
}

void graph_names_release(struct graph_names *n)
{
	free(n->items);
	*n = (struct graph_names){.nr = 0};
}

static int by_id(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static size_t lower_bound(const struct graph_names *n, const char *name)
{
	size_t low = 0, high = n->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(n->items[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_twins(const struct graph_names *n, const char *name, uint32_t map,
		      uint32_t **ids, size_t *nr)
{
	for (size_t i = lower_bound(n, name);
	     i < n->nr && strcmp(n->items[i].name, name) == 0; i++) {
		if (n->items[i].map == map)
			continue;
		array_grow(*ids, *nr);
		(*ids)[(*nr)++] = n->items[i].map;
	}
}

size_t graph_twins_of(const struct graph_names *n, const struct graph *g, uint32_t map,
		      uint32_t **ret)
{
	const struct graph_map *m = graph_find_map(g, map);
	size_t nr_pins, nr = 0, kept = 0;
	const struct graph_pin *pins = graph_find_pins(g, GRAPH_OF_MAP, map, &nr_pins);
	uint32_t *ids = NULL;

	if (m && !graph_map_is_data_section(m)) {
		add_twins(n, graph_map_name(g, map), map, &ids, &nr);
		for (size_t i = 0; i < nr_pins; i++)
			add_twins(n, graph_base_name(pins[i].path), map, &ids, &nr);
	}
	if (nr)
		qsort(ids, nr, sizeof(*ids), by_id);
	for (size_t i = 0; i < nr; i++)
		if (kept == 0 || ids[kept - 1] != ids[i])
			ids[kept++] = ids[i];
	*ret = ids;
	return kept;
}
