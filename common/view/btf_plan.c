/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/readable.h"
#include "view/btf_compiler.h"

static int btf_plan_add_type(struct compiler *c, uint32_t id, uint64_t bit);

static int add_list(struct compiler *c, const struct btf_array *array, uint64_t bit,
		    struct plan_op element)
{
	struct plan_op op = element;
	int r;

	op.element = element.code;
	op.code = scalar_is_char(c->btf, array->type) ? PLAN_STRING : PLAN_LIST;
	op.count = array->nelems;
	if (op.code == PLAN_LIST)
		plan_char(c, '[');
	c->depth++;
	r = plan_add(c, op, bit, (uint64_t)op.count * op.stride);
	if (r == 0)
		plan_close_list(c);
	return r;
}

/* What takes no room in a value could still be more text than a disk has. */
static bool loop_is_too_long(struct compiler *c, uint32_t count)
{
	c->around = (c->around ? c->around : 1) * count;
	c->empties += c->around;
	return c->empties > PLAN_MAX_EMPTIES;
}

static int add_loop(struct compiler *c, const struct btf_array *array, uint64_t bit)
{
	int64_t stride = btf__resolve_size(c->btf, array->type);
	uint64_t reach = c->reach, around = c->around;
	struct plan_op op = {.code = PLAN_LOOP, .count = array->nelems};
	int r;

	if (stride < 0)
		return -EOPNOTSUPP;
	if (stride == 0 && loop_is_too_long(c, array->nelems))
		return -E2BIG;
	op.stride = (uint32_t)stride;
	plan_open(c, '[');
	r = plan_add(c, op, bit, op.count * (uint64_t)stride);
	if (r)
		return r;
	c->reach += bit / 8 + (op.count - 1) * (uint64_t)stride;
	r = btf_plan_add_type(c, array->type, 0);
	if (r)
		return r;
	c->reach = reach;
	c->around = around;
	r = plan_add(c, (struct plan_op){.code = PLAN_LOOP_END}, 0, 0);
	plan_close(c, ']', false);
	return r;
}

static int add_array(struct compiler *c, const struct btf_type *t, uint64_t bit)
{
	const struct btf_array *array = btf_array(t);
	int64_t element_id = btf__resolve_type(c->btf, array->type);
	struct plan_op op = {.code = 0};
	uint64_t element_bit = bit;
	int64_t stride;
	int r;

	if (element_id < 0 || bit % 8)
		return -EOPNOTSUPP;
	if (!array->nelems) {
		plan_open(c, '[');
		plan_close(c, ']', true);
		return 0;
	}
	r = scalar_op(c, (uint32_t)element_id, &element_bit, &op);
	if (r < 0)
		return r;
	if (r > 0 || (c->readable && readable_type(c->btf, array->type) != READABLE_NOT))
		return add_loop(c, array, bit);
	stride = btf__resolve_size(c->btf, array->type);
	if (stride < op.stride)
		return -EOPNOTSUPP;
	op.stride = (uint32_t)stride;
	return add_list(c, array, element_bit, op);
}

static int add_readable(struct compiler *c, enum readable_kind kind, uint64_t bit)
{
	struct plan_op op = {
		.code = kind == READABLE_CGROUP ? PLAN_CGROUP : PLAN_READABLE,
		.element = (uint8_t)kind,
		.stride = (uint32_t)readable_size(kind),
	};

	return plan_add(c, op, bit, op.stride);
}

static int btf_plan_add_struct(struct compiler *c, uint32_t id, uint64_t bit)
{
	const struct btf_type *t = btf__type_by_id(c->btf, id);
	const struct btf_member *m = btf_members(t);
	const bool readable = c->readable;
	int r;

	plan_open(c, '{');
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		uint64_t at = bit + btf_member_bit_offset(t, i);
		uint32_t bits = btf_member_bitfield_size(t, i);
		struct plan_op op = {.code = 0};
		enum readable_kind kind =
			readable ? readable_member(c->btf, id, i) : READABLE_NOT;

		plan_name(c, m[i].name_off, i == 0);
		if (kind != READABLE_NOT && kind != READABLE_RAW) {
			r = add_readable(c, kind, at);
		} else if (bits) {
			r = scalar_bits(c, at, bits, &op);
			if (r == 0)
				r = plan_add(c, op, at, op.stride);
		} else {
			c->readable = c->readable && kind != READABLE_RAW;
			r = btf_plan_add_type(c, m[i].type, at);
			c->readable = readable;
		}
		if (r)
			return r;
	}
	plan_close(c, '}', !btf_vlen(t));
	return 0;
}

