/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/id_compare.h"
#include "base/file_out.h"
#include "base/ways_out.h"
#include "kernel/child.h"
#include "scan/scan_sources.h"
#include "scan/graph_scan.h"
#include "verbs/share_verbs.h"
#include "verbs/share_words.h"
#include "verbs/terminal.h"
#include "verbs/tool.h"
#include "view/graph_view.h"

enum { STATUS_FAILED = 255 };

/* The maps that are meant, ascending and each once. */
struct choice {
	uint32_t *maps; /* owned */
	size_t nr;
};

static void choice_release(struct choice *c)
{
	free(c->maps);
}

static void share_show_add_map(struct choice *c, uint32_t id)
{
	array_grow(c->maps, c->nr);
	c->maps[c->nr++] = id;
}

static int choose_word(struct choice *c, const struct graph *g,
		       const struct share_map_word *word, struct err *err)
{
	size_t before = c->nr;
	auto_strbuf hint = STRBUF_INIT;
	bool cut = false;

	for (size_t i = 0; word->name && i < g->nr_maps; i++)
		if (graph_map_has_name(g, &g->maps[i], word->name, &cut))
			share_show_add_map(c, g->maps[i].id);
	if (!word->name && graph_find_map(g, word->id))
		share_show_add_map(c, word->id);
	if (c->nr > before)
		return 0;
	if (word->name) {
		graph_map_near(g, word->name, &hint);
		err_say(err, -ENOENT, "no map named '%s'%s", word->name, sb_text(&hint));
		return hint.len ? err->code : err_hint(err, share_word_hint(word->name));
	}
	err_set(err, -ENOENT, "map id %u", word->id);
	return err_hint(err, MAP_LISTS);
}

static int share_show_choose(struct choice *c, const struct graph *g,
			     const struct share_words *w, struct err *err)
{
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; w->nr_maps == 0 && i < g->nr_maps; i++)
		share_show_add_map(c, g->maps[i].id);
	for (size_t i = 0; r == 0 && i < w->nr_maps; i++)
		r = choose_word(c, g, &w->maps[i], err);
	if (c->nr)
		qsort(c->maps, c->nr, sizeof(*c->maps), id_compare);
	for (size_t i = 0; i < c->nr; i++)
		if (kept == 0 || c->maps[kept - 1] != c->maps[i])
			c->maps[kept++] = c->maps[i];
	c->nr = kept;
	return r;
}

/* How full maps are is worth a walk only for those that were asked for. */
static void count_entries(struct graph *g, const struct choice *c)
{
	for (size_t i = 0; i < c->nr; i++) {
		const struct graph_map *map = graph_find_map(g, c->maps[i]);
		uint64_t count;

		if (map && scan_count(map->id, &count) == 0) {
			g->maps[map - g->maps].counted = true;
			g->maps[map - g->maps].entries = count;
		}
	}
}

/* Names that end where the kernel's room does, in one sentence for all. */
static void say_cut_names(struct graph *g, const struct graph_view *v)
{
	auto_strbuf maps = STRBUF_INIT, programs = STRBUF_INIT;

	for (size_t i = 0; i < v->nr_maps; i++) {
		const struct graph_map *map = graph_find_map(g, v->maps[i]);

		if (map && graph_map_is_cut(g, map))
			sb_addf(&maps, "%s%u", maps.len ? ", " : "", map->id);
	}
	for (size_t i = 0; i < v->nr_programs; i++) {
		const struct graph_program *p = graph_find_program(g, v->programs[i]);

		if (p && graph_program_is_cut(g, p))
			sb_addf(&programs, "%s%u", programs.len ? ", " : "", p->id);
	}
	if (maps.len)
		graph_add_hidden(
			g, GRAPH_FROM_NAME,
			"names of maps past their 15th byte, where the kernel cuts them and no pin or BTF has the rest: ids %s",
			sb_text(&maps));
	if (programs.len)
		graph_add_hidden(
			g, GRAPH_FROM_NAME,
			"names of programs past their 15th byte, where the kernel cuts them and no pin or BTF has the rest: ids %s",
			sb_text(&programs));
}

/* --- the answer --- */

static int share_show_draw(const char *path, const struct strbuf *dot, struct err *err)
{
	static const char *const argv[] = {"dot", "-Tsvg", NULL};
	auto_strbuf svg = STRBUF_INIT;
	int r = child_filter(argv, sb_text(dot), &svg, err);

	if (r == -ENOENT)
		return err_say(
			err, r,
			"%s: it is part of graphviz; 'share show --dot' prints what it would draw",
			err->text);
	return r ? r : file_out_put(path, sb_text(&svg), svg.len, err);
}

