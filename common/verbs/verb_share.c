/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/ways_out.h"
#include "graph/share_report.h"
#include "scan/scan_sources.h"
#include "scan/graph_scan.h"
#include "verbs/share_verbs.h"
#include "verbs/share_words.h"
#include "verbs/tool.h"
#include "view/share_view.h"

/* Exit 1 is a verdict here, so every failure ends with this in both tools. */
enum { STATUS_NO_PROOF = 1, STATUS_UNKNOWN = 2, STATUS_FAILED = 255 };

struct reports {
	struct share_report *items; /* owned, as are the reports */
	size_t nr;
};

static void reports_release(struct reports *r)
{
	for (size_t i = 0; i < r->nr; i++)
		share_report_release(&r->items[i]);
	free(r->items);
}

static void add_report(struct reports *all, const struct share_report *report)
{
	array_grow(all->items, all->nr);
	all->items[all->nr++] = *report;
}

static int ask_map(struct reports *all, const struct graph *g,
		   const struct graph_reach *reach, const struct share_words *w,
		   const struct share_map_word *map, struct err *err)
{
	struct share_question q = {.name = map->name,
				   .map = map->id,
				   .places = w->places,
				   .nr_places = w->nr_places,
				   .reach = reach};
	struct share_report report;
	auto_strbuf hint = STRBUF_INIT;

	if (!q.name)
		q.name = graph_map_name(g, map->id);
	if (share_report_init(&report, g, &q) == 0) {
		add_report(all, &report);
		return 0;
	}
	if (map->name) {
		graph_map_near(g, map->name, &hint);
		err_say(err, -ENOENT, "no map named '%s'%s", map->name, sb_text(&hint));
		return hint.len ? err->code : err_hint(err, share_word_hint(map->name));
	}
	err_set(err, -ENOENT, "map id %u", map->id);
	return err_hint(err, MAP_LISTS);
}

/* Is one of the maps known by no more of its name than the kernel keeps? */
static bool is_cut(const struct graph *g, const struct share_report *r)
{
	for (size_t i = 0; i < r->nr_ids; i++) {
		const struct graph_map *map = graph_find_map(g, r->ids[i]);

		if (map && graph_map_is_cut(g, map))
			return true;
	}
	return false;
}

/* Is one of the names from first on, all equal, carried by a pin? */
static bool share_is_pinned(const struct graph_names *twins, size_t first)
{
	const char *name = twins->items[first].name;

	for (size_t i = first; i < twins->nr && strcmp(twins->items[i].name, name) == 0;
	     i++)
		if (twins->items[i].pinned)
			return true;
	return false;
}

static const struct graph_name *share_find_name(const struct graph_names *twins,
						size_t first, uint32_t map)
{
	const char *name = twins->items[first].name;

	for (size_t i = first; i < twins->nr && strcmp(twins->items[i].name, name) == 0;
	     i++)
		if (twins->items[i].map == map)
			return &twins->items[i];
	return NULL;
}

/*
 * Are two of the maps in use meant to be one? Two types are not, nor are pins in two
 * directories of somebody's own; nobody asked for this name, so that is a remark.
 */
static bool is_meant(const struct graph_names *twins, size_t first,
		     const struct share_report *r)
{
	for (size_t i = 0; i < r->nr_ids; i++) {
		const struct graph_name *a = share_find_name(twins, first, r->ids[i]);

		for (size_t k = i + 1; a && k < r->nr_ids; k++) {
			const struct graph_name *b =
				share_find_name(twins, first, r->ids[k]);

			if (b && graph_names_are_twins(a, b))
				return true;
		}
	}
	return false;
}

static void say_not_meant(const struct share_report *r)
{
	auto_strbuf name = STRBUF_INIT;

	utf8_add_visible(&name, r->name);
	log_info(
		"map '%s': %zu maps of this name are in use, of different types or pinned in different directories: not taken for one",
		sb_text(&name), r->nr_ids);
}

/*
 * Every name that several maps have. One that no pin carries was never meant to be
 * shared: each load of its object makes its own.
 */
static void ask_all(struct reports *all, const struct graph *g,
		    const struct graph_reach *reach, const struct share_words *w)
{
	auto_release(graph_names_release) struct graph_names twins = {.nr = 0};

	graph_twins_init(&twins, g);
	for (size_t i = 0; i < twins.nr; i++) {
		const char *name = twins.items[i].name;
		const struct share_question q = {.name = name,
						 .places = w->places,
						 .nr_places = w->nr_places,
						 .reach = reach};
		struct share_report report;

		if ((i > 0 && strcmp(name, twins.items[i - 1].name) == 0) ||
		    !share_is_pinned(&twins, i) || share_report_init(&report, g, &q) < 0)
			continue;
		report.cut = is_cut(g, &report);
		if (report.verdict == SHARE_SPLIT && !is_meant(&twins, i, &report)) {
			say_not_meant(&report);
			share_report_release(&report);
		} else if (report.verdict == SHARE_SPLIT ||
			   report.verdict == SHARE_UNKNOWN || report.nr_migrating)
			add_report(all, &report);
		else
			share_report_release(&report);
	}
}

