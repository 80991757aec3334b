/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is not known to end with the old map: programs that could not be looked at, or may be
 * attached where nobody could look, and those that are attached to a program that is replaced.
 */
#include <errno.h>

#include "base/alloc.h"
#include "graph/graph_explain.h"
#include "kernel/link_fd.h"
#include "kernel/prog_fd.h"
#include "load/migrate_private.h"

/* --- programs whose maps could not be read --- */

/* They may be read by now, and one that was replaced meanwhile is gone. */
static bool unseen_may_use(const struct migration *m, uint32_t program)
{
	auto_close int fd = prog_fd_by_id(program);

	return fd != -ENOENT && (fd < 0 || prog_fd_has_map(fd, m->old.id));
}

static void unseen_add(struct migration *m, uint32_t program, const char *why)
{
	struct migrate_user *user = migrate_report_add(m, program, MIGRATE_UNSEEN);

	user->why = xstrdup(why);
}

static void unseen_add_program(struct migration *m, uint32_t program)
{
	if (unseen_may_use(m, program))
		unseen_add(m, program, "which maps it uses could not be read");
}

uint32_t migrate_unseen_next_late(const struct migration *m, const struct graph *now,
				  size_t *at)
{
	while (*at < now->nr_hidden) {
		const struct graph_hidden *h = &now->hidden[(*at)++];

		if (h->source == GRAPH_FROM_PROGRAM && h->id &&
		    !graph_find_program(&m->graph, h->id) && unseen_may_use(m, h->id))
			return h->id;
	}
	return 0;
}

void migrate_unseen_add_late(struct migration *m, const struct graph *now)
{
	size_t at = 0;

	for (uint32_t id; (id = migrate_unseen_next_late(m, now, &at));)
		unseen_add_program(m, id);
}

/* --- slots that could not be read --- */

static bool unseen_is_used(const struct graph *g, uint32_t map, uint32_t type)
{
	for (size_t i = 0; i < g->nr_uses; i++) {
		const struct graph_program *p =
			g->uses[i].map == map ? graph_find_program(g, g->uses[i].program)
					      : NULL;

		if (p && p->type == type)
			return true;
	}
	return false;
}

/* Of a prog array or a map of what is redirected to; NULL: of a map of maps, or unknown. */
static const struct graph_map *unseen_array(const struct graph *g, uint32_t map)
{
	const struct graph_map *m = graph_find_map(g, map);

	if (!m)
		return NULL;
	switch (m->type) {
	case BPF_MAP_TYPE_PROG_ARRAY:
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
	case BPF_MAP_TYPE_CPUMAP:
		return m;
	default:
		return NULL;
	}
}

/*
 * In such a slot may be one of the programs that use the map, which are of one type with those
 * that call into the array; or the map itself.
 */
static void unseen_add_slots(struct migration *m, const struct graph_hidden *h)
{
	const struct graph *g = &m->graph;
	const struct graph_map *array = unseen_array(g, h->id);

	for (size_t i = 0; i < g->nr_uses; i++) {
		const struct graph_use *use = &g->uses[i];
		const struct graph_program *p = graph_find_program(g, use->program);

		if (!p || use->map != (array ? m->old.id : h->id))
			continue;
		if (!array || unseen_is_used(g, h->id, p->type))
			unseen_add(m, p->id, h->text);
	}
}

/* --- places that could not be read --- */

static const char unseen_unlisted[] =
	"network namespaces of processes outside of this PID namespace cannot be seen";

/*
 * May a program of that type be attached there? Pins and names attach nothing, and what has
 * something open changes no verdict of 'share check' either.
 */
static bool unseen_hides(const struct graph_hidden *h, uint32_t type)
{
	switch (h->source) {
	case GRAPH_FROM_NET:
	case GRAPH_FROM_NETNS:
		return graph_type_is_netlink(type);
	case GRAPH_FROM_CGROUP:
		return !graph_type_is_netlink(type);
	case GRAPH_FROM_LINK:
		return true;
	case GRAPH_FROM_PROGRAM:
	case GRAPH_FROM_SLOT:
	case GRAPH_FROM_PIN:
	case GRAPH_FROM_NAME:
	case GRAPH_FROM_OPEN:
		break;
	}
	return false;
}

/* The first reason; NULL: wherever it may be was read. */
static const char *unseen_why(const struct graph *g, uint32_t program)
{
	const struct graph_program *p = graph_find_program(g, program);

	for (size_t i = 0; i < g->nr_hidden && p; i++)
		if (unseen_hides(&g->hidden[i], p->type))
			return g->hidden[i].text;
	return p && g->netns_unlisted && graph_type_is_netlink(p->type) ? unseen_unlisted
									: NULL;
}

static bool unseen_has_row(const struct migrate_report *r, uint32_t program,
			   enum migrate_fate fate)
{
	for (size_t i = 0; i < r->nr_users; i++)
		if (r->users[i].program == program && r->users[i].fate == fate)
			return true;
	return false;
}

static void unseen_add_places(struct migration *m)
{
	struct migrate_report *r = m->report;

	for (size_t i = 0, nr = r->nr_users; i < nr; i++) {
		uint32_t program = r->users[i].program;
		enum migrate_fate fate = r->users[i].fate;
		const char *why = unseen_why(&m->graph, program);

		if (!why || unseen_has_row(r, program, MIGRATE_UNSEEN))
			continue;
		if (fate == MIGRATE_REPLACED)
			unseen_add(m, program, why);
		if (fate != MIGRATE_IDLE)
			continue;
		r->users[i].fate = MIGRATE_UNSEEN;
		r->users[i].why = xstrdup(why);
	}
}

/* --- programs on programs --- */

static void unseen_add_link(struct migration *m, const struct graph_link *link)
{
	const struct graph_program *p = graph_find_program(&m->graph, link->program);
	bool extends = p && p->type == BPF_PROG_TYPE_EXT;
	struct migrate_user *user;

	if (unseen_has_row(m->report, link->program, MIGRATE_STAYS))
		return;
	/* Before Linux 5.13 a link does not tell. */
	if (!link->target && extends)
		unseen_add(m, link->program, "which program it extends cannot be read");
	if (!unseen_has_row(m->report, link->target, MIGRATE_REPLACED))
		return;
	user = migrate_report_add(m, link->program, MIGRATE_STAYS);
	user->beside = true;
	user->place = xasprintf("link %u on program id %u", link->id, link->target);
	user->why = xstrdup(
		extends ? "it extends a program that is replaced, and the new one runs without it"
			: "it watches a program that is replaced, and sees nothing of the new one");
}

/* --- all of it --- */

bool migrate_unseen_any(const struct graph *g)
{
	for (size_t i = 0; i < g->nr_hidden; i++)
		if (g->hidden[i].source <= GRAPH_FROM_SLOT)
			return true;
	return false;
}

void migrate_unseen_add(struct migration *m)
{
	const struct graph *g = &m->graph;

	for (size_t i = 0; i < g->nr_links; i++)
		if (g->links[i].type == LINK_FD_TRACING && !g->links[i].dead)
			unseen_add_link(m, &g->links[i]);
	for (size_t i = 0; i < g->nr_hidden; i++) {
		if (g->hidden[i].source == GRAPH_FROM_PROGRAM && g->hidden[i].id)
			unseen_add_program(m, g->hidden[i].id);
		if (g->hidden[i].source == GRAPH_FROM_SLOT && g->hidden[i].id)
			unseen_add_slots(m, &g->hidden[i]);
	}
	unseen_add_places(m);
}
