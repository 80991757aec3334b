/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who is on the old map: attached programs, loaded ones, holders; and who takes over. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "graph/graph_explain.h"
#include "graph/graph_words.h"
#include "kernel/link_fd.h"
#include "load/migrate_private.h"
#include "load/object.h"
#include "load/select.h"
#include "netlink/nl_filter.h"
#include "scan/graph_scan.h"
#include "scan/scan_sources.h"

enum { PROG_TYPE_SYSCALL = 31 }; /* Linux 5.14 */
enum { USERS_LOOKS = 2 };

static void users_stay(struct migrate_user *user, const char *why)
{
	user->fate = MIGRATE_STAYS;
	free(user->why);
	user->why = xstrdup(why);
}

/* --- who takes over --- */

/* The kernel's 15 bytes, where no BTF has the whole name. */
static bool is_counterpart(const struct graph_program *old, const char *name)
{
	if (!old->name || !old->name[0])
		return false;
	return old->whole ? strcmp(old->name, name) == 0
			  : strncmp(old->name, name, strlen(old->name)) == 0;
}

static struct object_program *counterpart_in(struct object *obj,
					     const struct graph_program *old)
{
	size_t nr;
	struct object_program *progs = object_programs(obj, &nr);

	for (size_t i = 0; i < nr; i++)
		if (is_counterpart(old, progs[i].name))
			return &progs[i];
	return NULL;
}

int migrate_users_select(struct object *obj, const struct graph_attachment *at,
			 const char *name, struct err *err)
{
	const struct attach_type *type = attach_type_by_value(at->attach_type);
	struct object_program *found;

	if (at->kind == GRAPH_TC || at->kind == GRAPH_TCX || at->kind == GRAPH_NETKIT)
		return select_for_tc(obj, NULL, name, BPF_PROG_TYPE_SCHED_CLS, &found,
				     err);
	if (at->kind == GRAPH_CGROUP && type)
		return select_for_type(obj, type, NULL, name, &found, err);
	return object_want(obj, NULL, name, &found, err);
}

/* NULL: it can be replaced there. */
static const char *users_why_not(struct migration *m, const struct graph_attachment *at)
{
	switch (at->kind) {
	case GRAPH_TC: {
		auto_release(nl_filter_release) struct nl_filter f = {.ifindex = 0};
		auto_err err = ERR_INIT;

		if (migrate_filter_get(m, at, &f, &err) < 0)
			return "its filter cannot be read";
		return f.has_actions ? "its filter has actions, which would be lost"
				     : NULL;
	}
	case GRAPH_TCX:
		return NULL;
	case GRAPH_CGROUP:
		return at->link_id || at->path ? NULL : "its cgroup cannot be seen";
	case GRAPH_XDP:
	case GRAPH_NETKIT:
		return at->link_id
			       ? NULL
			       : "it is attached without a link, and only a link can change its program in place";
	case GRAPH_LINK:
		break;
	}
	return "it may sleep or is attached where no program can be changed in place";
}

/* Each selection gave its type to all that were selected before it. */
void migrate_users_settle(struct object *obj, const struct migration *m,
			  const struct migrate_swap *swap)
{
	const struct graph_program *old = graph_find_program(&m->graph, swap->at.program);
	uint32_t attach_type = swap->at.kind == GRAPH_CGROUP ? swap->at.attach_type
			       : swap->at.kind == GRAPH_XDP  ? LINK_FD_ATTACH_XDP
							     : 0;
	size_t nr;
	struct object_program *progs = object_programs(obj, &nr);

	for (size_t i = 0; i < nr; i++)
		if (strcmp(progs[i].name, swap->prog->name) == 0)
			object_program_set_type(obj, &progs[i], old->type, attach_type);
}

static void users_add_swap(struct migration *m, const struct graph_attachment *at,
			   struct object *obj, struct object_program *prog)
{
	array_grow(m->swaps, m->nr_swaps);
	m->swaps[m->nr_swaps++] = (struct migrate_swap){
		.at = *at, .user = m->report->nr_users - 1, .obj = obj, .prog = prog};
}

