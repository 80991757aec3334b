/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values of types that are rare, and types that no compiler writes: printed, or refused. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "base/alloc.h"
#include "base/outbuf.h"
#include "btf_types.h"
#include "view/btf_plan.h"

static void cannot(const struct btf_types *t, int id, uint32_t size)
{
	struct btf_plan *plan = NULL;

	assert_int_equal(btf_plan_new(t->btf, (uint32_t)id, size, BTF_JSON, 0, &plan),
			 -EOPNOTSUPP);
	assert_null(plan);
}

static void prints(const struct btf_types *t, int id, const void *value, uint32_t size,
		   const char *want)
{
	auto_release(btf_plan_freep) struct btf_plan *plan = NULL;
	auto_outbuf out;
	auto_free char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(btf_plan_new(t->btf, (uint32_t)id, size, BTF_JSON, 0, &plan), 0);
	outbuf_init(&out, f);
	btf_plan_run(plan, value, &out);
	assert_int_equal(outbuf_flush(&out), 0);
	fclose(f);
	assert_string_equal(text, want);
}

/* An int of so many bits, which libbpf does not add. */
static int add_bits(const struct btf_types *t, uint32_t size, uint32_t bits)
{
	int id = btf__add_int(t->btf, "odd", size, 0);

	*(uint32_t *)(btf__type_by_id(t->btf, (uint32_t)id) + 1) = bits;
	return id;
}

static int add_member(const struct btf_types *t, int type)
{
	int id = btf__add_struct(t->btf, "holder", 16);

	btf__add_field(t->btf, "m", type, 0, 0);
	return id;
}

static void types_that_no_compiler_writes(void **state)
{
	const struct btf_types *t = *state;
	int fwd = btf__add_fwd(t->btf, "later", BTF_FWD_STRUCT);
	int proto = btf__add_func_proto(t->btf, t->u32), three, bent, section, var;

	cannot(t, add_bits(t, 4, 0), 4);
	cannot(t, add_bits(t, 4, 200), 4);
	cannot(t, add_member(t, add_bits(t, 4, 0)), 16);
	cannot(t, add_member(t, fwd), 16);
	cannot(t, add_member(t, proto), 16);
	cannot(t, btf__add_array(t->btf, t->u32, fwd, 2), 16);
	cannot(t, btf__add_array(t->btf, t->u32, proto, 2), 16);
	cannot(t, btf__add_array(t->btf, t->u32, 9999, 2), 16);
	cannot(t, btf__add_array(t->btf, t->u32, add_member(t, fwd), 2), 16);
	three = btf__add_enum(t->btf, "three", 4);
	((struct btf_type *)btf__type_by_id(t->btf, (uint32_t)three))->size = 3;
	cannot(t, three, 4);
	cannot(t, btf__add_array(t->btf, t->u32, three, 2), 16);
	/* An array and an enum that begin within a byte. */
	bent = add_member(t, btf__add_array(t->btf, t->u32, t->u8, 2));
	btf_members(btf__type_by_id(t->btf, (uint32_t)bent))->offset = 3;
	cannot(t, bent, 16);
	bent = add_member(t, t->state);
	btf_members(btf__type_by_id(t->btf, (uint32_t)bent))->offset = 3;
	cannot(t, bent, 16);
	section = btf__add_datasec(t->btf, ".odd", 8);
	btf__add_datasec_var_info(t->btf, t->u32, 0, 4);
	cannot(t, section, 8);
	/* Larger than the value. */
	cannot(t, t->u64, 7);
	cannot(t, btf__add_array(t->btf, t->u32, t->u32, 5), 19);
	cannot(t, btf__add_array(t->btf, t->u32, add_member(t, t->u32), 2), 31);
	/* More bits than bytes for them. */
	cannot(t, btf__add_array(t->btf, t->u32, add_bits(t, 4, 40), 2), 16);
	/* Larger than 4 GiB. */
	cannot(t,
	       btf__add_array(t->btf, t->u32,
			      btf__add_array(t->btf, t->u32, t->u64, UINT32_MAX), 2),
	       16);
	cannot(t, 9999, 4);
	cannot(t, add_member(t, 9999), 16);
	section = btf__add_datasec(t->btf, ".none", 8);
	btf__add_datasec_var_info(t->btf, 9999, 0, 4);
	cannot(t, section, 8);
	var = btf__add_var(t->btf, "later", BTF_VAR_STATIC, fwd);

	section = btf__add_datasec(t->btf, ".later", 8);
	btf__add_datasec_var_info(t->btf, var, 0, 4);
	cannot(t, section, 8);
}

static void is_too_much(const struct btf_types *t, int id, uint32_t size)
{
	struct btf_plan *plan = NULL;

	assert_int_equal(btf_plan_new(t->btf, (uint32_t)id, size, BTF_JSON, 0, &plan),
			 -E2BIG);
	assert_null(plan);
}

/* They take no room, and each of them is two brackets. */
static void elements_without_bytes(void **state)
{
	const struct btf_types *t = *state;
	int nothing = btf__add_struct(t->btf, "nothing", 0), rows, both, id;
	const uint32_t nr[] = {UINT32_MAX, 4097, 4096};

	prints(t, add_member(t, btf__add_array(t->btf, t->u32, nothing, 2)), "", 16,
	       "{\"m\":[{},{}]}");
	for (size_t i = 0; i < array_size(nr); i++) {
		struct btf_plan *plan = NULL;

		id = add_member(t, btf__add_array(t->btf, t->u32, nothing, nr[i]));
		if (nr[i] > 4096) {
			is_too_much(t, id, 16);
			continue;
		}
		assert_int_equal(
			btf_plan_new(t->btf, (uint32_t)id, 16, BTF_JSON, 0, &plan), 0);
		btf_plan_free(plan);
	}
	/* In one another, and beside one another. */
	rows = btf__add_array(t->btf, t->u32, nothing, 64);
	both = btf__add_struct(t->btf, "both", 0);
	btf__add_field(t->btf, "a", rows, 0, 0);
	prints(t, add_member(t, btf__add_array(t->btf, t->u32, nothing, 1)), "", 16,
	       "{\"m\":[{}]}");
	is_too_much(t, btf__add_array(t->btf, t->u32, both, 64), 0);
	both = btf__add_struct(t->btf, "both", 0);
	for (int i = 0; i < 65; i++)
		btf__add_field(t->btf, "a", rows, 0, 0);
	is_too_much(t, both, 0);
}

