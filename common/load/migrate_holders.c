/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who reads the old map, and goes on reading it: they are told of, and nothing is done to them. */
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "kernel/proc.h"
#include "load/migrate_private.h"

static struct migrate_holder *holders_add(struct migration *m, const char *name)
{
	struct migrate_report *report = m->report;
	struct migrate_holder *holder;

	array_grow(report->holders, report->nr_holders);
	holder = &report->holders[report->nr_holders++];
	*holder = (struct migrate_holder){.name = xstrdup(name ? name : "")};
	return holder;
}

static void holders_add_unseen(struct migration *m, const char *text)
{
	array_grow(m->report->unseen, m->report->nr_unseen);
	m->report->unseen[m->report->nr_unseen++] = xstrdup(text);
}

/* Which map is mapped cannot be told once its descriptor is closed. */
static void holders_add_mapping(struct migration *m)
{
	struct proc_unseen unseen;
	auto_strbuf text = STRBUF_INIT;
	uint32_t pid = 0;
	int r;

	if (!(m->old.map_flags & BPF_F_MMAPABLE))
		return;
	r = proc_find_mapping("anon_inode:bpf-map", &pid, &unseen);
	if (pid) {
		struct migrate_holder *holder = holders_add(m, "");

		holder->pid = pid;
		holder->mapped = true;
	}
	if (r == 0 && unseen.nr == 0)
		return;
	sb_addf(&text, "memory of processes: %s", err_words(r < 0 ? r : unseen.why));
	holders_add_unseen(m, sb_text(&text));
}

void migrate_holders_add(struct migration *m)
{
	const struct graph *g = &m->graph;
	uint32_t self = (uint32_t)getpid();
	size_t nr;
	const struct graph_holder *held =
		graph_find_holders(g, GRAPH_OF_MAP, m->old.id, &nr);
	const struct graph_pin *pins;

	for (size_t i = 0; i < nr; i++)
		if (held[i].pid != self)
			holders_add(m, held[i].comm)->pid = held[i].pid;
	holders_add_mapping(m);
	for (size_t i = 0; i < g->nr_links; i++)
		if (g->links[i].map == m->old.id && !g->links[i].dead)
			holders_add(m, "")->link = g->links[i].id;
	pins = graph_find_pins(g, GRAPH_OF_MAP, m->old.id, &nr);
	for (size_t i = 0; i < nr; i++)
		if (strcmp(pins[i].path, m->opts->pin) != 0)
			holders_add(m, pins[i].path);
	for (size_t i = 0; i < g->nr_hidden; i++)
		holders_add_unseen(m, g->hidden[i].text);
}
