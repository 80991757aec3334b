/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/alloc.h"
#include "graph/graph_explain.h"

/* What is known to be reached, and what of it was not followed yet. */
struct explaining {
	const struct graph *g;
	bool *programs, *maps; /* owned; by index */
	struct step {
		bool is_map;
		uint32_t id;
	} * steps; /* owned; a stack */
	size_t nr;
};

static void explaining_release(struct explaining *e)
{
	free(e->maps);
	free(e->steps);
}

static void reach_object(struct explaining *e, bool is_map, uint32_t id)
{
	const struct graph_map *m = is_map ? graph_find_map(e->g, id) : NULL;
	const struct graph_program *p = is_map ? NULL : graph_find_program(e->g, id);
	bool *known = m ? &e->maps[m - e->g->maps]
			: (p ? &e->programs[p - e->g->programs] : NULL);

	if (!known || *known)
		return;
	*known = true;
	array_grow(e->steps, e->nr);
	e->steps[e->nr++] = (struct step){.is_map = is_map, .id = id};
}

static void follow_object(struct explaining *e, const struct step *step)
{
	size_t nr;

	if (step->is_map) {
		const struct graph_slot *slots = graph_find_slots(e->g, step->id, &nr);

		for (size_t i = 0; i < nr; i++)
			reach_object(e, slots[i].inner != 0,
				     slots[i].inner ? slots[i].inner : slots[i].program);
	} else {
		const struct graph_use *uses = graph_find_uses(e->g, step->id, &nr);

		for (size_t i = 0; i < nr; i++)
			reach_object(e, true, uses[i].map);
	}
}

static void reach_roots(struct explaining *e, const bool *skip)
{
	const struct graph *g = e->g;

	for (size_t i = 0; i < g->nr_attachments; i++)
		reach_object(e, false, g->attachments[i].program);
	for (size_t i = 0; i < g->nr_pins; i++)
		if (g->pins[i].of != GRAPH_OF_LINK && !(skip && skip[i]))
			reach_object(e, g->pins[i].of == GRAPH_OF_MAP, g->pins[i].id);
	for (size_t i = 0; i < g->nr_holders; i++)
		if (g->holders[i].of != GRAPH_OF_LINK)
			reach_object(e, g->holders[i].of == GRAPH_OF_MAP,
				     g->holders[i].id);
}

bool *graph_explain(const struct graph *g, const bool *skip)
{
	auto_release(explaining_release) struct explaining e = {.g = g};

	e.programs = xcalloc(g->nr_programs + 1, sizeof(*e.programs));
	e.maps = xcalloc(g->nr_maps + 1, sizeof(*e.maps));
	reach_roots(&e, skip);
	while (e.nr) {
		struct step step = e.steps[--e.nr];

		follow_object(&e, &step);
	}
	return e.programs;
}

bool graph_type_may_hide(uint32_t prog_type)
{
	/* enum bpf_prog_type, kernel ABI */
	static const bool hides[] = {
		[1] = true,                           /* socket_filter */
		[2] = true,  [5] = true,  [7] = true, /* kprobe, tracepoint, perf_event */
		[4] = true,                           /* sched_act */
		[10] = true, [11] = true, [12] = true, /* lwt_in, _out, _xmit */
		[19] = true,                           /* lwt_seg6local */
		[14] = true, [16] = true,              /* sk_skb, sk_msg */
		[20] = true,                           /* lirc_mode2 */
		[21] = true, [22] = true,              /* sk_reuseport, flow_dissector */
	};

	return prog_type < array_size(hides) && hides[prog_type];
}

bool graph_type_is_netlink(uint32_t prog_type)
{
	/* enum bpf_prog_type, kernel ABI */
	enum { SCHED_CLS = 3, XDP = 6 };

	return prog_type == SCHED_CLS || prog_type == XDP;
}

bool graph_program_may_hide(const struct graph *g, const struct graph_program *program)
{
	if (g->netns_unlisted && graph_type_is_netlink(program->type))
		return true;
	return graph_type_may_hide(program->type);
}
