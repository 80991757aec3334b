/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "base/alloc.h"
#include "btf/btf_value.h"
#include "btf_types.h"
#include "host_order.h"

static void parses(struct btf_types *t, int id, const char *text, const void *want,
		   size_t size)
{
	auto_err err = ERR_INIT;
	unsigned char bytes[FLOW_SIZE];

	memset(bytes, 0xee, sizeof(bytes));
	if (btf_value_parse(t->btf, (uint32_t)id, text, bytes, size, &err) < 0)
		fail_msg("'%s': %s", text, err.text);
	assert_memory_equal(bytes, want, size);
	for (size_t i = size; i < sizeof(bytes); i++)
		assert_int_equal(bytes[i], 0xee);
}

/* A number and its bytes, as a little-endian machine has them. */
static void parses_number(struct btf_types *t, int id, const char *text, const void *want,
			  size_t size)
{
	unsigned char bytes[16];

	memcpy(bytes, want, size);
	host_order(bytes, size,
		   (const char[]){size == 16 ? 'f' : '0' + (char)size, '\0'});
	parses(t, id, text, bytes, size);
}

static void refuses(struct btf_types *t, int id, const char *text, size_t size,
		    const char *want)
{
	unsigned char bytes[FLOW_SIZE] = {0xee};
	auto_err err = ERR_INIT;

	assert_int_equal(btf_value_parse(t->btf, (uint32_t)id, text, bytes, size, &err),
			 -EINVAL);
	assert_string_equal(err.text, want);
	assert_int_equal(bytes[0], 0xee);
}

/* Of struct flow; its bit-fields are a byte. */
#define FLOW_SHAPE "8 4 2 111111 1 11111111 111 4 1 111 4 22 22"

static void scalars_and_their_ranges(void **state)
{
	struct btf_types *t = *state;

	parses_number(t, t->u32, "5", "\5\0\0\0", 4);
	parses_number(t, t->u32, " 0xffffffff ", "\xff\xff\xff\xff", 4);
	parses_number(t, t->u32, "010", "\x8\0\0\0", 4);
	parses_number(t, t->u32, "\"0x10\"", "\x10\0\0\0", 4);
	parses_number(t, t->s32, "-1", "\xff\xff\xff\xff", 4);
	parses_number(t, t->s32, "-2147483648", "\0\0\0\x80", 4);
	parses_number(t, t->u64, "18446744073709551615",
		      "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	parses_number(t, t->u128, "0x100000000000000000000000000000ff",
		      "\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10", 16);
	parses(t, t->ch, "'a'", "a", 1);
	parses(t, t->yes, "true", "\1", 1);
	parses(t, t->yes, "0", "\0", 1);
	parses_number(t, t->state, "BUSY", "\7\0\0\0", 4);
	parses_number(t, t->state, "\"LOST\"", "\xff\xff\xff\xff", 4);
	parses_number(t, t->state, "9", "\x9\0\0\0", 4);
	parses(t, t->f32, "1.5", &(float){1.5F}, 4);
	parses(t, t->f64, "-2.25e3", &(double){-2250}, 8);
	refuses(t, t->u32, "4294967296", 4, "4294967296 is not from 0 to 4294967295");
	refuses(t, t->u32, "-1", 4, "-1 is not from 0 to 4294967295");
	refuses(t, t->s32, "2147483648", 4,
		"2147483648 is not from -2147483648 to 2147483647");
	refuses(t, t->s32, "-2147483649", 4,
		"-2147483649 is not from -2147483648 to 2147483647");
	refuses(t, t->s32, "0xffffffff", 4,
		"0xffffffff is not from -2147483648 to 2147483647");
	refuses(t, t->u64, "99999999999999999999999999999999999999999999", 8,
		"'99999999999999999999999999999999999999999999' is not a number");
	refuses(t, t->u32, "five", 4, "'five' is not a number");
	refuses(t, t->u32, "08", 4, "'08' is not a number");
	refuses(t, t->u32, "0x", 4, "'0x' is not a number");
	refuses(t, t->u32, "5 6", 4, "expected the end at '6'");
	refuses(t, t->yes, "2", 1, "'2' is neither true nor false");
	refuses(t, t->state, "SLOW", 4, "enum state has no 'SLOW'");
	refuses(t, t->f64, "1.5x", 8, "'1.5x' is not a number");
}