static void more_operations_than_there_are(void **state)
{
	const struct btf_types *t = *state;
	int wide = btf__add_struct(t->btf, "wide", 4), twice;

	for (int i = 0; i < 65535; i++)
		assert_int_equal(btf__add_field(t->btf, "a", t->u32, 0, 0), 0);
	twice = btf__add_struct(t->btf, "twice", 4);
	btf__add_field(t->btf, "a", wide, 0, 0);
	btf__add_field(t->btf, "b", wide, 0, 0);
	btf__add_field(t->btf, "c", t->u32, 0, 0);
	btf__add_field(t->btf, "d", t->u32, 0, 0);
	is_too_much(t, twice, 4);
}

static void enums_and_floats_of_each_size(void **state)
{
	const struct btf_types *t = *state;
	int16_t two = -2;
	int8_t one = 5;
	float f = INFINITY;
	double d = 0.1;
	int small, wide, half = btf__add_float(t->btf, "_Float16", 2);

	small = btf__add_enum(t->btf, "small", 2);
	btf__add_enum_value(t->btf, "LEAST", -2);
	btf__add_enum_value(t->btf, "SAME", -2);
	prints(t, small, &two, 2, "\"LEAST\"");
	two = 7;
	prints(t, small, &two, 2, "7");
	wide = btf__add_enum(t->btf, "none", 1);
	prints(t, wide, &one, 1, "5");
	prints(t, t->f32, &f, 4, "\"inf\"");
	f = -INFINITY;
	prints(t, t->f32, &f, 4, "\"-inf\"");
	f = 16777216;
	prints(t, t->f32, &f, 4, "16777216");
	prints(t, t->f64, &d, 8, "0.1");
	prints(t, half, (const uint16_t[]){0x3c00}, 2, "\"0x3c00\"");
	prints(t, btf__add_var(t->btf, "v", BTF_VAR_STATIC, t->u8), &one, 1, "5");
}

/* What libbpf takes for a name may be in the way of JSON. */
static void names_and_letters_stay_json(void **state)
{
	const struct btf_types *t = *state;
	int section = btf__add_datasec(t->btf, ".a", 1);
	int letter = btf__add_int(t->btf, "letter", 1, BTF_INT_CHAR);
	char *name = (char *)btf__str_by_offset(
		t->btf, btf__type_by_id(t->btf, (uint32_t)section)->name_off);

	prints(t, letter, "\"", 1, "\"\\\"\"");
	prints(t, letter, "\\", 1, "\"\\\\\"");
	prints(t, letter, "\177", 1, "\"\\u007f\"");
	prints(t, letter, "\1", 1, "\"\\u0001\"");
	name[1] = '"';
	prints(t, section, "", 1, "{\".\\\"\":[]}");
	name[1] = '\\';
	prints(t, section, "", 1, "{\".\\\\\":[]}");
	name[1] = '\1';
	prints(t, section, "", 1, "{\".\\u0001\":[]}");
	name[1] = '\177';
	prints(t, section, "", 1, "{\".\\u007f\":[]}");
}

/* As bpftool has it: what is declared as char, const or not, but not by another name. */
static void strings_and_lists_of_letters(void **state)
{
	const struct btf_types *t = *state;
	int coded = btf__add_int(t->btf, "letter", 1, BTF_INT_CHAR);
	int lost = btf__add_int(t->btf, "lost", 1, BTF_INT_SIGNED);
	const struct {
		int type;
		const char *want;
	} rows[] = {
		{t->ch, "\"ab\""},
		{btf__add_const(t->btf, t->ch), "\"ab\""},
		{btf__add_volatile(t->btf, t->ch), "\"ab\""},
		{btf__add_restrict(t->btf, btf__add_const(t->btf, t->ch)), "\"ab\""},
		{btf__add_typedef(t->btf, "name", t->ch), "[97,98,0,0]"},
		{coded, "\"ab\""},
		{t->u8, "[97,98,0,0]"},
		{lost, "[97,98,0,0]"},
	};

	((struct btf_type *)btf__type_by_id(t->btf, (uint32_t)lost))->name_off =
		INT32_MAX;
	for (size_t i = 0; i < array_size(rows); i++)
		prints(t, btf__add_array(t->btf, t->u32, rows[i].type, 4), "ab\0", 4,
		       rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(types_that_no_compiler_writes,
						btf_types_setup, btf_types_teardown),
		cmocka_unit_test_setup_teardown(enums_and_floats_of_each_size,
						btf_types_setup, btf_types_teardown),
		cmocka_unit_test_setup_teardown(elements_without_bytes, btf_types_setup,
						btf_types_teardown),
		cmocka_unit_test_setup_teardown(more_operations_than_there_are,
						btf_types_setup, btf_types_teardown),
		cmocka_unit_test_setup_teardown(strings_and_lists_of_letters,
						btf_types_setup, btf_types_teardown),
		cmocka_unit_test_setup_teardown(names_and_letters_stay_json,
						btf_types_setup, btf_types_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
