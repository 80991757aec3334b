/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a plan says of each member, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "element_types.h"

static void members_are_told_apart(void **state)
{
	struct types *t = *state;
	int from = STRUCT(t, 24, {"packets", t->u32, 0, 0}, {"gone", t->u32, 32, 0},
			  {"on", t->flag, 64, 0}, {"low", t->u32, 96, 3},
			  {"high", t->u32, 99, 5}, {"lock", t->lock, 128, 0});
	int to = STRUCT(t, 32, {"bytes", t->u64, 0, 0}, {"packets", t->u64, 64, 0},
			{"on", t->flag, 128, 0}, {"low", t->u32, 160, 5},
			{"high", t->u32, 165, 5}, {"lock", t->lock, 192, 0});

	rows_are(
		t, from, to,
		"bytes added > u64; packets converted add u32 > u64; on kept keep-new bool > bool; low converted keep-new u3 > u5; high kept keep-new u5 > u5; lock kept struct bpf_spin_lock > struct bpf_spin_lock; gone removed u32");
	rows_are(
		t, from, from,
		"packets kept add u32 > u32; gone kept add u32 > u32; on kept keep-new bool > bool; low kept keep-new u3 > u3; high kept keep-new u5 > u5; lock kept struct bpf_spin_lock > struct bpf_spin_lock");
}

static void scalars_and_arrays(void **state)
{
	struct types *t = *state;
	int four = btf__add_array(t->btf, t->u32, t->u32, 4);
	int six = btf__add_array(t->btf, t->u32, t->u64, 6);
	int rows23 = btf__add_array(t->btf, t->u32,
				    btf__add_array(t->btf, t->u32, t->u8, 3), 2);
	int rows32 = btf__add_array(t->btf, t->u32,
				    btf__add_array(t->btf, t->u32, t->u8, 2), 3);
	int letters = btf__add_array(t->btf, t->u32, t->letter, 4);
	int bytes = btf__add_array(t->btf, t->u32, t->u8, 4);

	rows_are(t, t->u32, t->u64, "value converted add u32 > u64");
	rows_are(t, t->u32, t->s64, "value converted add u32 > s64");
	rows_are(t, four, six, "value converted add u32[4] > u64[6]");
	rows_are(t, letters, bytes, "value kept keep-new char[4] > u8[4]");
	refused(t, t->u64, t->u32,
		"member 'value' of the value: u64 cannot become u32: large numbers would change; keep its type, or rename it: then it begins at 0");
	refused(t, t->u32, t->s32,
		"member 'value' of the value: u32 cannot become s32: large numbers would change; keep its type, or rename it: then it begins at 0");
	refused(t, t->s32, t->u64,
		"member 'value' of the value: s32 cannot become u64: negative numbers would change; keep its type, or rename it: then it begins at 0");
	refused(t, six, four,
		"member 'value' of the value: u64[6] cannot become u32[4]: the array has fewer elements; keep its type, or rename it: then it begins at 0");
	refused(t, rows23, rows32,
		"member 'value' of the value: u8[2][3] cannot become u8[3][2]: the array has fewer elements; keep its type, or rename it: then it begins at 0");
	refused(t, t->u64, t->f64,
		"member 'value' of the value: u64 cannot become float64: it is another kind of member; keep its type, or rename it: then it begins at 0");
	refused(t, t->timer, t->timer,
		"member 'value' of the value: struct bpf_timer cannot become struct bpf_timer: only the kernel can move what it holds; keep its type, or rename it: then it begins at 0");
}

static void kernel_pointers(void **state)
{
	struct types *t = *state;
	int object =
		add_struct(t, "task_struct", 4, (const struct field[]){{.name = NULL}});
	int kptr = btf__add_ptr(t->btf, btf__add_type_tag(t->btf, "kptr", object));

	rows_are(t, t->ptr, t->ptr, "value kept keep-new pointer > pointer");
	refused(t, kptr, kptr,
		"member 'value' of the value: kptr cannot become kptr: the kernel does not let a kptr be copied; keep its type, or rename it: then it begins at 0");
}

static void enums(void **state)
{
	struct types *t = *state;
	int first = add_enum(t, 4, 0, "BUSY", 1), moved = add_enum(t, 4, 0, "BUSY", 2);
	int renamed = add_enum(t, 4, 0, "WORKING", 1);

	rows_are(t, first, first,
		 "value kept keep-new enum state 32 bits > enum state 32 bits");
	rows_are(t, first, renamed,
		 "value kept keep-new enum state 32 bits > enum state 32 bits");
	rows_are(t, t->u32, first, "value kept keep-new u32 > enum state 32 bits");
	refused(t, first, moved,
		"member 'value' of the value: enum state 32 bits cannot become enum state 32 bits: 'BUSY' is 1 in the old enum, 2 in the new; keep its type, or rename it: then it begins at 0");
}

