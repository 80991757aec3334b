/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/alloc.h"
#include "def/mapdef.h"
#include "kernel/map_fd.h"
#include "load/inner_maps.h"

#ifndef BPF_F_INNER_MAP
#define BPF_F_INNER_MAP (1U << 12) /* Linux 5.10 */
#endif

/* Slots looked at before an outer map counts as empty. */
enum { SLOTS_MAX = 4096 };

/*
 * fd of the first inner map, -ENOENT without one, or why it cannot be had. Only in an outer map is
 * a value an id; in any other it is as long as that map says, and nothing to be read here.
 */
static int any_inner(int fd, const struct mapdef *outer)
{
	auto_free void *key = xcalloc(1, outer->key_size);
	bool first = true;
	int none = -ENOENT;

	if (!mapdef_is_outer(outer) || outer->value_size != sizeof(uint32_t))
		return -ENOENT;
	for (int i = 0; i < SLOTS_MAX; i++) {
		uint32_t id = 0;

		if (bpf_map_get_next_key(fd, first ? NULL : key, key) < 0)
			return errno == ENOENT ? none : -errno;
		first = false;
		if (bpf_map_lookup_elem(fd, key, &id) < 0 && errno != ENOENT)
			none = -errno;
		if (!id)
			continue;
		int inner = map_fd_by_id(id);

		/* One that went meanwhile is in no slot any more. */
		if (inner != -ENOENT)
			return inner;
	}
	return none;
}

int inner_maps_diff(int fd, const struct mapdef *outer, const struct mapdef *wanted,
		    unsigned int diff_flags, struct strbuf *out)
{
	auto_close int inner_fd = any_inner(fd, outer);
	auto_release(mapdef_release) struct mapdef inner = MAPDEF_INIT;
	auto_strbuf differences = STRBUF_INIT;
	int r = inner_fd < 0 ? inner_fd : map_fd_def(inner_fd, &inner);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	/* The template's size says nothing about the inner maps of hashes. */
	if (wanted->type != BPF_MAP_TYPE_ARRAY || wanted->map_flags & BPF_F_INNER_MAP)
		inner.max_entries = wanted->max_entries;
	mapdef_diff(&inner, wanted, diff_flags, possible_cpus(), &differences);
	if (differences.len) {
		sb_add_sep(out, ", ", "inner map: ");
		sb_add(out, sb_text(&differences));
	}
	return 0;
}

int inner_maps_insert(int outer_fd, const struct mapdef *outer, uint32_t key,
		      int inner_fd, const char *inner_name, struct err *err)
{
	uint32_t fd = (uint32_t)inner_fd;
	int r;

	if (outer->key_size != sizeof(key))
		return err_say(
			err, -EINVAL,
			"map '%s': slots can be filled only with a key_size of 4, it is %u",
			outer->name, outer->key_size);
	if (outer->type == BPF_MAP_TYPE_ARRAY_OF_MAPS && key >= outer->max_entries)
		return err_say(
			err, -E2BIG,
			"map '%s': no slot %u for inner map '%s', max_entries is %u",
			outer->name, key, inner_name, outer->max_entries);
	r = bpf_map_update_elem(outer_fd, &key, &fd, BPF_ANY);
	if (r == -EINVAL)
		return err_say(
			err, r,
			"map '%s': inner map '%s' differs from the template in type, key_size, value_size, map_flags or max_entries",
			outer->name, inner_name);
	if (r < 0)
		return err_set(err, r, "map '%s': put inner map '%s' into slot %u",
			       outer->name, inner_name, key);
	return 0;
}
