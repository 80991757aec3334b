/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A text written into a value that is there already: what it names changes, nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "btf/btf_value.h"
#include "host_order.h"

/*
 * struct flow { u16 port[2]; struct { u8 low : 3, high : 5; }; bool ok; char name[2]; };
 * at byte 2 of 12.
 */
struct types {
	struct btf *btf;
	uint32_t flow, odd, many;
};

enum { AT = 2, SIZE = 12 };

static int setup(void **state)
{
	struct types *t = calloc(1, sizeof(*t));
	int u8, u16, u32, yes, ch, ports, bits, name;

	t->btf = btf__new_empty();
	u8 = btf__add_int(t->btf, "u8", 1, 0);
	u16 = btf__add_int(t->btf, "u16", 2, 0);
	u32 = btf__add_int(t->btf, "u32", 4, 0);
	yes = btf__add_int(t->btf, "_Bool", 1, BTF_INT_BOOL);
	ch = btf__add_int(t->btf, "char", 1, BTF_INT_SIGNED);
	ports = btf__add_array(t->btf, u32, u16, 2);
	name = btf__add_array(t->btf, u32, ch, 2);
	bits = btf__add_struct(t->btf, NULL, 1);
	btf__add_field(t->btf, "low", u8, 0, 3);
	btf__add_field(t->btf, "high", u8, 3, 5);
	t->flow = (uint32_t)btf__add_struct(t->btf, "flow", 8);
	btf__add_field(t->btf, "port", ports, 0, 0);
	btf__add_field(t->btf, NULL, bits, 32, 0);
	btf__add_field(t->btf, "ok", yes, 40, 0);
	btf__add_field(t->btf, "name", name, 48, 0);
	/* No compiler's: an array whose elements are as large as nothing is. */
	t->odd = (uint32_t)btf__add_array(
		t->btf, u32, btf__add_array(t->btf, u32, u32, 1U << 30), UINT32_MAX);
	t->many = (uint32_t)btf__add_array(t->btf, u32, u8, 100);
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

/* Two ports, as a little-endian machine has them; the other members have a byte each. */
static const unsigned char before[SIZE + 1] = "\xee\xee\1\0\2\0\xff\1ab\xee\xee";

static void host_bytes(unsigned char *ret, const void *bytes)
{
	memcpy(ret, bytes, SIZE);
	host_order(ret, SIZE, "11 22");
}

static void writes(struct types *t, const char *path, const char *text, const void *want)
{
	unsigned char bytes[SIZE], after[SIZE];
	auto_err err = ERR_INIT;

	host_bytes(bytes, before);
	host_bytes(after, want);
	if (btf_value_write(t->btf, t->flow, AT, path, text, bytes, SIZE, &err) < 0)
		fail_msg("'%s'='%s': %s", path, text, err.text);
	assert_memory_equal(bytes, after, SIZE);
}

static void refuses(struct types *t, const char *path, const char *text, const char *want)
{
	unsigned char bytes[SIZE];
	auto_err err = ERR_INIT;

	memcpy(bytes, before, SIZE);
	assert_int_equal(btf_value_write(t->btf, t->flow, AT, path, text, bytes, SIZE,
					 &err),
			 -EINVAL);
	assert_string_equal(err.text, want);
	assert_memory_equal(bytes, before, SIZE);
}

static void only_what_the_path_names(void **state)
{
	struct types *t = *state;

	writes(t, ".port[1]", "443", "\xee\xee\1\0\xbb\1\xff\1ab\xee\xee");
	writes(t, ".port", "[9]", "\xee\xee\x9\0\0\0\xff\1ab\xee\xee");
	writes(t, ".low", "2",
	       "\xee\xee\1\0\2\0" BY_ORDER("\xfa", "\x5f") "\1ab\xee\xee");
	writes(t, ".high", "0", "\xee\xee\1\0\2\0" BY_ORDER("\7", "\xe0") "\1ab\xee\xee");
	writes(t, ".ok", "false", "\xee\xee\1\0\2\0\xff\0ab\xee\xee");
	writes(t, ".ok", "true", "\xee\xee\1\0\2\0\xff\1ab\xee\xee");
	writes(t, ".name", "x", "\xee\xee\1\0\2\0\xff\1x\0\xee\xee");
	writes(t, ".name[1]", "'x'", "\xee\xee\1\0\2\0\xff\1ax\xee\xee");
}

static void what_a_text_leaves_out_is_zero(void **state)
{
	struct types *t = *state;

	writes(t, "", "{ok:true}", "\xee\xee\0\0\0\0\0\1\0\0\xee\xee");
	writes(t, "", "{}", "\xee\xee\0\0\0\0\0\0\0\0\xee\xee");
}

static void a_path_that_leads_nowhere(void **state)
{
	struct types *t = *state;

	refuses(t, ".prt", "1", "no member named 'prt'; did you mean 'port'?");
	refuses(t, ".port[2]", "1", "there are 2 elements, from [0] on");
	refuses(t, ".port[99999999999999999999999]", "1",
		"there are 2 elements, from [0] on");
	refuses(t, ".port[-1]", "1", "'[-1]' is not an element: [0], [1] ...");
	refuses(t, ".port[1", "1", "'[1' is not an element: [0], [1] ...");
	refuses(t, ".port[0].x", "1", "'.port[0]' is not a struct, it has no members");
	refuses(t, "[0]", "1", "the value is not an array, it has no elements");
	refuses(t, ".ok[0]", "1", "'.ok' is not an array, it has no elements");
	refuses(t, ".", "1", "a member's name is missing in '.'");
	refuses(t, "..ok", "1", "a member's name is missing in '..ok'");
	refuses(t, ".port[0]x", "1", "'.port[0]' is followed by neither '.' nor '['");
	refuses(t, ".port", "[70000]", "member '[0]': 70000 is not from 0 to 65535");
	refuses(t, ".low", "8", "8 is not from 0 to 7");
	refuses(t, ".ok", "true false", "expected the end at 'false'");
}

static void types_that_reach_beyond_the_value(void **state)
{
	struct types *t = *state;
	unsigned char bytes[SIZE];
	auto_err err = ERR_INIT;

	memcpy(bytes, before, SIZE);
	for (uint32_t at = SIZE - 7; at <= SIZE + 1; at++)
		assert_int_equal(btf_value_write(t->btf, t->flow, at, "", "{}", bytes,
						 SIZE, &err),
				 -EINVAL);
	assert_int_equal(btf_value_write(t->btf, t->flow, UINT32_MAX, ".ok", "1", bytes,
					 SIZE, &err),
			 -EINVAL);
	assert_int_equal(btf_value_write(t->btf, t->odd, 0, "[4294967294][0]", "1", bytes,
					 SIZE, &err),
			 -EINVAL);
	assert_int_equal(btf_value_write(t->btf, t->odd, 0, "[0][0]", "1", bytes, SIZE,
					 &err),
			 -EINVAL);
	assert_int_equal(btf_value_write(t->btf, 9999, 0, "", "1", bytes, SIZE, &err),
			 -EINVAL);
	err_release(&err);
	assert_int_equal(btf_value_write(t->btf, 9999, 0, ".a", "1", bytes, SIZE, &err),
			 -EINVAL);
	assert_string_equal(err.text, "the value is not a struct, it has no members");
	err_release(&err);
	assert_int_equal(btf_value_write(t->btf, 9999, 0, "[0]", "1", bytes, SIZE, &err),
			 -EINVAL);
	assert_string_equal(err.text, "the value is not an array, it has no elements");
	err_release(&err);
	/* More elements than the value has room for. */
	assert_int_equal(btf_value_write(t->btf, t->many, 0, "[12]", "1", bytes, SIZE,
					 &err),
			 -EINVAL);
	assert_string_equal(err.text, "the value is of a type that has no values");
	assert_memory_equal(bytes, before, SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_what_the_path_names, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_a_text_leaves_out_is_zero, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_path_that_leads_nowhere, setup,
						teardown),
		cmocka_unit_test_setup_teardown(types_that_reach_beyond_the_value, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
