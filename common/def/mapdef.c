/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "def/mapdef.h"

/* Row = enum bpf_map_type; the last four are newer than Linux 6.1's header. */
static const char *const type_names[] = {
	"unspec",
	"hash",
	"array",
	"prog_array",
	"perf_event_array",
	"percpu_hash",
	"percpu_array",
	"stack_trace",
	"cgroup_array",
	"lru_hash",
	"lru_percpu_hash",
	"lpm_trie",
	"array_of_maps",
	"hash_of_maps",
	"devmap",
	"sockmap",
	"cpumap",
	"xskmap",
	"sockhash",
	"cgroup_storage",
	"reuseport_sockarray",
	"percpu_cgroup_storage",
	"queue",
	"stack",
	"sk_storage",
	"devmap_hash",
	"struct_ops",
	"ringbuf",
	"inode_storage",
	"task_storage",
	"bloom_filter",
	"user_ringbuf",
	"cgrp_storage",
	"arena",
	"insn_array",
	"rhash",
};
enum { MAP_TYPE_RHASH = 35 };

void mapdef_release(struct mapdef *def)
{
	if (!def)
		return;
	layout_free(def->key_layout);
	layout_free(def->value_layout);
	*def = (struct mapdef)MAPDEF_INIT;
}

int mapdef_copy(struct mapdef *dst, const struct mapdef *src)
{
	*dst = *src;
	dst->key_layout = layout_copy(src->key_layout);
	dst->value_layout = layout_copy(src->value_layout);
	return 0;
}

const char *mapdef_type_name(uint32_t type)
{
	return type < array_size(type_names) ? type_names[type] : NULL;
}

int mapdef_type_by_name(const char *name)
{
	for (size_t i = 0; i < array_size(type_names); i++)
		if (strcmp(type_names[i], name) == 0)
			return (int)i;
	return -ENOENT;
}

bool mapdef_is_outer(const struct mapdef *def)
{
	return def->type == BPF_MAP_TYPE_ARRAY_OF_MAPS ||
	       def->type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

bool mapdef_type_is_percpu(uint32_t type)
{
	switch (type) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
		return true;
	default:
		return false;
	}
}

bool mapdef_is_percpu(const struct mapdef *def)
{
	return mapdef_type_is_percpu(def->type);
}

bool mapdef_is_data(const struct mapdef *def)
{
	switch (def->type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_LPM_TRIE:
	case MAP_TYPE_RHASH:
		return true;
	default:
		return false;
	}
}

/* The resizable hash is data that nobody has moved yet: no kernel here has it. */
bool mapdef_can_migrate(const struct mapdef *def)
{
	return def->type != MAP_TYPE_RHASH &&
	       (mapdef_is_data(def) || mapdef_is_outer(def));
}

int mapdef_check_name(const char *name, struct err *err)
{
	size_t n = strlen(name);

	if (n == 0)
		return err_say(err, -EINVAL, "a map has an empty name");
	if (n > MAPDEF_NAME_MAX)
		return err_say(err, -EINVAL, "map name '%.32s...' has %zu bytes, over %d",
			       name, n, MAPDEF_NAME_MAX);
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_say(err, -EINVAL, "map name '%s' would be a directory", name);
	if (strchr(name, '/'))
		return err_say(err, -EINVAL, "map name '%s' has a '/'", name);
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return err_say(err, -EINVAL, "map name '%s' has control bytes",
				       name);
	return 0;
}

static bool is_ringbuf(const struct mapdef *def)
{
	return def->type == BPF_MAP_TYPE_RINGBUF ||
	       def->type == BPF_MAP_TYPE_USER_RINGBUF;
}

/* Smallest power of two of pages that holds bytes; 0 stays 0, for the kernel to refuse.
 */
static uint32_t ringbuf_bytes(uint32_t bytes)
{
	uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE);

	while (size < bytes)
		size *= 2;
	return bytes && size <= UINT32_MAX ? (uint32_t)size : bytes;
}

uint32_t mapdef_create_entries(const struct mapdef *def, unsigned int ncpus)
{
	if (is_ringbuf(def))
		return ringbuf_bytes(def->max_entries);
	if (def->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY && def->max_entries == 0)
		return ncpus;
	return def->max_entries;
}

void mapdef_describe(const struct mapdef *def, struct strbuf *out)
{
	const char *name = mapdef_type_name(def->type);

	if (name)
		sb_add(out, name);
	else
		sb_addf(out, "type %" PRIu32, def->type);
	if (def->key_size)
		sb_addf(out, ", key %" PRIu32 " B", def->key_size);
	if (def->value_size)
		sb_addf(out, ", value %" PRIu32 " B", def->value_size);
	if (is_ringbuf(def))
		sb_addf(out, ", %" PRIu32 " B", def->max_entries);
	else
		sb_addf(out, ", %" PRIu32 " %s", def->max_entries,
			def->max_entries == 1 ? "entry" : "entries");
	if (def->map_flags)
		sb_addf(out, ", flags %#" PRIx32, def->map_flags);
	if (def->map_extra)
		sb_addf(out, ", map_extra %#" PRIx64, def->map_extra);
}
