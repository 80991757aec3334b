/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "view/graph_view.h"
#include "graph/graph_words.h"
#include "view/tree.h"

enum { CALLS_LISTED = 8 };

static const char bold[] = "\033[1m";
static const char loud[] = "\033[1;31m";
static const char dim[] = "\033[2m";

/* --- what hangs below --- */

static void add_pins(struct tree *t, struct tree_row *parent, const struct graph *g,
		     enum graph_object of, uint32_t id)
{
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, of, id, &nr);

	for (size_t i = 0; i < nr; i++)
		tree_add(t, parent,
			 &(struct tree_cells){.what = "pin", .where = pins[i].path});
}

static void graph_text_add_migrating(struct tree *t, struct tree_row *parent,
				     const struct graph *g, uint32_t map)
{
	auto_free const struct graph_pin **pins = NULL;
	size_t nr = graph_find_migrating(g, &map, 1, &pins);

	for (size_t i = 0; i < nr; i++) {
		auto_strbuf where = STRBUF_INIT;

		graph_words_migrates(&where, pins[i]);
		tree_add(t, parent,
			 &(struct tree_cells){.what = "migrating",
					      .where = sb_text(&where)});
	}
}

static void graph_text_add_holders(struct tree *t, struct tree_row *parent,
				   const struct graph *g, enum graph_object of,
				   uint32_t id)
{
	size_t nr;
	const struct graph_holder *holders = graph_find_holders(g, of, id, &nr);

	for (size_t i = 0; i < nr; i++) {
		auto_free char *where =
			xasprintf("open in process %" PRIu32, holders[i].pid);

		tree_add(t, parent,
			 &(struct tree_cells){.what = "holder",
					      .name = holders[i].comm,
					      .where = where});
	}
}

/* --- maps --- */

static struct tree_row *graph_text_add_map(struct tree *t, const struct graph_view *v,
					   const struct graph_map *map)
{
	auto_strbuf scratch = STRBUF_INIT, where = STRBUF_INIT;
	struct graph_twins twins;
	struct tree_cells cells = {
		.what = "map",
		.id = map->id,
		.name = graph_map_name(v->g, map->id),
		.type = graph_words_map_type(map->type, &scratch),
	};

	graph_twins_of(v->twins, v->g, map->id, &twins);
	cells.color = twins.nr ? loud : bold;
	for (size_t i = 0; i < twins.nr; i++)
		sb_addf(&where, "%s%" PRIu32, i ? ", " : "TWIN of ", twins.maps[i]);
	if (twins.total > twins.nr)
		sb_addf(&where, " and %zu more", twins.total - twins.nr);
	sb_addf(&where,
		"%skey %" PRIu32 ", value %" PRIu32 ", max %" PRIu32 ", flags 0x%" PRIx32,
		twins.nr ? "; " : "", map->key_size, map->value_size, map->max_entries,
		map->flags);
	if (map->counted)
		sb_addf(&where, ", %" PRIu64 " now", map->entries);
	cells.where = sb_text(&where);
	return tree_add(t, NULL, &cells);
}

static void graph_text_add_slots(struct tree *t, struct tree_row *parent,
				 const struct graph_view *v, uint32_t map)
{
	size_t nr;
	const struct graph_slot *slots = graph_find_slots(v->g, map, &nr);

	for (size_t i = 0; i < nr; i++) {
		const struct graph_slot *s = &slots[i];
		auto_strbuf what = STRBUF_INIT;
		struct tree_cells cells = {.id = s->program ? s->program : s->inner};

		sb_add(&what, s->redirect ? "entry" : "slot");
		if (s->has_key)
			sb_addf(&what, " %" PRIu32, s->key);
		cells.what = sb_text(&what);
		cells.name = s->program ? graph_program_name(v->g, s->program)
					: graph_map_name(v->g, s->inner);
		cells.where = s->program ? "this program" : "this map";
		tree_add(t, parent, &cells);
	}
}

/* --- programs --- */

