/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The graph as a tree for people, as JSON for scripts, as a picture for graphviz: three
 * renderers of one choice of maps. Pure.
 */
#ifndef VIEW_GRAPH_VIEW_H
#define VIEW_GRAPH_VIEW_H

#include "base/strbuf.h"
#include "graph/graph_names.h"
#include "graph/graph_reach.h"
#include "view/json_out.h"

/* What is shown of a sorted graph. All but the program list is borrowed. */
struct graph_view {
	const struct graph *g;
	const struct graph_reach *reach;
	const struct graph_names *twins;
	const uint32_t *maps; /* ids, ascending */
	size_t nr_maps;
	/*
	 * Owned, ascending: those that come to one of the maps and those whose tail calls
	 * lead there.
	 */
	uint32_t *programs;
	size_t nr_programs;
};

/* all: also the programs that use no map. */
void graph_view_init(struct graph_view *v, bool all);
void graph_view_release(struct graph_view *v);
bool graph_view_has_map(const struct graph_view *v, uint32_t map);

struct graph_view_terminal {
	unsigned int width; /* 0: no terminal: plain ASCII, nothing cut or wrapped */
	bool color;
	bool unicode; /* needs a UTF-8 LC_CTYPE */
};

/*
 * A tree per map, one line per user. Control bytes come out as \xNN; a terminal's last
 * column wraps.
 */
void graph_view_text(struct strbuf *out, const struct graph_view *v,
		     const struct graph_view_terminal *terminal);

/* The man pages have the schema, in "JSON of share show". */
void graph_view_json(struct strbuf *out, const struct graph_view *v,
		     enum json_layout layout);

/* The picture's text in graphviz' language. */
void graph_view_dot(struct strbuf *out, const struct graph_view *v);

#endif
