/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Thousands of random merges of what two versions of a program wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "element_upgrade.h"

/* --- merges ---------------------------------------------------------------------------- */

/* "m1[2].m4[0][1]" is told in the row "m1[].m4"; a union's byte in that of the union. */
static void row_path(const char *path, bool is_array, char *ret, char *ret_unit)
{
	char *to = ret;
	const char *at = strchr(path, '@');
	size_t len = at ? (size_t)(at - path) : strlen(path);

	/* An array of scalars is merged as one. */
	while (is_array && len && path[len - 1] == ']')
		while (path[--len] != '[')
			;
	memcpy(ret_unit, path, len);
	ret_unit[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		if (path[i] != '[') {
			*to++ = path[i];
			continue;
		}
		if (to[-1] != ']') {
			*to++ = '[';
			*to++ = ']';
		}
		while (path[i] != ']')
			i++;
	}
	*to = '\0';
}

struct sides {
	const struct type *from, *to;
	const unsigned char *before, *old_now, *new_now; /* before: NULL: was not there */
	unsigned char *converted;                        /* before, in the new type */
};

static bool in_unit(const struct type *t, size_t i, const char *unit)
{
	char row[MODEL_PATH + 12], own[MODEL_PATH + 12];

	row_path(t->places.items[i].path, t->places.items[i].m->nr[0], row, own);
	return strcmp(own, unit) == 0;
}

static bool unit_is_there(const struct type *t, const char *unit)
{
	for (size_t i = 0; i < t->places.nr; i++)
		if (in_unit(t, i, unit))
			return true;
	return false;
}

static bool unit_changed(const struct type *t, const char *unit, const unsigned char *a,
			 const unsigned char *b)
{
	for (size_t i = 0; i < t->places.nr; i++)
		if (in_unit(t, i, unit) && number_at(t, i, a) != number_at(t, i, b))
			return true;
	return false;
}

/* What the i-th number of the new value is after the second sweep. */
static uint64_t model_merge(const struct sides *s, size_t i, enum element_policy policy,
			    const char *unit)
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

static enum element_policy policy_of(const struct element_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->nr_rows; i++)
		if (!plan->rows[i].of_key && strcmp(plan->rows[i].path, path) == 0)
			return plan->rows[i].policy;
	return ELEMENT_NONE;
}

static void merge_apply(const struct element_plan *plan,
			const struct element_merge *merge, unsigned char *value)
{
	for (size_t i = 0; i < plan->nr_deltas; i++) {
		const struct element_delta *d = &plan->deltas[i];

		uint64_t number = model_get(value, d->offset * 8ULL, d->size * 8);

		number += merge->add[i];
		memset(value + d->offset, 0, d->size);
		model_put(value, d->offset * 8ULL, d->size * 8, number);
	}
	for (uint32_t i = 0; i < plan->new_value_size; i++)
		value[i] = (unsigned char)((value[i] & ~merge->mask[i]) |
					   (merge->bytes[i] & merge->mask[i]));
}

static void merge_round(struct model_random *r, const struct element_plan *plan,
			struct sides *s, unsigned char *buffer, int round)
{
	uint32_t old_size = s->from->s->size, new_size = s->to->s->size;
	unsigned char *before = buffer, *old_now = before + old_size,
		      *new_now = old_now + old_size, *converted = new_now + new_size,
		      *want = converted + new_size, *got = want + new_size;
	auto_element_merge merge = {.adds = false};

	s->before = model_below(r, 4) ? before : NULL;
	s->old_now = old_now;
	s->new_now = new_now;
	s->converted = converted;
	value_random(r, s->from, before, false);
	memcpy(old_now, before, old_size);
	value_random(r, s->from, old_now, true);
	model_convert(s->from, before, s->to, converted);
	memcpy(new_now, converted, new_size);
	value_random(r, s->to, new_now, true);
	memset(want, 0, new_size);
	for (size_t i = 0; i < s->to->places.nr; i++) {
		char row[MODEL_PATH + 12], unit[MODEL_PATH + 12];

		row_path(s->to->places.items[i].path, s->to->places.items[i].m->nr[0],
			 row, unit);
		model_put(want, s->to->places.items[i].bit, s->to->places.items[i].bits,
			  model_merge(s, i, policy_of(plan, row), unit));
	}
	element_merge_init(&merge, plan);
	element_plan_merge(plan, s->before, old_now, new_now, &merge);
	memcpy(got, new_now, new_size);
	merge_apply(plan, &merge, got);
	bytes_are(got, want, s->to, round);
}

static void merges_are_as_modelled(void **state)
{
	size_t nr_adds = 0;

	(void)state;
	for (int round = 0; round < rounds(2000); round++) {
		struct model_random r = {.seed = round_seed(round)};
		struct type from = type_of(model_random_struct(&r, 2, 6)), to;
		struct model_struct *s = model_copy(from.s);
		auto_element_plan plain = {.nr_rows = 0}, plan = {.nr_rows = 0};
		char *merge[64];
		size_t nr = 0;
		struct sides sides;
		unsigned char *buffer;

		model_upgrade(&r, s, true);
		to = type_of(s);
		plan_make(&plain, &from, &to, false, NULL, 0);
		for (size_t i = 0; i < plain.nr_rows && nr < 64; i++)
			if (plain.rows[i].policy != ELEMENT_NONE && model_below(&r, 2) &&
			    asprintf(&merge[nr], "%s=%s", plain.rows[i].path,
				     model_below(&r, 2) ? "overwrite" : "keep-new") > 0)
				nr++;
		plan_make(&plan, &from, &to, false, (const char *const *)merge, nr);
		nr_adds += plan.nr_deltas;
		sides = (struct sides){.from = &from, .to = &to};
		buffer = calloc(1, 2 * from.s->size + 4 * to.s->size);
		for (int i = 0; i < 3; i++)
			merge_round(&r, &plan, &sides, buffer, round);
		free(buffer);
		while (nr)
			free(merge[--nr]);
		type_free(&from);
		type_free(&to);
	}
	assert_true(nr_adds > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merges_are_as_modelled),
	};

	printf("seed %llu\n", (unsigned long long)round_seed(0));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
