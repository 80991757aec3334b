// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>
#include <errno.h>

#include "base/digits.h"
#include "base/outbuf.h"
#include "view/btf_plan.h"
#include "host_order.h"

/* The types most tests need. */
struct types {
	struct btf *btf;
	int u8, s8, u16, s32, u32, u64, ch;
};

static int setup(void **state)
{
	struct types *t = calloc(1, sizeof(*t));

	t->btf = btf__new_empty();
	t->u8 = btf__add_int(t->btf, "unsigned char", 1, 0);
	t->s8 = btf__add_int(t->btf, "signed char", 1, BTF_INT_SIGNED);
	t->u16 = btf__add_int(t->btf, "unsigned short", 2, 0);
	t->s32 = btf__add_int(t->btf, "int", 4, BTF_INT_SIGNED);
	t->u32 = btf__add_int(t->btf, "unsigned int", 4, 0);
	t->u64 = btf__add_int(t->btf, "unsigned long", 8, 0);
	t->ch = btf__add_int(t->btf, "char", 1, BTF_INT_SIGNED);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct types *t = *state;

	btf__free(t->btf);
	free(t);
	return 0;
}

/* The value as text; the caller's to free. */
static char *print(struct types *t, int id, enum btf_form form, const void *value,
		   size_t size)
{
	auto_release(btf_plan_freep) struct btf_plan *plan = NULL;
	auto_outbuf out;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(
		btf_plan_new(t->btf, (uint32_t)id, (uint32_t)size, form, 0, &plan), 0);
	outbuf_init(&out, f);
	btf_plan_run(plan, value, &out);
	assert_int_equal(outbuf_flush(&out), 0);
	fclose(f);
	return text;
}

static void prints(struct types *t, int id, enum btf_form form, const void *value,
		   size_t size, const char *want)
{
	auto_free char *text = print(t, id, form, value, size);

	assert_string_equal(text, want);
}

static void integers_at_their_limits(void **state)
{
	struct types *t = *state;
	int s64 = btf__add_int(t->btf, "long", 8, BTF_INT_SIGNED);
	int u128 = btf__add_int(t->btf, "unsigned __int128", 16, 0);
	int yes = btf__add_int(t->btf, "_Bool", 1, BTF_INT_BOOL);
	unsigned __int128 high = (unsigned __int128)0xfedcba9876543210 << 64 | 0x12;

	prints(t, t->u8, BTF_TEXT, "\xff", 1, "255");
	prints(t, t->s8, BTF_TEXT, "\x80", 1, "-128");
	prints(t, t->u16, BTF_TEXT, "\0\0", 2, "0");
	prints(t, t->s32, BTF_TEXT, &(int32_t){INT32_MIN}, 4, "-2147483648");
	prints(t, t->u32, BTF_TEXT, &(uint32_t){1000000000}, 4, "1000000000");
	prints(t, t->u64, BTF_TEXT, &(uint64_t){UINT64_MAX}, 8, "18446744073709551615");
	prints(t, s64, BTF_JSON, &(int64_t){INT64_MIN}, 8, "-9223372036854775808");
	prints(t, u128, BTF_TEXT, &high, 16, "0xfedcba98765432100000000000000012");
	prints(t, u128, BTF_JSON, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, "\"0x0\"");
	prints(t, yes, BTF_TEXT, "\2", 1, "true");
	prints(t, yes, BTF_JSON, "\0", 1, "false");
}

static void every_power_of_ten_has_its_digits(void **state)
{
	uint64_t power = 1;

	(void)state;
	for (int i = 0; i < 20; i++, power *= 10) {
		const uint64_t around[] = {power - 1, power, power + 1};

		for (size_t k = 0; k < 3; k++) {
			char text[DIGITS_MAX + 1], want[32];

			*digits_u64(text, around[k]) = '\0';
			snprintf(want, sizeof(want), "%llu",
				 (unsigned long long)around[k]);
			assert_string_equal(text, want);
		}
	}
}

