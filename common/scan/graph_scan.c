/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/caps.h"
#include "scan/scan_sources.h"
#include "scan/graph_scan.h"

enum { LOOKS = 4 };

const struct attach_source attach_sources[] = {
	{"network", attach_net_scan},
	{"cgroup", attach_cgroup_scan},
	{"link", attach_link_scan},
	{NULL, NULL},
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

/*
 * Programs first, attachments then, and what is attached by now and was not listed is read
 * at once (attach_found()): so a program that replaces another one is never lost with it.
 */
static int scan_once(struct graph *g, const struct graph_look *look, struct err *err)
{
	int r = scan_loaded(g, err);

	for (const struct attach_source *s = look->sources; r == 0 && s->name; s++) {
		r = s->scan(g, err);
		if (r < 0)
			return err_context(err, "%s", s->name);
	}
	if (r < 0)
		return r;
	for (size_t i = 0; i < look->nr_places; i++)
		attach_place_scan(g, &look->places[i]);
	scan_pins(g);
	scan_holders(g);
	graph_join_links(g);
	graph_sort(g);
	return 0;
}

int graph_scan_look(struct graph *ret, const struct graph_look *look, struct err *err)
{
	for (int i = 1;; i++) {
		auto_release(scan_ids_release) struct scan_ids before = {.nr = 0};
		auto_graph g = GRAPH_INIT;
		int r;

		scan_ids_read(&before);
		r = scan_once(&g, look, err);
		if (r < 0)
			return r;
		if (!scan_settle(&g, &before, i == LOOKS))
			continue;
		*ret = g;
		g = (struct graph)GRAPH_INIT;
		return 0;
	}
}

int graph_scan(struct graph *ret, const struct attach_source *sources, struct err *err)
{
	return graph_scan_look(ret, &(struct graph_look){.sources = sources}, err);
}
