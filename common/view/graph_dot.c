/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "view/graph_view.h"
#include "graph/graph_words.h"

/* --- text in a picture --- */

/* Inside a quoted string of graphviz' language, which reads escapes and HTML's entities. */
static void graph_dot_add_quoted(struct strbuf *out, const char *text)
{
	auto_strbuf visible = STRBUF_INIT;

	utf8_add_visible(&visible, text);
	for (const char *s = sb_text(&visible); *s; s++) {
		if (*s == '"' || *s == '\\')
			sb_add_char(out, '\\');
		sb_add_char(out, *s);
		if (*s == '&')
			sb_add(out, "amp;");
	}
}

static void graph_dot_add_line(struct strbuf *out, const char *text)
{
	sb_add(out, "\\n");
	graph_dot_add_quoted(out, text);
}

/* --- maps --- */

static void graph_dot_add_map(struct strbuf *out, const struct graph_view *v,
			      const struct graph_map *map, uint32_t next)
{
	const char *name = graph_map_name(v->g, map->id);
	auto_strbuf scratch = STRBUF_INIT;
	struct graph_twins twins;
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(v->g, GRAPH_OF_MAP, map->id, &nr);

	graph_twins_of(v->twins, v->g, map->id, &twins);
	sb_addf(out,
		"\tm%" PRIu32 " [shape=cylinder, style=filled, fillcolor=%s, label=\"",
		map->id, twins.nr ? "\"#f4b6b6\", color=red" : "\"#dce9f7\"");
	graph_dot_add_quoted(out, *name ? name : "(no name)");
	sb_addf(out, "\\nmap %" PRIu32 ", ", map->id);
	graph_dot_add_quoted(out, graph_words_map_type(map->type, &scratch));
	for (size_t i = 0; i < nr; i++)
		graph_dot_add_line(out, pins[i].path);
	for (size_t i = 0; i < nr; i++)
		if (pins[i].migrates)
			graph_dot_add_line(out, "'map migrate' has not ended");
	sb_add(out, "\"];\n");
	if (next)
		sb_addf(out,
			"\tm%" PRIu32 " -> m%" PRIu32
			" [dir=none, color=red, style=dashed, constraint=false, label=\"same name\"];\n",
			map->id, next);
}

/*
 * By index of map: the twin that a line leads to, each to the next in the picture, a chain and
 * not a web; the caller frees. Those in a directory of somebody's own hang on a common one.
 */
static uint32_t *chain_twins(const struct graph_view *v)
{
	uint32_t *next = xcalloc(v->g->nr_maps + 1, sizeof(*next));
	const struct graph_name *last = NULL, *common = NULL;

	for (size_t i = 0; i < v->twins->nr; i++) {
		const struct graph_name *name = &v->twins->items[i];
		const struct graph_map *map;

		if (!graph_view_has_map(v, name->map))
			continue;
		if (last && !graph_names_are_twins(last, name))
			last = common && graph_names_are_twins(common, name) ? common
									     : NULL;
		map = last ? graph_find_map(v->g, last->map) : NULL;
		if (map && !next[map - v->g->maps])
			next[map - v->g->maps] = name->map;
		last = name;
		common = name->dir_len ? common : name;
	}
	return next;
}

static void graph_dot_add_slots(struct strbuf *out, const struct graph_view *v,
				uint32_t map)
{
	size_t nr;
	const struct graph_slot *slots = graph_find_slots(v->g, map, &nr);

	for (size_t i = 0; i < nr; i++) {
		if (slots[i].program ? !graph_find_program(v->g, slots[i].program)
				     : !graph_view_has_map(v, slots[i].inner))
			continue;
		sb_addf(out, "\tm%" PRIu32 " -> %c%" PRIu32 " [style=dashed", map,
			slots[i].program ? 'p' : 'm',
			slots[i].program ? slots[i].program : slots[i].inner);
		if (slots[i].has_key)
			sb_addf(out, ", label=\"%s %" PRIu32 "\"",
				slots[i].redirect ? "entry" : "slot", slots[i].key);
		sb_add(out, "];\n");
	}
}

