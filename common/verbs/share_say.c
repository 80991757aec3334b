/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/log.h"
#include "base/utf8.h"
#include "graph/graph.h"
#include "verbs/share_verbs.h"

void share_say_one(const struct graph_hidden *hidden)
{
	auto_strbuf text = STRBUF_INIT;

	utf8_add_visible(&text, hidden->text);
	log_warn("not seen: %s", sb_text(&text));
}

void share_say_hidden(const struct graph *g)
{
	for (size_t i = 0; i < g->nr_hidden; i++)
		share_say_one(&g->hidden[i]);
}

void share_say_remarks(const struct graph *g)
{
	for (size_t i = 0; i < g->nr_hidden; i++)
		if (g->hidden[i].source == GRAPH_FROM_NAME)
			share_say_one(&g->hidden[i]);
}