static int share_show_write_out(FILE *out, const struct strbuf *text, struct err *err)
{
	return fputs(sb_text(text), out) < 0 ? err_set(err, -errno, "write the answer")
					     : 0;
}

static int share_show_answer(const struct tool *tool, const struct share_words *w,
			     const struct graph_view *v, struct err *err)
{
	auto_strbuf out = STRBUF_INIT;
	struct graph_view_terminal terminal;

	if (w->json) {
		graph_view_json(&out, v, w->pretty ? JSON_BPFTOOL : JSON_COMPACT);
		return share_show_write_out(tool->out, &out, err);
	}
	share_say_hidden(v->g);
	if (!w->dot && !w->svg) {
		terminal = terminal_of(tool->out);
		graph_view_text(&out, v, &terminal);
		return share_show_write_out(tool->out, &out, err);
	}
	graph_view_dot(&out, v);
	return w->svg ? share_show_draw(w->svg, &out, err)
		      : share_show_write_out(tool->out, &out, err);
}

static int show_graph(struct graph *g, const struct tool *tool,
		      const struct share_words *w, struct err *err)
{
	auto_release(graph_reach_release) struct graph_reach reach = {.nr_users = 0};
	auto_release(graph_names_release) struct graph_names twins = {.nr = 0};
	auto_release(choice_release) struct choice c = {.nr = 0};
	auto_release(graph_view_release) struct graph_view v = {.g = g};
	int r = share_show_choose(&c, g, w, err);

	if (r < 0)
		return r;
	if (w->nr_maps)
		count_entries(g, &c);
	graph_reach_init(&reach, g);
	graph_twins_init(&twins, g);
	/* In a picture nothing may hang in the air. */
	if (w->dot || w->svg) {
		uint32_t *wide;
		size_t nr = graph_reach_widen(&reach, g, c.maps, c.nr, &wide);

		free(c.maps);
		c = (struct choice){.maps = wide, .nr = nr};
	}
	v = (struct graph_view){.g = g,
				.reach = &reach,
				.twins = &twins,
				.maps = c.maps,
				.nr_maps = c.nr};
	graph_view_init(&v, w->json && w->nr_maps == 0);
	say_cut_names(g, &v);
	return share_show_answer(tool, w, &v, err);
}

int share_show_report(struct strbuf *out, bool processes, struct err *err)
{
	const struct graph_view_terminal none = {.width = 0};
	auto_release(graph_reach_release) struct graph_reach reach = {.nr_users = 0};
	auto_release(graph_names_release) struct graph_names twins = {.nr = 0};
	auto_release(choice_release) struct choice c = {.nr = 0};
	auto_release(graph_view_release) struct graph_view v = {.g = NULL};
	auto_graph g = GRAPH_INIT;
	int r = graph_scan(&g, scan_sources, err);

	if (r < 0)
		return r;
	for (size_t i = 0; !processes && i < g.nr_holders; i++) {
		free((char *)g.holders[i].comm);
		g.holders[i].comm = NULL;
	}
	for (size_t i = 0; i < g.nr_maps; i++)
		share_show_add_map(&c, g.maps[i].id);
	graph_reach_init(&reach, &g);
	graph_twins_init(&twins, &g);
	v = (struct graph_view){.g = &g,
				.reach = &reach,
				.twins = &twins,
				.maps = c.maps,
				.nr_maps = c.nr};
	graph_view_init(&v, false);
	graph_view_text(out, &v, &none);
	for (size_t i = 0; i < g.nr_hidden; i++)
		sb_addf(out, "not seen: %s\n", g.hidden[i].text);
	return 0;
}

static int share_show_show(struct args *a, struct tool *tool, struct err *err)
{
	auto_share_words w = {.nr_maps = 0};
	auto_graph g = GRAPH_INIT;
	int r = share_words_parse(&w, SHARE_WORDS_SHOW, a, err);

	tool->json |= w.json;
	w.pretty |= tool->pretty;
	if (r == 0 && tool->json && (w.dot || w.svg))
		return err_say(err, -EINVAL,
			       "one of -j, --dot and --svg, not two of them");
	w.json = tool->json;
	r = r ? r : share_words_open(&w, err);
	r = r ? r : graph_scan(&g, scan_sources, err);
	return r ? r : show_graph(&g, tool, &w, err);
}

int share_run_show(struct args *a, void *tool, struct err *err)
{
	int r = share_show_show(a, tool, err);

	return r < 0 ? err_status(err, STATUS_FAILED) : r;
}