static void graph_dot_add_holders(struct strbuf *out, const struct graph *g,
				  enum graph_object of, uint32_t id)
{
	size_t nr;
	const struct graph_holder *holders = graph_find_holders(g, of, id, &nr);

	for (size_t i = 0; i < nr; i++) {
		sb_addf(out, "\th%" PRIu32 " [shape=plaintext, label=\"", holders[i].pid);
		graph_dot_add_quoted(out, holders[i].comm ? holders[i].comm : "");
		sb_addf(out, "\\nprocess %" PRIu32 "\"];\n", holders[i].pid);
		sb_addf(out, "\th%" PRIu32 " -> %c%" PRIu32 " [style=dotted];\n",
			holders[i].pid, of == GRAPH_OF_MAP ? 'm' : 'p', id);
	}
}

/* --- programs --- */

static void graph_dot_add_program(struct strbuf *out, const struct graph_view *v,
				  const struct graph_program *p, bool attached)
{
	auto_strbuf scratch = STRBUF_INIT;
	size_t nr;
	const struct graph_pin *pins =
		graph_find_pins(v->g, GRAPH_OF_PROGRAM, p->id, &nr);
	const struct graph_use *uses;

	sb_addf(out, "\tp%" PRIu32 " [shape=box, style=\"rounded%s\", label=\"", p->id,
		attached ? "" : ",dashed");
	graph_dot_add_quoted(out, graph_program_name(v->g, p->id));
	sb_addf(out, "\\nprogram %" PRIu32 ", ", p->id);
	graph_dot_add_quoted(out, graph_words_prog_type(p->type, &scratch));
	for (size_t i = 0; i < nr; i++)
		graph_dot_add_line(out, pins[i].path);
	sb_add(out, "\"];\n");
	uses = graph_find_uses(v->g, p->id, &nr);
	for (size_t i = 0; i < nr; i++) {
		/* A map that is not part of the picture would come out as a bare node. */
		if (graph_view_has_map(v, uses[i].map))
			sb_addf(out, "\tp%" PRIu32 " -> m%" PRIu32 ";\n", p->id,
				uses[i].map);
	}
}

/* --- places: one node for each device and each cgroup --- */

static void add_place_id(struct strbuf *out, const struct graph_attachment *at)
{
	if (at->dead || at->kind == GRAPH_LINK) {
		sb_addf(out, "\"link %" PRIu32 "\"", at->link_id);
	} else if (at->kind == GRAPH_CGROUP) {
		sb_addf(out, "\"cgroup %" PRIu64 "\"", at->cgroup_id);
	} else {
		sb_addf(out, "\"dev %" PRIu32 " ", at->ifindex);
		graph_dot_add_quoted(out, at->netns ? at->netns : "");
		sb_add_char(out, '"');
	}
}

static void graph_dot_add_place(struct strbuf *out, const struct graph_attachment *at)
{
	auto_strbuf words = STRBUF_INIT;

	sb_add_char(out, '\t');
	add_place_id(out, at);
	if (at->dead) {
		sb_add(out, " [shape=plaintext, fontcolor=gray, label=\"");
		graph_words_place(&words, at);
		graph_dot_add_quoted(out, sb_text(&words));
		sb_add(out, "\"];\n");
		return;
	}
	sb_addf(out, " [shape=%s, label=\"",
		at->kind == GRAPH_CGROUP ? "folder" : "house");
	if (at->kind == GRAPH_CGROUP)
		graph_dot_add_quoted(out, at->path ? at->path : "cgroup not seen here");
	else if (at->kind == GRAPH_LINK)
		graph_words_place(&words, at);
	else
		graph_dot_add_quoted(out, at->dev ? at->dev : "device without name");
	graph_dot_add_quoted(out, sb_text(&words));
	if (at->netns) {
		sb_add(out, "\\nnetns ");
		graph_dot_add_quoted(out, at->netns);
	}
	sb_add(out, "\"];\n");
}

static void add_tc_label(struct strbuf *out, const struct graph_attachment *at,
			 const char *hook)
{
	sb_addf(out, " [label=\"tc %s", hook);
	if (at->parent)
		graph_words_handle(out, at->parent);
	if (at->block)
		sb_addf(out, "\\nblock %" PRIu32, at->block);
	if (at->chain)
		sb_addf(out, "\\nchain %" PRIu32, at->chain);
	sb_addf(out, "\\npref %" PRIu32 "\"]", at->pref);
}

