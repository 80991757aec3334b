/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "legacy/legacy_layout.h"

enum field {
	FIELD_TYPE,
	FIELD_KEY,
	FIELD_VALUE,
	FIELD_MAX,
	FIELD_FLAGS,
	FIELD_ID,
	FIELD_PINNING,
	FIELD_INNER_ID,
	FIELD_INNER_IDX,
	FIELD_INNER_MAP_IDX,
	FIELD_NUMA,
	NR_FIELDS,
};

struct words {
	uint32_t value[NR_FIELDS]; /* 0 where absent */
	bool has[NR_FIELDS];
};

struct member_name {
	const char *name;
	enum field field;
	bool elf; /* only bpf_elf_map and its kin have it */
};

/* The names both dialects use, and those of their private variants. */
static const struct member_name member_names[] = {
	{"type", FIELD_TYPE, false},
	{"size_key", FIELD_KEY, true},
	{"key_size", FIELD_KEY, false},
	{"size_value", FIELD_VALUE, true},
	{"value_size", FIELD_VALUE, false},
	{"max_elem", FIELD_MAX, true},
	{"max_entries", FIELD_MAX, false},
	{"flags", FIELD_FLAGS, false},
	{"map_flags", FIELD_FLAGS, false},
	{"id", FIELD_ID, true},
	{"pinning", FIELD_PINNING, true},
	{"inner_id", FIELD_INNER_ID, true},
	{"inner_idx", FIELD_INNER_IDX, true},
	{"inner_map_idx", FIELD_INNER_MAP_IDX, false},
	{"numa_node", FIELD_NUMA, false},
};

struct shape {
	enum mapdef_dialect dialect;
	size_t nr;
	enum field fields[9];
};

#define FIVE_WORDS FIELD_TYPE, FIELD_KEY, FIELD_VALUE, FIELD_MAX, FIELD_FLAGS

static const struct shape shape_elf = {
	.dialect = MAPDEF_ELF,
	.nr = 9,
	.fields = {FIVE_WORDS, FIELD_ID, FIELD_PINNING, FIELD_INNER_ID, FIELD_INNER_IDX},
};
static const struct shape shape_elf24 = {
	.dialect = MAPDEF_ELF,
	.nr = 6,
	.fields = {FIELD_TYPE, FIELD_KEY, FIELD_VALUE, FIELD_MAX, FIELD_ID,
		   FIELD_PINNING},
};
static const struct shape shape_elf20 = {
	.dialect = MAPDEF_ELF,
	.nr = 5,
	.fields = {FIVE_WORDS},
};
static const struct shape shape_def = {
	.dialect = MAPDEF_DEF,
	.nr = 5,
	.fields = {FIVE_WORDS},
};
static const struct shape shape_def24 = {
	.dialect = MAPDEF_DEF,
	.nr = 6,
	.fields = {FIVE_WORDS, FIELD_PINNING},
};
static const struct shape shape_samples = {
	.dialect = MAPDEF_DEF,
	.nr = 7,
	.fields = {FIVE_WORDS, FIELD_INNER_MAP_IDX, FIELD_NUMA},
};

#define WAYS_OUT "choose one: --maps-layout elf|def|samples"

static uint32_t word_at(const unsigned char *bytes, size_t i)
{
	uint32_t v;

	memcpy(&v, bytes + i * sizeof(v), sizeof(v));
	return v;
}

