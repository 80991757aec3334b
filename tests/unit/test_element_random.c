/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Thousands of random upgrades of a struct, against a plain model of values; what would lose
 * something is refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "element_upgrade.h"

/* Bytes that are none of a member's: any, in the old value; 0 in a new one. */
static void spoil_padding(struct model_random *r, const struct type *t,
			  unsigned char *bytes)
{
	unsigned char *used = calloc(1, t->s->size);

	for (size_t i = 0; i < t->places.nr; i++)
		model_put(used, t->places.items[i].bit, t->places.items[i].bits,
			  UINT64_MAX);
	for (uint32_t i = 0; i < t->s->size; i++)
		bytes[i] |= (unsigned char)(model_below(r, 256) & ~used[i]);
	free(used);
}

static void upgrades_are_as_modelled(void **state)
{
	(void)state;
	for (int round = 0; round < rounds(4000); round++) {
		struct model_random r = {.seed = round_seed(round)};
		struct model_struct *s = model_random_struct(&r, 2, 8);
		struct type from = type_of(s), to;
		bool removes = round % 2;
		auto_element_plan plan = {.nr_rows = 0};
		unsigned char *old, *got, *want;

		s = model_copy(from.s);
		model_upgrade(&r, s, removes);
		to = type_of(s);
		old = calloc(3, from.s->size + to.s->size + 1);
		got = old + from.s->size;
		want = got + to.s->size;
		plan_make(&plan, &from, &to, !removes, NULL, 0);
		for (int i = 0; i < 3; i++) {
			value_random(&r, &from, old, false);
			model_convert(&from, old, &to, want);
			if (!plan.value_same)
				spoil_padding(&r, &from, old);
			memset(got, 0xff, to.s->size);
			element_plan_value(&plan, old, got);
			bytes_are(got, want, &to, round);
			if (removes)
				continue;
			memset(got, 0xff, to.s->size);
			element_plan_key(&plan, old, got);
			bytes_are(got, want, &to, round);
		}
		free(old);
		type_free(&from);
		type_free(&to);
	}
}

static void five_upgrades_are_one(void **state)
{
	(void)state;
	for (int round = 0; round < rounds(500); round++) {
		struct model_random r = {.seed = round_seed(round), .steady = true};
		struct type types[6] = {type_of(model_random_struct(&r, 2, 6))};
		unsigned char *bytes[6], *once;

		bytes[0] = calloc(1, types[0].s->size);
		value_random(&r, &types[0], bytes[0], false);
		for (int i = 1; i < 6; i++) {
			struct model_struct *s = model_copy(types[i - 1].s);
			auto_element_plan plan = {.nr_rows = 0};

			model_upgrade(&r, s, true);
			types[i] = type_of(s);
			bytes[i] = malloc(types[i].s->size);
			plan_make(&plan, &types[i - 1], &types[i], false, NULL, 0);
			element_plan_value(&plan, bytes[i - 1], bytes[i]);
		}
		{
			auto_element_plan plan = {.nr_rows = 0};

			once = malloc(types[5].s->size);
			plan_make(&plan, &types[0], &types[5], false, NULL, 0);
			element_plan_value(&plan, bytes[0], once);
		}
		bytes_are(bytes[5], once, &types[5], round);
		free(once);
		for (int i = 0; i < 6; i++) {
			free(bytes[i]);
			type_free(&types[i]);
		}
	}
}

static void must_be_refused(const struct type *from, const struct type *to, bool with_key,
			    int round, const char *what)
{
	uint32_t salt = 1;
	struct element_side old_side = side_of(from, &salt),
			    new_side = side_of(to, &salt);
	const struct element_options options = {.index_key = !with_key};
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;

	if (!with_key)
		old_side.key_size = new_side.key_size = 4;
	if (element_plan_init(&plan, &old_side, &new_side, &options, &err) < 0)
		fail_msg("round %d: %s: %s", round, what, err.text);
	if (!plan.nr_refused || element_plan_check(&plan, &err) != -EOPNOTSUPP)
		fail_msg("round %d: %s is not refused", round, what);
}

static void what_would_lose_is_refused(void **state)
{
	int tried = 0;

	(void)state;
	for (int round = 0; round < rounds(3000); round++) {
		struct model_random r = {.seed = round_seed(round)};
		struct type from = type_of(model_random_struct(&r, 2, 6)), to;
		struct model_struct *s = model_copy(from.s);
		const char *what = NULL;

		for (int i = 0; i < 8 && !what; i++)
			what = model_spoil(&r, &s->members[model_below(&r, s->nr)]);
		to = type_of(s);
		if (what) {
			must_be_refused(&from, &to, round % 2, round, what);
			tried++;
		}
		type_free(&from);
		type_free(&to);
	}
	assert_true(tried > rounds(3000) / 2);
}

/* Of the value it is removed, of the key it is what tells two elements apart. */
static void a_key_loses_no_member(void **state)
{
	(void)state;
	for (int round = 0; round < rounds(500); round++) {
		struct model_random r = {.seed = round_seed(round)};
		struct type from = type_of(model_random_struct(&r, 2, 6)), to;
		struct model_struct *s = model_copy(from.s);
		unsigned int at = model_below(&r, s->nr);
		bool counts = s->nr > 1 && !s->members[at].empty;
		auto_element_plan plan = {.nr_rows = 0};

		if (counts) {
			model_free(s->members[at].of);
			model_take_out(s, at, 1);
			s->members[0].empty &= from.s->members[0].empty;
		}
		to = type_of(s);
		if (counts && to.s->size) {
			must_be_refused(&from, &to, true, round,
					"a key without a member");
			plan_make(&plan, &from, &to, false, NULL, 0);
		}
		type_free(&from);
		type_free(&to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_would_lose_is_refused),
		cmocka_unit_test(a_key_loses_no_member),
		cmocka_unit_test(upgrades_are_as_modelled),
		cmocka_unit_test(five_upgrades_are_one),
	};

	printf("seed %llu\n", (unsigned long long)round_seed(0));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
