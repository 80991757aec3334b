/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/btf_value_private.h"
#include "btf/element_plan_private.h"

/* Arrays of arrays, side by side down to what they are arrays of. */
struct match_dims {
	uint32_t old_nr[ELEMENT_DEPTH_MAX], new_nr[ELEMENT_DEPTH_MAX];
	unsigned int nr;
	bool grew, shrank, empty; /* empty: the old one has no elements */
};

static void match_unit(struct element_build *b, size_t row, bool is_number, uint32_t bit,
		       uint64_t bits)
{
	if (row == SIZE_MAX)
		return;
	element_step_add(b->steps, (struct element_step){.kind = STEP_UNIT,
							 .new_bit = bit,
							 .new_bits = (uint32_t)bits,
							 .is_number = is_number,
							 .row = (uint32_t)row});
}

/* What becomes of one that is no struct and no array: the step, or the reason of none. */
static void match_change(struct element_build *b, const struct element_spot *from,
			 const struct element_spot *to, struct element_change *ret)
{
	const struct btf_type *old_one = value_bare_type(b->old_btf, from->type);
	const struct btf_type *new_one = value_bare_type(b->new_btf, to->type);
	uint64_t bits = element_spot_bits(b->new_btf, to);

	if (!btf_is_composite(old_one) && !btf_is_composite(new_one)) {
		element_scalar_change(b, from, to, ret);
		return;
	}
	ret->action = ELEMENT_REFUSED;
	if (!btf_is_union(old_one) || !btf_is_union(new_one)) {
		sb_add(&ret->why, "it is another kind of member");
	} else if (!element_same_type(b, *from, *to)) {
		sb_add(&ret->why, "a union is copied only if nothing in it has changed");
	} else if (from->bit % 8 || to->bit % 8) {
		b->corrupt = "a union is not at a byte";
	} else {
		ret->action = ELEMENT_KEPT;
		ret->step = (struct element_step){.old_bit = from->bit,
						  .old_bits = (uint32_t)bits,
						  .new_bit = to->bit,
						  .new_bits = (uint32_t)bits};
	}
}

/* --- arrays ---------------------------------------------------------------------------- */

/* False: one of them has more dimensions. Both spots become those of the elements. */
static bool match_peel(struct element_build *b, struct element_spot *from,
		       struct element_spot *to, struct match_dims *ret)
{
	*ret = (struct match_dims){.nr = 0};
	for (;;) {
		const struct btf_type *old_one = value_bare_type(b->old_btf, from->type);
		const struct btf_type *new_one = value_bare_type(b->new_btf, to->type);

		if (btf_is_array(old_one) != btf_is_array(new_one))
			return false;
		if (!btf_is_array(old_one))
			return true;
		if (ret->nr == ELEMENT_DEPTH_MAX) {
			b->corrupt = "it is nested too deeply";
			return false;
		}
		from->type = btf_array(old_one)->type;
		to->type = btf_array(new_one)->type;
		ret->old_nr[ret->nr] = btf_array(old_one)->nelems;
		ret->new_nr[ret->nr] = btf_array(new_one)->nelems;
		ret->grew |= ret->new_nr[ret->nr] > ret->old_nr[ret->nr];
		ret->shrank |= ret->new_nr[ret->nr] < ret->old_nr[ret->nr];
		ret->empty |= ret->old_nr[ret->nr] == 0;
		ret->nr++;
	}
}

/* Bits of the elements below a dimension: the whole of it fits into a value. */
static uint32_t match_stride(const uint32_t *dims, unsigned int nr, uint64_t bits)
{
	for (unsigned int i = 0; i < nr; i++)
		bits *= dims[i];
	return (uint32_t)bits;
}

/* Opens a loop for each dimension. */
static void match_loops(struct element_build *b, const struct element_spot *from,
			const struct element_spot *to, const struct match_dims *dims,
			uint64_t old_bits, uint64_t new_bits)
{
	for (unsigned int i = 0; i < dims->nr; i++)
		element_step_add(
			b->steps,
			(struct element_step){
				.kind = STEP_EACH,
				.old_bit = i ? 0 : from->bit,
				.new_bit = i ? 0 : to->bit,
				.nr = dims->old_nr[i],
				.old_stride = match_stride(&dims->old_nr[i + 1],
							   dims->nr - i - 1, old_bits),
				.new_stride = match_stride(&dims->new_nr[i + 1],
							   dims->nr - i - 1, new_bits),
			});
}

static void match_loops_end(struct element_build *b, size_t first, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		b->steps->items[first + i].inside =
			(uint32_t)(b->steps->nr - first - i - 1);
}

static void match_structs(struct element_build *b, const char *path,
			  const struct element_spot *from, const struct element_spot *to,
			  const struct match_dims *dims)
{
	auto_free char *inner = xasprintf("%s[]", path);
	uint64_t old_bits = element_spot_bits(b->old_btf, from);
	uint64_t new_bits = element_spot_bits(b->new_btf, to);
	uint64_t old_end = b->old_end, new_end = b->new_end;
	const struct element_spot from_one = {.type = from->type},
				  to_one = {.type = to->type};
	size_t first = b->steps->nr;

	match_loops(b, from, to, dims, old_bits, new_bits);
	b->old_end = old_bits;
	b->new_end = new_bits;
	element_match(b, inner, from_one, to_one);
	b->old_end = old_end;
	b->new_end = new_end;
	match_loops_end(b, first, dims->nr);
}

