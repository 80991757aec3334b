/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "graph/graph_explain.h"
#include "graph/usage.h"

/* One walk over everything a root leads to; what has a mark already was walked. */
struct usage_walk {
	struct usage *u;
	struct usage_mark mark;
	bool pinned; /* the mark is of a pin: two are kept of each object */
	struct usage_step {
		bool is_map;
		uint32_t id;
	} * steps; /* owned; a stack */
	size_t nr;
};

static void usage_walk_release(struct usage_walk *w)
{
	free(w->steps);
}
#define auto_usage_walk auto_release(usage_walk_release) struct usage_walk

/* The index of a map or program in the graph; false: it is not in there. */
static bool usage_index(const struct usage *u, bool is_map, uint32_t id, size_t *ret)
{
	const struct graph_map *m = is_map ? graph_find_map(u->g, id) : NULL;
	const struct graph_program *p = is_map ? NULL : graph_find_program(u->g, id);

	if (m)
		*ret = (size_t)(m - u->g->maps);
	else if (p)
		*ret = (size_t)(p - u->g->programs);
	return m || p;
}

static bool same_mark(struct usage_mark a, struct usage_mark b)
{
	return a.by == b.by && a.id == b.id;
}

/* False: there are marks enough, or this one is among them. */
static bool usage_add_root(struct usage_roots *roots, struct usage_mark mark)
{
	if (roots->first.by == USAGE_NONE)
		roots->first = mark;
	else if (roots->second.by == USAGE_NONE && !same_mark(roots->first, mark))
		roots->second = mark;
	else
		return false;
	return true;
}

static void usage_reach(struct usage_walk *w, bool is_map, uint32_t id)
{
	struct usage_mark *mark;
	size_t i;

	if (!usage_index(w->u, is_map, id, &i))
		return;
	mark = is_map ? &w->u->maps[i] : &w->u->programs[i];
	if (mark->by != USAGE_NONE)
		return;
	if (!w->pinned)
		*mark = w->mark;
	else if (!usage_add_root(is_map ? &w->u->pinned_maps[i]
					: &w->u->pinned_programs[i],
				 w->mark))
		return;
	array_grow(w->steps, w->nr);
	w->steps[w->nr++] = (struct usage_step){.is_map = is_map, .id = id};
}

static void usage_reach_slots(struct usage_walk *w, uint32_t map)
{
	size_t nr;
	const struct graph_slot *slots = graph_find_slots(w->u->g, map, &nr);

	for (size_t i = 0; i < nr; i++)
		usage_reach(w, slots[i].inner != 0,
			    slots[i].inner ? slots[i].inner : slots[i].program);
}

static void usage_reach_maps(struct usage_walk *w, uint32_t program)
{
	size_t nr;
	const struct graph_use *uses = graph_find_uses(w->u->g, program, &nr);

	for (size_t i = 0; i < nr; i++)
		usage_reach(w, true, uses[i].map);
}

static void usage_walk_on(struct usage_walk *w)
{
	while (w->nr) {
		struct usage_step step = w->steps[--w->nr];

		if (step.is_map)
			usage_reach_slots(w, step.id);
		else
			usage_reach_maps(w, step.id);
	}
}

static void walk_from(struct usage *u, struct usage_mark mark, bool is_map, uint32_t id)
{
	auto_usage_walk w = {.u = u, .mark = mark};

	usage_reach(&w, is_map, id);
	usage_walk_on(&w);
}

static void walk_from_pinned_program(struct usage *u, uint32_t program)
{
	auto_usage_walk w = {.u = u,
			     .pinned = true,
			     .mark = {.by = USAGE_PINNED_PROGRAM, .id = program}};

	usage_reach(&w, false, program);
	usage_walk_on(&w);
}

/* Not the map itself: that it has a name is no use of it. */
static void walk_from_pinned_map(struct usage *u, uint32_t map)
{
	auto_usage_walk w = {
		.u = u, .pinned = true, .mark = {.by = USAGE_PINNED_MAP, .id = map}};

	usage_reach_slots(&w, map);
	usage_walk_on(&w);
}

