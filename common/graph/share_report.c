/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "graph/graph_explain.h"
#include "graph/share_report.h"

/* Ways to one program by tail calls that are listed; the others are counted. */
enum { CALLS_LISTED = 8 };

const char *share_verdict_name(enum share_verdict verdict)
{
	static const char *const names[] = {
		[SHARE_UNUSED] = "unused",   [SHARE_SINGLE] = "single",
		[SHARE_SPLIT] = "split",     [SHARE_SHARED] = "shared",
		[SHARE_UNKNOWN] = "unknown",
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

/* One namespace has several names; where its number is known that decides. */
static bool is_in_netns(const char *netns, uint64_t ino, const struct share_place *p)
{
	if (ino && p->netns_ino)
		return ino == p->netns_ino;
	return strcmp(netns ? netns : "", p->netns) == 0;
}

/* A link that tells the number of a device, which several namespaces have. */
static bool is_on_some_device(const struct graph_attachment *at)
{
	return at->kind == GRAPH_XDP && !at->dev;
}

/* tc, tcx, netkit or XDP. */
static bool is_on_device(const struct graph_attachment *at, const struct share_place *p)
{
	return at->kind < GRAPH_CGROUP && at->ifindex == p->ifindex &&
	       !is_on_some_device(at) && is_in_netns(at->netns, at->netns_ino, p);
}

static bool is_at(const struct graph_attachment *at, const struct share_place *p)
{
	if (at->dead)
		return false;
	return p->kind == GRAPH_CGROUP
		       ? at->kind == GRAPH_CGROUP && at->cgroup_id == p->cgroup_id
		       : is_on_device(at, p);
}

static bool is_there(const struct graph_attachment *at, const struct share_question *q)
{
	for (size_t i = 0; i < q->nr_places; i++)
		if (is_at(at, &q->places[i]))
			return true;
	return q->nr_places == 0 && !at->dead;
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

/* What is collected for one question. */
struct collecting {
	struct share_report *r;
	const struct graph *g;
	const struct share_question *q;
	bool *contributes; /* owned; by index of place */
	/* The (map, program) pair whose tail calls are counted, and how many there were. */
	uint32_t map, program;
	size_t nr_called;
};

static void collecting_release(struct collecting *c)
{
	free(c->contributes);
}

static void note_places(struct collecting *c, const struct graph_attachment *at)
{
	for (size_t i = 0; i < c->q->nr_places; i++)
		c->contributes[i] |= is_at(at, &c->q->places[i]);
}

/* Many roots that call many programs are a product: only the first are kept. */
static bool is_one_more(struct collecting *c, const struct graph_user *user)
{
	if (user->root == user->program)
		return false;
	if (c->map != user->map || c->program != user->program)
		c->nr_called = 0;
	c->map = user->map;
	c->program = user->program;
	return ++c->nr_called > CALLS_LISTED;
}

/* Every place in which user's root is attached. Users are programs of the graph. */
static void share_report_add_user(struct collecting *c, const struct graph_user *user)
{
	const struct graph_program *program = graph_find_program(c->g, user->program);
	struct share_report *r = c->r;
	size_t nr;
	const struct graph_attachment *ats =
		graph_find_attachments(c->g, user->root, &nr);

	for (size_t i = 0; i < nr; i++) {
		if (!is_there(&ats[i], c->q))
			continue;
		note_places(c, &ats[i]);
		if (is_one_more(c, user)) {
			r->nr_more++;
			continue;
		}
		array_grow(r->users, r->nr_users);
		r->users[r->nr_users++] = (struct share_user){.map = user->map,
							      .program = program,
							      .at = &ats[i],
							      .call = user->call,
							      .inner = user->inner};
	}
}

static void share_report_add_dead(struct collecting *c, const struct graph_user *user)
{
	const struct graph_program *program = graph_find_program(c->g, user->program);
	struct share_report *r = c->r;
	size_t nr, nr_pins;
	const struct graph_attachment *ats =
		graph_find_attachments(c->g, user->program, &nr);

	/* Once, not for each attached program that calls it. */
	if (user->root && user->root != user->program)
		return;
	for (size_t i = 0; i < nr; i++) {
		if (!ats[i].dead)
			continue;
		array_grow(r->dead, r->nr_dead);
		r->dead[r->nr_dead++] = (struct share_dead){
			.map = user->map,
			.program = program,
			.at = &ats[i],
			.pin = graph_find_pins(c->g, GRAPH_OF_LINK, ats[i].link_id,
					       &nr_pins),
		};
	}
}

static void share_report_add_unseen(struct collecting *c, const struct graph_user *user)
{
	const struct graph_program *program = graph_find_program(c->g, user->root);
	struct share_report *r = c->r;

	for (size_t i = 0; i < r->nr_unseen; i++)
		if (r->unseen[i].program == program && r->unseen[i].map == user->map)
			return;
	array_grow(r->unseen, r->nr_unseen);
	r->unseen[r->nr_unseen++] =
		(struct share_unseen){.map = user->map, .program = program};
}

static void share_report_add_resting(struct collecting *c, const struct graph_user *user)
{
	const struct graph_program *program = graph_find_program(c->g, user->program);
	struct share_report *r = c->r;

	if (c->q->nr_places || !graph_type_is_netlink(program->type))
		return;
	array_grow(r->resting, r->nr_resting);
	r->resting[r->nr_resting++] =
		(struct share_unseen){.map = user->map, .program = program};
}

/* Those whose map is in use by others too would change nothing. */
static void keep_resting(struct share_report *r)
{
	size_t kept = 0;

	for (size_t i = 0; r->nr_users && i < r->nr_resting; i++)
		if (is_in(r->idle, r->nr_idle, r->resting[i].map))
			r->resting[kept++] = r->resting[i];
	r->nr_resting = kept;
}

/* The programs that come to one of ids. */
static void collect_users(struct collecting *c, const uint32_t *ids, size_t nr_ids)
{
	auto_release(graph_reach_release) struct graph_reach own = {.nr_users = 0};
	const struct graph_reach *reach = c->q->reach;
	struct share_report *r = c->r;

	if (!reach) {
		graph_reach_init(&own, c->g);
		reach = &own;
	}
	for (size_t i = 0; i < nr_ids; i++) {
		size_t nr;
		const struct graph_user *users = graph_reach_find(reach, ids[i], &nr);

		for (size_t k = 0; k < nr; k++) {
			if (users[k].unseen)
				share_report_add_unseen(c, &users[k]);
			else if (users[k].root)
				share_report_add_user(c, &users[k]);
			else
				share_report_add_resting(c, &users[k]);
			share_report_add_dead(c, &users[k]);
		}
	}
	if (r->nr_users)
		qsort(r->users, r->nr_users, sizeof(*r->users), by_map);
	for (size_t i = 0; i < c->q->nr_places; i++) {
		if (c->contributes[i])
			continue;
		array_grow(r->missing, r->nr_missing);
		r->missing[r->nr_missing++] = i;
	}
}

/* Is it one of the places, or all of where one of them is? */
static bool is_needed_at(const struct graph_hidden *h, const struct share_place *p)
{
	if (p->kind == GRAPH_CGROUP)
		return h->source == GRAPH_FROM_CGROUP && h->placed &&
		       h->cgroup_id == p->cgroup_id;
	return h->source == GRAPH_FROM_NET && is_in_netns(h->netns, h->netns_ino, p) &&
	       (!h->dev || !p->dev[0] || strcmp(h->dev, p->dev) == 0);
}

/*
 * Named places alone are asked about, but whatever is attached there has to be known with
 * its maps. Who has something open, and how a name goes on, changes no verdict.
 */
static bool share_report_is_needed(const struct graph_hidden *h,
				   const struct share_question *q)
{
	if (h->source == GRAPH_FROM_PROGRAM || h->source == GRAPH_FROM_SLOT)
		return true;
	for (size_t i = 0; i < q->nr_places; i++)
		if (is_needed_at(h, &q->places[i]))
			return true;
	return q->nr_places == 0 && h->source != GRAPH_FROM_NAME &&
	       h->source != GRAPH_FROM_OPEN;
}

static void collect_hidden(struct collecting *c)
{
	struct share_report *r = c->r;

	for (size_t i = 0; i < c->g->nr_hidden; i++) {
		if (!share_report_is_needed(&c->g->hidden[i], c->q))
			continue;
		array_grow(r->hidden, r->nr_hidden);
		r->hidden[r->nr_hidden++] = &c->g->hidden[i];
	}
}

/*
 * Maps of one name that every program finds in the slots of outer maps are their contents:
 * whatever one of them writes into any of them, all the others can read.
 */
static bool is_one_family(const struct share_report *r)
{
	size_t programs = 0;

	for (size_t i = 0; i < r->nr_users; i++) {
		const struct share_user *u = &r->users[i];

		if (!u->inner)
			return false;
		if (i > 0 && u[-1].map != u->map) {
			if (programs != r->nr_programs)
				return false;
			programs = 0;
		}
		programs += programs == 0 || u[-1].program != u->program;
	}
	return programs == r->nr_programs;
}

/* Programs that use the one map everybody shares change nothing, wherever they are. */
static bool unseen_may_split(const struct share_report *r)
{
	for (size_t i = 0; i < r->nr_unseen; i++)
		if (r->verdict != SHARE_SHARED || r->nr_ids != 1 ||
		    r->unseen[i].map != r->ids[0])
			return true;
	return false;
}

/* Two maps in use are two, whatever else there may be. */
static bool is_uncertain(const struct share_report *r, const struct share_question *q)
{
	return r->verdict != SHARE_SPLIT &&
	       (r->nr_hidden || (q->nr_places == 0 && unseen_may_split(r)));
}

static void share_report_judge(struct share_report *r, const struct share_question *q)
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
		r->verdict = r->nr_programs > 1 && !r->nr_missing ? SHARE_SHARED
								  : SHARE_SINGLE;
	if (is_uncertain(r, q))
		r->verdict = SHARE_UNKNOWN;
}

int share_report_init(struct share_report *ret, const struct graph *g,
		      const struct share_question *question)
{
	struct share_report r = {.places = question->places,
				 .netns_unlisted = g->netns_unlisted};
	auto_release(collecting_release) struct collecting c = {
		.r = &r, .g = g, .q = question};
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
	r.nr_migrating = graph_find_migrating(g, named, nr_named, &r.migrating);
	c.contributes = xcalloc(question->nr_places + 1, sizeof(*c.contributes));
	collect_users(&c, named, nr_named);
	collect_hidden(&c);
	share_report_judge(&r, question);
	for (size_t i = 0; i < nr_named; i++)
		if (!is_in(r.ids, r.nr_ids, named[i]))
			add_id(&r.idle, &r.nr_idle, named[i]);
	keep_resting(&r);
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
	free(r->dead);
	free(r->unseen);
	free(r->resting);
	free(r->migrating);
	free(r->missing);
	free(r->hidden);
	*r = (struct share_report){.verdict = SHARE_UNUSED};
}
