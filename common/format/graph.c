/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "format/graph.h"

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

/* --- adding --- */

void graph_add_map(struct graph *g, const struct graph_map *map)
{
	array_grow(g->maps, g->nr_maps);
	g->maps[g->nr_maps] = *map;
	g->maps[g->nr_maps++].name = copy(map->name);
}

void graph_add_program(struct graph *g, const struct graph_program *program)
{
	array_grow(g->programs, g->nr_programs);
	g->programs[g->nr_programs] = *program;
	g->programs[g->nr_programs++].name = copy(program->name);
}

void graph_add_attachment(struct graph *g, const struct graph_attachment *at)
{
	struct graph_attachment *new;

	array_grow(g->attachments, g->nr_attachments);
	new = &g->attachments[g->nr_attachments++];
	*new = *at;
	new->netns = copy(at->netns);
	new->dev = copy(at->dev);
	new->path = copy(at->path);
}

void graph_add_use(struct graph *g, uint32_t program, uint32_t map)
{
	array_grow(g->uses, g->nr_uses);
	g->uses[g->nr_uses++] = (struct graph_use){.program = program, .map = map};
}

void graph_add_pin(struct graph *g, uint32_t map, const char *path)
{
	array_grow(g->pins, g->nr_pins);
	g->pins[g->nr_pins++] = (struct graph_pin){.map = map, .path = xstrdup(path)};
}

void graph_add_hidden(struct graph *g, const char *fmt, ...)
{
	va_list ap, again;
	size_t size;

	va_start(ap, fmt);
	va_copy(again, ap);
	size = (size_t)vsnprintf(NULL, 0, fmt, ap) + 1;
	array_grow(g->hidden, g->nr_hidden);
	g->hidden[g->nr_hidden] = xcalloc(size, 1);
	vsnprintf(g->hidden[g->nr_hidden++], size, fmt, again);
	va_end(again);
	va_end(ap);
}

/* --- releasing --- */

static void map_release(void *p)
{
	free((char *)((struct graph_map *)p)->name);
}

static void program_release(void *p)
{
	free((char *)((struct graph_program *)p)->name);
}

static void attachment_release(void *p)
{
	struct graph_attachment *at = p;

	free((char *)at->netns);
	free((char *)at->dev);
	free((char *)at->path);
}

static void pin_release(void *p)
{
	free((char *)((struct graph_pin *)p)->path);
}

static void hidden_release(void *p)
{
	free(*(char **)p);
}

void graph_drop_attachments(struct graph *g, size_t nr)
{
	while (g->nr_attachments > nr)
		attachment_release(&g->attachments[--g->nr_attachments]);
}

void graph_release(struct graph *g)
{
	graph_drop_attachments(g, 0);
	for (size_t i = 0; i < g->nr_maps; i++)
		map_release(&g->maps[i]);
	for (size_t i = 0; i < g->nr_programs; i++)
		program_release(&g->programs[i]);
	for (size_t i = 0; i < g->nr_pins; i++)
		pin_release(&g->pins[i]);
	for (size_t i = 0; i < g->nr_hidden; i++)
		hidden_release(&g->hidden[i]);
	free(g->maps);
	free(g->programs);
	free(g->attachments);
	free(g->uses);
	free(g->pins);
	free(g->hidden);
	*g = (struct graph)GRAPH_INIT;
}

/* --- merging --- */

#define MOVE_ALL(to, from, items, nr)                               \
	do {                                                        \
		for (size_t i = 0; i < (from)->nr; i++) {           \
			array_grow((to)->items, (to)->nr);          \
			(to)->items[(to)->nr++] = (from)->items[i]; \
		}                                                   \
		(from)->nr = 0;                                     \
	} while (0)

void graph_merge(struct graph *g, struct graph *other)
{
	MOVE_ALL(g, other, maps, nr_maps);
	MOVE_ALL(g, other, programs, nr_programs);
	MOVE_ALL(g, other, attachments, nr_attachments);
	MOVE_ALL(g, other, uses, nr_uses);
	MOVE_ALL(g, other, pins, nr_pins);
	MOVE_ALL(g, other, hidden, nr_hidden);
	graph_release(other);
}

/* --- sorting --- */

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* NULL first. */
static int by_text(const char *a, const char *b)
{
	if (!a || !b)
		return !!a - !!b;
	return strcmp(a, b);
}

static int by_map_id(const void *a, const void *b)
{
	return by_number(((const struct graph_map *)a)->id,
			 ((const struct graph_map *)b)->id);
}

static int by_program_id(const void *a, const void *b)
{
	return by_number(((const struct graph_program *)a)->id,
			 ((const struct graph_program *)b)->id);
}

static int by_use(const void *a, const void *b)
{
	const struct graph_use *x = a, *y = b;
	int r = by_number(x->program, y->program);

	return r ? r : by_number(x->map, y->map);
}

static int by_pin(const void *a, const void *b)
{
	const struct graph_pin *x = a, *y = b;
	int r = by_number(x->map, y->map);

	return r ? r : by_text(x->path, y->path);
}

