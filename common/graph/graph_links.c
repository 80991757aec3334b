/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "base/id_compare.h"
#include "graph/graph.h"

/*
 * A query tells the link only for tcx and netkit. For the rest a link and an attachment
 * belong together when program, kind and place are the same; both sides are sorted by
 * these and walked side by side. (Two cgroup links of one program in one place are two
 * attachments that only their order tells apart, and any order will do.)
 */
struct joint {
	uint64_t program, kind, type, ifindex, cgroup_id;
	size_t index; /* into the attachments or links */
};

static int by_joint(const struct joint *a, const struct joint *b)
{
	const uint64_t x[] = {a->program, a->kind, a->type, a->ifindex, a->cgroup_id};
	const uint64_t y[] = {b->program, b->kind, b->type, b->ifindex, b->cgroup_id};

	for (size_t i = 0; i < array_size(x); i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

static int by_joint_and_index(const void *a, const void *b)
{
	const struct joint *x = a, *y = b;
	int r = by_joint(x, y);

	return r ? r : x->index < y->index ? -1 : x->index > y->index;
}

struct joints {
	struct joint *items; /* owned */
	size_t nr;
};

static void joints_release(struct joints *j)
{
	free(j->items);
}

static void add_joint(struct joints *j, const struct joint *joint)
{
	array_grow(j->items, j->nr);
	j->items[j->nr++] = *joint;
}

static void sort_joints(struct joints *j)
{
	if (j->nr)
		qsort(j->items, j->nr, sizeof(*j->items), by_joint_and_index);
}

/* The links that attachments name already, ascending; *nr of them. The caller frees. */
static uint32_t *known_links(const struct graph *g, size_t *nr)
{
	uint32_t *ids = xcalloc(g->nr_attachments + 1, sizeof(*ids));

	*nr = 0;
	for (size_t i = 0; i < g->nr_attachments; i++)
		if (g->attachments[i].link_id)
			ids[(*nr)++] = g->attachments[i].link_id;
	qsort(ids, *nr, sizeof(*ids), id_compare);
	return ids;
}

static void collect_attachments(struct joints *j, const struct graph *g)
{
	for (size_t i = 0; i < g->nr_attachments; i++) {
		const struct graph_attachment *at = &g->attachments[i];

		if (!at->link_id && at->kind != GRAPH_TC)
			add_joint(j, &(struct joint){.program = at->program,
						     .kind = at->kind,
						     .type = at->attach_type,
						     .ifindex = at->ifindex,
						     .cgroup_id = at->cgroup_id,
						     .index = i});
	}
	sort_joints(j);
}

static void collect_links(struct joints *j, const struct graph *g)
{
	size_t nr;
	auto_free uint32_t *known = known_links(g, &nr);

	for (size_t i = 0; i < g->nr_links; i++) {
		const struct graph_link *l = &g->links[i];

		if (!l->dead && !bsearch(&l->id, known, nr, sizeof(*known), id_compare))
			add_joint(j, &(struct joint){.program = l->program,
						     .kind = l->kind,
						     .type = l->attach_type,
						     .ifindex = l->ifindex,
						     .cgroup_id = l->cgroup_id,
						     .index = i});
	}
	sort_joints(j);
}

/*
 * The number of a device means another one in another network namespace, and a link tells no
 * more than the number: with the same program there too, nobody knows which it is.
 */
static bool is_ambiguous(const struct graph *g, const struct joints *ats, size_t at)
{
	const struct graph_attachment *a = &g->attachments[ats->items[at].index];

	if (a->kind != GRAPH_XDP)
		return false;
	for (size_t i = at; i < ats->nr && !by_joint(&ats->items[i], &ats->items[at]);
	     i++) {
		const struct graph_attachment *b = &g->attachments[ats->items[i].index];

		if (strcmp(a->netns ? a->netns : "", b->netns ? b->netns : "") != 0)
			return true;
	}
	return false;
}

/* No attachment was seen for it: what the link itself tells, and where its kind stands. */
static void add_alone(struct graph *g, const struct graph_link *l, bool placed)
{
	if (!l->program)
		return;
	graph_add_attachment(g, &(struct graph_attachment){.program = l->program,
							   .kind = placed ? l->kind
									  : GRAPH_LINK,
							   .attach_type = l->attach_type,
							   .link_id = l->id,
							   .ifindex = l->ifindex,
							   .cgroup_id = l->cgroup_id,
							   .link_type = l->type,
							   .dead = l->dead});
}

void graph_join_links(struct graph *g)
{
	auto_release(joints_release) struct joints ats = {.nr = 0}, links = {.nr = 0};
	size_t a = 0;

	collect_attachments(&ats, g);
	collect_links(&links, g);
	for (size_t i = 0; i < g->nr_links; i++)
		if (g->links[i].dead)
			add_alone(g, &g->links[i], true);
	for (size_t l = 0; l < links.nr; l++) {
		const struct joint *joint = &links.items[l];
		const struct graph_link *link = &g->links[joint->index];

		while (a < ats.nr && by_joint(&ats.items[a], joint) < 0)
			a++;
		if (a == ats.nr || by_joint(&ats.items[a], joint) != 0)
			add_alone(g, link, link->kind == GRAPH_CGROUP);
		else if (is_ambiguous(g, &ats, a))
			add_alone(g, link, true);
		else
			g->attachments[ats.items[a++].index].link_id = link->id;
	}
}