/* One row for all elements, whatever the dimensions. */
static void match_scalars(struct element_build *b, const char *path,
			  const struct element_spot *from, const struct element_spot *to,
			  const struct match_dims *dims,
			  const struct element_spot *old_one,
			  const struct element_spot *new_one)
{
	struct element_change change = {.why = STRBUF_INIT};
	uint64_t old_bits = element_spot_bits(b->old_btf, old_one);
	uint64_t new_bits = element_spot_bits(b->new_btf, new_one);
	enum element_action action;
	size_t row, first;

	match_change(b, old_one, new_one, &change);
	action = change.action == ELEMENT_KEPT && dims->grew ? ELEMENT_CONVERTED
							     : change.action;
	if (action != ELEMENT_REFUSED && dims->grew)
		sb_add_sep(&change.why, "; ", "elements after the old ones are 0");
	row = b->corrupt
		      ? SIZE_MAX
		      : element_match_row(b, path, action, from, to,
					  change.why.len ? sb_text(&change.why) : NULL);
	sb_release(&change.why);
	if (b->corrupt || action == ELEMENT_REFUSED)
		return;
	match_unit(b, row, change.is_number, to->bit, element_spot_bits(b->new_btf, to));
	first = b->steps->nr;
	match_loops(b, from, to, dims, old_bits, new_bits);
	/* Counted from the array's element, if it is one. */
	if ((uint64_t)change.step.old_bit + change.step.old_bits >
		    (dims->nr ? old_bits : b->old_end) ||
	    (uint64_t)change.step.new_bit + change.step.new_bits >
		    (dims->nr ? new_bits : b->new_end))
		b->corrupt = "a member ends outside of it";
	element_step_add(b->steps, change.step);
	match_loops_end(b, first, dims->nr);
}

static void match_array(struct element_build *b, const char *path,
			const struct element_spot *from, const struct element_spot *to)
{
	struct element_spot old_one = {.type = from->type, .bit = from->bit};
	struct element_spot new_one = {.type = to->type, .bit = to->bit};
	struct match_dims dims;
	const struct btf_type *old_type, *new_type;

	if (!match_peel(b, &old_one, &new_one, &dims)) {
		if (!b->corrupt)
			element_match_refuse(b, path, from, to,
					     "it has another number of dimensions");
		return;
	}
	if (dims.shrank) {
		element_match_refuse(b, path, from, to, "the array has fewer elements");
		return;
	}
	if (dims.empty || !element_spot_bits(b->old_btf, &old_one)) {
		if (element_spot_bits(b->new_btf, to))
			element_match_row(b, path, ELEMENT_ADDED, from, to, NULL);
		return;
	}
	old_type = value_bare_type(b->old_btf, old_one.type);
	new_type = value_bare_type(b->new_btf, new_one.type);
	if (btf_is_struct(old_type) && btf_is_struct(new_type)) {
		if (dims.grew)
			element_match_row(b, path, ELEMENT_CONVERTED, from, to,
					  "elements after the old ones are 0");
		match_structs(b, path, &old_one, &new_one, &dims);
		return;
	}
	old_one.bit = new_one.bit = 0;
	match_scalars(b, path, from, to, &dims, &old_one, &new_one);
}

/* --- all of them ----------------------------------------------------------------------- */

/* Locks, timers and the like: nothing to copy, or nothing that could be. */
static bool match_object(struct element_build *b, const char *path,
			 const struct element_spot *from, const struct element_spot *to)
{
	bool is_lock = false;
	const char *old_one = element_kernel_object(b->old_btf, from->type, &is_lock);
	const char *new_one = element_kernel_object(b->new_btf, to->type, &is_lock);

	if (!old_one && !new_one)
		return false;
	if (!old_one || !new_one || strcmp(old_one, new_one) != 0)
		element_match_refuse(b, path, from, to, "it is another kind of member");
	else if (is_lock)
		element_match_row(b, path, ELEMENT_KEPT, from, to,
				  "not locked in the new element");
	else
		element_match_refuse(b, path, from, to,
				     "only the kernel can move what it holds");
	return true;
}

static void match_types(struct element_build *b, const char *path,
			const struct element_spot *from, const struct element_spot *to)
{
	const struct btf_type *old_type = value_bare_type(b->old_btf, from->type);
	const struct btf_type *new_type = value_bare_type(b->new_btf, to->type);
	const struct match_dims none = {.nr = 0};

	if (!old_type || !new_type)
		b->corrupt = "a member has a type that it does not describe";
	else if (match_object(b, path, from, to))
		return;
	else if (btf_is_array(old_type) || btf_is_array(new_type))
		match_array(b, path, from, to);
	else if ((btf_is_struct(old_type) && btf_is_struct(new_type)) ||
		 (btf_is_datasec(old_type) && btf_is_datasec(new_type)))
		element_match_struct(b, path, from, to, element_match);
	else
		match_scalars(b, path, from, to, &none, from, to);
}

void element_match(struct element_build *b, const char *path, struct element_spot from,
		   struct element_spot to)
{
	if (b->depth >= ELEMENT_DEPTH_MAX)
		b->corrupt = "it is nested too deeply";
	if (!element_look(b, 1))
		return;
	b->depth++;
	match_types(b, path, &from, &to);
	b->depth--;
}