static void add_attachment(struct strbuf *out, const struct graph_attachment *at)
{
	const char *type = graph_words_attach_type(at);
	const char *hook = graph_words_hook(at->hook);

	sb_add_char(out, '\t');
	add_place_id(out, at);
	sb_addf(out, " -> p%" PRIu32, at->program);
	if (at->dead)
		sb_add(out, " [style=dotted, color=gray, label=\"dead\"]");
	else if (at->kind == GRAPH_TC)
		add_tc_label(out, at, hook ? hook : "");
	else if (at->kind != GRAPH_LINK) {
		sb_addf(out, " [label=\"%s", type ? type : "");
		if (at->of > 1)
			sb_addf(out, "\\n%" PRIu32 " of %" PRIu32, at->order, at->of);
		sb_add(out, "\"]");
	}
	sb_add(out, ";\n");
}

static int graph_dot_by_place(const void *a, const void *b)
{
	const struct graph_attachment *x = *(const struct graph_attachment *const *)a;
	const struct graph_attachment *y = *(const struct graph_attachment *const *)b;
	auto_strbuf p = STRBUF_INIT, q = STRBUF_INIT;
	int r;

	add_place_id(&p, x);
	add_place_id(&q, y);
	r = strcmp(sb_text(&p), sb_text(&q));
	return r ? r : x < y ? -1 : x > y;
}

struct places {
	const struct graph_attachment **items; /* owned */
	size_t nr;
};

static void places_release(struct places *p)
{
	free(p->items);
}

static void add_places(struct strbuf *out, struct places *places)
{
	auto_strbuf last = STRBUF_INIT;

	if (places->nr)
		qsort(places->items, places->nr, sizeof(*places->items),
		      graph_dot_by_place);
	for (size_t i = 0; i < places->nr; i++) {
		auto_strbuf id = STRBUF_INIT;

		add_place_id(&id, places->items[i]);
		if (strcmp(sb_text(&id), sb_text(&last)) != 0)
			graph_dot_add_place(out, places->items[i]);
		sb_clear(&last);
		sb_add(&last, sb_text(&id));
		add_attachment(out, places->items[i]);
	}
}

static bool is_attached(const struct graph_attachment *ats, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (!ats[i].dead)
			return true;
	return false;
}

/* A program that comes to none of the maps is no part of the picture. */
static void graph_dot_add_programs(struct strbuf *out, const struct graph_view *v,
				   struct places *places)
{
	for (size_t i = 0; i < v->nr_programs; i++) {
		const struct graph_program *p = graph_find_program(v->g, v->programs[i]);
		size_t nr;
		const struct graph_attachment *ats =
			graph_find_attachments(v->g, p->id, &nr);

		graph_dot_add_program(out, v, p, is_attached(ats, nr));
		graph_dot_add_holders(out, v->g, GRAPH_OF_PROGRAM, p->id);
		for (size_t k = 0; k < nr; k++) {
			array_grow(places->items, places->nr);
			places->items[places->nr++] = &ats[k];
		}
	}
}

void graph_view_dot(struct strbuf *out, const struct graph_view *v)
{
	auto_release(places_release) struct places places = {.nr = 0};
	auto_free uint32_t *next = chain_twins(v);

	sb_add(out, "digraph maps {\n"
		    "\trankdir=LR;\n"
		    "\tnode [fontname=\"Helvetica\", fontsize=11];\n"
		    "\tedge [fontname=\"Helvetica\", fontsize=9];\n");
	for (size_t i = 0; i < v->nr_maps; i++) {
		const struct graph_map *map = graph_find_map(v->g, v->maps[i]);

		if (!map)
			continue;
		graph_dot_add_map(out, v, map, next[map - v->g->maps]);
		graph_dot_add_slots(out, v, map->id);
		graph_dot_add_holders(out, v->g, GRAPH_OF_MAP, map->id);
	}
	graph_dot_add_programs(out, v, &places);
	add_places(out, &places);
	sb_add(out, "}\n");
}