static void structs_by_member(void **state)
{
	unsigned char want[FLOW_SIZE] = {5};
	struct btf_types *t = *state;

	host_order(want, sizeof(want), FLOW_SHAPE);
	parses(t, t->flow, "{packets:5}", want, FLOW_SIZE);
	parses(t, t->flow, " { \"packets\" : 5 } ", want, FLOW_SIZE);
	memset(want, 0, sizeof(want));
	want[0] = 5;
	want[12] = 80;
	memcpy(want + 14, "\1\2\3\4\5\6", 6);
	want[20] = 1;
	memcpy(want + 21, "eth0", 4);
	want[32] = 7;
	want[36] = BY_ORDER(5 | 0x1e << 3, 5 << 5 | 0x1e);
	want[44] = 1;
	want[46] = 2;
	want[48] = 3;
	host_order(want, sizeof(want), FLOW_SHAPE);
	memcpy(want + 56, &(double){0.5}, 8);
	parses(t, t->flow,
	       "{packets:5,port:80,mac:[1,2,3,4,5,6],ok:true,name:\"eth0\",state:BUSY,"
	       "low:5,high:-2,at:[{x:1,y:2},{x:3}],d:0.5}",
	       want, FLOW_SIZE);
	parses(t, t->flow,
	       "{packets:5,port:80,mac:[1,2,3,4,5,6],ok:1,name:eth0,state:7,"
	       "low:\"0x5\",high:\"0x1e\",at:[{x:1,y:2},{x:3}],d:0.5}",
	       want, FLOW_SIZE);
	memset(want, 0, sizeof(want));
	memcpy(want + 40, &(float){2}, 4);
	parses(t, t->flow, "{f:2}", want, FLOW_SIZE);
	memset(want, 0, sizeof(want));
	parses(t, t->flow, "{}", want, FLOW_SIZE);
	parses(t, t->list, "[1,2]", (const uint32_t[3]){1, 2}, 12);
	parses(t, t->list, "[]", "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
}

static void errors_name_the_member(void **state)
{
	struct btf_types *t = *state;

	refuses(t, t->flow, "{port:70000}", FLOW_SIZE,
		"member 'port': 70000 is not from 0 to 65535");
	refuses(t, t->flow, "{at:[{x:1},{y:-1}]}", FLOW_SIZE,
		"member 'at[1].y': -1 is not from 0 to 65535");
	refuses(t, t->flow, "{low:8}", FLOW_SIZE, "member 'low': 8 is not from 0 to 7");
	refuses(t, t->flow, "{high:16}", FLOW_SIZE,
		"member 'high': 16 is not from -16 to 15");
	refuses(t, t->flow, "{prot:1}", FLOW_SIZE,
		"no member named 'prot'; did you mean 'port'?");
	refuses(t, t->flow, "{at:[{z:1}]}", FLOW_SIZE,
		"member 'at[0]': no member named 'z'");
	refuses(t, t->flow, "{mac:[1,2,3,4,5,6,7]}", FLOW_SIZE,
		"member 'mac': there are 6 elements, no more");
	refuses(t, t->flow, "{name:\"too long for it\"}", FLOW_SIZE,
		"member 'name': 'too long for it' is longer than 8 bytes");
	refuses(t, t->flow, "{port:1,port:2}", FLOW_SIZE,
		"member 'port': is given twice");
	refuses(t, t->flow, "{a:1,f:2}", FLOW_SIZE,
		"member 'f': shares its bytes with a member that was given another value");
	refuses(t, t->flow, "{port 1}", FLOW_SIZE, "member 'port': expected ':' at '1}'");
	refuses(t, t->flow, "5", FLOW_SIZE, "expected '{' at '5'");
	refuses(t, t->flow, "{port:{}}", FLOW_SIZE,
		"member 'port': expected a value at '{}}'");
	refuses(t, t->flow, "{name:\"\\q\"}", FLOW_SIZE,
		"member 'name': unknown escape at '\\q\"}'");
}

/* The size is the map's, the type BTF's: where they disagree nothing is written past it. */
static void a_value_too_short_for_its_type(void **state)
{
	struct btf_types *t = *state;

	refuses(t, t->u64, "1", 4, "lies outside the value's 4 bytes");
	refuses(t, t->flow, "{d:1}", 60, "member 'd': lies outside the value's 60 bytes");
}

static void every_cut_and_every_changed_byte(void **state)
{
	static const char whole[] =
		"{packets:5,mac:[1,0x2,3],name:\"a\\u0041\\n\",state:BUSY,high:-2,"
		"at:[{x:1,y:2},{x:3}],d:-1.5e3}";
	struct btf_types *t = *state;
	unsigned char bytes[FLOW_SIZE];
	unsigned int good = 0;

	for (size_t i = 0; i < sizeof(whole); i++) {
		auto_free char *cut = xstrndup(whole, i);
		auto_err err = ERR_INIT;

		good += btf_value_parse(t->btf, (uint32_t)t->flow, cut, bytes, FLOW_SIZE,
					&err) == 0;
		assert_true(i == sizeof(whole) - 1 ||
			    btf_value_is_whole(cut) == (i == 0));
	}
	assert_int_equal(good, 1);
	for (size_t i = 0; i < sizeof(whole) - 1; i++)
		for (int c = 1; c < 256; c++) {
			auto_free char *changed = xstrdup(whole);
			auto_err err = ERR_INIT;

			changed[i] = (char)c;
			if (btf_value_parse(t->btf, (uint32_t)t->flow, changed, bytes,
					    FLOW_SIZE, &err) < 0)
				assert_true(err.text[0]);
		}
}

static void types_without_values(void **state)
{
	struct btf_types *t = *state;
	int fwd = btf__add_fwd(t->btf, "later", BTF_FWD_STRUCT);

	refuses(t, fwd, "1", 4, "is of a type that has no values");
	refuses(t, 10000, "1", 4, "is of a type that BTF does not describe");
}

static void what_would_be_another_value_is_refused(void **state)
{
	struct btf_types *t = *state;
	int bits = btf__add_struct(t->btf, "bits", 4);

	btf__add_field(t->btf, "e", t->state, 0, 2);
	btf__add_field(t->btf, "ok", t->yes, 8, 1);
	btf__add_field(t->btf, "c", t->ch, 16, 0);
	parses(t, bits, "{ok:0x1}", BY_ORDER("\0\1\0\0", "\0\x80\0\0"), 4);
	parses(t, bits, "{e:IDLE,c:\"5\"}",
	       "\0\0"
	       "5\0",
	       4);
	parses(t, bits, "{e:LOST}", BY_ORDER("\3\0\0\0", "\xc0\0\0\0"), 4);
	parses(t, bits, "{c:\"A\"}", "\0\0A\0", 4);
	parses(t, bits, "{c:5}", "\0\0\5\0", 4);
	refuses(t, bits, "{e:BUSY}", 4, "member 'e': BUSY is not from -2 to 3");
	refuses(t, bits, "{e:4}", 4, "member 'e': 4 is not from -2 to 3");
	refuses(t, t->flow, "{mac:1}", FLOW_SIZE,
		"member 'mac': is an array of 6 bytes, not a number: list them in brackets, or quote a string");
	refuses(t, t->f64, "1e999", 8, "1e999 does not fit in a float of 8 bytes");
	refuses(t, t->f64, "-1e-400", 8, "-1e-400 does not fit in a float of 8 bytes");
	refuses(t, t->f32, "1e39", 4, "1e39 does not fit in a float of 4 bytes");
	refuses(t, t->f32, "1e-60", 4, "1e-60 does not fit in a float of 4 bytes");
	parses(t, t->f64, "inf", &(double){INFINITY}, 8);
	parses(t, t->f64, "-0", &(double){-0.0}, 8);
	parses_number(t, t->s128, "-170141183460469231731687303715884105728",
		      "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80", 16);
	refuses(t, t->s128, "170141183460469231731687303715884105728", 16,
		"170141183460469231731687303715884105728 is not from -170141183460469231731687303715884105728 to 170141183460469231731687303715884105727");
	refuses(t, t->u128, "-1", 16,
		"-1 is not from 0 to 340282366920938463463374607431768211455");
}

/* Looked for in both, and in both of theirs, a name would take for ever. */
static void a_name_in_many_unnamed_structs(void **state)
{
	struct btf_types *t = *state;
	int inner = t->u8;

	for (int i = 0; i < 31; i++) {
		int both = btf__add_union(t->btf, NULL, 1);

		btf__add_field(t->btf, i ? NULL : "x", inner, 0, 0);
		btf__add_field(t->btf, i ? NULL : "y", inner, 0, 0);
		inner = both;
	}
	parses(t, inner, "{y:7}", "\7", 1);
	refuses(t, inner, "{z:1}", 1, "no member named 'z'");
}

/* What is true may be any byte but 0, what is false is 0. */
static void members_that_share_a_byte_with_a_bool(void **state)
{
	struct btf_types *t = *state;
	int both = btf__add_union(t->btf, "both", 1);

	btf__add_field(t->btf, "yes", t->yes, 0, 0);
	btf__add_field(t->btf, "n", t->u8, 0, 0);
	parses(t, both, "{yes:true,n:2}", "\2", 1);
	parses(t, both, "{n:2,yes:true}", "\2", 1);
	parses(t, both, "{yes:false,n:0}", "\0", 1);
	refuses(t, both, "{yes:true,n:0}", 1,
		"member 'yes': shares its bytes with a member that was given another value");
	refuses(t, both, "{yes:false,n:2}", 1,
		"member 'n': shares its bytes with a member that was given another value");
	refuses(t, both, "{n:2,yes:false}", 1,
		"member 'yes': shares its bytes with a member that was given another value");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(scalars_and_their_ranges, btf_types_setup,
						btf_types_teardown),
		cmocka_unit_test_setup_teardown(structs_by_member, btf_types_setup,
						btf_types_teardown),
		cmocka_unit_test_setup_teardown(errors_name_the_member, btf_types_setup,
						btf_types_teardown),
		cmocka_unit_test_setup_teardown(what_would_be_another_value_is_refused,
						btf_types_setup, btf_types_teardown),
		cmocka_unit_test_setup_teardown(members_that_share_a_byte_with_a_bool,
						btf_types_setup, btf_types_teardown),
		cmocka_unit_test_setup_teardown(a_name_in_many_unnamed_structs,
						btf_types_setup, btf_types_teardown),
		cmocka_unit_test_setup_teardown(a_value_too_short_for_its_type,
						btf_types_setup, btf_types_teardown),
		cmocka_unit_test_setup_teardown(every_cut_and_every_changed_byte,
						btf_types_setup, btf_types_teardown),
		cmocka_unit_test_setup_teardown(types_without_values, btf_types_setup,
						btf_types_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
