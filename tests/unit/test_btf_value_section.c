/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values of sections, as a dump shows them, and of types that hold none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "base/alloc.h"
#include "btf/btf_value.h"
#include "btf_types.h"

static void parses(const struct btf_types *t, int id, const char *text, const void *want,
		   size_t size)
{
	auto_free unsigned char *value = xcalloc(1, size + 1);
	auto_err err = ERR_INIT;

	if (btf_value_parse(t->btf, (uint32_t)id, text, value, size, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	assert_memory_equal(value, want, size);
}

static void refuses(const struct btf_types *t, int id, const char *text, size_t size,
		    const char *want)
{
	auto_free unsigned char *value = xcalloc(1, size + 1);
	auto_free unsigned char *zeros = xcalloc(1, size + 1);
	auto_err err = ERR_INIT;

	assert_int_equal(btf_value_parse(t->btf, (uint32_t)id, text, value, size, &err),
			 -EINVAL);
	assert_string_equal(err.text, want);
	assert_memory_equal(value, zeros, size);
}

/* u32 count, then s32 limit. */
static int add_section(const struct btf_types *t)
{
	int count = btf__add_var(t->btf, "count", BTF_VAR_GLOBAL_ALLOCATED, t->u32);
	int limit = btf__add_var(t->btf, "limit", BTF_VAR_GLOBAL_ALLOCATED, t->s32);
	int id = btf__add_datasec(t->btf, ".data", 8);

	btf__add_datasec_var_info(t->btf, count, 0, 4);
	btf__add_datasec_var_info(t->btf, limit, 4, 4);
	return id;
}

static void a_section_is_read_as_it_is_dumped(void **state)
{
	const struct btf_types *t = *state;
	const int32_t both[] = {1, -2}, none[] = {0, 0};
	int id = add_section(t);

	parses(t, id, "{\".data\": [{\"count\": 1},{\"limit\": -2}]}", both, 8);
	parses(t, id, "{\".data\":[]}", none, 8);
	parses(t, id, "{count:1,limit:-2}", both, 8);
	refuses(t, id, "{\".data\" [{count:1}]}", 8, "expected ':' at '[{count:1}]}'");
	refuses(t, id, "{\".data\":{count:1}}", 8, "expected '[' at '{count:1}}'");
	refuses(t, id, "{\".data\":[count:1]}", 8, "expected '{' at 'count:1]}'");
	refuses(t, id, "{\".data\":[{count:1}", 8,
		"expected ',' or ']', but the text ends (a shell expands unquoted braces)");
	refuses(t, id, "{cout:1}", 8, "no member named 'cout'; did you mean 'count'?");
}

static void one_letter_is_read_as_it_is_dumped(void **state)
{
	const struct btf_types *t = *state;

	parses(t, t->ch, "\"\"\"", "\"", 1);
	parses(t, t->ch, "\"\\\"", "\\", 1);
	parses(t, t->ch, "\"a\"", "a", 1);
	parses(t, btf__add_array(t->btf, t->u32, t->ch, 3), "[\"\"\",\"\\\",\"b\"]",
	       "\"\\b", 3);
}

static void types_that_hold_no_value_are_refused(void **state)
{
	const struct btf_types *t = *state;
	int proto = btf__add_func_proto(t->btf, t->u32);
	int deep = t->u8;
	auto_free char *text = xcalloc(1, 3 * 100 + 1);

	refuses(t, proto, "1", 1, "is of a type that has no values");
	refuses(t, 9999, "1", 1, "is of a type that BTF does not describe");
	refuses(t, btf__add_array(t->btf, t->u32, proto, 2), "[1]", 1,
		"is of a type that has no values");
	for (int i = 0; i < 100; i++) {
		int id = btf__add_struct(t->btf, "deep", 1);

		btf__add_field(t->btf, "d", deep, 0, 0);
		deep = id;
		strcat(text, "{d:");
	}
	{
		auto_free unsigned char *value = xcalloc(1, 2);
		auto_err err = ERR_INIT;

		assert_int_equal(btf_value_parse(t->btf, (uint32_t)deep, text, value, 1,
						 &err),
				 -EINVAL);
		assert_non_null(strstr(err.text, "is nested too deep"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_section_is_read_as_it_is_dumped),
		cmocka_unit_test(one_letter_is_read_as_it_is_dumped),
		cmocka_unit_test(types_that_hold_no_value_are_refused),
	};

	return cmocka_run_group_tests(tests, btf_types_setup, btf_types_teardown);
}