static void say_lines(char *lines)
{
	char *line;

	while ((line = strsep(&lines, "\n")))
		if (*line)
			log_info("%s", line);
}

static void say_notes(const struct share_report *r)
{
	auto_strbuf notes = STRBUF_INIT;
	auto_free char *lines = NULL;

	share_view_notes(&notes, r);
	lines = sb_take(&notes);
	say_lines(lines);
}

static void say_looked(const struct graph *g)
{
	log_info(
		"looked at: %zu network namespaces, %zu interfaces, %zu cgroups, %zu links, %zu pins, %zu programs, %zu maps; not seen: %zu",
		g->nr_netns, g->nr_devices, g->nr_cgroups, g->nr_links, g->nr_pins,
		g->nr_programs, g->nr_maps, g->nr_hidden);
	for (size_t i = 0; i < g->nr_hidden; i++)
		if (g->hidden[i].source != GRAPH_FROM_NAME)
			share_say_one(&g->hidden[i]);
}

/* What is known to be wrong before what is not known. */
static int worse_status(int status, enum share_verdict verdict)
{
	if (verdict == SHARE_SHARED || status == STATUS_NO_PROOF)
		return status;
	return verdict == SHARE_UNKNOWN ? STATUS_UNKNOWN : STATUS_NO_PROOF;
}

static int share_show(const struct tool *tool, const struct graph *g,
		      const struct reports *all, const struct share_words *w,
		      struct err *err)
{
	auto_strbuf out = STRBUF_INIT;
	int status = 0;

	share_say_remarks(g);
	if (w->verbose)
		say_looked(g);
	for (size_t i = 0; i < all->nr; i++) {
		say_notes(&all->items[i]);
		status = worse_status(status, all->items[i].verdict);
		if (!w->json)
			share_view_text(&out, &all->items[i]);
	}
	if (w->json)
		share_view_json(&out, all->items, all->nr,
				w->pretty ? JSON_BPFTOOL : JSON_COMPACT);
	if (fputs(sb_text(&out), tool->out) < 0)
		return err_set(err, -errno, "write the answer");
	return status;
}

static int share_check(struct args *a, struct tool *tool, struct err *err)
{
	auto_release(graph_reach_release) struct graph_reach reach = {.nr_users = 0};
	auto_release(reports_release) struct reports all = {.nr = 0};
	struct graph_look look = {.sources = scan_sources};
	auto_free struct graph_asked *asked = NULL;
	auto_share_words w = {.nr_maps = 0};
	auto_graph g = GRAPH_INIT;
	int r = share_words_parse(&w, SHARE_WORDS_CHECK, a, err);

	tool->json |= w.json;
	w.json = tool->json;
	w.pretty |= tool->pretty;
	r = r ? r : share_words_open(&w, err);
	look.places = w.places;
	look.nr_places = w.nr_places;
	/* Beside --all every name is asked. */
	asked = xcalloc(w.nr_maps + 1, sizeof(*asked));
	for (size_t i = 0; i < w.nr_maps; i++)
		asked[i] = (struct graph_asked){w.maps[i].name, w.maps[i].id};
	look.asked = asked;
	look.nr_asked = w.all ? 0 : w.nr_maps;
	r = r ? r : graph_scan_look(&g, &look, err);
	if (r < 0)
		return r;
	graph_reach_init(&reach, &g);
	if (w.all)
		ask_all(&all, &g, &reach, &w);
	for (size_t i = 0; r == 0 && i < w.nr_maps; i++)
		r = ask_map(&all, &g, &reach, &w, &w.maps[i], err);
	return r ? r : share_show(tool, &g, &all, &w, err);
}

static int run_check(struct args *a, void *tool, struct err *err)
{
	int r = share_check(a, tool, err);

	return r < 0 ? err_status(err, STATUS_FAILED) : r;
}

const struct verb share_verbs[] = {
	{"check", run_check,
	 "{NAME|id N|pinned PATH|name NAME|--all}... [dev DEVICE [netns NAME]]... [cgroup PATH]... [-v]",
	 "Proves that the attached programs that use a map of this name use one map: exit 0; 1 if it is split, used by one program or by none; 2 if something that matters was not seen; 255 if no map has that name. --all: every pinned name that several maps have, exit 1 if one is split",
	 NULL, true, "traffic dev eth0 cgroup /sys/fs/cgroup/app"},
	{"show", share_run_show,
	 "[NAME|id N|pinned PATH|name NAME]... [--dot|--svg FILE]",
	 "Who uses which map, where it is attached and what keeps it alive: a tree for each map, JSON (-j), a picture (--dot: graphviz' language; --svg: drawn by dot)",
	 NULL, true, "traffic"},
	{"gc", share_run_gc, "[--delete [--force-unseen] [PATH]...]",
	 "Lists pins that are not in use; --delete removes kept prog arrays that no program needs, or the PATHs",
	 NULL, true, ""},
	{.name = NULL},
};
