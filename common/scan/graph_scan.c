/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <stdlib.h>

#include "kernel/caps.h"
#include "scan/scan_sources.h"
#include "scan/graph_scan.h"
#include "scan/scan_asked.h"

enum {
	LOOKS = 4,
	SOURCE_NETWORK = 0, /* of scan_sources */
};

/* Types that neither list names may come to be attached at either: both are asked. */
static bool type_is_of_net(uint32_t type)
{
	return type == BPF_PROG_TYPE_SCHED_CLS || type == BPF_PROG_TYPE_SCHED_ACT ||
	       type == BPF_PROG_TYPE_XDP;
}

static bool type_is_of_cgroup(uint32_t type)
{
	switch (type) {
	case BPF_PROG_TYPE_CGROUP_SKB:
	case BPF_PROG_TYPE_CGROUP_SOCK:
	case BPF_PROG_TYPE_CGROUP_DEVICE:
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
	case BPF_PROG_TYPE_CGROUP_SYSCTL:
	case BPF_PROG_TYPE_CGROUP_SOCKOPT:
	case BPF_PROG_TYPE_SOCK_OPS:
		return true;
	default:
		return false;
	}
}

static bool net_takes(uint32_t type)
{
	return !type_is_of_cgroup(type);
}

static bool cgroup_takes(uint32_t type)
{
	return !type_is_of_net(type);
}

const struct scan_source scan_sources[] = {
	{"network", scan_nets, net_takes},
	{"cgroup", scan_cgroups, cgroup_takes},
	{"link", scan_links, NULL},
	{NULL, NULL, NULL},
};

static int graph_scan_refused(struct err *err, int code, const char *what)
{
	err_set(err, code, "list %s", what);
	return caps_explain(err, CAPS_IDS);
}

static int scan_loaded(struct graph *g, struct err *err)
{
	int r = scan_programs(g);

	if (r < 0)
		return graph_scan_refused(err, r, "programs");
	r = scan_maps(g);
	if (r < 0)
		return graph_scan_refused(err, r, "maps");
	scan_latecomers(g);
	return 0;
}

/* One look, and what it found out on the way. */
struct graph_scanning {
	const struct graph_look *look;
	bool asks_all;        /* not for a few maps */
	const uint32_t *maps; /* those few */
	size_t nr_maps;
	uint32_t *owned;
	struct scan_users users; /* of the maps, before any source was read */
	bool found;              /* all users of the maps were met at hooks */
};

static void graph_scanning_release(struct graph_scanning *s)
{
	free(s->owned);
	scan_users_release(&s->users);
}

/* Can a program that comes to one of the maps be attached there? The graph is sorted. */
static bool source_matters(const struct scan_source *source,
			   const struct graph_scanning *s, const struct graph *g)
{
	for (size_t i = 0; i < s->users.nr; i++) {
		const struct graph_program *p = graph_find_program(g, s->users.ids[i]);

		if (!p || !source->takes || source->takes(p->type))
			return true;
	}
	return s->asks_all;
}

/* Which of the sources matter, a bit each, by what is loaded. */
static unsigned int sources_that_matter(struct graph_scanning *s, struct graph *g)
{
	const struct scan_source *sources = s->look->sources;
	unsigned int bits = 0;

	s->maps = s->look->maps;
	s->nr_maps = s->look->nr_maps;
	if (s->look->nr_asked) {
		s->nr_maps = scan_asked_maps(g, s->look, &s->owned);
		s->maps = s->owned;
	}
	s->asks_all = !s->look->nr_asked && !s->look->nr_maps;
	if (!s->asks_all) {
		graph_sort(g);
		scan_users_init(&s->users, g, s->maps, s->nr_maps);
	}
	for (unsigned int i = 0; sources[i].name; i++)
		if (source_matters(&sources[i], s, g))
			bits |= 1U << i;
	return bits;
}

/* What explains programs that no hook does, and namespaces that an open file keeps. */
static void scan_the_rest(struct graph_scanning *s, struct graph *g, unsigned int matter)
{
	const struct graph_look *look = s->look;

	if (look->nr_asked) {
		s->found = scan_users_are_found(&s->users, g);
		if (s->found)
			return;
	}
	if (!look->nr_maps)
		scan_pins(g);
	/* An open file may be all that keeps a network namespace. */
	if (!look->nr_maps || (matter & 1U << SOURCE_NETWORK))
		scan_holders(g);
}

/*
 * Programs first, attachments then, and what is attached by now and was not listed is read
 * at once (scan_found()): so a program that replaces another one is never lost with it.
 */
static int graph_scan_once(struct graph_scanning *s, struct graph *g, struct err *err)
{
	const struct graph_look *look = s->look;
	int r = scan_loaded(g, err);
	unsigned int matter;

	if (r < 0)
		return r;
	matter = sources_that_matter(s, g);
	for (unsigned int i = 0; look->sources[i].name; i++) {
		if (!(matter & 1U << i))
			continue;
		r = look->sources[i].scan(g, err);
		if (r < 0)
			return err_context(err, "%s", look->sources[i].name);
	}
	for (size_t i = 0; i < look->nr_places; i++)
		scan_place(g, &look->places[i]);
	scan_the_rest(s, g, matter);
	graph_join_links(g);
	graph_sort(g);
	return 0;
}

int graph_scan_look(struct graph *ret, const struct graph_look *look, struct err *err)
{
	for (int i = 1;; i++) {
		auto_release(graph_scanning_release) struct graph_scanning s = {
			.look = look};
		auto_release(scan_ids_release) struct scan_ids before = {.nr = 0};
		auto_graph g = GRAPH_INIT;
		int r;

		scan_ids_read(&before);
		r = graph_scan_once(&s, &g, err);
		if (r < 0)
			return r;
		if (look->nr_maps || s.found ? !scan_settle_attached(&g, i == LOOKS)
					     : !scan_settle(&g, &before, i == LOOKS))
			continue;
		*ret = g;
		g = (struct graph)GRAPH_INIT;
		return 0;
	}
}

int graph_scan(struct graph *ret, const struct scan_source *sources, struct err *err)
{
	return graph_scan_look(ret, &(struct graph_look){.sources = sources}, err);
}
