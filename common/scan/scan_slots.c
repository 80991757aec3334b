/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "def/mapdef.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "scan/graph_scan.h"

struct slots_scan {
	struct graph *g;
	uint32_t map;
	uint32_t key_size;
	bool programs; /* else maps */
	bool redirect; /* struct bpf_devmap_val, struct bpf_cpumap_val: since Linux 5.8 */
};

/* Two numbers: the interface or the size of the queue, and the id of a program or 0. */
enum { REDIRECT_VALUE = 8 };

static bool scan_slots_is_redirect(const struct bpf_map_info *info)
{
	return info->value_size >= REDIRECT_VALUE &&
	       (info->type == BPF_MAP_TYPE_DEVMAP ||
		info->type == BPF_MAP_TYPE_DEVMAP_HASH ||
		info->type == BPF_MAP_TYPE_CPUMAP);
}

/* A program or map that user space looks up in a slot is its id. */
static int scan_slots_add_slot(const void *key, const void *value, int error, void *ctx)
{
	const struct slots_scan *s = ctx;
	struct graph_slot slot = {.map = s->map, .redirect = s->redirect};
	uint32_t id;

	if (error && error != -ENOENT)
		return error;
	if (!value)
		return 0;
	memcpy(&id, (const char *)value + (s->redirect ? sizeof(id) : 0), sizeof(id));
	if (!id)
		return 0;
	if (s->programs || s->redirect)
		slot.program = id;
	else
		slot.inner = id;
	if (s->key_size == sizeof(slot.key)) {
		slot.has_key = true;
		memcpy(&slot.key, key, sizeof(slot.key));
	}
	graph_add_slot(s->g, &slot);
	return 0;
}

void scan_slots(struct graph *g, uint32_t id, int fd, const struct bpf_map_info *info)
{
	const struct mapdef def = {.type = info->type};
	struct slots_scan s = {.g = g,
			       .map = id,
			       .key_size = info->key_size,
			       .programs = info->type == BPF_MAP_TYPE_PROG_ARRAY,
			       .redirect = scan_slots_is_redirect(info)};
	int r;

	if (!s.redirect && !s.programs && !mapdef_is_outer(&def))
		return;
	if (!s.redirect && info->value_size != sizeof(uint32_t))
		return;
	r = map_io_dump(fd, info, scan_slots_add_slot, &s);
	if (r < 0)
		graph_add_hidden_at(
			g, &(struct graph_hidden){.source = GRAPH_FROM_SLOT, .id = id},
			"slots of map id %u: %s", id, err_words(r));
}

static int scan_slots_count_one(const void *key, const void *value, int error, void *ctx)
{
	(void)key;
	(void)value;
	(void)error;
	++*(uint64_t *)ctx;
	return 0;
}

int scan_count(uint32_t map, uint64_t *ret)
{
	auto_close int fd = map_fd_by_id(map);
	struct bpf_map_info info;
	uint64_t count = 0;
	int r = fd < 0 ? fd : map_fd_info(fd, &info);

	/* Every slot of an array is always there. */
	if (r == 0 &&
	    (info.type == BPF_MAP_TYPE_ARRAY || info.type == BPF_MAP_TYPE_PERCPU_ARRAY))
		return -EOPNOTSUPP;
	r = r ? r : map_io_dump(fd, &info, scan_slots_count_one, &count);
	if (r == 0)
		*ret = count;
	return r;
}