static int users_match(struct migration *m, const struct graph_attachment *at,
		       struct err *err)
{
	const struct graph_program *old = graph_find_program(&m->graph, at->program);
	struct migrate_user *user = migrate_report_add(m, at->program, MIGRATE_REPLACED);
	auto_strbuf place = STRBUF_INIT;
	const char *why;

	graph_words_place(&place, at);
	user->place = sb_take(&place);
	if (m->is_part) {
		why = m->stays(m->ctx, at->program, at);
		if (why)
			users_stay(user, why);
		return 0;
	}
	for (size_t i = 0; i < m->nr_objects && old; i++) {
		struct object *obj = m->objects[i].obj;
		struct object_program *prog = counterpart_in(obj, old);

		if (!prog)
			continue;
		why = users_why_not(m, at);
		if (why) {
			users_stay(user, why);
			return 0;
		}
		users_add_swap(m, at, obj, prog);
		/* Selected for another place already: who was selected since gave it its type. */
		if (prog->wanted)
			migrate_users_settle(obj, m, &m->swaps[m->nr_swaps - 1]);
		return migrate_users_select(obj, at, prog->name, err);
	}
	users_stay(user, "no program of that name is in the objects");
	return 0;
}

/* --- who is there --- */

static bool is_in_slot(const struct graph *g, uint32_t program)
{
	for (size_t i = 0; i < g->nr_slots; i++)
		if (g->slots[i].program == program && !g->slots[i].redirect)
			return true;
	return false;
}

static int users_add_program(struct migration *m, uint32_t program, const bool *explained,
			     struct err *err)
{
	const struct graph *g = &m->graph;
	const struct graph_program *p = graph_find_program(g, program);
	size_t nr, nr_places = 0;
	const struct graph_attachment *at = graph_find_attachments(g, program, &nr);
	bool unseen;

	for (size_t i = 0; i < nr; i++) {
		int r = at[i].dead ? 0 : users_match(m, &at[i], err);

		if (r < 0)
			return r;
		nr_places += !at[i].dead;
	}
	if (m->is_part && !nr_places && !m->stays(m->ctx, program, NULL)) {
		migrate_report_add(m, program, MIGRATE_REPLACED);
		return 0;
	}
	if (nr_places || is_in_slot(g, program))
		return 0;
	if (p && p->type == PROG_TYPE_SYSCALL) {
		users_stay(migrate_report_add(m, program, MIGRATE_STAYS),
			   "processes run it, and would go on with the old map");
		return 0;
	}
	unseen = p && (!explained[p - g->programs] || graph_program_may_hide(g, p));
	migrate_report_add(m, program, unseen ? MIGRATE_UNSEEN : MIGRATE_IDLE);
	return 0;
}

/* Through such a slot programs come to the map that do not name it. */
static int refuse_inner(const struct migration *m, struct err *err)
{
	for (size_t i = 0; i < m->graph.nr_slots; i++)
		if (m->graph.slots[i].inner == m->old.id)
			return err_say(
				err, -EOPNOTSUPP,
				"map id %u is in a slot of map of maps id %u, through which programs reach it; an inner map cannot be migrated",
				m->old.id, m->graph.slots[i].map);
	return 0;
}

static int refuse_staying(const struct migration *m, struct err *err)
{
	const char *way =
		m->is_part ? "'map migrate' with --leave-behind" : "--leave-behind";

	for (size_t i = 0; i < m->report->nr_users && !m->opts->leave; i++) {
		const struct migrate_user *user = &m->report->users[i];

		if (user->fate == MIGRATE_STAYS)
			return err_say(
				err, -EBUSY,
				"program '%s' (id %u%s%s) would stay %s: %s; %s migrates all the same",
				user->name, user->program, user->place ? ", " : "",
				user->place ? user->place : "",
				user->beside ? "behind" : "on the old map", user->why,
				way);
		if (user->fate == MIGRATE_UNSEEN && user->why)
			return err_say(
				err, -EBUSY,
				"program '%s' (id %u) may stay on the old map: %s; %s migrates all the same",
				user->name, user->program, user->why, way);
		if (user->fate == MIGRATE_UNSEEN)
			return err_say(
				err, -EBUSY,
				"program '%s' (id %u) uses the map and may be attached where it cannot be seen; %s migrates all the same",
				user->name, user->program, way);
	}
	return 0;
}

