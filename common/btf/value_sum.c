/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/btf.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/bits.h"
#include "btf/btf_vars.h"
#include "btf/value_sum.h"

enum { DEPTH_MAX = 32 };

int value_sum_possible(const struct value_fields *fields, struct err *err)
{
	for (size_t i = 0; i < fields->nr; i++) {
		const struct value_field *field = &fields->items[i];

		if (field->shared)
			return err_say(
				err, -EOPNOTSUPP,
				"member '%s' is in a union: no sum says what it means",
				field->name);
		if (field->kind != LAYOUT_INT)
			return err_say(
				err, -EOPNOTSUPP,
				"member '%s' is not an integer of up to 64 bits: it has no sum",
				field->name);
	}
	if (fields->nr == 0)
		return err_say(err, -EOPNOTSUPP, "no integers in its values");
	return 0;
}

/* number, or the one nearest to it of that many bits. */
static uint64_t sum_fit(__int128 number, uint32_t bits, bool is_signed, bool *cut)
{
	__int128 most = ((__int128)1 << (is_signed ? bits - 1 : bits)) - 1;
	__int128 least = is_signed ? -most - 1 : 0;

	*cut = number > most || number < least;
	return (uint64_t)(number > most ? most : number < least ? least : number);
}

static __int128 sum_signed(const struct value_field *field, uint64_t bits)
{
	return field->is_signed ? (__int128)(int64_t)bits : (__int128)bits;
}

const struct value_field *value_sum_of(const struct value_fields *fields,
				       const void *values, size_t stride, unsigned int nr,
				       uint64_t *ret)
{
	const struct value_field *first = NULL;

	for (size_t i = 0; i < fields->nr; i++) {
		const struct value_field *field = &fields->items[i];
		const char *at = values;
		__int128 sum = 0;
		bool cut;

		for (unsigned int cpu = 0; cpu < nr; cpu++, at += stride)
			sum += sum_signed(field, value_field_get(field, at));
		ret[i] = sum_fit(sum, 64, field->is_signed, &cut);
		if (cut && !first)
			first = field;
	}
	return first;
}

const struct value_field *value_sum_narrow(const struct value_fields *fields,
					   const uint64_t *sum, void *ret)
{
	const struct value_field *first = NULL;

	memset(ret, 0, fields->size);
	for (size_t i = 0; i < fields->nr; i++) {
		const struct value_field *field = &fields->items[i];
		bool cut = false;

		if (field->bit_size)
			bits_put(ret, field->bit_offset, field->bit_size,
				 sum_fit(sum_signed(field, sum[i]), field->bit_size,
					 field->is_signed, &cut),
				 MACHINE_IS_BIG);
		if (cut && !first)
			first = field;
	}
	return first;
}

void value_sum_fields(struct value_fields *ret, const struct value_fields *fields)
{
	*ret = (struct value_fields){.size = fields->nr * sizeof(uint64_t)};
	for (size_t i = 0; i < fields->nr; i++) {
		array_grow(ret->items, ret->nr);
		ret->items[ret->nr++] = (struct value_field){
			.name = xstrdup(fields->items[i].name),
			.bit_offset = (uint32_t)(i * 64),
			.bit_size = 64,
			.kind = LAYOUT_INT,
			.is_signed = fields->items[i].is_signed,
			.term_bits = fields->items[i].bit_size,
		};
	}
}

/* --- types -------------------------------------------------------------------------- */

struct sum_types {
	const struct btf *from;
	struct btf *to;
	unsigned int depth;
};

static int sum_type(struct sum_types *s, uint32_t id);

/* Members are collected first: types that are added meanwhile would end the struct. */
static int sum_struct(struct sum_types *s, const struct btf_type *t)
{
	auto_free int *types = xcalloc(btf_vlen(t) + 1u, sizeof(*types));
	uint32_t size = 0, nr = btf_vlen(t);
	int id;

	for (uint32_t i = 0; i < nr; i++) {
		types[i] = sum_type(s, btf_members(t)[i].type);
		if (types[i] < 0)
			return types[i];
		size += (uint32_t)btf__resolve_size(s->to, (uint32_t)types[i]);
	}
	id = btf__add_struct(s->to, btf__name_by_offset(s->from, t->name_off), size);
	size = 0;
	for (uint32_t i = 0; id >= 0 && i < nr; i++) {
		const char *name =
			btf__name_by_offset(s->from, btf_members(t)[i].name_off);

		if (btf__add_field(s->to, name, types[i], size * 8, 0) < 0)
			return -EINVAL;
		size += (uint32_t)btf__resolve_size(s->to, (uint32_t)types[i]);
	}
	return id;
}

static int sum_array(struct sum_types *s, const struct btf_type *t)
{
	int element = sum_type(s, btf_array(t)->type);

	return element < 0 ? element
			   : btf__add_array(s->to, 1, element, btf_array(t)->nelems);
}

static int sum_bare_type(struct sum_types *s, const struct btf_type *t)
{
	if (btf_is_mod(t) || btf_is_typedef(t))
		return sum_type(s, t->type);
	if (btf_is_int(t))
		return btf_int_encoding(t) & BTF_INT_SIGNED ? 2 : 1;
	if (btf_is_struct(t))
		return sum_struct(s, t);
	return btf_is_array(t) ? sum_array(s, t) : -EOPNOTSUPP;
}

static int sum_type(struct sum_types *s, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(s->from, id);
	int r;

	if (!t || s->depth == DEPTH_MAX)
		return -EOPNOTSUPP;
	s->depth++;
	r = sum_bare_type(s, t);
	s->depth--;
	return r;
}

struct btf *value_sum_type(const struct btf *btf, uint32_t type_id, uint32_t *ret_id)
{
	struct sum_types s = {.from = btf, .to = btf__new_empty()};
	int id = -ENOMEM;

	/* The two that sum_bare_type() names by number. */
	if (s.to && btf__add_int(s.to, "u64", 8, 0) == 1 &&
	    btf__add_int(s.to, "s64", 8, BTF_INT_SIGNED) == 2)
		id = sum_type(&s, type_id);
	if (id < 0) {
		btf__free(s.to);
		return NULL;
	}
	*ret_id = (uint32_t)id;
	return s.to;
}
