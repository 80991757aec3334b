/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/btf.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/element_plan_private.h"

void element_plan_release(struct element_plan *plan)
{
	for (size_t i = 0; i < plan->nr_rows; i++) {
		free(plan->rows[i].path);
		free(plan->rows[i].old_type);
		free(plan->rows[i].new_type);
		free(plan->rows[i].why);
	}
	free(plan->rows);
	free(plan->deltas);
	element_steps_free(plan->key);
	element_steps_free(plan->value);
	*plan = (struct element_plan){.nr_rows = 0};
}

/* --- without types --------------------------------------------------------------------- */

static void plan_bytes(struct element_build *b, uint32_t nr)
{
	element_step_add(b->steps, (struct element_step){.kind = STEP_BYTES,
							 .old_bits = nr * 8,
							 .new_bits = nr * 8});
}

/* As many bytes as both have. What of the value is added to is told apart later. */
static void plan_untyped(struct element_build *b, uint32_t old_size, uint32_t new_size,
			 const struct element_options *options)
{
	auto_free char *old_type = xasprintf("%" PRIu32 " B", old_size);
	auto_free char *new_type = xasprintf("%" PRIu32 " B", new_size);
	uint32_t both = old_size < new_size ? old_size : new_size;
	size_t row;

	if (old_size != new_size && !options->copy_prefix) {
		row = element_row_add(
			b, "", ELEMENT_REFUSED, old_type, new_type,
			"its members are not described by BTF on both sides");
		b->plan->rows[row].way_out =
			"--copy-prefix copies the bytes that both have";
		return;
	}
	if (new_size < old_size && b->of_key) {
		element_row_add(
			b, "", ELEMENT_REFUSED, old_type, new_type,
			"keys that differ in the last bytes alone would become one");
		return;
	}
	row = element_row_add(
		b, "", old_size == new_size ? ELEMENT_KEPT : ELEMENT_CONVERTED, old_type,
		new_type,
		new_size > old_size   ? "without BTF: the bytes after it are 0"
		: new_size < old_size ? "without BTF: the bytes after it are lost"
				      : "without BTF: bytes as they are");
	if (!b->of_key)
		element_step_add(b->steps, (struct element_step){.kind = STEP_UNIT,
								 .new_bits = both * 8,
								 .is_untyped = true,
								 .row = (uint32_t)row});
	plan_bytes(b, both);
}

/* --- one of the two -------------------------------------------------------------------- */

struct plan_part {
	const char *name;
	uint32_t old_type, new_type, old_size, new_size;
	bool of_key;
};

static bool plan_same_bytes(const struct element_plan *plan, const struct plan_part *part,
			    const struct element_steps *steps)
{
	for (size_t i = 0; i < plan->nr_rows; i++)
		if (plan->rows[i].of_key == part->of_key &&
		    plan->rows[i].action != ELEMENT_KEPT)
			return false;
	for (size_t i = 0; i < steps->nr_runs; i++)
		if (steps->runs[i].old_bit != steps->runs[i].new_bit ||
		    steps->runs[i].old_stride != steps->runs[i].new_stride)
			return false;
	return part->old_size == part->new_size;
}

/*
 * A prefix counts bits from the front of an LPM key, so that no byte may move. Unlike in other
 * keys the bytes between members move with them.
 */
static void plan_prefix_key(struct element_build *b, uint32_t old_size, uint32_t new_size)
{
	struct element_steps *steps = b->steps;
	bool moved = new_size < old_size; /* also by bytes behind the last member */

	for (size_t i = 0; i < steps->nr; i++)
		moved |= steps->items[i].kind != STEP_UNIT &&
			 (steps->items[i].old_bit != steps->items[i].new_bit ||
			  steps->items[i].old_bits != steps->items[i].new_bits ||
			  steps->items[i].old_stride != steps->items[i].new_stride);
	if (moved) {
		element_row_add(b, "", ELEMENT_REFUSED, NULL, NULL,
				"members of an LPM trie's key keep their place and size");
		return;
	}
	steps->nr = 0;
	plan_bytes(b, old_size);
}

/* The whole type has the size that the map has: else one of them is about something else. */
static int plan_sizes(const struct element_build *b, const struct plan_part *part,
		      struct err *err)
{
	const struct element_spot from = {.type = part->old_type};
	const struct element_spot to = {.type = part->new_type};
	uint64_t old_bits = element_spot_bits(b->old_btf, &from);
	uint64_t new_bits = element_spot_bits(b->new_btf, &to);

	if (old_bits == (uint64_t)part->old_size * 8 &&
	    new_bits == (uint64_t)part->new_size * 8)
		return 0;
	return err_say(err, -EOPNOTSUPP,
		       "%s_size %" PRIu32 "/%" PRIu32 " is not what BTF says: %" PRIu64
		       "/%" PRIu64,
		       part->name, part->old_size, part->new_size, old_bits / 8,
		       new_bits / 8);
}

