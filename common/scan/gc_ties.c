/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What holds a map and is neither a program that refers to it nor a slot nor an open file:
 * links over maps, programs attached to a map, struct_ops, mappings.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/alloc.h"
#include "kernel/caps.h"
#include "kernel/link_fd.h"
#include "kernel/map_fd.h"
#include "kernel/proc.h"
#include "scan/gc_private.h"
#include "scan/scan_hidden.h"

void gc_ties_release(struct gc_ties *t)
{
	free(t->items);
	*t = (struct gc_ties){.nr = 0};
}

static void add_tie(struct gc_ties *t, uint32_t map, enum usage_by by, uint32_t id)
{
	array_grow(t->items, t->nr);
	t->items[t->nr++] = (struct usage_tie){.map = map, .mark = {.by = by, .id = id}};
}

static int add_link_tie(int fd, const struct link_fd_info *info, void *ctx)
{
	(void)fd;
	if (info->map_id)
		add_tie(ctx, info->map_id, USAGE_LINK, info->id);
	return 0;
}

/* Every place where a program of a sockmap may stand; each holds one. */
static int query_policy(int map_fd, uint32_t *ret)
{
	static const enum bpf_attach_type types[] = {
		BPF_SK_SKB_STREAM_PARSER,
		BPF_SK_SKB_STREAM_VERDICT,
		BPF_SK_MSG_VERDICT,
		BPF_SK_SKB_VERDICT,
	};

	for (size_t i = 0; i < array_size(types); i++) {
		uint32_t id = 0, nr = 1;

		if (bpf_prog_query(map_fd, types[i], 0, NULL, &id, &nr) < 0)
			return -errno;
		if (nr) {
			*ret = id;
			return 1;
		}
	}
	return 0;
}

/* What the kernel does not tell (sockmaps before Linux 5.18) is taken for a use. */
static void tie_map(struct gc_ties *t, const struct idle_pin *pin, size_t *untold)
{
	auto_close int fd = -1;
	uint32_t program = 0;
	int r;

	if (pin->type == BPF_MAP_TYPE_STRUCT_OPS)
		add_tie(t, pin->id, USAGE_STRUCT_OPS, 0);
	if (pin->type != BPF_MAP_TYPE_SOCKMAP && pin->type != BPF_MAP_TYPE_SOCKHASH)
		return;
	fd = map_fd_by_id(pin->id);
	r = fd < 0 ? fd : query_policy(fd, &program);
	if (r > 0)
		add_tie(t, pin->id, USAGE_POLICY, program);
	else if (r < 0 && r != -ENOENT)
		++*untold;
	if (r < 0 && r != -ENOENT)
		add_tie(t, pin->id, USAGE_POLICY, 0);
}

/* Which map a mapping is of cannot be told once its descriptor is closed. */
static bool may_be_mapped(const struct idle_pin *pin)
{
	enum { MAP_TYPE_ARENA = 33 };

	switch (pin->type) {
	case BPF_MAP_TYPE_ARRAY:
		return pin->flags & BPF_F_MMAPABLE;
	case BPF_MAP_TYPE_RINGBUF:
	case BPF_MAP_TYPE_USER_RINGBUF:
	case MAP_TYPE_ARENA:
		return true;
	default:
		return false;
	}
}

static bool any_mappable(const struct idle_pins *pins)
{
	for (size_t i = 0; i < pins->nr; i++)
		if (pins->items[i].kind == IDLE_MAP && may_be_mapped(&pins->items[i]))
			return true;
	return false;
}

static void tie_mapped(struct gc_ties *t, const struct idle_pins *pins, struct graph *g)
{
	const struct graph_hidden failed = {.source = GRAPH_FROM_OPEN, .failed = true};
	struct proc_unseen unseen;
	uint32_t pid = 0;
	int r;

	if (!any_mappable(pins))
		return;
	r = proc_find_mapping("anon_inode:bpf-map", &pid, &unseen);
	if (r < 0)
		graph_add_hidden_at(g, &failed, "memory of processes: %s", err_words(r));
	else
		scan_hidden_processes(g, GRAPH_FROM_OPEN, "memory", &unseen);
	for (size_t i = 0; pid && i < pins->nr; i++)
		if (pins->items[i].kind == IDLE_MAP && may_be_mapped(&pins->items[i]))
			add_tie(t, pins->items[i].id, USAGE_MAPPED, pid);
}

void gc_ties_find(struct gc_ties *ret, const struct idle_pins *pins, struct graph *g)
{
	const struct graph_hidden failed = {.source = GRAPH_FROM_OPEN, .failed = true};
	size_t untold = 0;
	int r = link_fd_each(add_link_tie, ret);

	/* Before Linux 5.8 links have no ids. */
	if (r < 0 && r != -EINVAL)
		graph_add_hidden_at(g, &failed, "maps of links: %s", err_words(r));
	for (size_t i = 0; i < pins->nr; i++)
		if (pins->items[i].kind == IDLE_MAP)
			tie_map(ret, &pins->items[i], &untold);
	if (untold)
		graph_add_hidden(
			g, GRAPH_FROM_OPEN,
			"programs attached to %zu sockmap%s: this kernel does not tell",
			untold, untold == 1 ? "" : "s");
	tie_mapped(ret, pins, g);
}
