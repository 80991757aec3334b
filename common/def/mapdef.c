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

bool mapdef_is_percpu(const struct mapdef *def)
{
	switch (def->type) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
		return true;
	default:
		return false;
	}
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

/* What the kernel makes of max_entries in a map it was asked to create. */
static uint64_t kept_entries(const struct mapdef *def, unsigned int ncpus)
{
	uint64_t entries = mapdef_create_entries(def, ncpus);
	uint64_t up;

	if ((def->type != BPF_MAP_TYPE_LRU_HASH &&
	     def->type != BPF_MAP_TYPE_LRU_PERCPU_HASH) ||
	    !(def->map_flags & BPF_F_NO_COMMON_LRU) || ncpus == 0)
		return entries;
	/* One list per CPU, all of one length. */
	up = (entries + ncpus - 1) / ncpus * ncpus;
	return up <= UINT32_MAX ? up : entries / ncpus * ncpus;
}

static uint64_t kept_flags(const struct mapdef *def)
{
	/* These two limit the creator's fd; they are not stored. */
	uint64_t flags = def->map_flags & ~(uint64_t)(BPF_F_RDONLY | BPF_F_WRONLY);

	/* Devmaps get this bit whether it was asked for or not. */
	if (def->type == BPF_MAP_TYPE_DEVMAP || def->type == BPF_MAP_TYPE_DEVMAP_HASH)
		flags &= ~(uint64_t)BPF_F_RDONLY_PROG;
	return flags;
}

enum field {
	FIELD_TYPE,
	FIELD_KEY_SIZE,
	FIELD_VALUE_SIZE,
	FIELD_MAX_ENTRIES,
	FIELD_MAP_FLAGS,
	FIELD_MAP_EXTRA,
	FIELD_NUMA_NODE,
	NR_FIELDS,
	NR_SHAPE_FIELDS = FIELD_MAX_ENTRIES, /* those before */
};

static const struct {
	const char *name;
	bool hex;
} fields[NR_FIELDS] = {
	[FIELD_TYPE] = {"type", false},
	[FIELD_KEY_SIZE] = {"key_size", false},
	[FIELD_VALUE_SIZE] = {"value_size", false},
	[FIELD_MAX_ENTRIES] = {"max_entries", false},
	[FIELD_MAP_FLAGS] = {"map_flags", true},
	[FIELD_MAP_EXTRA] = {"map_extra", true},
	[FIELD_NUMA_NODE] = {"numa_node", false},
};

static void said_fields(uint64_t ret[NR_FIELDS], const struct mapdef *def)
{
	ret[FIELD_TYPE] = def->type;
	ret[FIELD_KEY_SIZE] = def->key_size;
	ret[FIELD_VALUE_SIZE] = def->value_size;
	ret[FIELD_MAX_ENTRIES] = def->max_entries;
	ret[FIELD_MAP_FLAGS] = def->map_flags;
	ret[FIELD_MAP_EXTRA] = def->map_extra;
	ret[FIELD_NUMA_NODE] = def->numa_node;
}

/* As the kernel keeps them, so that its own adjustments are on both sides. */
static void kept_fields(uint64_t ret[NR_FIELDS], const struct mapdef *def,
			unsigned int ncpus)
{
	said_fields(ret, def);
	if (mapdef_is_outer(def))
		ret[FIELD_VALUE_SIZE] = sizeof(uint32_t);
	ret[FIELD_MAX_ENTRIES] = kept_entries(def, ncpus);
	ret[FIELD_MAP_FLAGS] = kept_flags(def);
}

/* The kernel does not tell where a map's memory is, and without the flag it means
 * nothing. */
static bool knows_numa_node(const struct mapdef *def)
{
	return def->dialect != MAPDEF_KERNEL && def->map_flags & BPF_F_NUMA_NODE;
}

