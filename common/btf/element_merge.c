/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "btf/element_plan_private.h"

void element_merge_init(struct element_merge *ret, const struct element_plan *plan)
{
	*ret = (struct element_merge){.adds = false};
	ret->add = xcalloc(plan->nr_deltas + 1, sizeof(*ret->add));
	ret->bytes = xcalloc(plan->new_value_size + 1, 1);
	ret->mask = xcalloc(plan->new_value_size + 1, 1);
	ret->keep = xcalloc(plan->new_value_size + 1, 1);
	ret->before = xcalloc(plan->new_value_size + 1, 1);
}

void element_merge_release(struct element_merge *merge)
{
	free(merge->add);
	free(merge->bytes);
	free(merge->mask);
	free(merge->keep);
	free(merge->before);
	*merge = (struct element_merge){.adds = false};
}

/* --- numbers that are added ------------------------------------------------------------ */

/* As the new member would have it. */
static uint64_t delta_number(const struct element_delta *delta,
			     const unsigned char *value)
{
	uint32_t narrow;
	uint64_t wide;

	if (delta->old_size == sizeof(narrow)) {
		memcpy(&narrow, value + delta->old_offset, sizeof(narrow));
		return delta->is_signed ? (uint64_t)(int64_t)(int32_t)narrow : narrow;
	}
	memcpy(&wide, value + delta->old_offset, sizeof(wide));
	return wide;
}

static void merge_adds(const struct element_plan *plan, const void *old_before,
		       const void *old_now, struct element_merge *merge)
{
	for (size_t i = 0; i < plan->nr_deltas; i++) {
		const struct element_delta *delta = &plan->deltas[i];
		uint64_t add = delta_number(delta, old_now);

		if (old_before)
			add -= delta_number(delta, old_before);
		if (delta->size == sizeof(uint32_t))
			add = (uint32_t)add;
		merge->add[i] = add;
		merge->adds |= add != 0;
	}
}

/* --- members that one side wins -------------------------------------------------------- */

static unsigned char bits_of_byte(uint64_t byte, uint64_t from, uint64_t end)
{
	unsigned int low = from > byte * 8 ? (unsigned int)(from - byte * 8) : 0;
	unsigned int high = end < byte * 8 + 8 ? (unsigned int)(end - byte * 8) : 8;
	unsigned int bits = ((1U << (high - low)) - 1);

	return (unsigned char)(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? bits << (8 - high)
								      : bits << low);
}

static bool bits_differ(const unsigned char *a, const unsigned char *b, uint64_t from,
			uint64_t end)
{
	if (from % 8 == 0 && end % 8 == 0)
		return memcmp(a + from / 8, b + from / 8, (end - from) / 8) != 0;
	for (uint64_t byte = from / 8; byte * 8 < end; byte++)
		if ((a[byte] ^ b[byte]) & bits_of_byte(byte, from, end))
			return true;
	return false;
}

struct merge_run {
	const struct element_plan *plan;
	struct element_merge *merge;
	const unsigned char *new_now;
	bool both_made; /* the element was not there when the others were copied */
};

static void merge_unit(struct merge_run *run, const struct element_step *unit,
		       uint64_t from)
{
	struct element_merge *merge = run->merge;
	enum element_policy policy = run->plan->rows[unit->row].policy;
	uint64_t end = from + unit->new_bits;
	bool old_wrote, new_wrote;

	if (policy != ELEMENT_KEEP_NEW && policy != ELEMENT_OVERWRITE)
		return;
	old_wrote = run->both_made || bits_differ(merge->before, merge->bytes, from, end);
	if (!old_wrote || !bits_differ(merge->bytes, run->new_now, from, end))
		return;
	new_wrote = run->both_made || bits_differ(merge->before, run->new_now, from, end);
	merge->nr_raced += new_wrote;
	if (new_wrote && policy == ELEMENT_KEEP_NEW)
		return;
	merge->sets = true;
	for (uint64_t byte = from / 8; byte * 8 < end; byte++) {
		unsigned char bits = bits_of_byte(byte, from, end);

		merge->mask[byte] |= bits;
		merge->keep[byte] |= policy == ELEMENT_KEEP_NEW ? bits : 0;
	}
}

static void merge_walk(struct merge_run *run, const struct element_step *steps, size_t nr,
		       uint64_t new_bit)
{
	for (size_t i = 0; i < nr; i += 1 + steps[i].inside) {
		uint64_t at = new_bit + steps[i].new_bit;

		if (steps[i].kind == STEP_UNIT)
			merge_unit(run, &steps[i], at);
		for (uint32_t k = 0; steps[i].kind == STEP_EACH && k < steps[i].nr; k++)
			merge_walk(run, &steps[i + 1], steps[i].inside,
				   at + (uint64_t)k * steps[i].new_stride);
	}
}

void element_plan_merge(const struct element_plan *plan, const void *old_before,
			const void *old_now, const void *new_now,
			struct element_merge *merge)
{
	struct merge_run run = {.plan = plan,
				.merge = merge,
				.new_now = new_now,
				.both_made = !old_before};

	merge->adds = merge->sets = false;
	merge->nr_raced = 0;
	memset(merge->mask, 0, plan->new_value_size);
	memset(merge->keep, 0, plan->new_value_size);
	element_plan_value(plan, old_now, merge->bytes);
	if (old_before)
		element_plan_value(plan, old_before, merge->before);
	merge_adds(plan, old_before, old_now, merge);
	merge_walk(&run, plan->value->items, plan->value->nr, 0);
}