/* {".rodata": [{"limit": 3},{"mode": 1}]} */
static int btf_plan_add_section(struct compiler *c, const struct btf_type *t)
{
	const struct btf_var_secinfo *info = btf_var_secinfos(t);

	plan_open(c, '{');
	plan_name(c, t->name_off, true);
	plan_open(c, '[');
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_type *var = btf__type_by_id(c->btf, info[i].type);
		int r;

		if (!var || !btf_is_var(var))
			return -EOPNOTSUPP;
		if (i)
			plan_char(c, ',');
		plan_open(c, '{');
		plan_name(c, var->name_off, true);
		r = btf_plan_add_type(c, var->type, (uint64_t)info[i].offset * 8);
		if (r)
			return r;
		plan_close(c, '}', false);
	}
	plan_close(c, ']', !btf_vlen(t));
	plan_close(c, '}', false);
	return 0;
}

static int add_resolved(struct compiler *c, uint32_t id, uint64_t bit)
{
	const struct btf_type *t = btf__type_by_id(c->btf, id);
	struct plan_op op = {.code = 0};
	int r;

	switch (t ? btf_kind(t) : BTF_KIND_UNKN) {
	case BTF_KIND_ARRAY:
		return add_array(c, t, bit);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return btf_plan_add_struct(c, id, bit);
	case BTF_KIND_DATASEC:
		return btf_plan_add_section(c, t);
	case BTF_KIND_VAR:
		return btf_plan_add_type(c, t->type, bit);
	case BTF_KIND_UNKN:
		return -EOPNOTSUPP;
	}
	r = scalar_op(c, id, &bit, &op);
	if (r || (bit % 8 && op.code != PLAN_BITS && op.code != PLAN_BITS_QUOTED))
		return -EOPNOTSUPP;
	return plan_add(c, op, bit, op.stride);
}

/* typedef, const, volatile and the like are seen through. */
static int btf_plan_add_type(struct compiler *c, uint32_t id, uint64_t bit)
{
	int resolved = btf__resolve_type(c->btf, id);
	enum readable_kind kind;
	int r;

	if (resolved < 0)
		return -EOPNOTSUPP;
	/* Empty structs cost names, not operations, and double with each level. */
	if (c->levels == PLAN_MAX_LEVELS || c->text.len + c->pending.len > PLAN_MAX_TEXT)
		return -E2BIG;
	c->levels++;
	kind = c->readable && bit % 8 == 0 ? readable_type(c->btf, id) : READABLE_NOT;
	r = kind != READABLE_NOT ? add_readable(c, kind, bit)
				 : add_resolved(c, (uint32_t)resolved, bit);
	c->levels--;
	return r;
}

static int plan_compile(struct compiler c, uint32_t type_id, struct btf_plan **ret)
{
	auto_release(btf_plan_freep) struct btf_plan *plan = xcalloc(1, sizeof(*plan));
	int r;

	c.plan = plan;
	r = btf_plan_add_type(&c, type_id, 0);

	if (r == 0)
		r = plan_add(&c, (struct plan_op){.code = PLAN_END}, 0, 0);
	plan->text = xcalloc(1, c.text.len + OUTBUF_STEP);
	if (c.text.len)
		memcpy(plan->text, c.text.text, c.text.len);
	sb_release(&c.text);
	sb_release(&c.pending);
	if (r)
		return r;
	*ret = take_ptr(plan);
	return 0;
}

int btf_plan_new_readable(const struct btf *btf, uint32_t type_id, uint32_t size,
			  enum btf_form form, unsigned int depth,
			  const struct readable_names *names, struct btf_plan **ret)
{
	const struct compiler c = {
		.btf = btf,
		.form = form,
		.readable = names != NULL,
		.size = size,
		.depth = depth,
	};
	int r = plan_compile(c, type_id, ret);

	if (r == 0)
		(*ret)->kernel = names;
	return r;
}

int btf_plan_new(const struct btf *btf, uint32_t type_id, uint32_t size,
		 enum btf_form form, unsigned int depth, struct btf_plan **ret)
{
	return btf_plan_new_readable(btf, type_id, size, form, depth, NULL, ret);
}

void btf_plan_free(struct btf_plan *plan)
{
	if (!plan)
		return;
	free(plan->text);
	free(plan->ops);
	free(plan->enums);
	free(plan->names);
	free(plan);
}

void btf_plan_freep(struct btf_plan **plan)
{
	btf_plan_free(*plan);
}
