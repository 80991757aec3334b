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

static bool adds_at_0(void *ctx, uint32_t offset, uint32_t size)
{
	(void)ctx;
	return offset == 0 && size == 8;
}

/* Of the old programs and the new ones: who is seen to add, and what of it is not known. */
static void who_is_doubted(void **state)
{
	const char *unknown = "not added up: what programs do with it is not known";
	const struct {
		struct element_side old_side, new_side;
		const char *why; /* NULL: it is added up, or nothing is said */
		bool added;
	} rows[] = {
		{{.adds = adds_at_0}, {.adds = adds_at_0}, NULL, true},
		{{.adds = adds_none}, {.adds = adds_none}, NULL, false},
		{{.adds = adds_at_0}, {.adds = NULL}, unknown, false},
		{{.adds = NULL}, {.adds = adds_at_0}, unknown, false},
		{{.adds = adds_at_0},
		 {.adds = adds_none},
		 "only the old programs add to it",
		 false},
		{{.adds = adds_none},
		 {.adds = adds_at_0},
		 "only the new programs add to it",
		 false},
		{{.adds = adds_at_0},
		 {.adds = adds_none, .adds_doubt = "new"},
		 "not added up: new",
		 false},
		{{.adds = adds_none, .adds_doubt = "old"},
		 {.adds = adds_at_0},
		 "not added up: old",
		 false},
		{{.adds = adds_none, .adds_doubt = "old"},
		 {.adds = adds_none, .adds_doubt = "new"},
		 "not added up: old",
		 false},
		{{.adds = adds_at_0, .adds_doubt = "old"},
		 {.adds = adds_at_0, .adds_doubt = "new"},
		 NULL,
		 true},
	};
	struct types *t = *state;

	for (size_t i = 0; i < array_size(rows); i++) {
		struct element_side old_side = side(t, t->u64, false),
				    new_side = old_side;
		const struct element_options options = {.nr_merge = 0};
		auto_element_plan plan = {.nr_rows = 0};
		auto_err err = ERR_INIT;
		const char *why;

		old_side.adds = rows[i].old_side.adds;
		old_side.adds_doubt = rows[i].old_side.adds_doubt;
		new_side.adds = rows[i].new_side.adds;
		new_side.adds_doubt = rows[i].new_side.adds_doubt;
		assert_int_equal(element_plan_init(&plan, &old_side, &new_side, &options,
						   &err),
				 0);
		why = plan.rows[1].why;
		if (!why != !rows[i].why || (why && strcmp(why, rows[i].why) != 0))
			fail_msg("row %zu: %s", i, why ? why : "nothing");
		assert_int_equal(plan.nr_deltas, rows[i].added);
	}
}

/* What a policy is given by: a member, all that is in it, nothing that only begins like it. */
static void members_and_what_is_in_them(void **state)
{
	struct types *t = *state;
	int in = add_struct(t, "in", 8,
			    (const struct field[]){{"a", t->u32, 0, 0},
						   {"b", t->u32, 32, 0},
						   {.name = NULL}});
	int pairs = btf__add_array(t->btf, t->u32, in, 2);
	int from = STRUCT(t, 48, {"in", in, 0, 0}, {"inner", t->u32, 64, 0},
			  {"pairs", pairs, 96, 0}, {"lock", t->lock, 224, 0},
			  {"gone", t->u32, 256, 0});
	int to = STRUCT(t, 48, {"in", in, 0, 0}, {"inner", t->u32, 64, 0},
			{"pairs", pairs, 96, 0}, {"lock", t->lock, 224, 0},
			{"fresh", t->u32, 256, 0});
	static const struct {
		const char *merge, *want;
	} refusals[] = {
		{"=add", "'=add': expected MEMBER=add|keep-new|overwrite"},
		{"lock=keep-new", "member 'lock' is kept: nothing of it is merged"},
		{"fresh=add", "member 'fresh' is added: nothing of it is merged"},
		{"gone=overwrite", "member 'gone' is removed: nothing of it is merged"},
		{"pairs[0]=add",
		 "no member 'pairs[0]' in the value; did you mean 'pairs[].a'?"},
	};
	const char *const merge[] = {"in=overwrite", "pairs=keep-new"};
	const char *const twice[] = {"in=none", "gone=add"};
	struct element_side old_side = side(t, from, false),
			    new_side = side(t, to, false);
	auto_element_plan plan = {.nr_rows = 0};
	auto_free char *text = NULL;
	auto_err err = ERR_INIT;

	assert_int_equal(element_plan_init(&plan, &old_side, &new_side,
					   &(struct element_options){.merge = merge,
								     .nr_merge = 2},
					   &err),
			 0);
	text = plan_text(&plan, false);
	assert_string_equal(
		text,
		"in.a kept overwrite u32 > u32; in.b kept overwrite u32 > u32; inner kept add u32 > u32; pairs[].a kept keep-new u32 > u32; pairs[].b kept keep-new u32 > u32; lock kept struct bpf_spin_lock > struct bpf_spin_lock; fresh added > u32; gone removed u32");
	for (size_t i = 0; i < array_size(refusals); i++)
		says_no(t, from, to, false,
			&(struct element_options){.merge = &refusals[i].merge,
						  .nr_merge = 1},
			refusals[i].want);
	says_no(t, from, to, false,
		&(struct element_options){.merge = twice, .nr_merge = 2},
		"unknown policy 'none': expected add, keep-new or overwrite");
}

