/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The numbers of a definition in one table, and how two definitions differ. */
#include <inttypes.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>

#include "base/strbuf.h"
#include "def/layout.h"
#include "def/mapdef.h"

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

#define FIELD(member)                          \
	.at = offsetof(struct mapdef, member), \
	.size = sizeof(((struct mapdef *)0)->member)

/* A new property is a row here: what differs, object show and JSON follow. */
static const struct {
	struct mapdef_property property;
	size_t at, size;
} fields[NR_FIELDS] = {
	[FIELD_TYPE] = {{"type", false, false}, FIELD(type)},
	[FIELD_KEY_SIZE] = {{"key_size", false, false}, FIELD(key_size)},
	[FIELD_VALUE_SIZE] = {{"value_size", false, false}, FIELD(value_size)},
	[FIELD_MAX_ENTRIES] = {{"max_entries", false, false}, FIELD(max_entries)},
	[FIELD_MAP_FLAGS] = {{"map_flags", true, false}, FIELD(map_flags)},
	[FIELD_MAP_EXTRA] = {{"map_extra", true, true}, FIELD(map_extra)},
	[FIELD_NUMA_NODE] = {{"numa_node", false, true}, FIELD(numa_node)},
};

static uint64_t field_value(const struct mapdef *def, unsigned int f)
{
	const char *at = (const char *)def + fields[f].at;
	uint64_t wide;
	uint32_t value;

	if (fields[f].size == sizeof(wide)) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&value, at, sizeof(value));
	return value;
}

static bool has_numa_node(const struct mapdef *def)
{
	return def->map_flags & BPF_F_NUMA_NODE;
}

const struct mapdef_property *mapdef_property(unsigned int i, const struct mapdef *def,
					      uint64_t *value, bool *present)
{
	if (i >= NR_FIELDS)
		return NULL;
	*value = field_value(def, i);
	*present = i == FIELD_NUMA_NODE ? has_numa_node(def)
					: !fields[i].property.rare || *value;
	return &fields[i].property;
}

static void said_fields(uint64_t ret[NR_FIELDS], const struct mapdef *def)
{
	for (unsigned int f = 0; f < NR_FIELDS; f++)
		ret[f] = field_value(def, f);
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
	return def->dialect != MAPDEF_KERNEL && has_numa_node(def);
}

static void mapdef_add_field(struct strbuf *out, enum field f, uint64_t value)
{
	const char *name = f == FIELD_TYPE ? mapdef_type_name((uint32_t)value) : NULL;

	if (name)
		sb_add(out, name);
	else if (fields[f].property.hex)
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
		sb_add_sep(list, ", ", fields[f].property.name);
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
	return fields[i].property.name;
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
