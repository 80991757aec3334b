/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "format/usage.h"

/* One walk over everything a root leads to; what has a mark already was walked. */
struct walk {
	struct usage *u;
	struct usage_mark mark;
	struct step {
		bool is_map;
		uint32_t id;
	} * steps; /* owned; a stack */
	size_t nr;
};

static void walk_release(struct walk *w)
{
	free(w->steps);
}

static struct usage_mark *mark_of_map(const struct usage *u, uint32_t id)
{
	const struct graph_map *m = graph_find_map(u->g, id);

	return m ? &u->maps[m - u->g->maps] : NULL;
}

static struct usage_mark *mark_of_program(const struct usage *u, uint32_t id)
{
	const struct graph_program *p = graph_find_program(u->g, id);

	return p ? &u->programs[p - u->g->programs] : NULL;
}

static void push(struct walk *w, bool is_map, uint32_t id)
{
	struct usage_mark *mark =
		is_map ? mark_of_map(w->u, id) : mark_of_program(w->u, id);

	if (!mark || mark->by != USAGE_NONE)
		return;
	*mark = w->mark;
	array_grow(w->steps, w->nr);
	w->steps[w->nr++] = (struct step){.is_map = is_map, .id = id};
}

static void push_slots(struct walk *w, uint32_t map)
{
	size_t nr;
	const struct graph_slot *slots = graph_find_slots(w->u->g, map, &nr);

	for (size_t i = 0; i < nr; i++)
		push(w, slots[i].inner != 0,
		     slots[i].inner ? slots[i].inner : slots[i].program);
}

static void push_uses(struct walk *w, uint32_t program)
{
	size_t nr;
	const struct graph_use *uses = graph_find_uses(w->u->g, program, &nr);

	for (size_t i = 0; i < nr; i++)
		push(w, true, uses[i].map);
}

static void run(struct walk *w)
{
	while (w->nr) {
		struct step step = w->steps[--w->nr];

		if (step.is_map)
			push_slots(w, step.id);
		else
			push_uses(w, step.id);
	}
}

static void walk_from(struct usage *u, struct usage_mark mark, bool is_map, uint32_t id)
{
	auto_release(walk_release) struct walk w = {.u = u, .mark = mark};

	push(&w, is_map, id);
	run(&w);
}

/* Not the map itself: that it has a name is no use of it. */
static void walk_from_slots(struct usage *u, uint32_t map)
{
	auto_release(walk_release) struct walk w = {
		.u = u, .mark = {.by = USAGE_PINNED_MAP, .id = map}};

	push_slots(&w, map);
	run(&w);
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

/* Programs whose being alive is explained, by index; the caller frees. */
static bool *explained_programs(const struct graph *g)
{
	bool *explained = xcalloc(g->nr_programs + 1, sizeof(*explained));

	for (size_t i = 0; i < g->nr_slots; i++) {
		const struct graph_program *p =
			graph_find_program(g, g->slots[i].program);

		if (p)
			explained[p - g->programs] = true;
	}
	for (size_t i = 0; i < g->nr_programs; i++) {
		uint32_t id = g->programs[i].id;
		size_t nr[3];

		graph_find_attachments(g, id, &nr[0]);
		graph_find_pins(g, GRAPH_OF_PROGRAM, id, &nr[1]);
		graph_find_holders(g, GRAPH_OF_PROGRAM, id, &nr[2]);
		explained[i] |= nr[0] || nr[1] || nr[2];
	}
	return explained;
}

static void mark_unseen(struct usage *u)
{
	auto_free bool *explained = explained_programs(u->g);

	for (size_t i = 0; i < u->g->nr_programs; i++) {
		uint32_t id = u->g->programs[i].id;

		if (!explained[i])
			walk_from(u, (struct usage_mark){.by = USAGE_UNSEEN, .id = id},
				  false, id);
	}
}

static bool is_kept(const struct graph_pin *pin)
{
	return pin->of == GRAPH_OF_MAP && strstr(pin->path, "/tc/keep/");
}

static void mark_pinned(struct usage *u, enum graph_object of, const bool *skip)
{
	for (size_t i = 0; i < u->g->nr_pins; i++) {
		const struct graph_pin *pin = &u->g->pins[i];
		struct usage_mark mark = {.by = USAGE_PINNED_PROGRAM, .id = pin->id};

		if (pin->of != of || (skip && skip[i]) || is_kept(pin))
			continue;
		if (of == GRAPH_OF_PROGRAM)
			walk_from(u, mark, false, pin->id);
		else
			walk_from_slots(u, pin->id);
	}
}

void usage_init(struct usage *ret, const struct graph *g, const struct usage_ask *ask)
{
	*ret = (struct usage){
		.g = g,
		.maps = xcalloc(g->nr_maps + 1, sizeof(*ret->maps)),
		.programs = xcalloc(g->nr_programs + 1, sizeof(*ret->programs)),
	};
	mark_attached(ret);
	mark_open(ret, ask->ignore_pid);
	mark_unseen(ret);
	if (!ask->pins)
		return;
	mark_pinned(ret, GRAPH_OF_PROGRAM, ask->skip);
	mark_pinned(ret, GRAPH_OF_MAP, ask->skip);
}

void usage_release(struct usage *u)
{
	free(u->maps);
	free(u->programs);
	*u = (struct usage){.g = NULL};
}

struct usage_mark usage_of_map(const struct usage *u, uint32_t id)
{
	const struct usage_mark *mark = mark_of_map(u, id);

	return mark ? *mark : (struct usage_mark){.by = USAGE_NONE};
}

struct usage_mark usage_of_program(const struct usage *u, uint32_t id)
{
	const struct usage_mark *mark = mark_of_program(u, id);

	return mark ? *mark : (struct usage_mark){.by = USAGE_NONE};
}

bool usage_is_live(struct usage_mark mark)
{
	return mark.by == USAGE_ATTACHED || mark.by == USAGE_OPEN ||
	       mark.by == USAGE_UNSEEN;
}

void usage_words(struct strbuf *out, struct usage_mark mark)
{
	switch (mark.by) {
	case USAGE_NONE:
		sb_add(out, "nobody uses it");
		break;
	case USAGE_ATTACHED:
		sb_addf(out, "attached program id %" PRIu32 " uses it", mark.id);
		break;
	case USAGE_OPEN:
		sb_addf(out, "process %" PRIu32 " (%s) has it open", mark.id,
			mark.comm ? mark.comm : "?");
		break;
	case USAGE_UNSEEN:
		sb_addf(out,
			"program id %" PRIu32 " uses it, which something that cannot be "
			"seen from here keeps",
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