static void bit_fields_are_hex_and_quoted_in_json(void **state)
{
	struct types *t = *state;
	int s = btf__add_struct(t->btf, "bits", 8);

	btf__add_field(t->btf, "a", t->u64, 0, 1);
	btf__add_field(t->btf, "b", t->u64, 1, 40);
	btf__add_field(t->btf, "c", t->u64, 41, 23);
	prints(t, s, BTF_JSON,
	       BY_ORDER("\x03\0\0\0\0\xfe\xff\xff", "\x80\0\0\0\0\xff\xff\xff"), 8,
	       "{\"a\":\"0x1\",\"b\":\"0x1\",\"c\":\"0x7fffff\"}");
	prints(t, s, BTF_TEXT, BY_ORDER("\0\0\0\0\0\2\0\0", "\0\0\0\0\0\0\0\1"), 8,
	       "{\n    \"a\": 0x0,\n    \"b\": 0x0,\n    \"c\": 0x1\n}");
}

static void bits_that_span_seventeen_bytes(void **state)
{
	struct types *t = *state;
	int wide = btf__add_int(t->btf, "unsigned __int128", 16, 0);
	int s = btf__add_struct(t->btf, "bits", 17);

	btf__add_field(t->btf, "a", t->u8, 0, 4);
	btf__add_field(t->btf, "b", wide, 4, 128);
	prints(t, s, BTF_JSON,
	       BY_ORDER("\x1f\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
			"\x0a",
			"\xfa\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
			"\x10"),
	       17, "{\"a\":\"0xf\",\"b\":\"0xa0000000000000000000000000000001\"}");
}

static void char_arrays_are_strings_if_printable(void **state)
{
	struct types *t = *state;
	int s = btf__add_array(t->btf, t->u32, t->ch, 6);
	int hidden = btf__add_typedef(t->btf, "char_t", t->ch);
	int no = btf__add_array(t->btf, t->u32, hidden, 3);
	int u = btf__add_array(t->btf, t->u32, t->u8, 3);

	prints(t, s, BTF_JSON, "abc\0xy", 6, "\"abc\"");
	prints(t, s, BTF_JSON, "\0bcdef", 6, "\"\"");
	prints(t, s, BTF_JSON, "\"\\'/~\0", 6, "\"\\\"\\\\'/~\"");
	prints(t, s, BTF_JSON, "abcdef", 6, "[97,98,99,100,101,102]");
	prints(t, s, BTF_JSON, "a\tb\0\0\0", 6, "[97,9,98,0,0,0]");
	prints(t, s, BTF_TEXT, "\x80\0\0\0\0\0", 6, "[-128,0,0,0,0,0\n]");
	prints(t, no, BTF_JSON, "ab\0", 3, "[97,98,0]");
	prints(t, u, BTF_JSON, "ab\0", 3, "[97,98,0]");
}

static void single_chars_are_valid_json(void **state)
{
	struct types *t = *state;
	int c = btf__add_int(t->btf, "letter", 1, BTF_INT_CHAR);

	prints(t, c, BTF_JSON, "a", 1, "\"a\"");
	prints(t, c, BTF_JSON, "\"", 1, "\"\\\"\"");
	prints(t, c, BTF_JSON, "\xc8", 1, "\"\\u00c8\"");
	prints(t, c, BTF_TEXT, "\x0a", 1, "0xa");
	prints(t, c, BTF_TEXT, "\"", 1, "\"\"\"");
}

static void enums_by_name_or_number(void **state)
{
	struct types *t = *state;
	int e = btf__add_enum(t->btf, "mode", 4), e64, list, one;

	btf__add_enum_value(t->btf, "HIGH", 7);
	btf__add_enum_value(t->btf, "LOST", -2);
	btf__add_enum_value(t->btf, "IDLE", 0);
	btf__add_enum_value(t->btf, "ALSO_IDLE", 0);
	e64 = btf__add_enum64(t->btf, "wide", 8, false);
	btf__add_enum64_value(t->btf, "FAR", 0x123456789abcdef0);
	one = btf__add_enum(t->btf, "small", 1);
	btf__add_enum_value(t->btf, "ALL", -1);
	list = btf__add_array(t->btf, t->u32, e, 2);
	prints(t, e, BTF_JSON, &(int32_t){7}, 4, "\"HIGH\"");
	prints(t, e, BTF_JSON, &(int32_t){-2}, 4, "\"LOST\"");
	prints(t, e, BTF_TEXT, &(int32_t){0}, 4, "\"IDLE\"");
	prints(t, e, BTF_JSON, &(int32_t){-3}, 4, "-3");
	prints(t, e64, BTF_JSON, &(uint64_t){0x123456789abcdef0}, 8, "\"FAR\"");
	prints(t, e64, BTF_JSON, &(uint64_t){UINT64_MAX}, 8, "-1");
	prints(t, one, BTF_JSON, "\xff", 1, "\"ALL\"");
	prints(t, list, BTF_JSON, (int32_t[]){7, 8}, 8, "[\"HIGH\",8]");
}