static int plan_part(struct element_plan *plan, const struct plan_part *part,
		     const struct element_side *old_side,
		     const struct element_side *new_side,
		     const struct element_options *options, struct err *err)
{
	struct element_build b = {
		.plan = plan,
		.old_btf = old_side->btf,
		.new_btf = new_side->btf,
		.steps = part->of_key ? plan->key : plan->value,
		.of_key = part->of_key,
		.old_end = (uint64_t)part->old_size * 8,
		.new_end = (uint64_t)part->new_size * 8,
	};
	const struct element_spot from = {.type = part->old_type},
				  to = {.type = part->new_type};
	int r;

	if (part->old_size > UINT32_MAX / 8 || part->new_size > UINT32_MAX / 8)
		return err_say(err, -EOPNOTSUPP, "%s_size is too large", part->name);
	if (!b.old_btf || !b.new_btf || !part->old_type || !part->new_type) {
		plan_untyped(&b, part->old_size, part->new_size, options);
	} else {
		r = plan_sizes(&b, part, err);
		if (r < 0)
			return r;
		element_match(&b, "", from, to);
	}
	if (b.corrupt)
		return err_say(err, -EOPNOTSUPP,
			       "the BTF of the %s cannot be followed: %s", part->name,
			       b.corrupt);
	if (part->of_key && options->prefix_key && !plan->nr_refused)
		plan_prefix_key(&b, part->old_size, part->new_size);
	element_steps_join(b.steps);
	return 0;
}

/* The index of an array: its type may have another name or sign. */
static void plan_index(struct element_plan *plan, uint32_t size)
{
	struct element_build b = {.plan = plan, .steps = plan->key, .of_key = true};

	element_row_add(&b, "", ELEMENT_KEPT, "index", "index", NULL);
	plan_bytes(&b, size);
	element_steps_join(plan->key);
}

static bool plan_is_typed(const struct element_side *old_side,
			  const struct element_side *new_side, bool of_key)
{
	return old_side->btf && new_side->btf &&
	       (of_key ? old_side->key_type && new_side->key_type
		       : old_side->value_type && new_side->value_type);
}

static int plan_make(struct element_plan *plan, const struct element_side *old_side,
		     const struct element_side *new_side,
		     const struct element_options *options, struct err *err)
{
	const struct plan_part key = {"key",
				      old_side->key_type,
				      new_side->key_type,
				      old_side->key_size,
				      new_side->key_size,
				      true};
	const struct plan_part value = {"value",
					old_side->value_type,
					new_side->value_type,
					old_side->value_size,
					new_side->value_size,
					false};
	int r = 0;

	if (options->copy_prefix && plan_is_typed(old_side, new_side, false) &&
	    (options->index_key || plan_is_typed(old_side, new_side, true)))
		return err_say(
			err, -EINVAL,
			"both definitions have BTF, which says more than --copy-prefix; leave it out");
	if (options->index_key && key.old_size == key.new_size)
		plan_index(plan, key.new_size);
	else
		r = plan_part(plan, &key, old_side, new_side, options, err);
	if (r == 0)
		r = plan_part(plan, &value, old_side, new_side, options, err);
	if (r < 0 || plan->nr_refused)
		return r;
	plan->key_same = plan_same_bytes(plan, &key, plan->key);
	plan->value_same = plan_same_bytes(plan, &value, plan->value);
	return element_policies(plan, old_side, new_side, options, err);
}

int element_plan_init(struct element_plan *ret, const struct element_side *old_side,
		      const struct element_side *new_side,
		      const struct element_options *options, struct err *err)
{
	auto_element_plan plan = {
		.old_key_size = old_side->key_size,
		.new_key_size = new_side->key_size,
		.old_value_size = old_side->value_size,
		.new_value_size = new_side->value_size,
	};
	int r;

	plan.key = xcalloc(1, sizeof(*plan.key));
	plan.value = xcalloc(1, sizeof(*plan.value));
	r = plan_make(&plan, old_side, new_side, options, err);
	if (r < 0)
		return r;
	*ret = plan;
	plan = (struct element_plan){.nr_rows = 0};
	return 0;
}

static const struct element_row *plan_first_refused(const struct element_plan *plan)
{
	for (size_t i = 0; i < plan->nr_rows; i++)
		if (plan->rows[i].action == ELEMENT_REFUSED)
			return &plan->rows[i];
	return NULL;
}

int element_plan_check(const struct element_plan *plan, struct err *err)
{
	const struct element_row *row = plan_first_refused(plan);
	auto_strbuf more = STRBUF_INIT, change = STRBUF_INIT;

	if (!row)
		return 0;
	if (plan->nr_refused > 1)
		sb_addf(&more, " (%zu more are refused)", plan->nr_refused - 1);
	if (row->old_type && row->new_type)
		sb_addf(&change, "%s cannot become %s: ", row->old_type, row->new_type);
	else if (row->old_type)
		sb_addf(&change, "%s cannot be removed: ", row->old_type);
	return err_say(err, -EOPNOTSUPP, "member '%s' of the %s: %s%s; %s%s", row->path,
		       row->of_key ? "key" : "value", sb_text(&change), row->why,
		       row->way_out, sb_text(&more));
}
