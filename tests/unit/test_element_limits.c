/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a plan gives up on large types, and what is said at either side of each limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "element_types.h"

#define MANY "the BTF of the value cannot be followed: it has too many members"

/* Bytes m0, m1, ..., or the last first, or under other names. */
static int add_bytes(struct types *t, uint32_t nr, const char *letter, bool reversed)
{
	int id = btf__add_struct(t->btf, "value", nr);
	char name[16];

	for (uint32_t i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "%s%u", letter, reversed ? nr - 1 - i : i);
		assert_int_equal(btf__add_field(t->btf, name, t->u8, i * 8, 0), 0);
	}
	return id;
}

static int plan_of(struct element_plan *plan, struct types *t, int from, int to,
		   struct err *err)
{
	struct element_side old_side = side(t, from, false),
			    new_side = side(t, to, false);

	return element_plan_init(plan, &old_side, &new_side,
				 &(struct element_options){.nr_merge = 0}, err);
}

/* The key has one row, too. */
static void rows_have_an_end(void **state)
{
	struct types *t = *state;
	int most = add_bytes(t, 32767, "m", false),
	    more = add_bytes(t, 32768, "m", false);
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;

	assert_int_equal(plan_of(&plan, t, most, most, &err), 0);
	assert_int_equal(plan.nr_rows, 32768);
	refused(t, more, more, MANY);
}

/* What is sought in vain again and again: names, names in unions, numbers of enums. */
static void looks_have_an_end(void **state)
{
	struct types *t = *state;
	int from = add_bytes(t, 2000, "m", false), enums[2];
	int few = add_bytes(t, 200, "m", false);
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;
	char name[16];

	refused(t, add_bytes(t, 4000, "m", false), add_bytes(t, 4000, "m", true), MANY);
	refused(t, from, add_bytes(t, 2000, "n", false), MANY);
	assert_int_equal(plan_of(&plan, t, few, add_bytes(t, 200, "n", true), &err), 0);
	for (int e = 0; e < 2; e++) {
		enums[e] = btf__add_enum(t->btf, "state", 4);
		for (int i = 0; i < 4000; i++) {
			snprintf(name, sizeof(name), "E%d", e ? 3999 - i : i);
			btf__add_enum_value(t->btf, name, e ? 3999 - i : i);
		}
	}
	refused(t, enums[0], enums[1], MANY);
	rows_are(t, enums[0], enums[0],
		 "value kept keep-new enum state 32 bits > enum state 32 bits");
}

/* Unnamed unions of a byte each, with names that are the same on no side. */
static int add_unions(struct types *t, uint32_t nr, const char *letter)
{
	int first = (int)btf__type_cnt(t->btf), id;
	char name[16];

	for (uint32_t i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "%s%u", letter, i);
		btf__add_union(t->btf, NULL, 1);
		btf__add_field(t->btf, name, t->u8, 0, 0);
	}
	id = btf__add_struct(t->btf, "value", nr);
	for (uint32_t i = 0; i < nr; i++)
		assert_int_equal(btf__add_field(t->btf, NULL, first + (int)i, i * 8, 0),
				 0);
	return id;
}

static void unions_have_an_end(void **state)
{
	struct types *t = *state;
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;

	/* The last look is one at a union, at its members, or at those of the other. */
	for (uint32_t nr = 1190; nr < 1193; nr++)
		refused(t, add_unions(t, nr, "m"), add_unions(t, nr, "n"), MANY);
	assert_int_equal(plan_of(&plan, t, add_unions(t, 300, "m"),
				 add_unions(t, 300, "n"), &err),
			 0);
	assert_int_equal(plan.nr_rows, 601);
}

static int array_of(struct types *t, int type, uint32_t nr)
{
	return btf__add_array(t->btf, t->u32, type, nr);
}