/* --- who came meanwhile --- */

/* The next program on the old map that was not there as they were looked for. */
static const struct graph_program *users_next_late(const struct migration *m,
						   const struct graph *now, size_t *at)
{
	while (*at < now->nr_uses) {
		const struct graph_use *use = &now->uses[(*at)++];

		if (use->map == m->old.id && !graph_find_program(&m->graph, use->program))
			return graph_find_program(now, use->program);
	}
	return NULL;
}

int migrate_users_check(const struct migration *m, struct err *err)
{
	auto_graph now = GRAPH_INIT;
	const struct graph_program *late;
	size_t at = 0;
	uint32_t id;
	int r = scan_programs(&now);

	if (r < 0)
		return err_set(err, r, "list the programs");
	late = users_next_late(m, &now, &at);
	if (late)
		return err_say(
			err, -EBUSY,
			"program '%s' (id %u) came to the map while this looked at it; run it again",
			late->name ? late->name : "", late->id);
	at = 0;
	id = m->opts->leave ? 0 : migrate_unseen_next_late(m, &now, &at);
	return id ? err_say(err, -EBUSY,
			    "program id %u came while this looked at the map, and which maps it uses cannot be read; run it again",
			    id)
		  : 0;
}

/* Loaders that take no lock find the old pin until it is exchanged. */
void migrate_users_late(struct migration *m)
{
	auto_graph now = GRAPH_INIT;
	const struct graph_program *late;
	size_t at = 0;

	if (scan_programs(&now) < 0) {
		array_grow(m->report->unseen, m->report->nr_unseen);
		m->report->unseen[m->report->nr_unseen++] =
			xstrdup("programs that were loaded meanwhile");
		return;
	}
	while ((late = users_next_late(m, &now, &at))) {
		struct migrate_user *user =
			migrate_report_add(m, late->id, MIGRATE_STAYS);

		free(user->name);
		user->name = xstrdup(late->name ? late->name : "");
		user->type = prog_type_name(late->type);
		user->why = xstrdup(
			"it was loaded while the map was migrated, by a loader that takes no lock");
	}
	migrate_unseen_add_late(m, &now);
}

/* What others do meanwhile is no reason to refuse: it is seen the next time. */
static int users_scan(struct migration *m, struct err *err)
{
	int r;

	for (int i = 1;; i++) {
		r = graph_scan(&m->graph, scan_sources, err);
		if (r < 0 || i == USERS_LOOKS || !migrate_unseen_any(&m->graph))
			return r;
		graph_release(&m->graph);
		m->graph = (struct graph)GRAPH_INIT;
	}
}

int migrate_users_find(struct migration *m, struct err *err)
{
	auto_free bool *explained = NULL, *callers = NULL;
	int r = users_scan(m, err);

	if (r < 0)
		return r;
	explained = graph_explain(&m->graph, NULL);
	migrate_holders_add(m);
	r = refuse_inner(m, err);
	callers = migrate_jumps_callers(m);
	for (size_t i = 0; i < m->graph.nr_programs && r == 0; i++)
		if (callers[i])
			r = users_add_program(m, m->graph.programs[i].id, explained, err);
	if (r < 0)
		return r;
	migrate_jumps_settle(m);
	migrate_unseen_add(m);
	for (size_t i = 0; i < m->nr_swaps; i++)
		migrate_users_settle(m->swaps[i].obj, m, &m->swaps[i]);
	return m->opts->plan_only ? 0 : refuse_staying(m, err);
}
