/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers, enums and floats of sizes and kinds that are rare; BTF that no compiler writes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "btf/btf_value.h"
#include "btf_types.h"
#include "host_order.h"

/* The number in host order that text becomes, or the error. */
struct line {
	int type;
	const char *text;
	uint64_t number;
	const char *error;
};

static void check(const struct btf_types *t, const struct line *line)
{
	int64_t resolved = btf__resolve_size(t->btf, (uint32_t)line->type);
	size_t size = resolved > 0 ? (size_t)resolved : 8;
	auto_err err = ERR_INIT;
	unsigned char bytes[64] = {0};
	int r = btf_value_parse(t->btf, (uint32_t)line->type, line->text, bytes, size,
				&err);
	uint64_t number = 0;
	uint32_t four;
	uint16_t two;

	if (line->error) {
		assert_int_equal(r, -EINVAL);
		assert_string_equal(err.text, line->error);
		return;
	}
	if (r < 0)
		fail_msg("'%s': %s", line->text, err.text);
	memcpy(&four, bytes, sizeof(four));
	memcpy(&two, bytes, sizeof(two));
	if (size == 8)
		memcpy(&number, bytes, sizeof(number));
	else
		number = size == 4 ? four : size == 2 ? two : bytes[0];
	if (number != line->number)
		fail_msg("'%s' is %#lx, not %#lx", line->text, (unsigned long)number,
			 (unsigned long)line->number);
}

static void check_all(const struct btf_types *t, const struct line *lines, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		check(t, &lines[i]);
}

/* An int of so many bits, which libbpf does not add. */
static int add_bits(const struct btf_types *t, uint32_t size, uint32_t encoding,
		    uint32_t offset, uint32_t bits)
{
	int id = btf__add_int(t->btf, "odd", size, 0);
	uint32_t *word = (uint32_t *)(btf__type_by_id(t->btf, (uint32_t)id) + 1);

	*word = encoding << 24 | offset << 16 | bits;
	return id;
}

static void numbers_of_any_width(void **state)
{
	const struct btf_types *t = *state;
	int s8 = btf__add_int(t->btf, "signed char", 1, BTF_INT_SIGNED);
	int letter = btf__add_int(t->btf, "char", 1, BTF_INT_CHAR);
	const struct line lines[] = {
		{s8, "0xff", .number = 0xff},
		{s8, "-0x80", .number = 0x80},
		{s8, "255", .error = "255 is not from -128 to 127"},
		{letter, "255", .number = 0xff},
		{letter, "-128", .number = 0x80},
		{letter, "'a'", .number = 'a'},
		{letter, "\"7\"", .number = '7'},
		{letter, "256", .error = "256 is not from -128 to 255"},
		{t->s32, "0xffffffff",
		 .error = "0xffffffff is not from -2147483648 to 2147483647"},
		{t->u32, "0X10", .number = 16},
		{t->u32, "010", .number = 8},
		{t->u32, "08", .error = "'08' is not a number"},
		{t->u32, "0x", .error = "'0x' is not a number"},
		{t->u32, "-", .error = "'-' is not a number"},
		{t->u32, "-1", .error = "-1 is not from 0 to 4294967295"},
		{t->u32, "1_0", .error = "'1_0' is not a number"},
		{t->u64, "999999999999999999999999999999999999999999",
		 .error = "'999999999999999999999999999999999999999999' is not a number"},
		{add_bits(t, 4, 0, 0, 0), "1",
		 .error = "is a number of 0 bits, which is not offered"},
		{add_bits(t, 4, 0, 0, 200), "1",
		 .error = "is a number of 200 bits, which is not offered"},
		{add_bits(t, 4, 0, 0, 40), "1",
		 .error = "lies outside the value's 4 bytes"},
		{add_bits(t, 4, 0, 200, 8), "1",
		 .error = "lies outside the value's 4 bytes"},
	};

	check_all(t, lines, array_size(lines));
}

static void what_is_true_or_false(void **state)
{
	const struct btf_types *t = *state;
	int wide = btf__add_int(t->btf, "_Bool", 4, BTF_INT_BOOL);
	const struct line lines[] = {
		{t->yes, "true", .number = 1},
		{t->yes, "1", .number = 1},
		{t->yes, "0x0", .number = 0},
		{wide, "true", .number = 1},
		{t->yes, "2", .error = "'2' is neither true nor false"},
		{t->yes, "-1", .error = "'-1' is neither true nor false"},
		{t->yes, "0x10000000000000001",
		 .error = "'0x10000000000000001' is neither true nor false"},
		{t->yes, "yes", .error = "'yes' is neither true nor false"},
	};

	check_all(t, lines, array_size(lines));
}

