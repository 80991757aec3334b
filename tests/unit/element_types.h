/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Types to make plans of, and what a plan says of them as a text. */
#ifndef TESTS_ELEMENT_TYPES_H
#define TESTS_ELEMENT_TYPES_H

#include <bpf/btf.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/element_plan.h"

struct types {
	struct btf *btf;
	int u8, s8, u16, u32, s32, u64, s64, flag, letter, ptr, lock, timer, f64;
};

static inline int setup(void **state)
{
	struct types *t = calloc(1, sizeof(*t));

	t->btf = btf__new_empty();
	t->u8 = btf__add_int(t->btf, "unsigned char", 1, 0);
	t->s8 = btf__add_int(t->btf, "signed char", 1, BTF_INT_SIGNED);
	t->u16 = btf__add_int(t->btf, "unsigned short", 2, 0);
	t->u32 = btf__add_int(t->btf, "unsigned int", 4, 0);
	t->s32 = btf__add_int(t->btf, "int", 4, BTF_INT_SIGNED);
	t->u64 = btf__add_int(t->btf, "unsigned long", 8, 0);
	t->s64 = btf__add_int(t->btf, "long", 8, BTF_INT_SIGNED);
	t->flag = btf__add_int(t->btf, "_Bool", 1, BTF_INT_BOOL);
	t->letter = btf__add_int(t->btf, "char", 1, BTF_INT_SIGNED);
	t->f64 = btf__add_float(t->btf, "double", 8);
	t->ptr = btf__add_ptr(t->btf, 0);
	t->lock = btf__add_struct(t->btf, "bpf_spin_lock", 4);
	btf__add_field(t->btf, "val", t->u32, 0, 0);
	t->timer = btf__add_struct(t->btf, "bpf_timer", 16);
	*state = t;
	return 0;
}

static inline int teardown(void **state)
{
	struct types *t = *state;

	btf__free(t->btf);
	free(t);
	return 0;
}

struct field {
	const char *name;
	int type;
	uint32_t bit, bits;
};

/* The last one has no type. */
static inline int add_struct(struct types *t, const char *name, uint32_t size,
			     const struct field *fields)
{
	int id = btf__add_struct(t->btf, name, size);

	for (; fields->type; fields++)
		assert_int_equal(btf__add_field(t->btf, fields->name, fields->type,
						fields->bit, fields->bits),
				 0);
	return id;
}
#define STRUCT(t, size, ...) \
	add_struct(t, "value", size, (const struct field[]){__VA_ARGS__, {.name = NULL}})

static inline int add_enum(struct types *t, uint32_t size, int idle, const char *other,
			   int busy)
{
	int id = btf__add_enum(t->btf, "state", size);

	btf__add_enum_value(t->btf, "IDLE", idle);
	btf__add_enum_value(t->btf, other, busy);
	return id;
}

static inline bool adds_all(void *ctx, uint32_t offset, uint32_t size)
{
	(void)ctx;
	return offset % size == 0;
}

static inline struct element_side side(struct types *t, int type, bool of_key)
{
	struct element_side s = {.btf = t->btf, .key_size = 4, .value_size = 4};
	uint32_t size = type ? (uint32_t)btf__resolve_size(t->btf, (uint32_t)type) : 4;

	s.key_type = (uint32_t)(of_key ? type : t->u32);
	s.value_type = (uint32_t)(of_key ? t->u32 : type);
	*(of_key ? &s.key_size : &s.value_size) = size;
	s.adds = adds_all;
	return s;
}

/* "packets kept add u64 u64; …" */
static inline char *plan_text(const struct element_plan *plan, bool of_key)
{
	auto_strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < plan->nr_rows; i++) {
		const struct element_row *row = &plan->rows[i];
		const char *policy = element_policy_name(row->policy);

		if (row->of_key != of_key)
			continue;
		sb_add_sep(&out, "; ", row->path);
		sb_addf(&out, " %s%s%s", element_action_name(row->action),
			*policy ? " " : "", policy);
		if (row->old_type)
			sb_addf(&out, " %s", row->old_type);
		if (row->new_type)
			sb_addf(&out, " > %s", row->new_type);
	}
	return sb_take(&out);
}

static inline void rows_are(struct types *t, int from, int to, const char *want)
{
	struct element_side old_side = side(t, from, false),
			    new_side = side(t, to, false);
	const struct element_options options = {.nr_merge = 0};
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;
	auto_free char *got = NULL;

	if (element_plan_init(&plan, &old_side, &new_side, &options, &err) < 0)
		fail_msg("%s", err.text);
	got = plan_text(&plan, false);
	assert_string_equal(got, want);
}

static inline void says_no(struct types *t, int from, int to, bool of_key,
			   const struct element_options *options, const char *want)
{
	struct element_side old_side = side(t, from, of_key),
			    new_side = side(t, to, of_key);
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;
	int r = element_plan_init(&plan, &old_side, &new_side, options, &err);

	if (r == 0)
		r = element_plan_check(&plan, &err);
	assert_true(r < 0);
	assert_string_equal(err.text, want);
}

static inline void refused(struct types *t, int from, int to, const char *want)
{
	says_no(t, from, to, false, &(struct element_options){.nr_merge = 0}, want);
}

#endif
