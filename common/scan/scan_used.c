/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/id_compare.h"
#include "def/mapdef.h"
#include "kernel/map_fd.h"
#include "kernel/prog_fd.h"
#include "scan/graph_scan.h"
#include "scan/scan_used.h"

struct used_scan {
	scan_used_fn *fn;
	void *ctx;
	uint32_t *ids; /* owned */
	size_t nr;
	struct graph outer; /* slots of the outer maps alone */
};

static void used_scan_release(struct used_scan *s)
{
	free(s->ids);
	graph_release(&s->outer);
}

/* Ids alone, in step, until one of the lists ends. */
static bool used_maps_are_fewer(void)
{
	uint32_t map = 0, program = 0;

	for (;;) {
		if (bpf_map_get_next_id(map, &map) < 0)
			return true;
		if (bpf_prog_get_next_id(program, &program) < 0)
			return false;
	}
}

static void used_add(struct used_scan *s, uint32_t id)
{
	array_grow(s->ids, s->nr);
	s->ids[s->nr++] = id;
}

static int used_add_program(uint32_t id, int fd, const struct bpf_prog_info *info,
			    void *ctx)
{
	auto_free uint32_t *maps = NULL;
	size_t nr = 0;
	int r = info->nr_map_ids ? prog_fd_maps(fd, &maps, &nr) : 0;

	(void)id;
	for (size_t i = 0; i < nr; i++)
		used_add(ctx, maps[i]);
	return r;
}

static int used_tell(struct used_scan *s, uint32_t id)
{
	auto_close int fd = map_fd_by_id(id);
	struct bpf_map_info info;
	int r = fd < 0 ? fd : map_fd_info(fd, &info);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (mapdef_is_outer(&(const struct mapdef){.type = info.type}))
		scan_slots(&s->outer, id, fd, &info);
	return s->fn(id, fd, &info, s->ctx);
}

/* Each once, in order of their ids; the list is empty then. */
static int used_tell_all(struct used_scan *s)
{
	int r = 0;

	if (s->nr)
		qsort(s->ids, s->nr, sizeof(*s->ids), id_compare);
	for (size_t i = 0; i < s->nr && r == 0; i++)
		if (i == 0 || s->ids[i] != s->ids[i - 1])
			r = used_tell(s, s->ids[i]);
	s->nr = 0;
	return r;
}

int scan_used_maps(scan_used_fn *fn, void *ctx)
{
	auto_release(used_scan_release) struct used_scan s = {.fn = fn, .ctx = ctx};
	int r;

	if (used_maps_are_fewer())
		return map_fd_each(fn, ctx);
	r = prog_fd_each(used_add_program, &s);
	r = r ? r : used_tell_all(&s);
	/* What stands in slots that cannot be read is among all the maps. */
	if (r == 0 && s.outer.nr_hidden)
		return map_fd_each(fn, ctx);
	/* No outer map stands in the slot of another one. */
	for (size_t i = 0; i < s.outer.nr_slots && r == 0; i++)
		if (s.outer.slots[i].inner)
			used_add(&s, s.outer.slots[i].inner);
	return r ? r : used_tell_all(&s);
}