static void enumerators_and_what_fits(void **state)
{
	const struct btf_types *t = *state;
	int below, wide, unnamed, bits, nameless;

	below = btf__add_enum(t->btf, "below", 4);
	btf__add_enum_value(t->btf, "LEAST", -2);
	wide = btf__add_enum64(t->btf, "wide", 8, false);
	btf__add_enum64_value(t->btf, "MOST", UINT64_MAX);
	unnamed = btf__add_enum(t->btf, NULL, 1);
	btf__add_enum_value(t->btf, "HUGE", 300);
	nameless = btf__add_enum64(t->btf, "signed", 8, true);
	btf__add_enum64_value(t->btf, "NEGATIVE", (uint64_t)-3);
	bits = btf__add_struct(t->btf, "bits", 4);
	btf__add_field(t->btf, "few", below, 0, 2);
	const struct line lines[] = {
		{below, "LEAST", .number = 0xfffffffe},
		{below, "0xffffffff", .number = 0xffffffff},
		{below, "-1", .number = 0xffffffff},
		{below, "MOST", .error = "enum below has no 'MOST'"},
		{wide, "MOST", .number = UINT64_MAX},
		{nameless, "NEGATIVE", .number = (uint64_t)-3},
		{unnamed, "HUGE", .error = "HUGE is not from -128 to 255"},
		{unnamed, "x", .error = "the enum has no 'x'"},
		{bits, "{few:LEAST}", .number = 2},
		{bits, "{few:4}", .error = "member 'few': 4 is not from -2 to 3"},
	};
	check_all(t, lines, array_size(lines));
}

static void floats_that_fit(void **state)
{
	const struct btf_types *t = *state;
	int half = btf__add_float(t->btf, "_Float16", 2);
	const struct line lines[] = {
		{t->f32, "1", .number = 0x3f800000},
		{t->f32, "inf", .number = 0x7f800000},
		{t->f32, "0", .number = 0},
		{t->f64, "-0", .number = UINT64_C(1) << 63},
		{t->f64, "inf", .number = UINT64_C(0x7ff) << 52},
		{t->f32, "1e50", .error = "1e50 does not fit in a float of 4 bytes"},
		{t->f32, "1e-50", .error = "1e-50 does not fit in a float of 4 bytes"},
		{t->f64, "1e400", .error = "1e400 does not fit in a float of 8 bytes"},
		{t->f64, "1e-400", .error = "1e-400 does not fit in a float of 8 bytes"},
		{t->f32, "one", .error = "'one' is not a number"},
		{t->f32, "1x", .error = "'1x' is not a number"},
		{half, "0x3c00", .number = 0x3c00},
		{half, "1.5", .error = "'1.5' is not a number"},
	};

	check_all(t, lines, array_size(lines));
}

static void arrays_and_members_that_no_compiler_writes(void **state)
{
	const struct btf_types *t = *state;
	int proto = btf__add_func_proto(t->btf, t->u32), deep = t->u8, loop, all, one,
	    odd;
	int of_proto = btf__add_array(t->btf, t->u32, proto, 2);
	int of_none = btf__add_array(t->btf, t->u32, 9999, 2);

	loop = (int)btf__type_cnt(t->btf);
	btf__add_typedef(t->btf, "loop", loop);
	for (int i = 0; i < 40; i++)
		deep = btf__add_array(t->btf, t->u32, deep, 1);
	all = btf__add_struct(t->btf, "all", 8);
	btf__add_field(t->btf, NULL, t->u32, 0, 0);
	btf__add_field(t->btf, NULL, 9999, 0, 0);
	btf__add_field(t->btf, "known", t->u32, 32, 0);
	one = btf__add_struct(t->btf, "one", 4);
	btf__add_field(t->btf, NULL, t->u32, 0, 0);
	odd = btf__add_datasec(t->btf, ".odd", 8);
	btf__add_datasec_var_info(t->btf, 9999, 0, 4);
	const struct line lines[] = {
		{of_proto, "[1]", .error = "is of a type that has no values"},
		{of_none, "[1]", .error = "is of a type that has no values"},
		{loop, "1", .error = "is of a type that BTF does not describe"},
		{deep, "[1]", .error = "is of a type that has no values"},
		{all, "{known:1}", .number = UINT64_C(1) << 32},
		{all, "{knwn:1}",
		 .error = "no member named 'knwn'; did you mean 'known'?"},
		{all, "{\"\":1,\"\":1}",
		 .error = "is of a type that BTF does not describe"},
		{one, "{\"\":1,\"\":1}", .error = "no member named ''"},
		{odd, "{a:1}", .error = "no member named 'a'"},
	};
	check_all(t, lines, array_size(lines));
}

/* A struct in a struct, and so on: each level is another byte of the text. */
static void nesting_has_an_end(void **state)
{
	const struct btf_types *t = *state;
	auto_strbuf text = STRBUF_INIT;
	auto_err err = ERR_INIT;
	unsigned char byte;
	int deep = t->u8;

	for (int i = 0; i < 40; i++) {
		int id = btf__add_struct(t->btf, "deep", 1);

		btf__add_field(t->btf, "a", deep, 0, 0);
		deep = id;
		sb_add(&text, "{a:");
	}
	assert_int_equal(btf_value_parse(t->btf, (uint32_t)deep, sb_text(&text), &byte, 1,
					 &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "is nested too deep"));
}