static void add_user_line(struct tree *t, struct tree_row *parent,
			  const struct graph_view *v, const struct graph_user *u,
			  const char *where, struct tree_row **ret)
{
	const struct graph_program *p = graph_find_program(v->g, u->program);
	auto_strbuf scratch = STRBUF_INIT;

	*ret = tree_add(t, parent,
			&(struct tree_cells){
				.what = "program",
				.id = u->program,
				.name = graph_program_name(v->g, u->program),
				.type = p ? graph_words_prog_type(p->type, &scratch) : "",
				.where = where,
				.color = u->root ? NULL : dim,
			});
}

static void add_link_pins(struct strbuf *out, const struct graph *g, uint32_t link)
{
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, GRAPH_OF_LINK, link, &nr);

	for (size_t i = 0; link && i < nr; i++)
		sb_addf(out, " pinned %s", pins[i].path);
}

/* A line for every place; returns the first. */
static struct tree_row *graph_text_add_user(struct tree *t, struct tree_row *parent,
					    const struct graph_view *v,
					    const struct graph_user *u)
{
	struct tree_row *first = NULL, *row;
	uint32_t root = u->root ? u->root : u->program;
	size_t nr;
	const struct graph_attachment *ats = graph_find_attachments(v->g, root, &nr);

	if (nr == 0)
		add_user_line(t, parent, v, u, "attachment not found", &first);
	for (size_t i = 0; i < nr; i++) {
		auto_strbuf where = STRBUF_INIT;

		graph_words_user(&where, &ats[i], u->program, u->call, u->inner);
		add_link_pins(&where, v->g, ats[i].link_id);
		add_user_line(t, parent, v, u, sb_text(&where), &row);
		if (!first)
			first = row;
	}
	return first;
}

/* Of a program that many call only the first ways are listed: each root times each callee. */
static void graph_text_add_more(struct tree *t, struct tree_row *parent,
				const struct graph_view *v, const struct graph_user *u,
				size_t nr)
{
	auto_free char *where = xasprintf("%zu more ways by tail calls", nr);
	struct tree_row *row;

	add_user_line(t, parent, v, u, where, &row);
}

/* What keeps a program alive stands once, below its first line. */
static void graph_text_add_users(struct tree *t, struct tree_row *parent,
				 const struct graph_view *v, uint32_t map)
{
	size_t nr;
	const struct graph_user *users = graph_reach_find(v->reach, map, &nr);
	size_t called = 0;

	for (size_t i = 0; i < nr; i++) {
		const struct graph_user *u = &users[i];
		bool first = i == 0 || u[-1].program != u->program;
		struct tree_row *row;

		called = first ? 0 : called;
		if (u->root && u->root != u->program && ++called > CALLS_LISTED) {
			if (i + 1 == nr || u[1].program != u->program)
				graph_text_add_more(t, parent, v, u,
						    called - CALLS_LISTED);
			continue;
		}
		row = graph_text_add_user(t, parent, v, u);
		if (!first)
			continue;
		add_pins(t, row, v->g, GRAPH_OF_PROGRAM, u->program);
		graph_text_add_holders(t, row, v->g, GRAPH_OF_PROGRAM, u->program);
	}
}

void graph_view_text(struct strbuf *out, const struct graph_view *v,
		     const struct graph_view_terminal *terminal)
{
	auto_tree *t = tree_new(terminal->width, terminal->color, terminal->unicode);

	for (size_t i = 0; i < v->nr_maps; i++) {
		const struct graph_map *map = graph_find_map(v->g, v->maps[i]);
		struct tree_row *row;

		if (!map)
			continue;
		row = graph_text_add_map(t, v, map);
		add_pins(t, row, v->g, GRAPH_OF_MAP, map->id);
		graph_text_add_migrating(t, row, v->g, map->id);
		graph_text_add_users(t, row, v, map->id);
		graph_text_add_slots(t, row, v, map->id);
		graph_text_add_holders(t, row, v->g, GRAPH_OF_MAP, map->id);
	}
	tree_out(t, out);
}
