/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "btf/bits.h"
#include "btf/element_plan_private.h"

static uint64_t number_get(const unsigned char *bytes, uint64_t bit, uint32_t bits,
			   bool is_signed)
{
	uint64_t number = bits_get(bytes, bit, bits, MACHINE_IS_BIG);

	if (is_signed && bits < 64 && number >> (bits - 1) & 1)
		number |= UINT64_MAX << bits;
	return number;
}

/* --- conversion ------------------------------------------------------------------------ */

static void step_run(const struct element_step *step, const unsigned char *from,
		     uint64_t old_bit, unsigned char *to, uint64_t new_bit)
{
	uint64_t number;

	if (step->kind == STEP_BYTES) {
		memcpy(to + new_bit / 8, from + old_bit / 8, step->old_bits / 8);
		return;
	}
	number = number_get(from, old_bit, step->old_bits, step->is_signed);
	if (step->kind == STEP_BOOL)
		number = number != 0;
	bits_put(to, new_bit, step->new_bits, number, MACHINE_IS_BIG);
}

static void steps_run(const struct element_step *steps, size_t nr,
		      const unsigned char *from, uint64_t old_bit, unsigned char *to,
		      uint64_t new_bit)
{
	for (size_t i = 0; i < nr; i += 1 + steps[i].inside) {
		const struct element_step *step = &steps[i];
		uint64_t old_at = old_bit + step->old_bit,
			 new_at = new_bit + step->new_bit;

		if (step->kind != STEP_EACH) {
			step_run(step, from, old_at, to, new_at);
			continue;
		}
		for (uint32_t k = 0; k < step->nr; k++) {
			steps_run(step + 1, step->inside, from, old_at, to, new_at);
			old_at += step->old_stride;
			new_at += step->new_stride;
		}
	}
}

void element_plan_key(const struct element_plan *plan, const void *old_key, void *new_key)
{
	if (plan->key_same) {
		memcpy(new_key, old_key, plan->new_key_size);
		return;
	}
	memset(new_key, 0, plan->new_key_size);
	steps_run(plan->key->runs, plan->key->nr_runs, old_key, 0, new_key, 0);
}

void element_plan_value(const struct element_plan *plan, const void *old_value,
			void *new_value)
{
	if (plan->value_same) {
		memcpy(new_value, old_value, plan->new_value_size);
		return;
	}
	memset(new_value, 0, plan->new_value_size);
	steps_run(plan->value->runs, plan->value->nr_runs, old_value, 0, new_value, 0);
}

/* --- steps ----------------------------------------------------------------------------- */

struct element_step *element_step_add(struct element_steps *steps,
				      struct element_step step)
{
	array_grow(steps->items, steps->nr);
	steps->items[steps->nr] = step;
	return &steps->items[steps->nr++];
}

/* *last: the index of the neighbour before, which is not within an array; SIZE_MAX: none. */
static void run_add(struct element_steps *steps, size_t *last,
		    const struct element_step *step)
{
	struct element_step *before = *last == SIZE_MAX ? NULL : &steps->runs[*last];

	if (before && before->kind == STEP_BYTES && step->kind == STEP_BYTES &&
	    before->old_bit + before->old_bits == step->old_bit &&
	    before->new_bit + before->new_bits == step->new_bit) {
		before->old_bits += step->old_bits;
		before->new_bits += step->new_bits;
		return;
	}
	array_grow(steps->runs, steps->nr_runs);
	*last = steps->nr_runs;
	steps->runs[steps->nr_runs++] = *step;
}

static void runs_add(struct element_steps *steps, size_t from, size_t end);

/* An array whose elements are copied whole and side by side is one run of bytes. */
static void runs_add_each(struct element_steps *steps, size_t at, size_t *last)
{
	struct element_step each = steps->items[at], only;
	size_t own = steps->nr_runs;

	array_grow(steps->runs, steps->nr_runs);
	steps->runs[steps->nr_runs++] = each;
	runs_add(steps, at + 1, at + 1 + each.inside);
	each.inside = (uint32_t)(steps->nr_runs - own - 1);
	if (each.inside == 0) {
		steps->nr_runs = own;
		return;
	}
	steps->runs[own] = each;
	only = steps->runs[own + 1];
	if (each.inside > 1 || only.kind != STEP_BYTES ||
	    only.old_bits != each.old_stride || only.new_bits != each.new_stride) {
		*last = own;
		return;
	}
	steps->nr_runs = own;
	only.old_bit = each.old_bit;
	only.new_bit = each.new_bit;
	only.old_bits *= each.nr;
	only.new_bits = only.old_bits;
	run_add(steps, last, &only);
}

static void runs_add(struct element_steps *steps, size_t from, size_t end)
{
	size_t last = SIZE_MAX;

	for (size_t i = from; i < end; i += 1 + steps->items[i].inside) {
		if (steps->items[i].kind == STEP_EACH)
			runs_add_each(steps, i, &last);
		else if (steps->items[i].kind != STEP_UNIT)
			run_add(steps, &last, &steps->items[i]);
	}
}

void element_steps_join(struct element_steps *steps)
{
	runs_add(steps, 0, steps->nr);
}

void element_steps_free(struct element_steps *steps)
{
	if (!steps)
		return;
	free(steps->items);
	free(steps->runs);
	free(steps);
}
