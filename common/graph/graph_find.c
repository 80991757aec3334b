/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/alloc.h"
#include "graph/graph.h"

static int graph_find_by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int graph_find_by_map_id(const void *a, const void *b)
{
	return graph_find_by_number(((const struct graph_map *)a)->id,
				    ((const struct graph_map *)b)->id);
}

static int graph_find_by_program_id(const void *a, const void *b)
{
	return graph_find_by_number(((const struct graph_program *)a)->id,
				    ((const struct graph_program *)b)->id);
}

const struct graph_map *graph_find_map(const struct graph *g, uint32_t id)
{
	const struct graph_map key = {.id = id};

	return g->nr_maps ? bsearch(&key, g->maps, g->nr_maps, sizeof(key),
				    graph_find_by_map_id)
			  : NULL;
}

const struct graph_program *graph_find_program(const struct graph *g, uint32_t id)
{
	const struct graph_program key = {.id = id};

	return g->nr_programs ? bsearch(&key, g->programs, g->nr_programs, sizeof(key),
					graph_find_by_program_id)
			      : NULL;
}

/*
 * The elements that a comparison of their first fields finds equal to key: first and
 * number.
 */
static const void *find_row(const void *items, size_t nr_items, size_t size,
			    const void *key, int (*compare)(const void *a, const void *b),
			    size_t *nr)
{
	size_t low = 0, high = nr_items, first;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare((const char *)items + middle * size, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	first = low;
	while (low < nr_items && compare((const char *)items + low * size, key) == 0)
		low++;
	*nr = low - first;
	return *nr ? (const char *)items + first * size : NULL;
}

static int use_of_program(const void *a, const void *b)
{
	return graph_find_by_number(((const struct graph_use *)a)->program,
				    ((const struct graph_use *)b)->program);
}

static int attachment_of_program(const void *a, const void *b)
{
	return graph_find_by_number(((const struct graph_attachment *)a)->program,
				    ((const struct graph_attachment *)b)->program);
}

static int slot_of_map(const void *a, const void *b)
{
	return graph_find_by_number(((const struct graph_slot *)a)->map,
				    ((const struct graph_slot *)b)->map);
}

static int pin_of_object(const void *a, const void *b)
{
	const struct graph_pin *x = a, *y = b;
	int r = graph_find_by_number(x->of, y->of);

	return r ? r : graph_find_by_number(x->id, y->id);
}

static int holder_of_object(const void *a, const void *b)
{
	const struct graph_holder *x = a, *y = b;
	int r = graph_find_by_number(x->of, y->of);

	return r ? r : graph_find_by_number(x->id, y->id);
}

const struct graph_use *graph_find_uses(const struct graph *g, uint32_t program,
					size_t *nr)
{
	const struct graph_use key = {.program = program};

	return find_row(g->uses, g->nr_uses, sizeof(key), &key, use_of_program, nr);
}

const struct graph_attachment *graph_find_attachments(const struct graph *g,
						      uint32_t program, size_t *nr)
{
	const struct graph_attachment key = {.program = program};

	return find_row(g->attachments, g->nr_attachments, sizeof(key), &key,
			attachment_of_program, nr);
}

const struct graph_slot *graph_find_slots(const struct graph *g, uint32_t map, size_t *nr)
{
	const struct graph_slot key = {.map = map};

	return find_row(g->slots, g->nr_slots, sizeof(key), &key, slot_of_map, nr);
}

const struct graph_pin *graph_find_pins(const struct graph *g, enum graph_object of,
					uint32_t id, size_t *nr)
{
	const struct graph_pin key = {.of = of, .id = id};

	return find_row(g->pins, g->nr_pins, sizeof(key), &key, pin_of_object, nr);
}

size_t graph_find_migrating(const struct graph *g, const uint32_t *maps, size_t nr_maps,
			    const struct graph_pin ***ret)
{
	const struct graph_pin **found = NULL;
	size_t nr_found = 0;

	for (size_t i = 0; i < nr_maps; i++) {
		size_t nr;
		const struct graph_pin *pins =
			graph_find_pins(g, GRAPH_OF_MAP, maps[i], &nr);

		for (size_t k = 0; k < nr; k++) {
			if (!pins[k].migrates)
				continue;
			array_grow(found, nr_found);
			found[nr_found++] = &pins[k];
		}
	}
	*ret = found;
	return nr_found;
}

const struct graph_holder *graph_find_holders(const struct graph *g, enum graph_object of,
					      uint32_t id, size_t *nr)
{
	const struct graph_holder key = {.of = of, .id = id};

	return find_row(g->holders, g->nr_holders, sizeof(key), &key, holder_of_object,
			nr);
}
