/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/bpffs.h"
#include "kernel/caps.h"
#include "kernel/map_fd.h"
#include "kernel/prog_fd.h"
#include "share/attach.h"
#include "share/graph_scan.h"

const struct attach_source attach_sources[] = {
	{"tc", attach_tc_scan},
	{"cgroup", attach_cgroup_scan},
	{NULL, NULL},
};

static int add_program(uint32_t id, int fd, const struct bpf_prog_info *info, void *ctx)
{
	auto_free char *name = prog_fd_name(fd, info);
	struct graph_program p = {.id = id, .name = name, .type = info->type};
	auto_free uint32_t *maps = NULL;
	struct graph *g = ctx;
	size_t nr = 0;

	memcpy(p.tag, info->tag, sizeof(p.tag));
	graph_add_program(g, &p);
	if (prog_fd_maps(fd, &maps, &nr) < 0)
		graph_add_hidden(g, "maps of program id %u", id);
	for (size_t i = 0; i < nr; i++)
		graph_add_use(g, id, maps[i]);
	return 0;
}

static int add_map(uint32_t id, int fd, const struct bpf_map_info *info, void *ctx)
{
	char name[sizeof(info->name) + 1] = {0};

	(void)fd;
	memcpy(name, info->name, sizeof(info->name));
	graph_add_map(ctx, &(struct graph_map){.id = id,
					       .name = name,
					       .type = info->type,
					       .key_size = info->key_size,
					       .value_size = info->value_size,
					       .max_entries = info->max_entries,
					       .flags = info->map_flags,
					       .btf_id = info->btf_id});
	return 0;
}

static int add_pin(const char *path, void *ctx)
{
	auto_close int fd = map_fd_by_pin(path);
	struct bpf_map_info info;

	if (fd == -EACCES || fd == -EPERM)
		graph_add_hidden(ctx, "pin '%s': %s", path, err_words(fd));
	if (fd >= 0 && map_fd_info(fd, &info) == 0)
		graph_add_pin(ctx, GRAPH_OF_MAP, info.id, path);
	return 0;
}

struct mounts_scan {
	struct graph *g;
	unsigned int seen;
};

static int add_pins_of_mount(const char *mnt, void *ctx)
{
	struct mounts_scan *s = ctx;
	int r;

	/* A mount that another one covers is listed, but cannot be seen. */
	if (!bpffs_is(mnt))
		return 0;
	s->seen++;
	r = bpffs_each_pin(mnt, add_pin, s->g);
	if (r < 0)
		graph_add_hidden(s->g, "pins below '%s': %s", mnt, err_words(r));
	return 0;
}

static void add_pins(struct graph *g)
{
	struct mounts_scan s = {.g = g};
	int r = bpffs_each_mount(add_pins_of_mount, &s);

	if (r < 0)
		graph_add_hidden(g, "pins: %s", err_words(r));
	else if (!s.seen)
		graph_add_hidden(g, "no BPF file system is mounted here: names that only "
				    "pins know are missing");
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
	add_pins(&g);
	graph_sort(&g);
	*ret = g;
	g = (struct graph)GRAPH_INIT;
	return 0;
}
