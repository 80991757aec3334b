/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verdict as data, and in the words of `share check`. */
#include <errno.h>

#include "base/alloc.h"
#include "door/door_private.h"
#include "graph/graph_words.h"
#include "graph/share_report.h"
#include "scan/graph_scan.h"
#include "scan/scan_sources.h"
#include "view/share_view.h"

struct check_user {
	uint32_t map, program;
	char *name, *where; /* owned */
};

struct mapshare_check {
	struct mapshare *ms;
	struct mapshare_check *next;
	enum mapshare_verdict verdict;
	struct strbuf text;
	struct check_user *users;
	size_t nr;
};

/* --- where to look --- */

struct check_places {
	struct share_place *items; /* owned; names are the caller's */
	size_t nr;
};

static void check_places_release(struct check_places *p)
{
	free(p->items);
}

static void check_places_add(struct check_places *p, const struct share_place *place,
			     const char *name)
{
	array_grow(p->items, p->nr);
	p->items[p->nr] = *place;
	p->items[p->nr++].name = name;
}

static int check_places_open(struct check_places *p,
			     const struct mapshare_check_opts *opts, struct err *err)
{
	struct share_place place;
	int r = 0;

	for (size_t i = 0; opts->devs && opts->devs[i] && r == 0; i++) {
		r = scan_dev_place(opts->devs[i], NULL, &place, err);
		if (r == 0)
			check_places_add(p, &place, opts->devs[i]);
	}
	for (size_t i = 0; opts->cgroups && opts->cgroups[i] && r == 0; i++) {
		r = scan_cgroup_place(opts->cgroups[i], &place, err);
		if (r == 0)
			check_places_add(p, &place, opts->cgroups[i]);
	}
	return r;
}

/* --- what was found --- */

static enum mapshare_verdict check_verdict(enum share_verdict verdict)
{
	switch (verdict) {
	case SHARE_UNUSED:
		return MAPSHARE_UNUSED;
	case SHARE_SINGLE:
		return MAPSHARE_SINGLE;
	case SHARE_SPLIT:
		return MAPSHARE_SPLIT;
	case SHARE_SHARED:
		return MAPSHARE_SHARED;
	case SHARE_UNKNOWN:
		break;
	}
	return MAPSHARE_NOT_SEEN;
}

/* The report points into the graph, which does not outlive the call. */
static void check_take(struct mapshare_check *check, const struct share_report *report)
{
	check->verdict = check_verdict(report->verdict);
	share_view_text(&check->text, report);
	check->users = xcalloc(report->nr_users, sizeof(*check->users));
	for (size_t i = 0; i < report->nr_users; i++) {
		const struct share_user *u = &report->users[i];
		struct check_user *user = &check->users[i];
		auto_strbuf where = STRBUF_INIT;

		check->nr = i + 1;
		user->map = u->map;
		user->program = u->program->id;
		user->name = xstrdup(u->program->name ? u->program->name : "");
		graph_words_user(&where, u->at, u->program->id, u->call, u->inner);
		user->where = sb_take(&where);
	}
}

struct call_check {
	struct mapshare_check *check;
	const char *map;
	const struct mapshare_check_opts *opts;
};

static int door_check(void *call, struct err *err)
{
	struct call_check *c = call;
	auto_release(check_places_release) struct check_places places = {.nr = 0};
	auto_release(share_report_release) struct share_report report = {.name = NULL};
	const struct graph_asked asked = {.name = c->map};
	struct graph_look look = {
		.sources = scan_sources, .asked = &asked, .nr_asked = 1};
	struct share_question q = {.name = c->map};
	struct mapshare_check_opts opts;
	auto_strbuf hint = STRBUF_INIT;
	auto_graph g = GRAPH_INIT;
	int r = door_opts(&opts, sizeof(opts), c->opts, "check options", err);

	if (r == 0)
		r = check_places_open(&places, &opts, err);
	if (r < 0)
		return r;
	look.places = q.places = places.nr ? places.items : NULL;
	look.nr_places = q.nr_places = places.nr;
	r = graph_scan_look(&g, &look, err);
	if (r < 0)
		return r;
	r = share_report_init(&report, &g, &q);
	if (r < 0) {
		graph_map_near(&g, c->map, &hint);
		return err_say(err, r, "no map named '%s'%s", c->map, sb_text(&hint));
	}
	check_take(c->check, &report);
	return 0;
}

static void check_close(struct mapshare_check *c)
{
	for (size_t i = 0; i < c->nr; i++) {
		free(c->users[i].name);
		free(c->users[i].where);
	}
	free(c->users);
	sb_release(&c->text);
	free(c);
}

int mapshare_check_new(struct mapshare *ms, const char *map,
		       const struct mapshare_check_opts *opts,
		       struct mapshare_check **ret)
{
	struct call_check c = {
		.check = calloc(1, sizeof(*c.check)), .map = map, .opts = opts};
	int r = c.check ? door_run(ms, door_check, &c) : -ENOMEM;

	if (r < 0) {
		if (c.check)
			check_close(c.check);
		return r;
	}
	c.check->ms = ms;
	c.check->next = ms->checks;
	ms->checks = c.check;
	*ret = c.check;
	return 0;
}

void mapshare_check_free(struct mapshare_check *c)
{
	struct mapshare_check **at;

	if (!c)
		return;
	for (at = &c->ms->checks; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	check_close(c);
}

enum mapshare_verdict mapshare_check_verdict(const struct mapshare_check *c)
{
	return c->verdict;
}

const char *mapshare_check_text(const struct mapshare_check *c)
{
	return sb_text(&c->text);
}

struct call_user {
	const struct mapshare_check *check;
	size_t i;
	struct mapshare_user_info *ret;
};

static int door_user(void *call, struct err *err)
{
	const struct call_user *c = call;
	const struct check_user *user = &c->check->users[c->i];
	struct mapshare_user_info info;

	if (c->i >= c->check->nr)
		return err_say(err, -ENOENT, "the check found %zu users", c->check->nr);
	info = (struct mapshare_user_info){
		.map_id = user->map,
		.program_id = user->program,
		.program = user->name,
		.where = user->where,
	};
	return door_fill(c->ret, &info, sizeof(info), err);
}

int mapshare_check_user(const struct mapshare_check *c, size_t i,
			struct mapshare_user_info *ret)
{
	struct call_user call = {.check = c, .i = i, .ret = ret};

	return door_run(c->ms, door_user, &call);
}
