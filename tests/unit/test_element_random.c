/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Thousands of random upgrades of a struct, against a plain model of values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "element_upgrade.h"

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
		struct model_random r = {.seed = round_seed(round)};
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upgrades_are_as_modelled),
		cmocka_unit_test(five_upgrades_are_one),
	};

	printf("seed %llu\n", (unsigned long long)round_seed(0));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
