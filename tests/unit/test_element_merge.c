/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Thousands of random merges of what two versions of a program wrote. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "element_merge_model.h"

/* --- defaults -------------------------------------------------------------------------- */

static bool is_word(const struct type *t, size_t i)
{
	uint32_t bits = t->places.items[i].bits;

	return t->places.items[i].m->kind == MODEL_INT && (bits == 32 || bits == 64) &&
	       t->places.items[i].bit % bits == 0;
}

static bool word_is_added_to(const struct type *t, size_t i)
{
	uint32_t salt = 1;

	return any_adds(&salt, (uint32_t)(t->places.items[i].bit / 8),
			t->places.items[i].bits / 8);
}

/* May it be added up; do both sides' programs, as any_adds() has it? */
static bool is_counter(const struct type *from, const struct type *to, size_t i,
		       bool *both_add)
{
	size_t was = place_of(from, to->places.items[i].path);

	if (was == SIZE_MAX || !is_word(from, was) || !is_word(to, i))
		return false;
	*both_add &= word_is_added_to(from, was) && word_is_added_to(to, i);
	return true;
}

/* Of the row that the i-th number is in. *can: add may be asked for. */
static enum element_policy default_policy(const struct type *from, const struct type *to,
					  size_t i, bool *can)
{
	const char *row = to->places.items[i].row;
	bool there = false, both_add = true;

	*can = true;
	for (size_t k = 0; k < to->places.nr; k++) {
		if (strcmp(row, to->places.items[k].row) != 0 ||
		    place_of(from, to->places.items[k].path) == SIZE_MAX)
			continue;
		there = true;
		*can &= is_counter(from, to, k, &both_add);
	}
	*can &= there;
	return !there ? ELEMENT_NONE : *can && both_add ? ELEMENT_ADD : ELEMENT_KEEP_NEW;
}

static void defaults_are_as_modelled(void **state)
{
	size_t nr[4] = {0}, refused = 0;

	(void)state;
	for (int round = 0; round < rounds(300); round++) {
		struct model_random r = {.seed = round_seed(round)};
		struct type from = type_of(model_random_struct(&r, 2, 6)), to;
		struct model_struct *s = model_copy(from.s);
		auto_element_plan plan = {.nr_rows = 0};

		model_upgrade(&r, s, true);
		to = type_of(s);
		plan_make(&plan, &from, &to, false, NULL, 0);
		for (size_t i = 0; i < to.places.nr; i++) {
			const char *row = to.places.items[i].row;
			auto_free char *add = NULL;
			bool can;
			enum element_policy want = default_policy(&from, &to, i, &can);

			if (policy_of(&plan, row) != want)
				fail_msg("round %d: %s is '%s', not '%s'", round, row,
					 element_policy_name(policy_of(&plan, row)),
					 element_policy_name(want));
			nr[want]++;
			if (model_below(&r, 8) || want == ELEMENT_NONE)
				continue;
			add = xasprintf("%s=add", row);
			if (plan_tried(&from, &to, add) != (can ? 0 : -EINVAL))
				fail_msg("round %d: %s", round, add);
			refused += !can;
		}
		type_free(&from);
		type_free(&to);
	}
	assert_true(nr[ELEMENT_NONE] && nr[ELEMENT_ADD] && nr[ELEMENT_KEEP_NEW] &&
		    refused);
}

/* --- merges ---------------------------------------------------------------------------- */

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
		const char *row = s->to->places.items[i].row;
		const char *unit = s->to->places.items[i].unit;

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
	for (int round = 0; round < rounds(1000); round++) {
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
		cmocka_unit_test(defaults_are_as_modelled),
		cmocka_unit_test(merges_are_as_modelled),
	};

	printf("seed %llu\n", (unsigned long long)round_seed(0));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
