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

/* --- names --- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Is whole what the kernel cut to its name? */
static bool continues(const char *kernel, const char *whole)
{
	return strlen(kernel) == SHARE_KERNEL_NAME && strlen(whole) > SHARE_KERNEL_NAME &&
	       strncmp(kernel, whole, SHARE_KERNEL_NAME) == 0;
}

static const char *kernel_name(const struct graph *g, uint32_t id)
{
	const struct graph_map *map = graph_find_map(g, id);

	return map && map->name ? map->name : "";
}

const char *share_map_name(const struct graph *g, uint32_t map)
{
	const char *kernel = kernel_name(g, map);
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, map, &nr);

	for (size_t i = 0; i < nr; i++)
		if (!*kernel || continues(kernel, base_name(pins[i].path)))
			return base_name(pins[i].path);
	return *kernel ? kernel : NULL;
}

/* *cut is set where only the kernel's bytes could be compared. */
static bool has_name(const struct graph *g, const struct graph_map *map, const char *name,
		     bool *cut)
{
	const char *kernel = map->name ? map->name : "";
	bool whole_known = false;
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, map->id, &nr);

	if (!*name)
		return false;
	for (size_t i = 0; i < nr; i++) {
		if (strcmp(base_name(pins[i].path), name) == 0)
			return true;
		whole_known |= continues(kernel, base_name(pins[i].path));
	}
	if (whole_known)
		return false;
	if (strlen(name) <= SHARE_KERNEL_NAME)
		return strcmp(kernel, name) == 0;
	*cut = continues(kernel, name);
	return *cut;
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

static bool is_there(const struct graph_attachment *at, const struct share_question *q)
{
	for (size_t i = 0; i < q->nr_places; i++) {
		const struct share_place *p = &q->places[i];

		if (at->kind != p->kind)
			continue;
		if (p->kind == GRAPH_TC
			    ? at->ifindex == p->ifindex &&
				      strcmp(at->netns ? at->netns : "", p->netns) == 0
			    : at->cgroup_id == p->cgroup_id)
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

/* The attachments of g whose program uses one of ids. */
static void collect_users(struct share_report *r, const struct graph *g,
			  const struct share_question *q, const uint32_t *ids,
			  size_t nr_ids)
{
	for (size_t i = 0; i < g->nr_attachments; i++) {
		const struct graph_attachment *at = &g->attachments[i];
		const struct graph_program *program = graph_find_program(g, at->program);
		size_t nr;
		const struct graph_use *uses = graph_find_uses(g, at->program, &nr);

		if (!program || !is_there(at, q))
			continue;
		for (size_t k = 0; k < nr; k++) {
			if (!is_in(ids, nr_ids, uses[k].map))
				continue;
			array_grow(r->users, r->nr_users);
			r->users[r->nr_users++] = (struct share_user){
				.map = uses[k].map, .program = program, .at = at};
		}
	}
	if (r->nr_users)
		qsort(r->users, r->nr_users, sizeof(*r->users), by_map);
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
	else if (r->nr_ids > 1)
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
		    !has_name(g, &g->maps[i], question->name, &cut))
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