static void mapdef_add_field(struct strbuf *out, enum field f, uint64_t value)
{
	const char *name = f == FIELD_TYPE ? mapdef_type_name((uint32_t)value) : NULL;

	if (name)
		sb_add(out, name);
	else if (fields[f].hex)
		sb_addf(out, "0x%" PRIx64, value);
	else
		sb_addf(out, "%" PRIu64, value);
}

struct field_pair {
	uint64_t has, wants; /* as the user can look them up */
	bool differ;
};

static void compare_fields(struct field_pair ret[NR_FIELDS], const struct mapdef *pinned,
			   const struct mapdef *wanted, unsigned int ncpus)
{
	uint64_t has[NR_FIELDS], wants[NR_FIELDS], has_said[NR_FIELDS],
		wants_said[NR_FIELDS];
	bool numa = knows_numa_node(pinned) && knows_numa_node(wanted);

	kept_fields(has, pinned, ncpus);
	kept_fields(wants, wanted, ncpus);
	said_fields(has_said, pinned);
	said_fields(wants_said, wanted);
	for (unsigned int f = 0; f < NR_FIELDS; f++) {
		/* What stands in the source is what the user can look up. */
		bool said = has_said[f] != wants_said[f];

		ret[f] = (struct field_pair){
			.has = said ? has_said[f] : has[f],
			.wants = said ? wants_said[f] : wants[f],
			.differ = has[f] != wants[f] && (f != FIELD_NUMA_NODE || numa),
		};
	}
}

static int diff_fields(const struct mapdef *pinned, const struct mapdef *wanted,
		       unsigned int nr_fields, unsigned int ncpus, struct strbuf *list)
{
	struct field_pair pairs[NR_FIELDS];
	int nr = 0;

	compare_fields(pairs, pinned, wanted, ncpus);
	for (unsigned int f = 0; f < nr_fields; f++) {
		if (!pairs[f].differ)
			continue;
		sb_add_sep(list, ", ", fields[f].name);
		sb_add_char(list, ' ');
		mapdef_add_field(list, f, pairs[f].has);
		sb_add_char(list, '/');
		mapdef_add_field(list, f, pairs[f].wants);
		nr++;
	}
	return nr;
}

const char *mapdef_field(unsigned int i, const struct mapdef *pinned,
			 const struct mapdef *wanted, unsigned int ncpus,
			 struct strbuf *has, struct strbuf *wants, bool *differ)
{
	struct field_pair pairs[NR_FIELDS];

	if (i >= NR_FIELDS)
		return NULL;
	compare_fields(pairs, pinned, wanted, ncpus);
	mapdef_add_field(has, i, pairs[i].has);
	mapdef_add_field(wants, i, pairs[i].wants);
	*differ = pairs[i].differ;
	return fields[i].name;
}

static int diff_layout(const char *what, const struct layout *pinned,
		       const struct layout *wanted, struct strbuf *list)
{
	auto_strbuf difference = STRBUF_INIT;

	if (!pinned || !wanted || layout_diff(pinned, wanted, &difference) == 0)
		return 0;
	sb_add_sep(list, ", ", what);
	sb_addf(list, " layout: %s", sb_text(&difference));
	return 1;
}

int mapdef_diff(const struct mapdef *pinned, const struct mapdef *wanted,
		unsigned int flags, unsigned int ncpus, struct strbuf *out)
{
	bool shape = flags & MAPDEF_DIFF_SHAPE;
	auto_strbuf list = STRBUF_INIT;
	int nr;

	nr = diff_fields(pinned, wanted, shape ? NR_SHAPE_FIELDS : NR_FIELDS, ncpus,
			 &list);
	if (!(flags & (MAPDEF_DIFF_SHAPE | MAPDEF_DIFF_NO_LAYOUT))) {
		/* A layout of another size only says the size's difference once more. */
		if (pinned->key_size == wanted->key_size)
			nr += diff_layout("key", pinned->key_layout, wanted->key_layout,
					  &list);
		if (pinned->value_size == wanted->value_size)
			nr += diff_layout("value", pinned->value_layout,
					  wanted->value_layout, &list);
	}
	sb_add(out, sb_text(&list));
	return nr;
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