static void mark_attached(struct usage *u)
{
	const struct graph *g = u->g;

	for (size_t i = 0; i < g->nr_attachments; i++) {
		uint32_t id = g->attachments[i].program;

		if (g->attachments[i].dead)
			continue;
		walk_from(u, (struct usage_mark){.by = USAGE_ATTACHED, .id = id}, false,
			  id);
	}
}

static void mark_open(struct usage *u, uint32_t ignore_pid)
{
	const struct graph *g = u->g;

	for (size_t i = 0; i < g->nr_holders; i++) {
		const struct graph_holder *h = &g->holders[i];
		struct usage_mark mark = {
			.by = USAGE_OPEN, .id = h->pid, .comm = h->comm};

		if (h->of != GRAPH_OF_LINK && h->pid != ignore_pid)
			walk_from(u, mark, h->of == GRAPH_OF_MAP, h->id);
	}
}

static bool is_kept(const struct graph_pin *pin)
{
	return pin->of == GRAPH_OF_MAP && strstr(pin->path, "/tc/keep/");
}

/* Neither does the array that is kept for a program tell who runs that program. */
static bool is_kept_for(const char *path, uint32_t *program)
{
	const char *at = strstr(path, "/tc/keep/");

	*program = at ? (uint32_t)strtoul(at + strlen("/tc/keep/"), NULL, 10) : 0;
	return *program != 0;
}

/*
 * Is it a program that only a slot of what is kept for it, or nothing at all, explains? Its
 * attachment was not seen then.
 */
static bool *usage_unseen_programs(const struct graph *g)
{
	auto_free bool *kept = xcalloc(g->nr_pins + 1, sizeof(*kept));
	auto_free bool *without_kept = NULL;
	bool *unseen = graph_explain(g, NULL);
	const struct graph_program *p;
	uint32_t program;

	for (size_t i = 0; i < g->nr_programs; i++)
		unseen[i] = !unseen[i];
	for (size_t i = 0; i < g->nr_pins; i++)
		kept[i] = is_kept(&g->pins[i]);
	without_kept = graph_explain(g, kept);
	for (size_t i = 0; i < g->nr_pins; i++) {
		if (!kept[i] || !is_kept_for(g->pins[i].path, &program))
			continue;
		p = graph_find_program(g, program);
		if (p && !without_kept[p - g->programs])
			unseen[p - g->programs] = true;
	}
	return unseen;
}

static bool is_detached(const struct usage_ask *ask, uint32_t program)
{
	for (size_t i = 0; i < ask->nr_detached; i++)
		if (ask->detached[i] == program)
			return true;
	return false;
}

static void mark_unseen(struct usage *u, const struct usage_ask *ask)
{
	auto_free bool *unseen = usage_unseen_programs(u->g);
	auto_free bool *explained = graph_explain(u->g, NULL);

	for (size_t i = 0; i < u->g->nr_programs; i++) {
		struct usage_mark mark = {.by = USAGE_UNSEEN, .id = u->g->programs[i].id};

		if (unseen[i] && !(explained[i] && is_detached(ask, mark.id)))
			walk_from(u, mark, false, mark.id);
	}
}

static void mark_pinned(struct usage *u, enum graph_object of, const bool *skip)
{
	for (size_t i = 0; i < u->g->nr_pins; i++) {
		const struct graph_pin *pin = &u->g->pins[i];

		if (pin->of != of || (skip && skip[i]) || is_kept(pin))
			continue;
		if (of == GRAPH_OF_PROGRAM)
			walk_from_pinned_program(u, pin->id);
		else
			walk_from_pinned_map(u, pin->id);
	}
}

