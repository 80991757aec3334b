/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/alloc.h"
#include "graph/graph_explain.h"
#include "graph/graph_reach.h"

/* One attached program and all that runs because of it. */
struct run {
	const struct graph *g;
	struct graph_reach *reach;
	uint32_t root;
	bool unseen; /* as in graph_user */
	/* owned; by index of program: the last run in which it was met */
	size_t *met;
	size_t number; /* of this run, from 1 */
	struct step {
		uint32_t program;
		const struct graph_slot *call;
	} * steps; /* owned; a queue */
	size_t nr_steps;
};

static void run_release(struct run *run)
{
	free(run->met);
	free(run->steps);
}

/* Each program once in a run, however often it is called: prog arrays make cycles. */
static void graph_reach_enqueue(struct run *run, uint32_t program,
				const struct graph_slot *call)
{
	const struct graph_program *p = graph_find_program(run->g, program);
	size_t *met;

	if (!p)
		return;
	met = &run->met[p - run->g->programs];
	if (*met == run->number)
		return;
	*met = run->number;
	array_grow(run->steps, run->nr_steps);
	run->steps[run->nr_steps++] = (struct step){.program = program, .call = call};
}

static void graph_reach_add_user(struct run *run, const struct step *step, uint32_t map,
				 const struct graph_slot *inner)
{
	struct graph_reach *reach = run->reach;

	array_grow(reach->users, reach->nr_users);
	reach->users[reach->nr_users++] = (struct graph_user){.map = map,
							      .program = step->program,
							      .root = run->root,
							      .unseen = run->unseen,
							      .call = step->call,
							      .inner = inner};
}

static void graph_reach_follow(struct run *run, const struct step *step, uint32_t map)
{
	size_t nr;
	const struct graph_slot *slots = graph_find_slots(run->g, map, &nr);

	graph_reach_add_user(run, step, map, NULL);
	for (size_t i = 0; i < nr; i++) {
		if (slots[i].inner)
			graph_reach_add_user(run, step, slots[i].inner, &slots[i]);
		else
			graph_reach_enqueue(run, slots[i].program, &slots[i]);
	}
}

static void run_from(struct run *run, uint32_t program)
{
	run->number++;
	run->nr_steps = 0;
	graph_reach_enqueue(run, program, NULL);
	for (size_t i = 0; i < run->nr_steps; i++) {
		/* The queue grows, and may move, under this loop. */
		struct step step = run->steps[i];
		size_t nr;
		const struct graph_use *uses = graph_find_uses(run->g, step.program, &nr);

		for (size_t k = 0; k < nr; k++)
			graph_reach_follow(run, &step, uses[k].map);
	}
}

/*
 * A program that is loaded and attached nowhere one can see works somewhere else, unless
 * something else keeps it and its type is attached only where one can look.
 */
static void graph_reach_add_unseen(struct run *run)
{
	auto_free bool *explained = graph_explain(run->g, NULL);
	auto_free bool *attached = xcalloc(run->g->nr_programs + 1, sizeof(*attached));

	for (size_t i = 0; i < run->g->nr_programs; i++)
		attached[i] = run->met[i];
	run->unseen = true;
	for (size_t i = 0; i < run->g->nr_programs; i++) {
		const struct graph_program *p = &run->g->programs[i];

		if (attached[i] || (explained[i] && !graph_program_may_hide(run->g, p)))
			continue;
		run->root = p->id;
		run_from(run, p->id);
	}
	run->unseen = false;
}

/* What no attached program leads to still uses its maps. */
static void add_unattached(struct run *run)
{
	run->root = 0;
	for (size_t i = 0; i < run->g->nr_programs; i++) {
		struct step step = {.program = run->g->programs[i].id};
		size_t nr;
		const struct graph_use *uses = graph_find_uses(run->g, step.program, &nr);

		for (size_t k = 0; !run->met[i] && k < nr; k++)
			graph_reach_add_user(run, &step, uses[k].map, NULL);
	}
}

