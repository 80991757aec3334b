/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What becomes of a number that two versions of a program wrote, by a plain model. */
#ifndef TESTS_ELEMENT_MERGE_MODEL_H
#define TESTS_ELEMENT_MERGE_MODEL_H

#include "element_upgrade.h"

struct sides {
	const struct type *from, *to;
	const unsigned char *before, *old_now, *new_now; /* before: NULL: was not there */
	unsigned char *converted;                        /* before, in the new type */
};

static inline bool in_unit(const struct type *t, size_t i, const char *unit,
			   uint32_t hash)
{
	return t->places.items[i].unit_hash == hash &&
	       strcmp(t->places.items[i].unit, unit) == 0;
}

static inline bool unit_is_there(const struct type *t, const char *unit)
{
	uint32_t hash = text_hash(unit);

	for (size_t i = 0; i < t->places.nr; i++)
		if (in_unit(t, i, unit, hash))
			return true;
	return false;
}

static inline bool unit_changed(const struct type *t, const char *unit,
				const unsigned char *a, const unsigned char *b)
{
	uint32_t hash = text_hash(unit);

	for (size_t i = 0; i < t->places.nr; i++)
		if (in_unit(t, i, unit, hash) && number_at(t, i, a) != number_at(t, i, b))
			return true;
	return false;
}

/* What the i-th number of the new value is after the second sweep. */
static inline uint64_t model_merge(const struct sides *s, size_t i,
				   enum element_policy policy, const char *unit)
{
	const char *path = s->to->places.items[i].path;
	uint64_t now = number_at(s->to, i, s->new_now);
	uint64_t old_now = number_of(s->from, path, s->old_now);
	bool old_wrote, new_wrote;

	if (policy == ELEMENT_NONE || !unit_is_there(s->from, unit))
		return now;
	if (policy == ELEMENT_ADD)
		return extended(
			now + old_now -
				(s->before ? number_of(s->from, path, s->before) : 0),
			s->to->places.items[i].bits, s->to->places.items[i].m->is_signed);
	old_wrote = !s->before || unit_changed(s->from, unit, s->before, s->old_now);
	new_wrote = !s->before || unit_changed(s->to, unit, s->converted, s->new_now);
	return old_wrote && (policy == ELEMENT_OVERWRITE || !new_wrote) ? old_now : now;
}

static inline enum element_policy policy_of(const struct element_plan *plan,
					    const char *path)
{
	for (size_t i = 0; i < plan->nr_rows; i++)
		if (!plan->rows[i].of_key && strcmp(plan->rows[i].path, path) == 0)
			return plan->rows[i].policy;
	return ELEMENT_NONE;
}

#endif
