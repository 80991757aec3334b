/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "elf/elf_btf.h"
#include "elf/elf_view.h"

/* Where each type begins in the section; index 0 is void. Names are borrowed. */
struct elf_btf {
	const struct elf_section *section;
	const char *strings; /* ends with a NUL */
	uint32_t strings_size;
	uint32_t *types;
	uint32_t nr; /* with void */
	uint32_t end;
	uint8_t *depths;
};

static void elf_btf_release(struct elf_btf *b)
{
	free(b->types);
	free(b->depths);
}

/* What stands behind a type, -1: a kind that nobody knows. */
static int64_t behind_type(const struct btf_type *t)
{
	int64_t nr = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return nr * (int64_t)sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return nr * (int64_t)sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return nr * (int64_t)sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return nr * (int64_t)sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return nr * (int64_t)sizeof(struct btf_var_secinfo);
	case BTF_KIND_UNKN:
		return -1;
	default:
		return BTF_INFO_KIND(t->info) <= BTF_KIND_TYPE_TAG ? 0 : -1;
	}
}

/* From 1 on, below b->nr. */
static struct btf_type elf_type_at(const struct elf_btf *b, uint32_t id)
{
	struct btf_type t;

	memcpy(&t, b->section->data + b->types[id], sizeof(t));
	return t;
}

static const char *elf_type_name(const struct elf_btf *b, uint32_t offset)
{
	return offset < b->strings_size ? b->strings + offset : "";
}

/* As far as they make sense; one more than the limit is enough to know. */
static void read_types(struct elf_btf *b, uint32_t at)
{
	uint32_t room = 0;

	b->nr = 1;
	while (b->nr <= ELF_TYPES_MAX && b->end - at >= sizeof(struct btf_type)) {
		struct btf_type t;
		int64_t more;

		memcpy(&t, b->section->data + at, sizeof(t));
		more = behind_type(&t);
		if (more < 0 || (uint64_t)more > b->end - at - sizeof(t))
			return;
		if (b->nr >= room) {
			room = room ? 2 * room : 1024;
			b->types = xrealloc(b->types, room, sizeof(*b->types));
		}
		b->types[b->nr++] = at;
		at += (uint32_t)sizeof(t) + (uint32_t)more;
	}
}

/* Without types where there is no section, or one that is none. */
static void elf_btf_open(struct elf_btf *ret, const struct elf_view *view)
{
	const struct elf_section *s = &view->sections[elf_view_find(view, ".BTF")];
	struct btf_header h;
	uint64_t types, strings;

	*ret = (struct elf_btf){.section = s};
	if (s->size < sizeof(h) || s->size > UINT32_MAX)
		return;
	memcpy(&h, s->data, sizeof(h));
	types = (uint64_t)h.hdr_len + h.type_off;
	strings = (uint64_t)h.hdr_len + h.str_off;
	if (h.magic != BTF_MAGIC || types + h.type_len > s->size ||
	    strings + h.str_len > s->size || !h.str_len ||
	    s->data[strings + h.str_len - 1])
		return;
	ret->strings = (const char *)s->data + strings;
	ret->strings_size = h.str_len;
	ret->end = (uint32_t)(types + h.type_len);
	read_types(ret, (uint32_t)types);
}

/* The types of which this one is made, that is not those it points to; 0: there is no such. */
static uint32_t part_of_type(const struct elf_btf *b, uint32_t id, uint32_t i)
{
	const struct btf_type t = elf_type_at(b, id);
	uint64_t behind = b->types[id] + sizeof(t);
	struct btf_array array;
	struct btf_member member;

	switch (BTF_INFO_KIND(t.info)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		if (i >= BTF_INFO_VLEN(t.info))
			return 0;
		memcpy(&member, b->section->data + behind + i * sizeof(member),
		       sizeof(member));
		/* Of a damaged one the others count, too. */
		return member.type ? member.type : UINT32_MAX;
	case BTF_KIND_ARRAY:
		memcpy(&array, b->section->data + behind, sizeof(array));
		return i ? 0 : array.type;
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return i ? 0 : t.type;
	}
	return 0;
}

/*
 * Levels below a type, which is not void; -1: too many, as in a type that has itself in it.
 * depths has one more.
 */
static int depth_of(struct elf_btf *b, uint32_t id, int level)
{
	int deepest = 0;
	uint32_t part;

	if (id >= b->nr)
		return 0;
	if (level > ELF_DEPTH_MAX)
		return -1;
	if (b->depths[id])
		return b->depths[id] - 1;
	for (uint32_t i = 0; (part = part_of_type(b, id, i)) != 0; i++) {
		int depth = depth_of(b, part, level + 1);

		if (depth < 0)
			return -1;
		deepest = depth + 1 > deepest ? depth + 1 : deepest;
	}
	if (level + deepest > ELF_DEPTH_MAX)
		return -1;
	b->depths[id] = (uint8_t)(deepest + 1);
	return deepest;
}

static int check_type(struct elf_btf *b, uint32_t id, struct err *err)
{
	const struct btf_type t = elf_type_at(b, id);
	const char *name = elf_type_name(b, t.name_off);

	if (BTF_INFO_KIND(t.info) == BTF_KIND_DATASEC && strcmp(name, ".maps") == 0 &&
	    BTF_INFO_VLEN(t.info) > ELF_MAPS_MAX)
		return err_say(err, -E2BIG, "%u maps, more than %d; use several objects",
			       BTF_INFO_VLEN(t.info), ELF_MAPS_MAX);
	if (depth_of(b, id, 0) < 0)
		return err_say(err, -E2BIG,
			       "BTF type id %u has more than %d levels of members", id,
			       ELF_DEPTH_MAX);
	return 0;
}

int elf_btf_check(const struct elf_view *view, struct err *err)
{
	auto_release(elf_btf_release) struct elf_btf b = {.nr = 0};

	elf_btf_open(&b, view);
	if (b.nr > ELF_TYPES_MAX)
		return err_say(err, -E2BIG, "more than %d BTF types", ELF_TYPES_MAX);
	b.depths = xcalloc(b.nr + 1, sizeof(*b.depths));
	for (uint32_t id = 1; id < b.nr; id++) {
		int r = check_type(&b, id, err);

		if (r < 0)
			return r;
	}
	return 0;
}
