/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "graph/graph_names.h"
#include "kernel/map_fd.h"
#include "kernel/prog_fd.h"
#include "scan/graph_scan.h"

/* --- all there are --- */

static int scan_objects_add_program(uint32_t id, int fd, const struct bpf_prog_info *info,
				    void *ctx)
{
	auto_free char *name = prog_fd_name(fd, info);
	struct graph_program p = {.id = id, .name = name, .type = info->type};
	auto_free uint32_t *maps = NULL;
	struct graph *g = ctx;
	size_t nr = 0;
	int r;

	p.whole =
		strlen(name) != GRAPH_KERNEL_NAME || (info->btf_id && info->nr_func_info);
	memcpy(p.tag, info->tag, sizeof(p.tag));
	graph_add_program(g, &p);
	r = prog_fd_maps(fd, &maps, &nr);
	if (r < 0)
		graph_add_hidden_at(
			g, &(struct graph_hidden){.source = GRAPH_FROM_PROGRAM, .id = id},
			"maps of program id %u: %s", id, err_words(r));
	for (size_t i = 0; i < nr; i++)
		graph_add_use(g, id, maps[i]);
	return 0;
}

static int scan_objects_add_map(uint32_t id, int fd, const struct bpf_map_info *info,
				void *ctx)
{
	bool whole;
	auto_free char *name = map_fd_name(info, &whole);

	graph_add_map(ctx, &(struct graph_map){.id = id,
					       .name = name,
					       .whole = whole,
					       .type = info->type,
					       .key_size = info->key_size,
					       .value_size = info->value_size,
					       .max_entries = info->max_entries,
					       .flags = info->map_flags,
					       .btf_id = info->btf_id});
	scan_slots(ctx, id, fd, info);
	return 0;
}

int scan_programs(struct graph *g)
{
	return prog_fd_each(scan_objects_add_program, g);
}

int scan_maps(struct graph *g)
{
	return map_fd_each(scan_objects_add_map, g);
}

/* --- one that came later --- */

/* The lists are ascending, as the kernel told them, so that they can be searched. */
static void put_last_program_in_order(struct graph *g)
{
	struct graph_program *p = g->programs;

	for (size_t i = g->nr_programs - 1; i > 0 && p[i - 1].id > p[i].id; i--) {
		struct graph_program last = p[i];

		p[i] = p[i - 1];
		p[i - 1] = last;
	}
}

static void put_last_map_in_order(struct graph *g)
{
	struct graph_map *m = g->maps;

	for (size_t i = g->nr_maps - 1; i > 0 && m[i - 1].id > m[i].id; i--) {
		struct graph_map last = m[i];

		m[i] = m[i - 1];
		m[i - 1] = last;
	}
}

/* Gone by now, or it is not known what is in it and which others it leads to. */
static void scan_objects_unread(struct graph *g, enum graph_source source, uint32_t id,
				int code)
{
	const struct graph_hidden hidden = {.source = source, .id = id};

	if (code != -ENOENT)
		graph_add_hidden_at(g, &hidden, "%s id %u: %s",
				    source == GRAPH_FROM_PROGRAM ? "program" : "map", id,
				    err_words(code));
}

static void note_map(struct graph *g, uint32_t id)
{
	bool known = graph_find_map(g, id);
	auto_close int fd = known ? -1 : map_fd_by_id(id);
	size_t before = g->nr_maps, first = g->nr_slots;
	struct bpf_map_info info;
	int r = fd < 0 ? fd : map_fd_info(fd, &info);

	if (known)
		return;
	if (r < 0) {
		scan_objects_unread(g, GRAPH_FROM_SLOT, id, r);
		return;
	}
	scan_objects_add_map(id, fd, &info, g);
	if (g->nr_maps > before)
		put_last_map_in_order(g);
	for (size_t i = first; i < g->nr_slots; i++) {
		if (g->slots[i].program)
			scan_program(g, g->slots[i].program);
		else
			note_map(g, g->slots[i].inner);
	}
}

void scan_program(struct graph *g, uint32_t id)
{
	bool known = graph_find_program(g, id);
	auto_close int fd = known ? -1 : prog_fd_by_id(id);
	struct bpf_prog_info info;
	size_t first = g->nr_uses;
	int r = fd < 0 ? fd : prog_fd_info(fd, &info);

	if (known)
		return;
	if (r < 0) {
		scan_objects_unread(g, GRAPH_FROM_PROGRAM, id, r);
		return;
	}
	scan_objects_add_program(id, fd, &info, g);
	put_last_program_in_order(g);
	for (size_t i = first, end = g->nr_uses; i < end; i++)
		note_map(g, g->uses[i].map);
}

void scan_latecomers(struct graph *g)
{
	for (size_t i = 0; i < g->nr_uses; i++)
		note_map(g, g->uses[i].map);
	for (size_t i = 0; i < g->nr_slots; i++) {
		if (g->slots[i].program)
			scan_program(g, g->slots[i].program);
		else
			note_map(g, g->slots[i].inner);
	}
}
