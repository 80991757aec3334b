/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "format/graph_names.h"
#include "kernel/caps.h"
#include "kernel/map_fd.h"
#include "kernel/prog_fd.h"
#include "share/attach.h"
#include "share/graph_scan.h"

const struct attach_source attach_sources[] = {
	{"network", attach_net_scan},
	{"cgroup", attach_cgroup_scan},
	{"link", attach_link_scan},
	{NULL, NULL},
};

static int add_program(uint32_t id, int fd, const struct bpf_prog_info *info, void *ctx)
{
	auto_free char *name = prog_fd_name(fd, info);
	struct graph_program p = {.id = id, .name = name, .type = info->type};
	auto_free uint32_t *maps = NULL;
	struct graph *g = ctx;
	size_t nr = 0;

	p.whole =
		strlen(name) != GRAPH_KERNEL_NAME || (info->btf_id && info->nr_func_info);
	memcpy(p.tag, info->tag, sizeof(p.tag));
	graph_add_program(g, &p);
	if (prog_fd_maps(fd, &maps, &nr) < 0)
		graph_add_hidden(g, GRAPH_FROM_PROGRAM, "maps of program id %u", id);
	for (size_t i = 0; i < nr; i++)
		graph_add_use(g, id, maps[i]);
	return 0;
}

static int add_map(uint32_t id, int fd, const struct bpf_map_info *info, void *ctx)
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

static int refused(struct err *err, int code, const char *what)
{
	err_set(err, code, "list %s", what);
	return caps_explain(err, CAPS_IDS);
}

int graph_scan(struct graph *ret, const struct attach_source *sources, struct err *err)
{
	auto_graph g = GRAPH_INIT;
	int r;

	/* Attachments first: what is attached meanwhile is missed as a whole. */
	for (; sources->name; sources++) {
		r = sources->scan(&g, err);
		if (r < 0)
			return err_context(err, "%s", sources->name);
	}
	r = prog_fd_each(add_program, &g);
	if (r < 0)
		return refused(err, r, "programs");
	r = map_fd_each(add_map, &g);
	if (r < 0)
		return refused(err, r, "maps");
	scan_pins(&g);
	scan_holders(&g);
	graph_join_links(&g);
	graph_sort(&g);
	*ret = g;
	g = (struct graph)GRAPH_INIT;
	return 0;
}
