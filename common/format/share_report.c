/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "format/share_report.h"

const char *share_verdict_name(enum share_verdict verdict)
{
	static const char *const names[] = {
		[SHARE_UNUSED] = "unused",
		[SHARE_SINGLE] = "single",
		[SHARE_SPLIT] = "split",
		[SHARE_SHARED] = "shared",
	};

	return names[verdict];
}

/* --- the answer --- */

static void add_id(uint32_t **ids, size_t *nr, uint32_t id)
{
	for (size_t i = 0; i < *nr; i++)
		if ((*ids)[i] == id)
			return;
	array_grow(*ids, *nr);
	(*ids)[(*nr)++] = id;
}

static bool is_in(const uint32_t *ids, size_t nr, uint32_t id)
{
	for (size_t i = 0; i < nr; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* tc, tcx, netkit or XDP. */
static bool is_on_device(const struct graph_attachment *at, const struct share_place *p)
{
	return at->kind < GRAPH_CGROUP && at->ifindex == p->ifindex &&
	       strcmp(at->netns ? at->netns : "", p->netns) == 0;
}

static bool is_there(const struct graph_attachment *at, const struct share_question *q)
{
	for (size_t i = 0; i < q->nr_places; i++) {
		const struct share_place *p = &q->places[i];

		if (p->kind == GRAPH_CGROUP
			    ? at->kind == GRAPH_CGROUP && at->cgroup_id == p->cgroup_id
			    : is_on_device(at, p))
			return true;
	}
	return q->nr_places == 0;
}

static int by_map(const void *a, const void *b)
{
	const struct share_user *x = a, *y = b;

	if (x->map != y->map)
		return x->map < y->map ? -1 : 1;
	if (x->program->id != y->program->id)
		return x->program->id < y->program->id ? -1 : 1;
	return graph_compare_places(x->at, y->at);
}

/* Every place in which user's root is attached. */
static void add_user(struct share_report *r, const struct graph *g,
		     const struct share_question *q, const struct graph_user *user)
{
	const struct graph_program *program = graph_find_program(g, user->program);
	size_t nr;
	const struct graph_attachment *ats = graph_find_attachments(g, user->root, &nr);

	for (size_t i = 0; program && i < nr; i++) {
		if (!is_there(&ats[i], q))
			continue;
		array_grow(r->users, r->nr_users);
		r->users[r->nr_users++] = (struct share_user){.map = user->map,
							      .program = program,
							      .at = &ats[i],
							      .call = user->call,
							      .inner = user->inner};
	}
}

/* The attached programs that come to one of ids. */
static void collect_users(struct share_report *r, const struct graph *g,
			  const struct share_question *q, const uint32_t *ids,
			  size_t nr_ids)
{
	auto_release(graph_reach_release) struct graph_reach own = {.nr_users = 0};
	const struct graph_reach *reach = q->reach;

	if (!reach) {
		graph_reach_init(&own, g);
		reach = &own;
	}
	for (size_t i = 0; i < nr_ids; i++) {
		size_t nr;
		const struct graph_user *users = graph_reach_find(reach, ids[i], &nr);

		for (size_t k = 0; k < nr; k++)
			if (users[k].root)
				add_user(r, g, q, &users[k]);
	}
	if (r->nr_users)
		qsort(r->users, r->nr_users, sizeof(*r->users), by_map);
}

/*
 * Maps of one name that every user finds in the slots of one outer map are its contents,
 * whoever comes through it: no accident.
 */
static bool is_one_family(const struct share_report *r)
{
	for (size_t i = 0; i < r->nr_users; i++)
		if (!r->users[i].inner ||
		    r->users[i].inner->map != r->users[0].inner->map)
			return false;
	return r->nr_users > 0;
}

static void judge(struct share_report *r)
{
	auto_free uint32_t *programs = NULL;

	for (size_t i = 0; i < r->nr_users; i++) {
		add_id(&r->ids, &r->nr_ids, r->users[i].map);
		add_id(&programs, &r->nr_programs, r->users[i].program->id);
	}
	if (r->nr_users == 0)
		r->verdict = SHARE_UNUSED;
	else if (r->nr_ids > 1 && !is_one_family(r))
		r->verdict = SHARE_SPLIT;
	else
		r->verdict = r->nr_programs > 1 ? SHARE_SHARED : SHARE_SINGLE;
}

int share_report_init(struct share_report *ret, const struct graph *g,
		      const struct share_question *question)
{
	struct share_report r = {.verdict = SHARE_UNUSED};
	auto_free uint32_t *named = NULL;
	size_t nr_named = 0;

	for (size_t i = 0; i < g->nr_maps; i++) {
		bool cut = false;

		if (g->maps[i].id != question->map &&
		    !graph_map_has_name(g, &g->maps[i], question->name, &cut))
			continue;
		add_id(&named, &nr_named, g->maps[i].id);
		r.cut |= cut;
	}
	if (nr_named == 0)
		return -ENOENT;
	collect_users(&r, g, question, named, nr_named);
	judge(&r);
	for (size_t i = 0; i < nr_named; i++)
		if (!is_in(r.ids, r.nr_ids, named[i]))
			add_id(&r.idle, &r.nr_idle, named[i]);
	if (r.nr_users == 0) {
		r.ids = take_ptr(r.idle);
		r.nr_ids = r.nr_idle;
		r.nr_idle = 0;
	}
	r.name = xstrdup(question->name);
	*ret = r;
	return 0;
}

void share_report_release(struct share_report *r)
{
	free((char *)r->name);
	free(r->ids);
	free(r->users);
	free(r->idle);
	*r = (struct share_report){.verdict = SHARE_UNUSED};
}
