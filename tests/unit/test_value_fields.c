/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "base/alloc.h"
#include "btf_random.h"
#include "btf/value_fields.h"

struct types {
	struct btf *btf;
	int u8, u16, s32, u32, u64, f64, state, ch;
};

static int setup(void **state)
{
	struct types *t = calloc(1, sizeof(*t));

	t->btf = btf__new_empty();
	t->u8 = btf__add_int(t->btf, "unsigned char", 1, 0);
	t->u16 = btf__add_int(t->btf, "unsigned short", 2, 0);
	t->s32 = btf__add_int(t->btf, "int", 4, BTF_INT_SIGNED);
	t->u32 = btf__add_int(t->btf, "unsigned int", 4, 0);
	t->u64 = btf__add_int(t->btf, "unsigned long", 8, 0);
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

static void names_are(struct types *t, int id, size_t size, const char *want)
{
	auto_value_fields fields = {.nr = 0};
	auto_strbuf names = STRBUF_INIT;
	auto_err err = ERR_INIT;

	assert_int_equal(value_fields_init(&fields, id ? t->btf : NULL, (uint32_t)id,
					   size, &err),
			 0);
	for (size_t i = 0; i < fields.nr; i++) {
		sb_add_sep(&names, " ", fields.items[i].name);
		sb_addf(&names, ":%u", fields.items[i].bit_offset);
	}
	assert_string_equal(sb_text(&names), want);
}

/* struct { u64 packets; struct { u16 x; u8 y[2]; } at[2]; s32 low:3, high:5; } */
static int add_nested(struct types *t)
{
	int ys = btf__add_array(t->btf, t->u32, t->u8, 2);
	int point = btf__add_struct(t->btf, "point", 4), points, nested;

	btf__add_field(t->btf, "x", t->u16, 0, 0);
	btf__add_field(t->btf, "y", ys, 16, 0);
	points = btf__add_array(t->btf, t->u32, point, 2);
	nested = btf__add_struct(t->btf, "nested", 24);
	btf__add_field(t->btf, "packets", t->u64, 0, 0);
	btf__add_field(t->btf, "at", points, 64, 0);
	btf__add_field(t->btf, "low", t->s32, 128, 3);
	btf__add_field(t->btf, "high", t->s32, 131, 5);
	return nested;
}

static void names_from_btf(void **state)
{
	struct types *t = *state;
	int list = btf__add_array(t->btf, t->u32, t->u32, 2);
	int section = btf__add_datasec(t->btf, ".bss", 16);
	int outer, count, hits;

	names_are(t, t->u64, 8, "value:0");
	names_are(t, list, 8, "[0]:0 [1]:32");
	names_are(t, add_nested(t), 24,
		  "packets:0 at[0].x:64 at[0].y[0]:80 at[0].y[1]:88 at[1].x:96 "
		  "at[1].y[0]:112 at[1].y[1]:120 low:128 high:131");
	count = btf__add_var(t->btf, "count", BTF_VAR_GLOBAL_ALLOCATED, t->u64);
	hits = btf__add_var(t->btf, "hits", BTF_VAR_STATIC, list);
	(void)section;
	outer = btf__add_datasec(t->btf, ".data", 16);
	btf__add_datasec_var_info(t->btf, count, 0, 8);
	btf__add_datasec_var_info(t->btf, hits, 8, 8);
	names_are(t, outer, 16, "count:0 hits[0]:64 hits[1]:96");
}

static void words_without_btf(void **state)
{
	struct value_fields fields;
	auto_err err = ERR_INIT;

	names_are(*state, 0, 4, "value:0");
	names_are(*state, 0, 16, "word[0]:0 word[1]:64");
	names_are(*state, 0, 12, "word[0]:0 word[1]:32 word[2]:64");
	assert_int_equal(value_fields_init(&fields, NULL, 0, 6, &err), -EOPNOTSUPP);
	assert_string_equal(err.text,
			    "values of 6 bytes without BTF are not a row of u32 or u64");
	assert_int_equal(value_fields_init(&fields, NULL, 0, 0, &err), -EOPNOTSUPP);
	names_are(*state, -1, 8, "value:0");
	assert_int_equal(value_fields_init(&fields, NULL, 0, 8 * 4097, &err),
			 -EOPNOTSUPP);
}

static void numbers_as_text(void **state)
{
	static const double values[] = {0.5, -INFINITY, NAN};
	static const char *const words[] = {"0.5", "-inf", "nan"};
	struct types *t = *state;
	auto_value_fields fields = {.nr = 0};
	auto_err err = ERR_INIT;

	assert_int_equal(value_fields_init(&fields, t->btf, (uint32_t)t->f64, 8, &err),
			 0);
	for (int i = 0; i < 3; i++) {
		auto_strbuf text = STRBUF_INIT;

		value_field_print(&fields.items[0], &values[i], &text);
		assert_string_equal(sb_text(&text), words[i]);
	}
}

/* BTF may say that a value is larger than the map has bytes. */
static void nothing_outside_of_the_value(void **state)
{
	struct types *t = *state;
	struct value_fields fields;
	auto_err err = ERR_INIT;

	assert_int_equal(value_fields_init(&fields, t->btf, (uint32_t)t->u64, 4, &err),
			 -EOPNOTSUPP);
	assert_int_equal(value_fields_init(&fields, t->btf, (uint32_t)add_nested(t), 16,
					   &err),
			 -EOPNOTSUPP);
}

static void refuses(struct types *t, int id, size_t size)
{
	struct value_fields fields;
	auto_err err = ERR_INIT;

	assert_int_equal(value_fields_init(&fields, t->btf, (uint32_t)id, size, &err),
			 -EOPNOTSUPP);
	assert_string_equal(
		err.text,
		"values are of a type that is not a number and has none, or over 4096 of them");
}

static void numbers_have_an_end(void **state)
{
	struct types *t = *state;
	int most = btf__add_array(t->btf, t->u32, t->u8, 4096);
	int more = btf__add_array(t->btf, t->u32, t->u8, 4097);
	int one = btf__add_struct(t->btf, "one", 1), ones, pair;
	auto_value_fields fields = {.nr = 0};
	auto_err err = ERR_INIT;

	btf__add_field(t->btf, "a", t->u8, 0, 0);
	ones = btf__add_array(t->btf, t->u32, one, 4097);
	pair = btf__add_struct(t->btf, "pair", 4098);
	btf__add_field(t->btf, "all", ones, 0, 0);
	btf__add_field(t->btf, "b", t->u8, 4097 * 8, 0);
	assert_int_equal(value_fields_init(&fields, t->btf, (uint32_t)most, 4096, &err),
			 0);
	assert_int_equal(fields.nr, 4096);
	assert_string_equal(fields.items[4095].name, "[4095]");
	refuses(t, more, 4097);
	refuses(t, ones, 4097);
	refuses(t, pair, 4098);
	/* However many there are of what has no bytes. */
	one = btf__add_struct(t->btf, "nothing", 0);
	ones = btf__add_array(t->btf, t->u32, one, UINT32_MAX);
	pair = btf__add_struct(t->btf, "pair", 1);
	btf__add_field(t->btf, "all", ones, 0, 0);
	btf__add_field(t->btf, "b", t->u8, 0, 0);
	names_are(t, pair, 1, "b:0");
}

/* Variables that are none, or have no type, name or place. */
static void sections_that_no_compiler_writes(void **state)
{
	struct types *t = *state;
	int good = btf__add_var(t->btf, "count", BTF_VAR_GLOBAL_ALLOCATED, t->u32);
	int lost = btf__add_var(t->btf, "lost", BTF_VAR_GLOBAL_ALLOCATED, t->u32);
	int odd = btf__add_var(t->btf, "odd", BTF_VAR_GLOBAL_ALLOCATED, 9999);
	const int vars[] = {9999, t->u32, lost, odd};
	int section;

	for (size_t i = 0; i < array_size(vars); i++) {
		section = btf__add_datasec(t->btf, ".data", 8);
		btf__add_datasec_var_info(t->btf, good, 0, 4);
		btf__add_datasec_var_info(t->btf, vars[i], 4, 4);
		((struct btf_type *)btf__type_by_id(t->btf, (uint32_t)lost))->name_off =
			INT32_MAX;
		refuses(t, section, 8);
	}
	section = btf__add_datasec(t->btf, ".data", 8);
	btf__add_datasec_var_info(t->btf, good, 8, 4);
	refuses(t, section, 8);
	names_are(t, 9999, 8, "value:0");
}

/* The same by following the types. Dimensions of an array are one; of 1 they are none. */
static void list_fields(struct btf_random *r, int id, const char *name, uint32_t bit,
			uint32_t bits, uint32_t elements, struct strbuf *out)
{
	const struct btf_type *t = btf__type_by_id(r->btf, (uint32_t)id);
	uint32_t size = (uint32_t)btf__resolve_size(r->btf, (uint32_t)id);

	if (btf_is_array(t)) {
		list_fields(r, (int)btf_array(t)->type, name, bit, 0,
			    elements * btf_array(t)->nelems, out);
		return;
	}
	for (uint32_t k = 0; k < elements; k++) {
		auto_free char *at =
			elements == 1 ? xstrdup(name) : xasprintf("%s[%u]", name, k);

		if (!btf_is_composite(t))
			sb_addf(out, "%s:%u+%u ", *at ? at : "value", bit + k * size * 8,
				bits ? bits : size * 8);
		for (uint32_t i = 0; btf_is_composite(t) && i < btf_vlen(t); i++) {
			const char *own =
				btf__name_by_offset(r->btf, btf_members(t)[i].name_off);
			auto_free char *path =
				xasprintf("%s%s%s", at, *at && *own ? "." : "", own);

			list_fields(r, (int)btf_members(t)[i].type, path,
				    bit + k * size * 8 + btf_member_bit_offset(t, i),
				    btf_member_bitfield_size(t, i), 1, out);
		}
	}
}

static void any_type_has_the_fields_that_it_has(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 3000; seed++) {
		struct btf_random r;
		struct random_type t;
		auto_value_fields fields = {.nr = 0};
		auto_strbuf want = STRBUF_INIT, got = STRBUF_INIT;
		auto_free unsigned char *value = NULL;
		auto_err err = ERR_INIT;

		btf_random_init(&r, seed);
		r.floats = true;
		t = btf_random_type(&r, 5);
		list_fields(&r, t.id, "", 0, 0, 1, &want);
		assert_int_equal(value_fields_init(&fields, r.btf, (uint32_t)t.id, t.size,
						   &err),
				 0);
		value = xcalloc(1, t.size);
		memset(value, 0xff, t.size);
		for (size_t i = 0; i < fields.nr; i++) {
			const struct value_field *f = &fields.items[i];
			uint64_t bits = value_field_get(f, value);

			sb_addf(&got, "%s:%u+%u ", f->name, f->bit_offset, f->bit_size);
			assert_true(f->is_signed || f->bit_size == 64
					    ? bits == UINT64_MAX
					    : bits == (UINT64_C(1) << f->bit_size) - 1);
		}
		assert_string_equal(sb_text(&got), sb_text(&want));
		btf__free(r.btf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_from_btf, setup, teardown),
		cmocka_unit_test_setup_teardown(words_without_btf, setup, teardown),
		cmocka_unit_test_setup_teardown(numbers_as_text, setup, teardown),
		cmocka_unit_test_setup_teardown(numbers_have_an_end, setup, teardown),
		cmocka_unit_test_setup_teardown(sections_that_no_compiler_writes, setup,
						teardown),
		cmocka_unit_test(any_type_has_the_fields_that_it_has),
		cmocka_unit_test_setup_teardown(nothing_outside_of_the_value, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