static void pointers_as_printf_or_as_numbers(void **state)
{
	struct types *t = *state;
	int p = btf__add_ptr(t->btf, 0);

	prints(t, p, BTF_TEXT, &(uint64_t){0}, 8, "(nil)");
	prints(t, p, BTF_TEXT, &(uint64_t){0xffff888000000010}, 8, "0xffff888000000010");
	prints(t, p, BTF_PRETTY, &(uint64_t){16}, 8, "16");
}

static void floats_read_back_to_the_same_number(void **state)
{
	struct types *t = *state;
	int f = btf__add_float(t->btf, "float", 4),
	    d = btf__add_float(t->btf, "double", 8);
	auto_free char *third = print(t, d, BTF_JSON, &(double){1.0 / 3}, 8);

	prints(t, f, BTF_JSON, &(float){0.1f}, 4, "0.1");
	prints(t, d, BTF_TEXT, &(double){-1.5e300}, 8, "-1.5e+300");
	prints(t, d, BTF_JSON, &(double){__builtin_nan("")}, 8, "\"nan\"");
	prints(t, f, BTF_JSON, &(float){-__builtin_inff()}, 4, "\"-inf\"");
	assert_true(strtod(third, NULL) == 1.0 / 3);
}

/* struct { struct { u16 x, y; } grid[2][2]; union { u32 a; u8 b[2]; }; } */
static void nesting_indents(void **state)
{
	struct types *t = *state;
	const uint16_t value[10] = {1, 2, 3, 4, 5, 6, 7, 8, 0x0101, 0x0101};
	int point = btf__add_struct(t->btf, "point", 4), row, grid, two, either;
	int s;

	btf__add_field(t->btf, "x", t->u16, 0, 0);
	btf__add_field(t->btf, "y", t->u16, 16, 0);
	row = btf__add_array(t->btf, t->u32, point, 2);
	grid = btf__add_array(t->btf, t->u32, row, 2);
	two = btf__add_array(t->btf, t->u32, t->u8, 2);
	either = btf__add_union(t->btf, NULL, 4);
	btf__add_field(t->btf, "a", t->u32, 0, 0);
	btf__add_field(t->btf, "b", two, 0, 0);
	s = btf__add_struct(t->btf, "all", 20);
	btf__add_field(t->btf, "grid", grid, 0, 0);
	btf__add_field(t->btf, NULL, either, 128, 0);
	prints(t, s, BTF_JSON, value, 20,
	       "{\"grid\":[[{\"x\":1,\"y\":2},{\"x\":3,\"y\":4}],"
	       "[{\"x\":5,\"y\":6},{\"x\":7,\"y\":8}]],\"\":{\"a\":16843009,\"b\":[1,1]}}");
	prints(t, s, BTF_PRETTY, value, 20,
	       "{\n"
	       "    \"grid\": [[{\n"
	       "                \"x\": 1,\n"
	       "                \"y\": 2\n"
	       "            },{\n"
	       "                \"x\": 3,\n"
	       "                \"y\": 4\n"
	       "            }\n"
	       "        ],[{\n"
	       "                \"x\": 5,\n"
	       "                \"y\": 6\n"
	       "            },{\n"
	       "                \"x\": 7,\n"
	       "                \"y\": 8\n"
	       "            }\n"
	       "        ]\n"
	       "    ],\n"
	       "    \"\": {\n"
	       "        \"a\": 16843009,\n"
	       "        \"b\": [1,1\n"
	       "        ]\n"
	       "    }\n"
	       "}");
}

static void empty_things(void **state)
{
	struct types *t = *state;
	int nothing = btf__add_array(t->btf, t->u32, t->u32, 0);
	int none = btf__add_struct(t->btf, "none", 0);
	int s = btf__add_struct(t->btf, "s", 4);

	btf__add_field(t->btf, "n", t->u32, 0, 0);
	btf__add_field(t->btf, "none", none, 32, 0);
	btf__add_field(t->btf, "tail", nothing, 32, 0);
	prints(t, s, BTF_JSON, &(uint32_t){1}, 4, "{\"n\":1,\"none\":{},\"tail\":[]}");
}