static bool all_zero(const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

static bool type_is_outer(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

static void set_scope(struct mapdef *def, uint32_t pinning)
{
	static const enum pin_scope scopes[] = {PIN_SCOPE_NONE, PIN_SCOPE_OBJECT,
						PIN_SCOPE_GLOBAL};

	def->scope = pinning < array_size(scopes) ? scopes[pinning] : PIN_SCOPE_CUSTOM;
	def->pin_id = def->scope == PIN_SCOPE_CUSTOM ? pinning : 0;
}

static void set_words(struct legacy_words *ret, const struct words *w,
		      enum mapdef_dialect dialect)
{
	struct mapdef def = MAPDEF_INIT;

	def.dialect = dialect;
	def.type = w->value[FIELD_TYPE];
	def.key_size = w->value[FIELD_KEY];
	def.value_size = w->value[FIELD_VALUE];
	def.max_entries = w->value[FIELD_MAX];
	def.map_flags = w->value[FIELD_FLAGS];
	def.id = w->value[FIELD_ID];
	def.inner_id = w->value[FIELD_INNER_ID];
	if (w->has[FIELD_INNER_IDX])
		def.inner_idx = (int32_t)w->value[FIELD_INNER_IDX];
	if (def.map_flags & BPF_F_NUMA_NODE)
		def.numa_node = w->value[FIELD_NUMA];
	set_scope(&def, w->value[FIELD_PINNING]);
	ret->def = def;
	ret->inner_index = -1;
	if (w->has[FIELD_INNER_MAP_IDX] && type_is_outer(def.type))
		ret->inner_index = w->value[FIELD_INNER_MAP_IDX];
}

static const struct member_name *legacy_find_name(const char *name)
{
	for (size_t i = 0; i < array_size(member_names); i++)
		if (strcmp(member_names[i].name, name) == 0)
			return &member_names[i];
	return NULL;
}

/* Objects are of this machine's byte order: elf_view lets no other in. */
static int legacy_layout_read_member(struct words *w, const unsigned char *bytes,
				     const struct btf_var_member *m, enum field field,
				     struct err *err)
{
	uint16_t half;

	if (w->has[field])
		return err_say(err, -EINVAL, "BTF: member '%s' repeats another one",
			       m->name);
	switch (m->size) {
	case 1:
		w->value[field] = bytes[m->offset];
		break;
	case 2:
		memcpy(&half, bytes + m->offset, sizeof(half));
		w->value[field] = half;
		break;
	case 4:
		w->value[field] = word_at(bytes + m->offset, 0);
		break;
	default:
		return err_say(err, -EINVAL,
			       "BTF: member '%s' is not a number of up to 32 bits",
			       m->name);
	}
	w->has[field] = true;
	return 0;
}

static int read_by_name(struct legacy_words *ret, const unsigned char *bytes, size_t size,
			const struct btf_var_member *members, size_t nr, struct err *err)
{
	struct words w = {.value = {0}};
	size_t end = 0;
	bool elf = false, gobpf = false;

	for (size_t i = 0; i < nr; i++) {
		const struct btf_var_member *m = &members[i];
		const struct member_name *known = legacy_find_name(m->name);
		int r = 0;

		if (m->offset > size || m->size > size - m->offset)
			return err_say(
				err, -EINVAL,
				"BTF: member '%s' lies outside the %zu bytes of the definition",
				m->name, size);
		if (end < m->offset + m->size)
			end = m->offset + m->size;
		if (known)
			r = legacy_layout_read_member(&w, bytes, m, known->field, err);
		else if (!all_zero(bytes + m->offset, m->size))
			r = err_say(err, -EINVAL,
				    "member '%s' is unknown and not zero, " WAYS_OUT,
				    m->name);
		if (r)
			return r;
		elf |= known && known->elf;
		gobpf |= strcmp(m->name, "namespace") == 0;
	}
	if (!all_zero(bytes + end, size - end))
		return err_say(
			err, -EINVAL,
			"bytes %zu to %zu are not zero and BTF has no member there", end,
			size - 1);
	/* gobpf's bpf_map_def has a pinning of its own kind, which is 0 or goes with a
	 * namespace. */
	set_words(ret, &w, elf && !gobpf ? MAPDEF_ELF : MAPDEF_DEF);
	return 0;
}

/*
 * May bytes be read by their places although BTF has names for them? Where the author chose
 * names of his own, the first five words are the same in every layout; what follows is known
 * only in the 32 and 36 bytes of a bpf_elf_map. In 28 bytes an owner or a number of one's own
 * must not be taken for a pinning. Known names have to stand where they belong.
 */
static bool names_allow_places(const unsigned char *bytes, size_t size,
			       const struct btf_var_member *members, size_t nr)
{
	size_t told = size == 32 || size == 36 ? size / sizeof(uint32_t) : 5;
	bool own = false;

	for (size_t i = 0; i < nr; i++) {
		const struct btf_var_member *m = &members[i];
		const struct member_name *known = legacy_find_name(m->name);
		size_t at = m->offset / sizeof(uint32_t);

		if (m->offset > size || m->size > size - m->offset)
			return false;
		if (!known && all_zero(bytes + m->offset, m->size))
			continue;
		if (m->size != sizeof(uint32_t) || m->offset % sizeof(uint32_t) ||
		    at >= told || (known && known->field != shape_elf.fields[at]))
			return false;
		/* No pin database has the author's own numbers. */
		if (!known && shape_elf.fields[at] == FIELD_PINNING &&
		    word_at(bytes, at) > 2)
			return false;
		own |= !known;
	}
	return own;
}

/* The layout a size stands for under an option that names one. */
static const struct shape *shape_told(enum maps_layout layout, size_t size)
{
	switch (layout) {
	case MAPS_LAYOUT_ELF:
		return size == 24 ? &shape_elf24 : &shape_elf;
	case MAPS_LAYOUT_DEF:
		return size == 24 ? &shape_def24 : &shape_def;
	case MAPS_LAYOUT_SAMPLES:
		return &shape_samples;
	case MAPS_LAYOUT_AUTO:
		break;
	}
	return NULL;
}

/* 28 bytes with something behind the first five words. NULL: nobody can tell. */
static const struct shape *shape_of_28(const unsigned char *bytes, size_t nr_maps)
{
	uint32_t first = word_at(bytes, 5), second = word_at(bytes, 6);

	if (type_is_outer(word_at(bytes, 0)) && first < nr_maps && second == 0)
		return &shape_samples;
	if (word_at(bytes, 4) & BPF_F_NUMA_NODE)
		return &shape_samples;
	if (second >= 1 && second <= 3)
		return &shape_elf;
	return NULL;
}

static const struct shape *shape_guessed(const unsigned char *bytes, size_t size,
					 const struct legacy_layout_opts *opts)
{
	bool zero_tail = size <= 20 || all_zero(bytes + 20, size - 20);

	/*
	 * Inner map 0 of the samples layout looks like a zero tail. An outer map without
	 * an inner one cannot be made at all, so nothing is lost by reading it that way.
	 */
	if (size == 28 && type_is_outer(word_at(bytes, 0)) && zero_tail)
		return &shape_samples;
	if (size == 24)
		return NULL;
	if (zero_tail)
		return opts->reader == MAPS_READER_TC ? &shape_elf20 : &shape_def;
	return size == 28 ? shape_of_28(bytes, opts->nr_maps) : NULL;
}

static int refuse_size(size_t size, struct err *err)
{
	if (size == 280 || size == 284)
		return err_say(
			err, -EINVAL,
			"a gobpf definition with pinning or a namespace, which are not supported");
	if (size > 36)
		return err_say(
			err, -EINVAL,
			"a definition of %zu bytes is longer than any known one and not zero after byte 20 (an array of definitions?), " WAYS_OUT,
			size);
	return err_say(
		err, -EINVAL,
		"a definition of %zu bytes without BTF could be several things, " WAYS_OUT,
		size);
}

static int read_by_size(struct legacy_words *ret, const unsigned char *bytes, size_t size,
			const struct legacy_layout_opts *opts, struct err *err)
{
	/* 32 bytes were never released; tc takes them as a prefix of 36. */
	const struct shape *shape = size == 32 || size == 36 ? &shape_elf : NULL;
	struct words w = {.value = {0}};
	size_t known;

	if (!shape)
		shape = shape_told(opts->layout, size);
	if (!shape)
		shape = shape_guessed(bytes, size, opts);
	if (!shape)
		return refuse_size(size, err);
	for (size_t i = 0; i < shape->nr && (i + 1) * sizeof(uint32_t) <= size; i++) {
		w.value[shape->fields[i]] = word_at(bytes, i);
		w.has[shape->fields[i]] = true;
	}
	known = shape->nr * sizeof(uint32_t);
	if (size > known && !all_zero(bytes + known, size - known))
		return err_say(
			err, -EINVAL,
			"bytes %zu to %zu are not zero and have no meaning in this layout, " WAYS_OUT,
			known, size - 1);
	set_words(ret, &w, shape->dialect);
	/* 28 bytes that nobody named: kernel samples had other things there. */
	ret->def.scope_guessed = size == 28 && opts->layout == MAPS_LAYOUT_AUTO &&
				 ret->def.scope != PIN_SCOPE_NONE;
	return 0;
}

int legacy_layout_read(struct legacy_words *ret, const unsigned char *bytes, size_t size,
		       const struct btf_var_member *members, size_t nr,
		       const struct legacy_layout_opts *opts, struct err *err)
{
	bool told = opts->layout != MAPS_LAYOUT_AUTO;

	if (size < LEGACY_LAYOUT_MIN)
		return err_say(
			err, -EINVAL,
			"a definition of %zu bytes is too small, the smallest known has %d",
			size, LEGACY_LAYOUT_MIN);
	if (size % sizeof(uint32_t))
		return err_say(
			err, -EINVAL,
			"the section's bytes do not divide: %zu for this definition is not a whole number of words",
			size);
	if (nr && !told && !names_allow_places(bytes, size, members, nr))
		return read_by_name(ret, bytes, size, members, nr, err);
	return read_by_size(ret, bytes, size, opts, err);
}
