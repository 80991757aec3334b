/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values without types: what of them is a number that is added up. */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/element_plan_private.h"

/* Bytes that are looked at. */
enum { UNTYPED_BYTES_MAX = 1 << 16 };

struct untyped {
	const struct element_side *old_side, *new_side;
};

static void untyped_unit(struct element_steps *to, uint32_t from, uint32_t end,
			 uint32_t row, bool is_number)
{
	if (from == end)
		return;
	element_step_add(to, (struct element_step){.kind = STEP_UNIT,
						   .new_bit = from * 8,
						   .new_bits = (end - from) * 8,
						   .row = row,
						   .is_number = is_number});
	element_step_add(to, (struct element_step){.kind = STEP_BYTES,
						   .old_bit = from * 8,
						   .old_bits = (end - from) * 8,
						   .new_bit = from * 8,
						   .new_bits = (end - from) * 8});
}

static char *untyped_bytes(uint32_t offset, uint32_t size)
{
	return xasprintf("bytes[%" PRIu32 "-%" PRIu32 "]", offset, offset + size - 1);
}

static uint32_t untyped_row(struct element_plan *plan, uint32_t offset, uint32_t size)
{
	struct element_build b = {.plan = plan};
	auto_free char *path = untyped_bytes(offset, size);
	auto_free char *type = xasprintf("u%" PRIu32, size * 8);

	return (uint32_t)element_row_add(&b, path, ELEMENT_KEPT, type, type, NULL);
}

/* Is "bytes[8-15]" named, in whichever policy? */
static bool untyped_is_named(const struct element_options *options, uint32_t offset,
			     uint32_t size)
{
	auto_free char *path = untyped_bytes(offset, size);
	size_t len = strlen(path);

	for (size_t i = 0; i < options->nr_merge; i++)
		if (strncmp(options->merge[i], path, len) == 0 &&
		    options->merge[i][len] == '=')
			return true;
	return false;
}

static bool untyped_is_word(const struct untyped *u,
			    const struct element_options *options, uint32_t offset,
			    uint32_t size)
{
	return offset % size == 0 && ((element_side_adds(u->old_side, offset, size) &&
				       element_side_adds(u->new_side, offset, size)) ||
				      untyped_is_named(options, offset, size));
}

/*
 * Without BTF the instructions alone tell which bytes are a counter, or the user does: each gets
 * a row of its own, and the row of the value has the rest.
 */
void element_untyped_split(struct element_plan *plan, const struct element_side *old_side,
			   const struct element_side *new_side,
			   const struct element_options *options)
{
	const struct untyped u = {old_side, new_side};
	struct element_steps *steps = plan->value, fresh = {.nr = 0};
	uint32_t bytes = steps->items[0].new_bits / 8, row = steps->items[0].row,
		 from = 0;
	/* One number is all there is. */
	bool whole = plan->old_value_size == plan->new_value_size &&
		     (bytes == 4 || bytes == 8);
	uint32_t size;

	for (uint32_t at = 0; at + 4 <= bytes && at < UNTYPED_BYTES_MAX && !whole;
	     at += size) {
		size = at + 8 <= bytes && untyped_is_word(&u, options, at, 8) ? 8 : 4;
		if ((size == 4 && !untyped_is_word(&u, options, at, 4)) ||
		    plan->nr_rows >= ELEMENT_ROWS_MAX)
			continue;
		untyped_unit(&fresh, from, at, row, false);
		untyped_unit(&fresh, at, at + size, untyped_row(plan, at, size), true);
		from = at + size;
	}
	untyped_unit(&fresh, from, bytes, row, whole);
	fresh.runs = steps->runs;
	fresh.nr_runs = steps->nr_runs;
	free(steps->items);
	*steps = fresh;
}