static void data_sections_name_their_variables(void **state)
{
	struct types *t = *state;
	int a = btf__add_var(t->btf, "a", BTF_VAR_STATIC, t->u32);
	int b = btf__add_var(t->btf, "b", BTF_VAR_STATIC, t->u8);
	int s = btf__add_datasec(t->btf, ".data", 5);

	btf__add_datasec_var_info(t->btf, a, 0, 4);
	btf__add_datasec_var_info(t->btf, b, 4, 1);
	prints(t, s, BTF_JSON, BY_ORDER("\1\0\0\0\2", "\0\0\0\1\2"), 5,
	       "{\".data\":[{\"a\":1},{\"b\":2}]}");
}

static void what_cannot_be_printed_is_refused(void **state)
{
	struct types *t = *state;
	struct btf_plan *plan = NULL;
	int fwd = btf__add_fwd(t->btf, "later", BTF_FWD_STRUCT), deep = t->u8, zero, big;

	assert_int_equal(btf_plan_new(t->btf, (uint32_t)fwd, 4, BTF_TEXT, 0, &plan),
			 -EOPNOTSUPP);
	assert_int_equal(btf_plan_new(t->btf, 4711, 4, BTF_TEXT, 0, &plan), -EOPNOTSUPP);
	/* More bytes than the map's value has. */
	assert_int_equal(btf_plan_new(t->btf, (uint32_t)t->u64, 4, BTF_TEXT, 0, &plan),
			 -EOPNOTSUPP);
	for (int i = 0; i < 80; i++) {
		int s = btf__add_struct(t->btf, "level", 1);

		btf__add_field(t->btf, "m", deep, 0, 0);
		deep = s;
	}
	assert_int_equal(btf_plan_new(t->btf, (uint32_t)deep, 1, BTF_TEXT, 0, &plan),
			 -E2BIG);
	/* Each level holds the one below twice, in no bytes at all. */
	zero = btf__add_struct(t->btf, "zero", 0);
	big = zero;
	for (int i = 0; i < 40; i++) {
		int s = btf__add_struct(t->btf, "twice", 0);

		btf__add_field(t->btf, "a", big, 0, 0);
		btf__add_field(t->btf, "b", big, 0, 0);
		big = s;
	}
	assert_int_equal(btf_plan_new(t->btf, (uint32_t)big, 0, BTF_TEXT, 0, &plan),
			 -E2BIG);
	assert_null(plan);
}

static void long_texts_pass_through_a_full_buffer(void **state)
{
	enum { BYTES = 300000 };
	struct types *t = *state;
	int list = btf__add_array(t->btf, t->u32, t->u8, BYTES);
	auto_free char *value = calloc(1, BYTES);
	auto_free char *text = print(t, list, BTF_JSON, value, BYTES);

	assert_int_equal(strlen(text), 2 * BYTES + 1);
	for (size_t i = 0; i < 2 * BYTES + 1; i++)
		if (text[i] != (i == 0 ? '[' : i == 2 * BYTES ? ']' : i % 2 ? '0' : ','))
			fail_msg("byte %zu is '%c'", i, text[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(integers_at_their_limits, setup,
						teardown),
		cmocka_unit_test(every_power_of_ten_has_its_digits),
		cmocka_unit_test_setup_teardown(bit_fields_are_hex_and_quoted_in_json,
						setup, teardown),
		cmocka_unit_test_setup_teardown(bits_that_span_seventeen_bytes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(char_arrays_are_strings_if_printable,
						setup, teardown),
		cmocka_unit_test_setup_teardown(single_chars_are_valid_json, setup,
						teardown),
		cmocka_unit_test_setup_teardown(enums_by_name_or_number, setup, teardown),
		cmocka_unit_test_setup_teardown(pointers_as_printf_or_as_numbers, setup,
						teardown),
		cmocka_unit_test_setup_teardown(floats_read_back_to_the_same_number,
						setup, teardown),
		cmocka_unit_test_setup_teardown(nesting_indents, setup, teardown),
		cmocka_unit_test_setup_teardown(empty_things, setup, teardown),
		cmocka_unit_test_setup_teardown(data_sections_name_their_variables, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_printed_is_refused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(long_texts_pass_through_a_full_buffer,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
