/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdint.h>

#include "base/alloc.h"
#include "view/btf_compiler.h"

struct plan_piece plan_keep(struct compiler *c, const struct strbuf *text)
{
	struct plan_piece piece = {
		.at = (uint32_t)c->text.len,
		.len = (uint32_t)text->len,
	};

	sb_add_mem(&c->text, sb_text(text), text->len);
	return piece;
}

static struct plan_piece take_pending(struct compiler *c)
{
	struct plan_piece piece = plan_keep(c, &c->pending);

	sb_clear(&c->pending);
	return piece;
}

void plan_char(struct compiler *c, char text)
{
	sb_add_char(&c->pending, text);
}

void plan_open(struct compiler *c, char bracket)
{
	sb_add_char(&c->pending, bracket);
	c->depth++;
}

void plan_close(struct compiler *c, char bracket, bool empty)
{
	c->depth--;
	if (!empty)
		btf_form_line(&c->pending, c->form, c->depth);
	sb_add_char(&c->pending, bracket);
}

void plan_name(struct compiler *c, uint32_t name_off, bool first)
{
	if (!first)
		sb_add_char(&c->pending, ',');
	btf_form_name(&c->pending, c->form, c->depth,
		      btf__name_by_offset(c->btf, name_off));
}

int plan_add(struct compiler *c, struct plan_op op, uint64_t bit, uint64_t bytes)
{
	struct btf_plan *plan = c->plan;

	if (c->reach + bit / 8 + bytes > c->size)
		return -EOPNOTSUPP;
	if (plan->nr_ops >= PLAN_MAX_OPS)
		return -E2BIG;
	op.offset = (uint32_t)(bit / 8);
	op.before = take_pending(c);
	array_grow(plan->ops, plan->nr_ops);
	plan->ops[plan->nr_ops++] = op;
	return 0;
}

void plan_close_list(struct compiler *c)
{
	plan_close(c, ']', false);
	c->plan->ops[c->plan->nr_ops - 1].close = take_pending(c);
}
