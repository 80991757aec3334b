/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who wins where both sides wrote, what may be added up, and values without BTF. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "element_types.h"

static void policies_are_set(void **state)
{
	struct types *t = *state;
	int id = STRUCT(t, 16, {"packets", t->u64, 0, 0}, {"seen", t->u32, 64, 0},
			{"ttl", t->u16, 96, 0});
	const char *const good[] = {"seen=overwrite", "packets=keep-new"};
	const char *const bad[] = {"ttl=add"}, *const near[] = {"packet=add"};
	const char *const word[] = {"seen=overwrit"}, *const none[] = {"seen"};
	struct element_side s = side(t, id, false);
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;
	auto_free char *text = NULL;

	assert_int_equal(
		element_plan_init(&plan, &s, &s,
				  &(struct element_options){.merge = good, .nr_merge = 2},
				  &err),
		0);
	text = plan_text(&plan, false);
	assert_string_equal(
		text,
		"packets kept keep-new u64 > u64; seen kept overwrite u32 > u32; ttl kept keep-new u16 > u16");
	assert_int_equal(plan.nr_deltas, 0);
	assert_true(plan.value_same);
	says_no(t, id, id, false, &(struct element_options){.merge = bad, .nr_merge = 1},
		"member 'ttl' (u16) cannot be added up: only aligned integers of 32 or 64 bits can, outside of unions");
	says_no(t, id, id, false, &(struct element_options){.merge = near, .nr_merge = 1},
		"no member 'packet' in the value; did you mean 'packets'?");
	says_no(t, id, id, false, &(struct element_options){.merge = word, .nr_merge = 1},
		"unknown policy 'overwrit': expected add, keep-new or overwrite; did you mean 'overwrite'?");
	says_no(t, id, id, false, &(struct element_options){.merge = none, .nr_merge = 1},
		"'seen': expected MEMBER=add|keep-new|overwrite");
}

static bool adds_at_8(void *ctx, uint32_t offset, uint32_t size)
{
	(void)ctx;
	return offset == 8 && size == 8;
}

static void without_btf(void **state)
{
	struct element_side old_side = {
		.key_size = 4, .value_size = 16, .adds = adds_at_8};
	struct element_side new_side = {
		.key_size = 4, .value_size = 24, .adds = adds_at_8};
	struct element_options options = {.copy_prefix = false};
	auto_element_plan plan = {.nr_rows = 0}, refusing = {.nr_rows = 0};
	auto_element_merge merge = {.adds = false};
	auto_free char *text = NULL;
	auto_err err = ERR_INIT;
	unsigned char value[24];

	(void)state;
	assert_int_equal(
		element_plan_init(&refusing, &old_side, &new_side, &options, &err), 0);
	assert_true(element_plan_check(&refusing, &err) < 0);
	assert_string_equal(
		err.text,
		"member 'value' of the value: 16 B cannot become 24 B: its members are not described by BTF on both sides; --copy-prefix copies the bytes that both have");
	err_release(&err);
	options.copy_prefix = true;
	assert_int_equal(element_plan_init(&plan, &old_side, &new_side, &options, &err),
			 0);
	text = plan_text(&plan, false);
	assert_string_equal(
		text,
		"value converted keep-new 16 B > 24 B; bytes[8-15] kept add u64 > u64");
	element_plan_value(&plan, "0123456789abcdef", value);
	assert_memory_equal(value, "0123456789abcdef\0\0\0\0\0\0\0\0", 24);
	element_merge_init(&merge, &plan);
	element_plan_merge(&plan, "aaaaaaaa\0\0\0\0\0\0\0\0", "bbbbbbbb\7\0\0\0\0\0\0\0",
			   "aaaaaaaa\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", &merge);
	assert_true(merge.adds && merge.sets);
	assert_int_equal(plan.nr_deltas, 1);
	assert_int_equal(merge.mask[7], 0xff);
	assert_int_equal(merge.mask[8], 0);
	assert_memory_equal(merge.bytes, "bbbbbbbb", 8);
}

static bool adds_none(void *ctx, uint32_t offset, uint32_t size)
{
	(void)ctx;
	return offset + size == 0;
}

/* As a run says that finishes another one, when no program is left to tell. */
static void bytes_are_named(void **state)
{
	const struct element_side side = {
		.key_size = 4, .value_size = 24, .adds = adds_none};
	const char *const merge[] = {"value=keep-new", "bytes[8-15]=add",
				     "bytes[20-23]=overwrite"};
	const char *const odd[] = {"bytes[4-11]=add"};
	auto_element_plan plan = {.nr_rows = 0}, refused = {.nr_rows = 0};
	auto_free char *text = NULL;
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(element_plan_init(&plan, &side, &side,
					   &(struct element_options){.merge = merge,
								     .nr_merge = 3},
					   &err),
			 0);
	text = plan_text(&plan, false);
	assert_string_equal(
		text,
		"value kept keep-new 24 B > 24 B; bytes[8-15] kept add u64 > u64; bytes[20-23] kept overwrite u32 > u32");
	assert_int_equal(plan.nr_deltas, 1);
	assert_int_equal(
		element_plan_init(&refused, &side, &side,
				  &(struct element_options){.merge = odd, .nr_merge = 1},
				  &err),
		-EINVAL);
	assert_string_equal(err.text, "no member 'bytes[4-11]' in the value");
}

static void prefix_only_without_btf(void **state)
{
	struct types *t = *state;

	says_no(t, t->u32, t->u64, false, &(struct element_options){.copy_prefix = true},
		"both definitions have BTF, which says more than --copy-prefix; leave it out");
}

static void doubts_are_said(void **state)
{
	struct types *t = *state;
	struct element_side old_side = side(t, t->u64, false), new_side = old_side;
	const struct element_options options = {.nr_merge = 0};
	auto_element_plan plan = {.nr_rows = 0}, other = {.nr_rows = 0};
	auto_err err = ERR_INIT;

	old_side.adds = NULL;
	old_side.adds_doubt = "program 'acct' hands the value to a function";
	assert_int_equal(element_plan_init(&plan, &old_side, &new_side, &options, &err),
			 0);
	assert_int_equal(plan.rows[1].policy, ELEMENT_KEEP_NEW);
	assert_string_equal(plan.rows[1].why,
			    "not added up: program 'acct' hands the value to a function");
	old_side.adds = adds_at_8;
	old_side.adds_doubt = NULL;
	assert_int_equal(element_plan_init(&other, &old_side, &new_side, &options, &err),
			 0);
	assert_string_equal(other.rows[1].why, "only the new programs add to it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(policies_are_set, setup, teardown),
		cmocka_unit_test(without_btf),
		cmocka_unit_test(bytes_are_named),
		cmocka_unit_test_setup_teardown(prefix_only_without_btf, setup, teardown),
		cmocka_unit_test_setup_teardown(doubts_are_said, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
