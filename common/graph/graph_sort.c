/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "graph/graph.h"

/* --- orders --- */

static int graph_sort_by_number(uint64_t a, uint64_t b)
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

static int graph_sort_by_map_id(const void *a, const void *b)
{
	return graph_sort_by_number(((const struct graph_map *)a)->id,
				    ((const struct graph_map *)b)->id);
}

static int graph_sort_by_program_id(const void *a, const void *b)
{
	return graph_sort_by_number(((const struct graph_program *)a)->id,
				    ((const struct graph_program *)b)->id);
}

static int by_use(const void *a, const void *b)
{
	const struct graph_use *x = a, *y = b;
	int r = graph_sort_by_number(x->program, y->program);

	return r ? r : graph_sort_by_number(x->map, y->map);
}

static int by_slot(const void *a, const void *b)
{
	const struct graph_slot *x = a, *y = b;
	int r = graph_sort_by_number(x->map, y->map);

	r = r ? r : graph_sort_by_number(x->has_key, y->has_key);
	r = r ? r : graph_sort_by_number(x->key, y->key);
	r = r ? r : graph_sort_by_number(x->program, y->program);
	return r ? r : graph_sort_by_number(x->inner, y->inner);
}

static int by_link(const void *a, const void *b)
{
	return graph_sort_by_number(((const struct graph_link *)a)->id,
				    ((const struct graph_link *)b)->id);
}

static int by_pin(const void *a, const void *b)
{
	const struct graph_pin *x = a, *y = b;
	int r = graph_sort_by_number(x->of, y->of);

	r = r ? r : graph_sort_by_number(x->id, y->id);
	return r ? r : by_text(x->path, y->path);
}

static int by_holder(const void *a, const void *b)
{
	const struct graph_holder *x = a, *y = b;
	int r = graph_sort_by_number(x->of, y->of);

	r = r ? r : graph_sort_by_number(x->id, y->id);
	return r ? r : graph_sort_by_number(x->pid, y->pid);
}

static int by_sentence(const void *a, const void *b)
{
	const struct graph_hidden *x = a, *y = b;
	int r = graph_sort_by_number(x->source, y->source);

	return r ? r : strcmp(x->text, y->text);
}

int graph_compare_places(const struct graph_attachment *a,
			 const struct graph_attachment *b)
{
	const struct {
		uint64_t a, b;
	} numbers[] = {
		{a->ifindex, b->ifindex},     {a->hook, b->hook},
		{a->parent, b->parent},       {a->order, b->order},
		{a->block, b->block},         {a->chain, b->chain},
		{a->pref, b->pref},           {a->handle, b->handle},
		{a->cgroup_id, b->cgroup_id}, {a->attach_type, b->attach_type},
		{a->link_id, b->link_id},     {a->nth, b->nth},
	};
	int r = graph_sort_by_number(a->kind, b->kind);

	r = r ? r : by_text(a->netns, b->netns);
	r = r ? r : by_text(a->dev, b->dev);
	r = r ? r : by_text(a->path, b->path);
	for (size_t i = 0; r == 0 && i < array_size(numbers); i++)
		r = graph_sort_by_number(numbers[i].a, numbers[i].b);
	return r;
}

static int by_attachment(const void *a, const void *b)
{
	const struct graph_attachment *x = a, *y = b;
	int r = graph_sort_by_number(x->program, y->program);

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
	a->whole |= b->whole;
	if (!a->counted && b->counted) {
		a->counted = true;
		a->entries = b->entries;
	}
}

static void program_fill(void *known, void *also)
{
	static const uint8_t no_tag[8];
	struct graph_program *a = known, *b = also;

	fill_text(&a->name, &b->name);
	fill_number(&a->type, b->type);
	a->whole |= b->whole;
	if (memcmp(a->tag, no_tag, sizeof(no_tag)) == 0)
		memcpy(a->tag, b->tag, sizeof(a->tag));
}

static void map_release(void *p)
{
	free((char *)((struct graph_map *)p)->name);
}

static void program_release(void *p)
{
	free((char *)((struct graph_program *)p)->name);
}

static void graph_sort_attachment_release(void *p)
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

static void holder_release(void *p)
{
	free((char *)((struct graph_holder *)p)->comm);
}

static void graph_sort_hidden_release(void *p)
{
	struct graph_hidden *hidden = p;

	free((char *)hidden->netns);
	free((char *)hidden->dev);
	free((char *)hidden->text);
}

/* How one of the arrays is put in order. fill and release may be NULL. */
struct order {
	size_t size;
	int (*compare)(const void *a, const void *b);
	void (*fill)(void *known, void *also);
	void (*release)(void *item);
};

static const struct order maps_order = {sizeof(struct graph_map), graph_sort_by_map_id,
					map_fill, map_release};
static const struct order programs_order = {sizeof(struct graph_program),
					    graph_sort_by_program_id, program_fill,
					    program_release};
static const struct order attachments_order = {sizeof(struct graph_attachment),
					       by_attachment, NULL,
					       graph_sort_attachment_release};
static const struct order uses_order = {sizeof(struct graph_use), by_use, NULL, NULL};
static const struct order slots_order = {sizeof(struct graph_slot), by_slot, NULL, NULL};
static const struct order links_order = {sizeof(struct graph_link), by_link, NULL, NULL};
static const struct order pins_order = {sizeof(struct graph_pin), by_pin, NULL,
					pin_release};
static const struct order holders_order = {sizeof(struct graph_holder), by_holder, NULL,
					   holder_release};
static const struct order hidden_order = {sizeof(struct graph_hidden), by_sentence, NULL,
					  graph_sort_hidden_release};

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
	g->nr_slots = put_in_order(g->slots, g->nr_slots, &slots_order);
	g->nr_links = put_in_order(g->links, g->nr_links, &links_order);
	g->nr_pins = put_in_order(g->pins, g->nr_pins, &pins_order);
	g->nr_holders = put_in_order(g->holders, g->nr_holders, &holders_order);
	g->nr_hidden = put_in_order(g->hidden, g->nr_hidden, &hidden_order);
}
