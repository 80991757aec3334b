/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/alloc.h"
#include "btf/element_plan_private.h"

bool element_look(struct element_build *b, unsigned int nr)
{
	if (!b->corrupt && nr > ELEMENT_LOOKS_MAX - b->looks)
		b->corrupt = "it has too many members";
	if (b->corrupt)
		return false;
	b->looks += nr;
	return true;
}

size_t element_row_add(struct element_build *b, const char *path,
		       enum element_action action, const char *old_type,
		       const char *new_type, const char *why)
{
	struct element_plan *plan = b->plan;

	if (plan->nr_rows == ELEMENT_ROWS_MAX) {
		b->corrupt = "it has too many members";
		return SIZE_MAX;
	}
	array_grow(plan->rows, plan->nr_rows);
	plan->rows[plan->nr_rows] = (struct element_row){
		.of_key = b->of_key,
		.path = xstrdup(*path       ? path
				: b->of_key ? "key"
					    : "value"),
		.action = action,
		.old_type = old_type ? xstrdup(old_type) : NULL,
		.new_type = new_type ? xstrdup(new_type) : NULL,
		.why = why ? xstrdup(why) : NULL,
		.way_out = action != ELEMENT_REFUSED ? NULL
			   : b->of_key
				   ? "leave the key as it was"
				   : "keep its type, or rename it: then it begins at 0",
	};
	plan->nr_refused += action == ELEMENT_REFUSED;
	return plan->nr_rows++;
}