/* Bytes of a struct of 4 with one member, wherever that says it is. */
static int member_at(const struct btf_types *t, int type, uint32_t bit, uint32_t bits)
{
	int id = btf__add_struct(t->btf, "one", 4);

	btf__add_field(t->btf, "m", type, 0, bits);
	btf_members(btf__type_by_id(t->btf, (uint32_t)id))->offset |= bit;
	return id;
}

static void members_outside_of_the_value(void **state)
{
	const struct btf_types *t = *state;
	const char *outside = "member 'm': lies outside the value's 4 bytes";
	int wide = add_bits(t, 4, BTF_INT_BOOL, 0, 200);
	const struct line lines[] = {
		{member_at(t, t->u8, 24, 0), "{m:1}", .number = BY_ORDER(1 << 24, 1)},
		{member_at(t, t->u8, 25, 0), "{m:1}", .error = outside},
		{member_at(t, t->u8, 800, 0), "{m:1}", .error = outside},
		/* What only later members could tell. */
		{member_at(t, t->yes, 3, 0), "{m:true}",
		 .number = BY_ORDER(1 << 3, 1 << 21)},
		{member_at(t, t->yes, 24, 0), "{m:true}", .number = BY_ORDER(1 << 24, 1)},
		{member_at(t, t->yes, 25, 0), "{m:true}", .error = outside},
		{member_at(t, t->yes, 32, 0), "{m:true}", .error = outside},
		{member_at(t, t->yes, 800, 0), "{m:true}", .error = outside},
		{member_at(t, t->yes, 8, 8), "{m:true}",
		 .number = BY_ORDER(1 << 8, 1 << 16)},
		{member_at(t, t->f64, 0, 0), "{m:nan}", .error = outside},
		{wide, "true", .error = "lies outside the value's 4 bytes"},
	};

	check_all(t, lines, array_size(lines));
}

static void texts_of_other_kinds(void **state)
{
	const struct btf_types *t = *state;
	int words = btf__add_array(t->btf, t->u32, t->u32, 2);
	int huge = btf__add_float(t->btf, "float", 16);
	const struct line lines[] = {
		{words, "5", .error = "expected '[' at '5'"},
		{words, "[5]", .number = BY_ORDER(5, UINT64_C(5) << 32)},
		{t->s128, "0xfffffffffffffffffffffffffffffffe",
		 .number = BY_ORDER(0xfe, 0xff)},
		{t->s128, "-2", .number = BY_ORDER(0xfe, 0xff)},
		{t->f32, "-inf", .number = 0xff800000},
		{t->f32, "-1e50", .error = "-1e50 does not fit in a float of 4 bytes"},
		{t->f64, "4e-324", .number = 1},
		{huge, "1", .number = BY_ORDER(1, 0)},
		{t->ch, "\"\"\"", .number = '"'},
		{t->ch, "\"\\\" ", .number = '\\'},
		{t->ch, "\"\"\"x", .error = "'' is not a number"},
		{t->ch, "\"", .error = "a quote is not closed"},
		{t->ch, "\"\"", .error = "'' is not a number"},
	};

	check_all(t, lines, array_size(lines));
}

/* Each has the one before twice, without a name: two to the power of forty ways to "x". */
static void members_of_unnamed_ones_are_looked_for_once(void **state)
{
	enum { LEVELS = 40 };
	const struct btf_types *t = *state;
	int type = btf__add_union(t->btf, "level", 4);

	btf__add_field(t->btf, "x", t->u32, 0, 0);
	for (int i = 0; i < LEVELS; i++) {
		int inner = type;

		type = btf__add_union(t->btf, "level", 4);
		btf__add_field(t->btf, NULL, inner, 0, 0);
		btf__add_field(t->btf, NULL, inner, 0, 0);
	}
	check(t, &(struct line){type, "{\"x\":7}", .number = 7});
	check(t, &(struct line){type, "{\"y\":7}", .error = "no member named 'y'"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(numbers_of_any_width, btf_types_setup,
						btf_types_teardown),
		cmocka_unit_test_setup_teardown(what_is_true_or_false, btf_types_setup,
						btf_types_teardown),
		cmocka_unit_test_setup_teardown(enumerators_and_what_fits,
						btf_types_setup, btf_types_teardown),
		cmocka_unit_test_setup_teardown(floats_that_fit, btf_types_setup,
						btf_types_teardown),
		cmocka_unit_test_setup_teardown(
			arrays_and_members_that_no_compiler_writes, btf_types_setup,
			btf_types_teardown),
		cmocka_unit_test_setup_teardown(members_outside_of_the_value,
						btf_types_setup, btf_types_teardown),
		cmocka_unit_test_setup_teardown(texts_of_other_kinds, btf_types_setup,
						btf_types_teardown),
		cmocka_unit_test_setup_teardown(nesting_has_an_end, btf_types_setup,
						btf_types_teardown),
		cmocka_unit_test_setup_teardown(
			members_of_unnamed_ones_are_looked_for_once, btf_types_setup,
			btf_types_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