static void numbers_that_are_looked_at(void **state)
{
	struct types *t = *state;
	int pair = add_struct(t, "pair", 8,
			      (const struct field[]){{"a", t->u32, 0, 0},
						     {"b", t->u32, 32, 0},
						     {.name = NULL}});
	int plain = array_of(t, t->u32, 2), pairs = array_of(t, pair, 2);

	for (uint32_t less = 0; less < 3; less++) {
		uint32_t nr = (1U << 20) - less;
		int pad = array_of(t, t->u8, nr), id;
		auto_free char *want = NULL;

		id = STRUCT(t, (1U << 20) + 8, {"n", plain, 0, 0}, {"pad", pad, 64, 0});
		want = xasprintf(
			"n kept add u32[2] > u32[2]; pad kept keep-new u8[%u] > u8[%u]",
			nr, nr);
		rows_are(t, id, id, want);
		free(take_ptr(want));
		id = STRUCT(t, (1U << 20) + 8, {"pad", pad, 0, 0},
			    {"n", plain, 1U << 23, 0});
		want = xasprintf(
			"pad kept keep-new u8[%u] > u8[%u]; n kept %s u32[2] > u32[2]",
			nr, nr, less > 0 ? "add" : "keep-new");
		rows_are(t, id, id, want);
		free(take_ptr(want));
		id = STRUCT(t, (1U << 20) + 16, {"pad", pad, 0, 0},
			    {"all", pairs, 1U << 23, 0});
		want = xasprintf(
			"pad kept keep-new u8[%u] > u8[%u]; all[].a kept %s u32 > u32; all[].b kept %s u32 > u32",
			nr, nr, less > 1 ? "add" : "keep-new",
			less > 1 ? "add" : "keep-new");
		rows_are(t, id, id, want);
	}
}

static void numbers_that_are_added_up(void **state)
{
	struct types *t = *state;
	int most = array_of(t, t->u32, 65536), more = array_of(t, t->u32, 65537);
	int both = STRUCT(t, 4 + 4 * 65536, {"n", t->u32, 0, 0}, {"all", most, 32, 0});

	rows_are(t, most, most, "value kept add u32[65536] > u32[65536]");
	rows_are(t, more, more, "value kept keep-new u32[65537] > u32[65537]");
	refused(t, both, both,
		"a value has 65537 numbers to add up, over 65536; merge some of them with keep-new");
}

/* --- without BTF ----------------------------------------------------------------------- */

static bool adds_beyond(void *ctx, uint32_t offset, uint32_t size)
{
	(void)ctx;
	return size == 8 && offset >= 65536 - 8;
}

static void bytes_that_are_looked_at(void **state)
{
	const struct element_side one = {
		.key_size = 4, .value_size = 65536 + 16, .adds = adds_beyond};
	auto_element_plan plan = {.nr_rows = 0};
	auto_free char *text = NULL;
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(element_plan_init(&plan, &one, &one,
					   &(struct element_options){.nr_merge = 0},
					   &err),
			 0);
	text = plan_text(&plan, false);
	assert_string_equal(
		text,
		"value kept keep-new 65552 B > 65552 B; bytes[65528-65535] kept add u64 > u64");
}

static void words_after_the_last_row(void **state)
{
	struct types *t = *state;
	struct element_side one = side(t, add_bytes(t, 32766, "m", false), true);
	auto_element_plan plan = {.nr_rows = 0};
	auto_free char *text = NULL;
	auto_err err = ERR_INIT;

	one.value_type = 0;
	one.value_size = 24;
	assert_int_equal(element_plan_init(&plan, &one, &one,
					   &(struct element_options){.nr_merge = 0},
					   &err),
			 0);
	text = plan_text(&plan, false);
	assert_string_equal(
		text, "value kept keep-new 24 B > 24 B; bytes[0-7] kept add u64 > u64");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(rows_have_an_end),          CASE(looks_have_an_end),
		CASE(unions_have_an_end),        CASE(numbers_that_are_looked_at),
		CASE(numbers_that_are_added_up), CASE(bytes_that_are_looked_at),
		CASE(words_after_the_last_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