static int add_union(struct types *t, const char *name, const char *a, int type,
		     uint32_t size)
{
	int id = btf__add_union(t->btf, name, size);

	btf__add_field(t->btf, a, type, 0, 0);
	btf__add_field(t->btf, "raw", t->u32, 0, 0);
	return id;
}

static void unions(void **state)
{
	struct types *t = *state;
	int v4 = add_union(t, NULL, "v4", t->u32, 8),
	    again = add_union(t, NULL, "v4", t->u32, 8);
	int wide = add_union(t, NULL, "v4", t->u64, 8);
	int from = STRUCT(t, 16, {NULL, v4, 0, 0}, {"n", t->u64, 64, 0});
	int same = STRUCT(t, 16, {"n", t->u64, 0, 0}, {NULL, again, 64, 0});
	int other = STRUCT(t, 16, {"n", t->u64, 0, 0}, {NULL, wide, 64, 0});
	int plain = STRUCT(t, 16, {"n", t->u64, 0, 0}, {"raw", t->u32, 64, 0});

	rows_are(t, from, same,
		 "n kept add u64 > u64; v4 kept keep-new union 8 B > union 8 B");
	refused(t, from, other,
		"member 'v4' of the value: union 8 B cannot become union 8 B: a union is copied only if nothing in it has changed; keep its type, or rename it: then it begins at 0");
	refused(t, from, plain,
		"member 'raw' of the value: union 8 B cannot become u32: it is in a union on one side only; keep its type, or rename it: then it begins at 0");
	refused(t, plain, from,
		"member 'raw' of the value: u32 cannot become union 8 B: it is in a union on one side only; keep its type, or rename it: then it begins at 0");
}

static void nested_members_have_paths(void **state)
{
	struct types *t = *state;
	int flow = add_struct(t, "flow", 8,
			      (const struct field[]){{"port", t->u16, 0, 0},
						     {"hits", t->u32, 32, 0},
						     {.name = NULL}});
	int flow2 = add_struct(t, "flow", 8,
			       (const struct field[]){{"hits", t->u32, 0, 0},
						      {"port", t->u16, 32, 0},
						      {.name = NULL}});
	int from = STRUCT(t, 24, {"in", flow, 0, 0},
			  {"flows", btf__add_array(t->btf, t->u32, flow, 2), 64, 0});
	int flows3 = btf__add_array(t->btf, t->u32, flow2, 3);
	int to = STRUCT(t, 32, {"flows", flows3, 0, 0}, {"in", flow2, 192, 0});

	rows_are(
		t, from, to,
		"flows converted struct flow[2] > struct flow[3]; flows[].hits kept add u32 > u32; flows[].port kept keep-new u16 > u16; in.hits kept add u32 > u32; in.port kept keep-new u16 > u16");
}

static void keys_lose_nothing(void **state)
{
	struct types *t = *state;
	const struct element_options plain = {.nr_merge = 0},
				     prefix = {.prefix_key = true};
	int from = STRUCT(t, 8, {"ip", t->u32, 0, 0}, {"port", t->u32, 32, 0});
	int padded = STRUCT(t, 12, {"ip", t->u32, 0, 0}, {"port", t->u32, 32, 0});
	int less = STRUCT(t, 4, {"ip", t->u32, 0, 0});
	int more = STRUCT(t, 12, {"ip", t->u32, 0, 0}, {"port", t->u32, 32, 0},
			  {"proto", t->u32, 64, 0});
	int before = STRUCT(t, 12, {"proto", t->u32, 0, 0}, {"ip", t->u32, 32, 0},
			    {"port", t->u32, 64, 0});
	struct element_side old_side = side(t, from, true),
			    new_side = side(t, more, true);
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;
	unsigned char key[12];

	says_no(t, from, less, true, &plain,
		"member 'port' of the key: u32 cannot be removed: keys that differ in it alone would become one; leave the key as it was");
	says_no(t, from, before, true, &prefix,
		"member 'key' of the key: members of an LPM trie's key keep their place and size; leave the key as it was");
	says_no(t, from, STRUCT(t, 8, {"ip", t->u16, 0, 0}, {"port", t->u32, 32, 0}),
		true, &prefix,
		"member 'ip' of the key: u32 cannot become u16: large numbers would change; leave the key as it was");
	says_no(t, padded, from, true, &prefix,
		"member 'key' of the key: members of an LPM trie's key keep their place and size; leave the key as it was");
	assert_int_equal(element_plan_init(&plan, &old_side, &new_side, &prefix, &err),
			 0);
	assert_int_equal(element_plan_check(&plan, &err), 0);
	element_plan_key(&plan, "12345678", key);
	assert_memory_equal(key, "12345678\0\0\0\0", 12);
}

