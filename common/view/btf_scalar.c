/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "view/btf_compiler.h"

int scalar_bits(struct compiler *c, uint64_t bit, uint32_t bits, struct plan_op *ret)
{
	if (!bits || bits > 128)
		return -EOPNOTSUPP;
	*ret = (struct plan_op){
		.code = c->form == BTF_TEXT ? PLAN_BITS : PLAN_BITS_QUOTED,
		.shift = bit % 8,
		.bits = (uint8_t)bits,
		.stride = (uint32_t)((bit % 8 + bits + 7) / 8),
	};
	return 0;
}

static int int_op(struct compiler *c, const struct btf_type *t, uint64_t *bit,
		  struct plan_op *ret)
{
	uint8_t encoding = btf_int_encoding(t), bits = btf_int_bits(t);
	bool is_signed = encoding == BTF_INT_SIGNED;

	*bit += btf_int_offset(t);
	if (*bit % 8 || (bits != 8 && bits != 16 && bits != 32 && bits != 64))
		return scalar_bits(c, *bit, bits, ret);
	*ret = (struct plan_op){.stride = bits / 8};
	if (encoding == BTF_INT_BOOL)
		ret->code = PLAN_BOOL;
	else if (encoding == BTF_INT_CHAR)
		ret->code = c->form == BTF_TEXT ? PLAN_CHAR : PLAN_CHAR_JSON;
	else if (bits == 8)
		ret->code = is_signed ? PLAN_S8 : PLAN_U8;
	else if (bits == 16)
		ret->code = is_signed ? PLAN_S16 : PLAN_U16;
	else if (bits == 32)
		ret->code = is_signed ? PLAN_S32 : PLAN_U32;
	else
		ret->code = is_signed ? PLAN_S64 : PLAN_U64;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const struct plan_name *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	/* Pieces of text were taken in BTF's order. */
	return x->text.at < y->text.at ? -1 : x->text.at > y->text.at;
}

static void add_enumerator(struct compiler *c, uint32_t name_off, int64_t value)
{
	struct btf_plan *plan = c->plan;
	auto_strbuf quoted = STRBUF_INIT;

	btf_form_quote(&quoted, btf__name_by_offset(c->btf, name_off));
	array_grow(plan->names, plan->nr_names);
	plan->names[plan->nr_names++] = (struct plan_name){
		.value = value,
		.text = plan_keep(c, &quoted),
	};
}

/* The index of the enum's table, added if it is the first value of this type. */
static uint32_t enum_table(struct compiler *c, uint32_t id, const struct btf_type *t)
{
	struct btf_plan *plan = c->plan;
	struct plan_enum table = {
		.type_id = id,
		.first = (uint32_t)plan->nr_names,
		.size = t->size,
	};
	struct plan_name *names;

	for (size_t i = 0; i < plan->nr_enums; i++)
		if (plan->enums[i].type_id == id)
			return (uint32_t)i;
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_enum *e = btf_enum(t) + i;
		const struct btf_enum64 *e64 = btf_enum64(t) + i;

		if (btf_is_enum(t))
			add_enumerator(c, e->name_off, e->val);
		else
			add_enumerator(c, e64->name_off, (int64_t)btf_enum64_value(e64));
	}
	table.nr = (uint32_t)plan->nr_names - table.first;
	names = plan->names + table.first;
	if (table.nr)
		qsort(names, table.nr, sizeof(*names), by_value);
	array_grow(plan->enums, plan->nr_enums);
	plan->enums[plan->nr_enums] = table;
	return (uint32_t)plan->nr_enums++;
}

int scalar_op(struct compiler *c, uint32_t id, uint64_t *bit, struct plan_op *ret)
{
	const struct btf_type *t = btf__type_by_id(c->btf, id);

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return int_op(c, t, bit, ret);
	case BTF_KIND_PTR:
		*ret = (struct plan_op){
			.code = c->form == BTF_TEXT ? PLAN_POINTER : PLAN_U64,
			.stride = 8,
		};
		return 0;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		if (t->size != 1 && t->size != 2 && t->size != 4 && t->size != 8)
			return -EOPNOTSUPP;
		*ret = (struct plan_op){
			.code = PLAN_ENUM,
			.table = enum_table(c, id, t),
			.stride = t->size,
		};
		return 0;
	case BTF_KIND_FLOAT:
		if (t->size != 4 && t->size != 8)
			return scalar_bits(c, *bit, t->size * 8, ret);
		*ret = (struct plan_op){
			.code = PLAN_FLOAT,
			.bits = (uint8_t)(t->size * 8),
			.stride = t->size,
		};
		return 0;
	default:
		return 1;
	}
}

bool scalar_is_char(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const char *name;

	while (t && (btf_is_const(t) || btf_is_volatile(t) || btf_is_restrict(t)))
		t = btf__type_by_id(btf, t->type);
	if (!t || !btf_is_int(t) || t->size != 1)
		return false;
	name = btf__name_by_offset(btf, t->name_off);
	return btf_int_encoding(t) == BTF_INT_CHAR || (name && strcmp(name, "char") == 0);
}