static int graph_reach_by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Direct uses before those through a slot. */
static int by_user(const void *a, const void *b)
{
	const struct graph_user *x = a, *y = b;
	int r = graph_reach_by_number(x->map, y->map);

	r = r ? r : graph_reach_by_number(x->program, y->program);
	r = r ? r : graph_reach_by_number(x->root, y->root);
	return r ? r : graph_reach_by_number((uintptr_t)x->inner, (uintptr_t)y->inner);
}

static void sort_users(struct graph_reach *r)
{
	size_t kept = 0;

	if (r->nr_users == 0)
		return;
	qsort(r->users, r->nr_users, sizeof(*r->users), by_user);
	for (size_t i = 1; i < r->nr_users; i++) {
		const struct graph_user *last = &r->users[kept], *u = &r->users[i];

		if (u->map != last->map || u->program != last->program ||
		    u->root != last->root)
			r->users[++kept] = *u;
	}
	r->nr_users = kept + 1;
}

void graph_reach_init(struct graph_reach *ret, const struct graph *g)
{
	struct graph_reach reach = {.nr_users = 0};
	auto_release(run_release) struct run run = {.g = g, .reach = &reach};

	run.met = xcalloc(g->nr_programs + 1, sizeof(*run.met));
	for (size_t i = 0; i < g->nr_attachments; i++) {
		uint32_t program = g->attachments[i].program;

		/* Attachments are sorted by program; the same one is met already. */
		if (g->attachments[i].dead || run.root == program)
			continue;
		run.root = program;
		run_from(&run, program);
	}
	graph_reach_add_unseen(&run);
	add_unattached(&run);
	sort_users(&reach);
	*ret = reach;
}

void graph_reach_release(struct graph_reach *r)
{
	free(r->users);
	*r = (struct graph_reach){.nr_users = 0};
}

const struct graph_user *graph_reach_find(const struct graph_reach *r, uint32_t map,
					  size_t *nr)
{
	size_t low = 0, high = r->nr_users, first;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->users[middle].map < map)
			low = middle + 1;
		else
			high = middle;
	}
	first = low;
	while (low < r->nr_users && r->users[low].map == map)
		low++;
	*nr = low - first;
	return *nr ? &r->users[first] : NULL;
}

/* --- widening --- */

struct widening {
	const struct graph *g;
	uint32_t *maps; /* owned; a queue */
	size_t nr;
	bool *taken; /* owned; by index of map */
};

static void graph_reach_take(struct widening *w, uint32_t map)
{
	const struct graph_map *m = graph_find_map(w->g, map);

	if (!m || w->taken[m - w->g->maps])
		return;
	w->taken[m - w->g->maps] = true;
	array_grow(w->maps, w->nr);
	w->maps[w->nr++] = map;
}

static void take_neighbours(struct widening *w, const struct graph_reach *r, uint32_t map)
{
	size_t nr;
	const struct graph_user *users = graph_reach_find(r, map, &nr);
	const struct graph_slot *slots;

	for (size_t i = 0; i < nr; i++) {
		if (users[i].call)
			graph_reach_take(w, users[i].call->map);
		if (users[i].inner)
			graph_reach_take(w, users[i].inner->map);
	}
	slots = graph_find_slots(w->g, map, &nr);
	for (size_t i = 0; i < nr; i++)
		if (slots[i].inner)
			graph_reach_take(w, slots[i].inner);
}

static int graph_reach_by_id(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return graph_reach_by_number(*x, *y);
}

size_t graph_reach_widen(const struct graph_reach *r, const struct graph *g,
			 const uint32_t *maps, size_t nr, uint32_t **ret)
{
	struct widening w = {.g = g};

	w.taken = xcalloc(g->nr_maps + 1, sizeof(*w.taken));
	for (size_t i = 0; i < nr; i++)
		graph_reach_take(&w, maps[i]);
	for (size_t i = 0; i < w.nr; i++)
		take_neighbours(&w, r, w.maps[i]);
	if (w.nr)
		qsort(w.maps, w.nr, sizeof(*w.maps), graph_reach_by_id);
	free(w.taken);
	*ret = w.maps;
	return w.nr;
}
