/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Two layouts side by side: golden texts, and which names count as renamed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "def/layout.h"

static struct layout_member two_words[] = {
	{.path = (char *)"packets", .bit_size = 64, .elements = 1},
	{.path = (char *)"bytes", .bit_offset = 64, .bit_size = 64, .elements = 1},
};
static struct layout_member narrower[] = {
	{.path = (char *)"packets", .bit_size = 64, .elements = 1},
	{.path = (char *)"bytes", .bit_offset = 64, .bit_size = 32, .elements = 1},
	{.path = (char *)"drops", .bit_offset = 96, .bit_size = 32, .elements = 1},
};
static struct layout_member renamed[] = {
	{.path = (char *)"packets", .bit_size = 64, .elements = 1},
	{.path = (char *)"octets", .bit_offset = 64, .bit_size = 64, .elements = 1},
};

static const struct layout counter = {.name = (char *)"struct counter",
				      .size = 16,
				      .nr_members = 2,
				      .members = two_words};
static const struct layout split = {.name = (char *)"struct counter",
				    .size = 16,
				    .nr_members = 3,
				    .members = narrower};
static const struct layout octets = {.name = (char *)"struct counter",
				     .size = 16,
				     .nr_members = 2,
				     .members = renamed};

static void the_first_difference_is_marked(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	layout_table("value", &counter, &split, &out);
	assert_string_equal(
		sb_text(&out),
		"    value        struct counter, 16 B           struct counter, 16 B\n"
		"    bit 0        u64 packets                    u64 packets\n"
		"  ! bit 64       u64 bytes                      u32 bytes\n"
		"    bit 96       -                              u32 drops\n");
}

static void one_side_without_btf_marks_nothing(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	layout_table("value", NULL, &counter, &out);
	assert_string_equal(
		sb_text(&out),
		"    value        no BTF                         struct counter, 16 B\n"
		"    bit 0        -                              u64 packets\n"
		"    bit 64       -                              u64 bytes\n");
}

static void other_names_are_told_apart_from_other_bytes(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	assert_int_equal(layout_diff(&counter, &octets, &out), 0);
	assert_false(layout_renamed(&counter, &counter, &out));
	assert_string_equal(sb_text(&out), "");
	assert_true(layout_renamed(&counter, &octets, &out));
	assert_string_equal(sb_text(&out), "'bytes' is now 'octets'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_difference_is_marked),
		cmocka_unit_test(one_side_without_btf_marks_nothing),
		cmocka_unit_test(other_names_are_told_apart_from_other_bytes),
	};

	return cmocka_run_group_tests_name("layout_table", tests, NULL, NULL);
}