/* Without BTF, what is cut off may have told two keys apart. */
static void keys_without_btf(void **state)
{
	struct element_side large = {.key_size = 8, .value_size = 8};
	struct element_side small = {.key_size = 4, .value_size = 4};
	const struct element_options prefix = {.copy_prefix = true},
				     index = {.index_key = true};
	auto_element_plan plan = {.nr_rows = 0}, grown = {.nr_rows = 0},
			  shrunk = {.nr_rows = 0}, odd = {.nr_rows = 0};
	auto_err err = ERR_INIT;
	unsigned char bytes[8];

	(void)state;
	assert_int_equal(element_plan_init(&plan, &large, &small, &prefix, &err), 0);
	assert_true(element_plan_check(&plan, &err) < 0);
	assert_string_equal(
		err.text,
		"member 'key' of the key: 8 B cannot become 4 B: keys that differ in the last bytes alone would become one; leave the key as it was");
	err_release(&err);
	assert_int_equal(element_plan_init(&grown, &small, &large, &prefix, &err), 0);
	assert_int_equal(element_plan_check(&grown, &err), 0);
	element_plan_key(&grown, "1234", bytes);
	assert_memory_equal(bytes, "1234\0\0\0\0", 8);
	large.key_size = 4;
	assert_int_equal(element_plan_init(&shrunk, &large, &small, &prefix, &err), 0);
	assert_string_equal(shrunk.rows[1].why,
			    "without BTF: the bytes after it are lost");
	/* An index of another size is no index. */
	large.key_size = 8;
	large.value_size = 4;
	assert_int_equal(element_plan_init(&odd, &small, &large, &index, &err), 0);
	assert_true(element_plan_check(&odd, &err) < 0);
	assert_string_equal(
		err.text,
		"member 'key' of the key: 4 B cannot become 8 B: its members are not described by BTF on both sides; --copy-prefix copies the bytes that both have");
}

/* Each member keeps its place and size, but elements of an array are further apart. */
static void elements_further_apart(void **state)
{
	struct types *t = *state;
	int thin = add_struct(
		t, "in", 4, (const struct field[]){{"a", t->u32, 0, 0}, {.name = NULL}});
	int wide = add_struct(
		t, "in", 8, (const struct field[]){{"a", t->u32, 0, 0}, {.name = NULL}});
	int from = STRUCT(t, 16, {"all", btf__add_array(t->btf, t->u32, thin, 2), 0, 0});
	int to = STRUCT(t, 16, {"all", btf__add_array(t->btf, t->u32, wide, 2), 0, 0});
	struct element_side old_side = side(t, from, false),
			    new_side = side(t, to, false);
	const struct element_options options = {.nr_merge = 0};
	auto_element_plan plan = {.nr_rows = 0}, same = {.nr_rows = 0};
	auto_err err = ERR_INIT;
	unsigned char value[16];

	assert_int_equal(element_plan_init(&plan, &old_side, &new_side, &options, &err),
			 0);
	assert_false(plan.value_same);
	element_plan_value(&plan, "aaaabbbb........", value);
	assert_memory_equal(value, "aaaa\0\0\0\0bbbb\0\0\0\0", 16);
	assert_int_equal(element_plan_init(&same, &old_side, &old_side, &options, &err),
			 0);
	assert_true(same.value_same);
}

static void sizes_must_agree(void **state)
{
	struct types *t = *state;
	struct element_side s = side(t, t->u64, false), wrong = s;
	const struct element_options options = {.nr_merge = 0};
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;

	wrong.value_size = 16;
	assert_int_equal(element_plan_init(&plan, &s, &wrong, &options, &err),
			 -EOPNOTSUPP);
	assert_string_equal(err.text, "value_size 8/16 is not what BTF says: 8/8");
	err_release(&err);
	assert_int_equal(element_plan_init(&plan, &wrong, &s, &options, &err),
			 -EOPNOTSUPP);
	assert_string_equal(err.text, "value_size 16/8 is not what BTF says: 8/8");
	err_release(&err);
	wrong.value_size = UINT32_MAX / 8 + 1;
	assert_int_equal(element_plan_init(&plan, &wrong, &s, &options, &err),
			 -EOPNOTSUPP);
	assert_string_equal(err.text, "value_size is too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(members_are_told_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(scalars_and_arrays, setup, teardown),
		cmocka_unit_test_setup_teardown(kernel_pointers, setup, teardown),
		cmocka_unit_test_setup_teardown(enums, setup, teardown),
		cmocka_unit_test_setup_teardown(unions, setup, teardown),
		cmocka_unit_test_setup_teardown(nested_members_have_paths, setup,
						teardown),
		cmocka_unit_test_setup_teardown(keys_lose_nothing, setup, teardown),
		cmocka_unit_test(keys_without_btf),
		cmocka_unit_test_setup_teardown(elements_further_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(sizes_must_agree, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
