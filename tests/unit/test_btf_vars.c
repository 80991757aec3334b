/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Variables of a section, members of a struct and types of a map, in BTF of any kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "base/alloc.h"
#include "btf/btf_vars.h"

struct types {
	struct btf *btf;
	int u8, u32;
};

static int setup(void **state)
{
	struct types *t = calloc(1, sizeof(*t));

	t->btf = btf__new_empty();
	t->u8 = btf__add_int(t->btf, "u8", 1, 0);
	t->u32 = btf__add_int(t->btf, "u32", 4, 0);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct types *t = *state;

	btf_vars_close(&t->btf);
	assert_null(t->btf);
	free(t);
	return 0;
}

static void bytes_that_are_no_btf(void **state)
{
	struct types *t = *state;
	uint32_t size;
	const void *bytes = btf__raw_data(t->btf, &size);
	struct btf *btf = btf_vars_open(bytes, size);

	assert_non_null(btf);
	assert_int_equal(btf__pointer_size(btf), 8);
	btf_vars_close(&btf);
	assert_null(btf_vars_open(NULL, 24));
	assert_null(btf_vars_open(bytes, size - 1));
	assert_null(btf_vars_open(bytes, (size_t)UINT32_MAX + 1));
}

static void variables_of_a_section(void **state)
{
	struct types *t = *state;
	int shown = btf__add_var(t->btf, "shown", BTF_VAR_GLOBAL_ALLOCATED, t->u32);
	int hidden = btf__add_var(t->btf, "hidden", BTF_VAR_STATIC, t->u8);
	auto_free struct btf_variable *vars = NULL;

	btf__add_datasec(t->btf, ".data", 16);
	btf__add_datasec_var_info(t->btf, shown, 0, 4);
	btf__add_datasec_var_info(t->btf, t->u32, 4, 4);
	btf__add_datasec_var_info(t->btf, 9999, 8, 4);
	btf__add_datasec_var_info(t->btf, hidden, 12, 1);
	assert_int_equal(btf_vars_in(t->btf, ".data", &vars), 2);
	assert_string_equal(vars[0].name, "shown");
	assert_false(vars[0].is_static);
	assert_string_equal(vars[1].name, "hidden");
	assert_int_equal(vars[1].offset, 12);
	assert_int_equal(vars[1].size, 1);
	assert_true(vars[1].is_static);
	cleanup_free(&vars);
	assert_int_equal(btf_vars_in(t->btf, ".bss", &vars), 0);
	assert_null(vars);
	assert_int_equal(btf_vars_in(NULL, ".data", &vars), 0);
}

static void variables_have_an_end(void **state)
{
	struct types *t = *state;
	int var = btf__add_var(t->btf, "n", BTF_VAR_STATIC, t->u8);
	auto_free struct btf_variable *vars = NULL;

	btf__add_datasec(t->btf, ".data", BTF_VARS_MAX + 1);
	for (uint32_t i = 0; i <= BTF_VARS_MAX; i++)
		assert_int_equal(btf__add_datasec_var_info(t->btf, var, i, 1), 0);
	assert_int_equal(btf_vars_in(t->btf, ".data", &vars), BTF_VARS_MAX);
	assert_int_equal(vars[BTF_VARS_MAX - 1].offset, BTF_VARS_MAX - 1);
}

static void arrays_behind_other_names(void **state)
{
	struct types *t = *state;
	int array = btf__add_array(t->btf, t->u32, t->u8, 2), loop;

	assert_true(btf_vars_is_array(t->btf, (uint32_t)array));
	assert_true(btf_vars_is_array(
		t->btf, (uint32_t)btf__add_const(t->btf, btf__add_typedef(t->btf, "pair",
									  array))));
	assert_false(btf_vars_is_array(t->btf, (uint32_t)t->u8));
	assert_false(btf_vars_is_array(t->btf, 9999));
	/* A type that stands for itself. */
	loop = (int)btf__type_cnt(t->btf);
	btf__add_typedef(t->btf, "loop", loop);
	assert_false(btf_vars_is_array(t->btf, (uint32_t)loop));
}

static void members_with_their_places(void **state)
{
	struct types *t = *state;
	struct btf_var_member members[BTF_VARS_MEMBERS_MAX];
	int fwd = btf__add_fwd(t->btf, "later", BTF_FWD_STRUCT);
	int id = btf__add_struct(t->btf, "value", 16), many;

	btf__add_field(t->btf, "n", t->u32, 0, 0);
	btf__add_field(t->btf, "few", t->u32, 35, 6);
	btf__add_field(t->btf, "none", fwd, 64, 0);
	assert_int_equal(btf_vars_members(t->btf, (uint32_t)id, members), 3);
	assert_string_equal(members[0].name, "n");
	assert_int_equal(members[0].size, 4);
	assert_int_equal(members[1].offset, 4);
	assert_int_equal(members[1].size, 2);
	assert_int_equal(members[2].offset, 8);
	assert_int_equal(members[2].size, 0);
	assert_int_equal(btf_vars_members(t->btf, (uint32_t)t->u32, members), 0);
	assert_int_equal(btf_vars_members(t->btf, 9999, members), 0);
	many = btf__add_struct(t->btf, "many", BTF_VARS_MEMBERS_MAX + 1);
	for (uint32_t i = 0; i <= BTF_VARS_MEMBERS_MAX; i++)
		btf__add_field(t->btf, "m", t->u8, i * 8, 0);
	assert_int_equal(btf_vars_members(t->btf, (uint32_t)many, members), 0);
}

/* The struct in which old compilers say what the key and the value of a map are. */
static bool key_value(struct types *t, const char *map, const char *first,
		      const char *second, uint32_t key_size, uint32_t value_size)
{
	auto_free char *name = xasprintf("____btf_map_%s", map);
	uint32_t key = 0, value = 0;
	bool said;

	btf__add_struct(t->btf, name, 8);
	if (first)
		btf__add_field(t->btf, first, t->u8, 0, 0);
	if (second)
		btf__add_field(t->btf, second, t->u32, 32, 0);
	said = btf_vars_key_value(t->btf, map, key_size, value_size, &key, &value);
	assert_int_equal(key, said ? t->u8 : 0);
	assert_int_equal(value, said ? t->u32 : 0);
	return said;
}

static void types_of_a_map(void **state)
{
	struct types *t = *state;
	uint32_t unused;

	assert_true(key_value(t, "both", "key", "value", 1, 4));
	assert_false(key_value(t, "one", "key", NULL, 1, 4));
	assert_false(key_value(t, "none", NULL, NULL, 1, 4));
	assert_false(key_value(t, "other_key", "kee", "value", 1, 4));
	assert_false(key_value(t, "other_value", "key", "val", 1, 4));
	assert_false(key_value(t, "wide_key", "key", "value", 2, 4));
	assert_false(key_value(t, "wide_value", "key", "value", 1, 8));
	assert_false(btf_vars_key_value(t->btf, "nosuch", 1, 4, &unused, &unused));
	assert_false(btf_vars_key_value(NULL, "both", 1, 4, &unused, &unused));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bytes_that_are_no_btf, setup, teardown),
		cmocka_unit_test_setup_teardown(variables_of_a_section, setup, teardown),
		cmocka_unit_test_setup_teardown(variables_have_an_end, setup, teardown),
		cmocka_unit_test_setup_teardown(arrays_behind_other_names, setup,
						teardown),
		cmocka_unit_test_setup_teardown(members_with_their_places, setup,
						teardown),
		cmocka_unit_test_setup_teardown(types_of_a_map, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