static int by_sentence(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int graph_compare_places(const struct graph_attachment *a,
			 const struct graph_attachment *b)
{
	const struct {
		uint64_t a, b;
	} numbers[] = {
		{a->ifindex, b->ifindex},     {a->hook, b->hook},
		{a->block, b->block},         {a->chain, b->chain},
		{a->pref, b->pref},           {a->handle, b->handle},
		{a->cgroup_id, b->cgroup_id}, {a->attach_type, b->attach_type},
	};
	int r = by_number(a->kind, b->kind);

	r = r ? r : by_text(a->netns, b->netns);
	r = r ? r : by_text(a->dev, b->dev);
	r = r ? r : by_text(a->path, b->path);
	for (size_t i = 0; r == 0 && i < array_size(numbers); i++)
		r = by_number(numbers[i].a, numbers[i].b);
	return r;
}

static int by_attachment(const void *a, const void *b)
{
	const struct graph_attachment *x = a, *y = b;
	int r = by_number(x->program, y->program);

	return r ? r : graph_compare_places(x, y);
}

static void fill_text(const char **to, const char **from)
{
	if ((!*to || !**to) && *from) {
		free((char *)*to);
		*to = take_ptr(*from);
	}
}

static void fill_number(uint32_t *to, uint32_t from)
{
	if (*to == 0)
		*to = from;
}

static void map_fill(void *known, void *also)
{
	struct graph_map *a = known, *b = also;

	fill_text(&a->name, &b->name);
	fill_number(&a->type, b->type);
	fill_number(&a->key_size, b->key_size);
	fill_number(&a->value_size, b->value_size);
	fill_number(&a->max_entries, b->max_entries);
	fill_number(&a->flags, b->flags);
	fill_number(&a->btf_id, b->btf_id);
}

static void program_fill(void *known, void *also)
{
	static const uint8_t no_tag[8];
	struct graph_program *a = known, *b = also;

	fill_text(&a->name, &b->name);
	fill_number(&a->type, b->type);
	if (memcmp(a->tag, no_tag, sizeof(no_tag)) == 0)
		memcpy(a->tag, b->tag, sizeof(a->tag));
}

/* How one of the arrays is put in order. fill and release may be NULL. */
struct order {
	size_t size;
	int (*compare)(const void *a, const void *b);
	void (*fill)(void *known, void *also);
	void (*release)(void *item);
};

static const struct order maps_order = {sizeof(struct graph_map), by_map_id, map_fill,
					map_release};
static const struct order programs_order = {sizeof(struct graph_program), by_program_id,
					    program_fill, program_release};
static const struct order attachments_order = {sizeof(struct graph_attachment),
					       by_attachment, NULL, attachment_release};
static const struct order uses_order = {sizeof(struct graph_use), by_use, NULL, NULL};
static const struct order pins_order = {sizeof(struct graph_pin), by_pin, NULL,
					pin_release};
static const struct order hidden_order = {sizeof(char *), by_sentence, NULL,
					  hidden_release};

/* Sorts and leaves one of each; returns how many are left. */
static size_t put_in_order(void *items, size_t nr, const struct order *order)
{
	char *base = items;
	size_t kept = 0;

	if (nr == 0)
		return 0;
	qsort(items, nr, order->size, order->compare);
	for (size_t i = 1; i < nr; i++) {
		char *last = base + kept * order->size, *item = base + i * order->size;

		if (order->compare(last, item) != 0) {
			kept++;
			/* Not onto itself, which memcpy() may not do. */
			if (kept < i)
				memcpy(base + kept * order->size, item, order->size);
			continue;
		}
		if (order->fill)
			order->fill(last, item);
		if (order->release)
			order->release(item);
	}
	return kept + 1;
}

void graph_sort(struct graph *g)
{
	g->nr_maps = put_in_order(g->maps, g->nr_maps, &maps_order);
	g->nr_programs = put_in_order(g->programs, g->nr_programs, &programs_order);
	g->nr_attachments =
		put_in_order(g->attachments, g->nr_attachments, &attachments_order);
	g->nr_uses = put_in_order(g->uses, g->nr_uses, &uses_order);
	g->nr_pins = put_in_order(g->pins, g->nr_pins, &pins_order);
	g->nr_hidden = put_in_order(g->hidden, g->nr_hidden, &hidden_order);
}

/* --- finding --- */

const struct graph_map *graph_find_map(const struct graph *g, uint32_t id)
{
	const struct graph_map key = {.id = id};

	return g->nr_maps ? bsearch(&key, g->maps, g->nr_maps, sizeof(key), by_map_id)
			  : NULL;
}

const struct graph_program *graph_find_program(const struct graph *g, uint32_t id)
{
	const struct graph_program key = {.id = id};

	return g->nr_programs ? bsearch(&key, g->programs, g->nr_programs, sizeof(key),
					by_program_id)
			      : NULL;
}

/* First index whose element is not before the key. */
static size_t lower_bound(const void *items, size_t nr, size_t size, const void *key,
			  int (*compare)(const void *a, const void *b))
{
	size_t low = 0, high = nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare((const char *)items + middle * size, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct graph_use *graph_find_uses(const struct graph *g, uint32_t program,
					size_t *nr)
{
	const struct graph_use key = {.program = program};
	size_t first = lower_bound(g->uses, g->nr_uses, sizeof(key), &key, by_use);
	size_t end = first;

	while (end < g->nr_uses && g->uses[end].program == program)
		end++;
	*nr = end - first;
	return *nr ? &g->uses[first] : NULL;
}

const struct graph_pin *graph_find_pins(const struct graph *g, uint32_t map, size_t *nr)
{
	const struct graph_pin key = {.map = map};
	size_t first = lower_bound(g->pins, g->nr_pins, sizeof(key), &key, by_pin);
	size_t end = first;

	while (end < g->nr_pins && g->pins[end].map == map)
		end++;
	*nr = end - first;
	return *nr ? &g->pins[first] : NULL;
}