void usage_init(struct usage *ret, const struct graph *g, const struct usage_ask *ask)
{
	*ret = (struct usage){
		.g = g,
		.maps = xcalloc(g->nr_maps + 1, sizeof(*ret->maps)),
		.programs = xcalloc(g->nr_programs + 1, sizeof(*ret->programs)),
		.pinned_maps = xcalloc(g->nr_maps + 1, sizeof(*ret->pinned_maps)),
		.pinned_programs =
			xcalloc(g->nr_programs + 1, sizeof(*ret->pinned_programs)),
	};
	mark_attached(ret);
	mark_open(ret, ask->ignore_pid);
	for (size_t i = 0; i < ask->nr_ties; i++)
		walk_from(ret, ask->ties[i].mark, true, ask->ties[i].map);
	mark_unseen(ret, ask);
	if (!ask->pins)
		return;
	mark_pinned(ret, GRAPH_OF_PROGRAM, ask->skip);
	mark_pinned(ret, GRAPH_OF_MAP, ask->skip);
}

void usage_release(struct usage *u)
{
	free(u->maps);
	free(u->programs);
	free(u->pinned_maps);
	free(u->pinned_programs);
	*u = (struct usage){.g = NULL};
}

/* That it is pinned itself is no use of it. */
static struct usage_mark usage_of(struct usage_mark mark, const struct usage_roots *roots,
				  enum usage_by own, uint32_t id)
{
	const struct usage_mark self = {.by = own, .id = id};

	if (mark.by != USAGE_NONE)
		return mark;
	return same_mark(roots->first, self) ? roots->second : roots->first;
}

struct usage_mark usage_of_map(const struct usage *u, uint32_t id)
{
	size_t i;

	if (!usage_index(u, true, id, &i))
		return (struct usage_mark){.by = USAGE_NONE};
	return usage_of(u->maps[i], &u->pinned_maps[i], USAGE_PINNED_MAP, id);
}

struct usage_mark usage_of_program(const struct usage *u, uint32_t id)
{
	size_t i;

	if (!usage_index(u, false, id, &i))
		return (struct usage_mark){.by = USAGE_NONE};
	return usage_of(u->programs[i], &u->pinned_programs[i], USAGE_PINNED_PROGRAM, id);
}

bool usage_is_live(struct usage_mark mark)
{
	return mark.by != USAGE_NONE && mark.by != USAGE_PINNED_PROGRAM &&
	       mark.by != USAGE_PINNED_MAP && mark.by != USAGE_UNTOLD;
}

void usage_words(struct strbuf *out, struct usage_mark mark)
{
	switch (mark.by) {
	case USAGE_NONE:
		sb_add(out, "not in use");
		break;
	case USAGE_ATTACHED:
		sb_addf(out, "attached program id %" PRIu32 " uses it", mark.id);
		break;
	case USAGE_OPEN:
		sb_addf(out, "process %" PRIu32 " (%s) has it open", mark.id,
			mark.comm ? mark.comm : "?");
		break;
	case USAGE_UNTOLD:
		sb_add(out, "not seen in use, but not all users could be seen");
		break;
	case USAGE_LINK:
		sb_addf(out, "link id %" PRIu32 " holds it", mark.id);
		break;
	case USAGE_POLICY:
		sb_addf(out, "program id %" PRIu32 " is attached to it", mark.id);
		break;
	case USAGE_STRUCT_OPS:
		sb_add(out, "it may be registered with the kernel");
		break;
	case USAGE_MAPPED:
		sb_addf(out,
			"process %" PRIu32
			" has a map mapped into its memory, and which one cannot be determined",
			mark.id);
		break;
	case USAGE_SET_ASIDE:
		sb_add(out,
		       "an 'apply' with 'on-change: fresh' set it aside, and puts it back or removes it when it is run again");
		break;
	case USAGE_MIGRATES:
		sb_add(out,
		       "an interrupted 'map migrate' needs it; run that again to finish it");
		break;
	case USAGE_UNSEEN:
		sb_addf(out,
			"program id %" PRIu32
			" uses it, which something that cannot be seen from here keeps",
			mark.id);
		break;
	case USAGE_PINNED_PROGRAM:
		sb_addf(out, "pinned program id %" PRIu32 " uses it", mark.id);
		break;
	case USAGE_PINNED_MAP:
		sb_addf(out, "pinned map id %" PRIu32 " leads to it", mark.id);
		break;
	}
}
