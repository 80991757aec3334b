/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "base/alloc.h"
#include "btf/value_sum.h"
#include "host_order.h"

struct types {
	struct btf *btf;
	int u8, s32, u32, u64, s64, f64, state, ch;
};

static int setup(void **state)
{
	struct types *t = calloc(1, sizeof(*t));

	t->btf = btf__new_empty();
	t->u8 = btf__add_int(t->btf, "unsigned char", 1, 0);
	t->s32 = btf__add_int(t->btf, "int", 4, BTF_INT_SIGNED);
	t->u32 = btf__add_int(t->btf, "unsigned int", 4, 0);
	t->u64 = btf__add_int(t->btf, "unsigned long", 8, 0);
	t->s64 = btf__add_int(t->btf, "long", 8, BTF_INT_SIGNED);
	t->f64 = btf__add_float(t->btf, "double", 8);
	t->ch = btf__add_int(t->btf, "char", 1, BTF_INT_SIGNED | BTF_INT_CHAR);
	t->state = btf__add_enum(t->btf, "state", 4);
	btf__add_enum_value(t->btf, "IDLE", 0);
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

/* struct { u64 a; u32 b; u8 c[2]; s32 low:3; s64 d; }, as two CPUs have it */
struct value {
	uint64_t a;
	uint32_t b;
	uint8_t c[2];
	uint16_t low;
	int64_t d;
};

#define LOW_3 BY_ORDER(3, 3 << 13)

static int add_struct(struct types *t)
{
	int cs = btf__add_array(t->btf, t->u32, t->u8, 2), id;

	id = btf__add_struct(t->btf, "value", sizeof(struct value));
	btf__add_field(t->btf, "a", t->u64, 0, 0);
	btf__add_field(t->btf, "b", t->u32, 64, 0);
	btf__add_field(t->btf, "c", cs, 96, 0);
	btf__add_field(t->btf, "low", t->s32, 112, 3);
	btf__add_field(t->btf, "d", t->s64, 128, 0);
	return id;
}

static void print(const struct value_fields *fields, const void *value,
		  struct strbuf *out)
{
	for (size_t i = 0; i < fields->nr; i++) {
		sb_add_sep(out, " ", fields->items[i].name);
		sb_add_char(out, '=');
		value_field_print(&fields->items[i], value, out);
	}
}

static void sums_are_as_wide_as_they_need(void **state)
{
	struct types *t = *state;
	auto_value_fields fields = {.nr = 0}, wide = {.nr = 0};
	const struct value values[2] = {
		{.a = 1, .b = 3000000000, .c = {200, 1}, .low = LOW_3, .d = INT64_MIN},
		{.a = 2, .b = 3000000000, .c = {200, 1}, .low = LOW_3, .d = INT64_MAX},
	};
	auto_strbuf text = STRBUF_INIT, bytes = STRBUF_INIT;
	const struct value_field *cut;
	struct value narrow;
	auto_err err = ERR_INIT;
	uint64_t sum[6];

	assert_int_equal(value_fields_init(&fields, t->btf, (uint32_t)add_struct(t),
					   sizeof(struct value), &err),
			 0);
	assert_int_equal(fields.nr, 6);
	assert_null(value_sum_of(&fields, values, sizeof(values[0]), 2, sum));
	value_sum_fields(&wide, &fields);
	assert_int_equal(wide.size, sizeof(sum));
	print(&wide, sum, &text);
	assert_string_equal(sb_text(&text),
			    "a=3 b=6000000000 c[0]=400 c[1]=2 low=6 d=-1");
	cut = value_sum_narrow(&fields, sum, &narrow);
	assert_non_null(cut);
	assert_string_equal(cut->name, "b");
	print(&fields, &narrow, &bytes);
	assert_string_equal(sb_text(&bytes),
			    "a=3 b=4294967295 c[0]=255 c[1]=2 low=3 d=-1");
}

/* An int of no bits, as none of libbpf's are: it is 0, whatever is there. */
static void numbers_of_no_bits(void **state)
{
	struct value_field items[] = {
		{.name = (char *)"none", .kind = LAYOUT_INT},
		{.name = (char *)"n", .bit_size = 8, .kind = LAYOUT_INT},
	};
	const struct value_fields fields = {.items = items, .nr = 2, .size = 1};
	const struct value_fields nothing = {.size = 1};
	const uint8_t values[] = {200, 100};
	auto_err err = ERR_INIT;
	uint64_t sum[2];
	uint8_t narrow;

	(void)state;
	assert_null(value_sum_of(&fields, values, 1, 2, sum));
	assert_int_equal(sum[0], 0);
	assert_int_equal(sum[1], 300);
	assert_ptr_equal(value_sum_narrow(&fields, sum, &narrow), &items[1]);
	assert_int_equal(narrow, 255);
	assert_int_equal(value_sum_possible(&fields, &err), 0);
	assert_int_equal(value_sum_possible(&nothing, &err), -EOPNOTSUPP);
	assert_string_equal(err.text, "no integers in its values");
}

static void what_does_not_fit_in_64_bits_stays_at_the_end(void **state)
{
	struct types *t = *state;
	auto_value_fields fields = {.nr = 0};
	const struct value values[2] = {
		{.a = UINT64_MAX, .d = INT64_MIN},
		{.a = 1, .d = -1},
	};
	const struct value_field *lost;
	auto_err err = ERR_INIT;
	uint64_t sum[6];

	assert_int_equal(value_fields_init(&fields, t->btf, (uint32_t)add_struct(t),
					   sizeof(struct value), &err),
			 0);
	lost = value_sum_of(&fields, values, sizeof(values[0]), 2, sum);
	assert_non_null(lost);
	assert_string_equal(lost->name, "a");
	assert_true(sum[0] == UINT64_MAX && (int64_t)sum[5] == INT64_MIN);
}

static void a_type_for_the_sum(void **state)
{
	struct types *t = *state;
	auto_value_fields fields = {.nr = 0}, wide = {.nr = 0}, typed = {.nr = 0};
	uint32_t id = (uint32_t)add_struct(t), sum_id = 0;
	struct btf *btf = value_sum_type(t->btf, id, &sum_id);
	auto_err err = ERR_INIT;

	assert_non_null(btf);
	assert_int_equal(value_fields_init(&fields, t->btf, id, 24, &err), 0);
	value_sum_fields(&wide, &fields);
	assert_int_equal(btf__resolve_size(btf, sum_id), wide.size);
	assert_int_equal(value_fields_init(&typed, btf, sum_id, wide.size, &err), 0);
	assert_int_equal(typed.nr, wide.nr);
	for (size_t i = 0; i < wide.nr; i++) {
		assert_string_equal(typed.items[i].name, wide.items[i].name);
		assert_int_equal(typed.items[i].bit_offset, wide.items[i].bit_offset);
		assert_int_equal(typed.items[i].bit_size, 64);
		assert_int_equal(typed.items[i].is_signed, wide.items[i].is_signed);
	}
	btf__free(btf);
}

static void what_has_no_sum(void **state)
{
	struct types *t = *state;
	int both = btf__add_union(t->btf, NULL, 4), outer, named;
	struct {
		int id;
		size_t size;
		const char *words;
	} cases[4];

	btf__add_field(t->btf, "a", t->u32, 0, 0);
	btf__add_field(t->btf, "b", t->s32, 0, 0);
	outer = btf__add_struct(t->btf, "outer", 8);
	btf__add_field(t->btf, "n", t->u32, 0, 0);
	btf__add_field(t->btf, NULL, both, 32, 0);
	named = btf__add_struct(t->btf, "named", 8);
	btf__add_field(t->btf, "n", t->u32, 0, 0);
	btf__add_field(t->btf, "s", t->state, 32, 0);
	cases[0].id = outer, cases[0].size = 8;
	cases[0].words = "member 'a' is in a union: no sum says what it means";
	cases[1].id = named, cases[1].size = 8;
	cases[1].words = "member 's' is not an integer of up to 64 bits: it has no sum";
	cases[2].id = t->f64, cases[2].size = 8;
	cases[2].words =
		"member 'value' is not an integer of up to 64 bits: it has no sum";
	cases[3].id = t->ch, cases[3].size = 1;
	cases[3].words =
		"member 'value' is not an integer of up to 64 bits: it has no sum";
	for (int i = 0; i < 4; i++) {
		auto_value_fields fields = {.nr = 0};
		auto_err err = ERR_INIT;

		assert_int_equal(value_fields_init(&fields, t->btf, (uint32_t)cases[i].id,
						   cases[i].size, &err),
				 0);
		assert_int_equal(value_sum_possible(&fields, &err), -EOPNOTSUPP);
		assert_string_equal(err.text, cases[i].words);
	}
}

static void types_that_have_none(void **state)
{
	struct types *t = *state;
	struct btf *btf;
	uint32_t id = 77;
	int deep = t->u32, holder = btf__add_struct(t->btf, "holder", 8), one;
	const int none[] = {
		9999,
		t->f64,
		t->state,
		btf__add_ptr(t->btf, t->u32),
		btf__add_array(t->btf, t->u32, t->f64, 2),
		btf__add_array(t->btf, t->u32, 9999, 2),
		btf__add_union(t->btf, "either", 4),
		btf__add_typedef(t->btf, "number", t->f64),
		btf__add_const(t->btf, 0),
	};

	for (size_t i = 0; i < array_size(none); i++)
		assert_null(value_sum_type(t->btf, (uint32_t)none[i], &id));
	for (int i = 0; i < 40; i++)
		deep = btf__add_array(t->btf, t->u32, deep, 1);
	assert_null(value_sum_type(t->btf, (uint32_t)deep, &id));
	one = btf__add_struct(t->btf, "one", 16);
	btf__add_field(t->btf, "n", t->u32, 0, 0);
	btf__add_field(t->btf, "load", t->f64, 64, 0);
	assert_null(value_sum_type(t->btf, (uint32_t)one, &id));
	assert_int_equal(id, 77);
	/* A struct without members has a sum: nothing. */
	btf = value_sum_type(t->btf, (uint32_t)holder, &id);
	assert_non_null(btf);
	assert_int_equal(btf__resolve_size(btf, id), 0);
	btf__free(btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_no_bits),
		cmocka_unit_test_setup_teardown(sums_are_as_wide_as_they_need, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			what_does_not_fit_in_64_bits_stays_at_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(a_type_for_the_sum, setup, teardown),
		cmocka_unit_test_setup_teardown(what_has_no_sum, setup, teardown),
		cmocka_unit_test_setup_teardown(types_that_have_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