/* Bytes without BTF: which of them are a row of their own, by whom. */
static void words_without_btf(void **state)
{
	const char *const odd[] = {"bytes[8-15]x=add"}, *const named[] = {
								"bytes[4-7]=add"};
	static const struct {
		bool (*old_adds)(void *ctx, uint32_t offset, uint32_t size);
		bool (*new_adds)(void *ctx, uint32_t offset, uint32_t size);
		uint32_t old_size, new_size;
		const char *want;
	} rows[] = {
		{adds_at_0, adds_at_0, 8, 8, "value kept add 8 B > 8 B"},
		{adds_at_0, adds_none, 8, 8, "value kept keep-new 8 B > 8 B"},
		{adds_at_0, adds_at_0, 16, 16,
		 "value kept keep-new 16 B > 16 B; bytes[0-7] kept add u64 > u64"},
		{adds_at_0, adds_none, 16, 16, "value kept keep-new 16 B > 16 B"},
		{adds_none, adds_at_0, 16, 16, "value kept keep-new 16 B > 16 B"},
		{adds_at_0, adds_at_0, 12, 8,
		 "value converted 12 B > 8 B; bytes[0-7] kept add u64 > u64"},
		{adds_none, adds_none, 4, 4, "value kept keep-new 4 B > 4 B"},
		{adds_none, adds_none, 3, 3, "value kept keep-new 3 B > 3 B"},
	};
	struct element_side s = {.key_size = 4, .value_size = 16, .adds = adds_none};
	auto_element_plan by_name = {.nr_rows = 0}, refused = {.nr_rows = 0};
	auto_free char *text = NULL;
	auto_err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		struct element_side old_side = {.key_size = 4,
						.value_size = rows[i].old_size,
						.adds = rows[i].old_adds};
		struct element_side new_side = {.key_size = 4,
						.value_size = rows[i].new_size,
						.adds = rows[i].new_adds};
		auto_element_plan plan = {.nr_rows = 0};
		auto_free char *got = NULL;

		assert_int_equal(
			element_plan_init(&plan, &old_side, &new_side,
					  &(struct element_options){.copy_prefix = true},
					  &err),
			0);
		got = plan_text(&plan, false);
		assert_string_equal(got, rows[i].want);
	}
	assert_int_equal(element_plan_init(&by_name, &s, &s,
					   &(struct element_options){.merge = named,
								     .nr_merge = 1},
					   &err),
			 0);
	text = plan_text(&by_name, false);
	assert_string_equal(
		text, "value kept keep-new 16 B > 16 B; bytes[4-7] kept add u32 > u32");
	assert_int_equal(
		element_plan_init(&refused, &s, &s,
				  &(struct element_options){.merge = odd, .nr_merge = 1},
				  &err),
		-EINVAL);
	assert_string_equal(err.text, "no member 'bytes[8-15]x' in the value");
}

/* --copy-prefix is for what has no BTF: refused only where each part has it on both sides. */
static void prefix_with_btf_of_some_parts(void **state)
{
	struct types *t = *state;

	for (unsigned int i = 0; i < 128; i++) {
		struct element_side old_side = side(t, t->u32, false),
				    new_side = old_side;
		const struct element_options options = {.copy_prefix = true,
							.index_key = i & 64};
		bool typed_key = (i & 15) == 0, typed_value = (i & 51) == 0;
		auto_element_plan plan = {.nr_rows = 0};
		auto_err err = ERR_INIT;
		int r;

		old_side.btf = i & 1 ? NULL : t->btf;
		new_side.btf = i & 2 ? NULL : t->btf;
		old_side.key_type = i & 4 ? 0 : old_side.key_type;
		new_side.key_type = i & 8 ? 0 : new_side.key_type;
		old_side.value_type = i & 16 ? 0 : old_side.value_type;
		new_side.value_type = i & 32 ? 0 : new_side.value_type;
		r = element_plan_init(&plan, &old_side, &new_side, &options, &err);
		if ((r < 0) != (typed_value && (typed_key || options.index_key)))
			fail_msg("%u: %s", i, r < 0 ? err.text : "not refused");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(policies_are_set, setup, teardown),
		cmocka_unit_test(without_btf),
		cmocka_unit_test(bytes_are_named),
		cmocka_unit_test_setup_teardown(prefix_only_without_btf, setup, teardown),
		cmocka_unit_test_setup_teardown(doubts_are_said, setup, teardown),
		cmocka_unit_test_setup_teardown(members_and_what_is_in_them, setup,
						teardown),
		cmocka_unit_test_setup_teardown(who_is_doubted, setup, teardown),
		cmocka_unit_test(words_without_btf),
		cmocka_unit_test_setup_teardown(prefix_with_btf_of_some_parts, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
