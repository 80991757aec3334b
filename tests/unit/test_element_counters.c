/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which members are added up, unasked or asked, and what is said of how they are counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "element_types.h"

static int union_of(struct types *t, int type)
{
	int id = btf__add_union(t->btf, "both", 8);

	assert_int_equal(btf__add_field(t->btf, "n", type, 0, 0), 0);
	return id;
}

/* One member of a value of 48 bytes, in another place than before. */
static void member_is(struct types *t, const struct field *field, bool countable)
{
	const struct field moved = {field->name, field->type, field->bit + 64,
				    field->bits};
	int from = STRUCT(t, 48, *field), to = STRUCT(t, 48, moved);
	struct element_side old_side = side(t, from, false),
			    new_side = side(t, to, false);
	const char *const merge[] = {"n=add"};
	const struct element_options unasked = {.nr_merge = 0},
				     asked = {.merge = merge, .nr_merge = 1};
	auto_element_plan plan = {.nr_rows = 0}, silent = {.nr_rows = 0},
			  added = {.nr_rows = 0};
	auto_err err = ERR_INIT;
	int r;

	assert_int_equal(element_plan_init(&plan, &old_side, &new_side, &unasked, &err),
			 0);
	assert_int_equal(plan.nr_deltas > 0, countable);
	r = element_plan_init(&added, &old_side, &new_side, &asked, &err);
	if ((r == 0) != countable)
		fail_msg("%zu: %s", (size_t)field->type, err.text);
	if (!countable)
		assert_non_null(strstr(err.text, ") cannot be added up: only aligned"));
	/* Whatever it is, on one side nobody is seen to add to it. */
	new_side.adds = NULL;
	assert_int_equal(element_plan_init(&silent, &old_side, &new_side, &unasked, &err),
			 0);
	assert_int_equal(silent.nr_deltas, 0);
}

static void which_members_are_counters(void **state)
{
	struct types *t = *state;
	int four = btf__add_array(t->btf, t->u32, t->u64, 4);
	const struct {
		struct field field;
		bool countable;
	} members[] = {
		{{"n", t->u64, 0, 0}, true},   {{"n", t->s64, 64, 0}, true},
		{{"n", t->u32, 32, 0}, true},  {{"n", t->s32, 0, 0}, true},
		{{"n", four, 0, 0}, true},     {{"n", t->u8, 0, 0}, false},
		{{"n", t->u16, 16, 0}, false}, {{"n", t->flag, 0, 0}, false},
		{{"n", t->u64, 32, 0}, false}, {{"n", t->u32, 8, 0}, false},
		{{"n", t->u32, 0, 5}, false},  {{"n", t->u32, 3, 20}, false},
		{{"n", t->f64, 0, 0}, false},  {{"n", union_of(t, t->u64), 0, 0}, false},
	};

	for (size_t i = 0; i < array_size(members); i++) {
		member_is(t, &members[i].field, members[i].countable);
	}
}

static bool plain_at_8(void *ctx, uint32_t offset, uint32_t size)
{
	(void)ctx;
	return offset == 8 && size == 8;
}

static void plain_sums_are_said(void **state)
{
	static const char *const sides[] = {"old", "new", "old and the new"};
	struct types *t = *state;
	int id = STRUCT(t, 24, {"packets", t->u64, 0, 0}, {"bytes", t->u64, 64, 0},
			{"ttl", t->u16, 128, 0});
	const struct element_options options = {.nr_merge = 0};

	for (unsigned int i = 0; i < array_size(sides); i++) {
		struct element_side old_side = side(t, id, false), new_side = old_side;
		auto_element_plan plan = {.nr_rows = 0};
		auto_err err = ERR_INIT;
		char want[256];

		old_side.plain = i != 1 ? plain_at_8 : NULL;
		new_side.plain = i != 0 ? plain_at_8 : NULL;
		assert_int_equal(element_plan_init(&plan, &old_side, &new_side, &options,
						   &err),
				 0);
		snprintf(
			want, sizeof(want),
			"the %s programs count it without atomic instructions, and can lose counts between CPUs by themselves",
			sides[i]);
		for (size_t row = 0; row < plan.nr_rows; row++) {
			bool is_plain = strcmp(plan.rows[row].path, "bytes") == 0;

			assert_int_equal(plan.rows[row].plain, is_plain);
			if (is_plain)
				assert_string_equal(plan.rows[row].why, want);
			else
				assert_null(plan.rows[row].why);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(which_members_are_counters, setup,
						teardown),
		cmocka_unit_test_setup_teardown(plain_sums_are_said, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
