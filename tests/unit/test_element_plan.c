/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a plan says of each member, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "base/alloc.h"
#include "btf/element_plan.h"

struct types {
	struct btf *btf;
	int u8, s8, u16, u32, s32, u64, s64, flag, letter, ptr, lock, timer, f64;
};

static int setup(void **state)
{
	struct types *t = calloc(1, sizeof(*t));

	t->btf = btf__new_empty();
	t->u8 = btf__add_int(t->btf, "unsigned char", 1, 0);
	t->s8 = btf__add_int(t->btf, "signed char", 1, BTF_INT_SIGNED);
	t->u16 = btf__add_int(t->btf, "unsigned short", 2, 0);
	t->u32 = btf__add_int(t->btf, "unsigned int", 4, 0);
	t->s32 = btf__add_int(t->btf, "int", 4, BTF_INT_SIGNED);
	t->u64 = btf__add_int(t->btf, "unsigned long", 8, 0);
	t->s64 = btf__add_int(t->btf, "long", 8, BTF_INT_SIGNED);
	t->flag = btf__add_int(t->btf, "_Bool", 1, BTF_INT_BOOL);
	t->letter = btf__add_int(t->btf, "char", 1, BTF_INT_SIGNED);
	t->f64 = btf__add_float(t->btf, "double", 8);
	t->ptr = btf__add_ptr(t->btf, 0);
	t->lock = btf__add_struct(t->btf, "bpf_spin_lock", 4);
	btf__add_field(t->btf, "val", t->u32, 0, 0);
	t->timer = btf__add_struct(t->btf, "bpf_timer", 16);
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

struct field {
	const char *name;
	int type;
	uint32_t bit, bits;
};

/* The last one has no type. */
static int add_struct(struct types *t, const char *name, uint32_t size,
		      const struct field *fields)
{
	int id = btf__add_struct(t->btf, name, size);

	for (; fields->type; fields++)
		assert_int_equal(btf__add_field(t->btf, fields->name, fields->type,
						fields->bit, fields->bits),
				 0);
	return id;
}
#define STRUCT(t, size, ...) \
	add_struct(t, "value", size, (const struct field[]){__VA_ARGS__, {.name = NULL}})

static int add_enum(struct types *t, uint32_t size, int idle, const char *other, int busy)
{
	int id = btf__add_enum(t->btf, "state", size);

	btf__add_enum_value(t->btf, "IDLE", idle);
	btf__add_enum_value(t->btf, other, busy);
	return id;
}

static bool adds_all(void *ctx, uint32_t offset, uint32_t size)
{
	(void)ctx;
	return offset % size == 0;
}

static struct element_side side(struct types *t, int type, bool of_key)
{
	struct element_side s = {.btf = t->btf, .key_size = 4, .value_size = 4};
	uint32_t size = type ? (uint32_t)btf__resolve_size(t->btf, (uint32_t)type) : 4;

	s.key_type = (uint32_t)(of_key ? type : t->u32);
	s.value_type = (uint32_t)(of_key ? t->u32 : type);
	*(of_key ? &s.key_size : &s.value_size) = size;
	s.adds = adds_all;
	return s;
}

/* "packets kept add u64 u64; …" */
static char *plan_text(const struct element_plan *plan, bool of_key)
{
	auto_strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < plan->nr_rows; i++) {
		const struct element_row *row = &plan->rows[i];
		const char *policy = element_policy_name(row->policy);

		if (row->of_key != of_key)
			continue;
		sb_add_sep(&out, "; ", row->path);
		sb_addf(&out, " %s%s%s", element_action_name(row->action),
			*policy ? " " : "", policy);
		if (row->old_type)
			sb_addf(&out, " %s", row->old_type);
		if (row->new_type)
			sb_addf(&out, " > %s", row->new_type);
	}
	return sb_take(&out);
}

static void rows_are(struct types *t, int from, int to, const char *want)
{
	struct element_side old_side = side(t, from, false),
			    new_side = side(t, to, false);
	const struct element_options options = {.nr_merge = 0};
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;
	auto_free char *got = NULL;

	if (element_plan_init(&plan, &old_side, &new_side, &options, &err) < 0)
		fail_msg("%s", err.text);
	got = plan_text(&plan, false);
	assert_string_equal(got, want);
}

static void says_no(struct types *t, int from, int to, bool of_key,
		    const struct element_options *options, const char *want)
{
	struct element_side old_side = side(t, from, of_key),
			    new_side = side(t, to, of_key);
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;
	int r = element_plan_init(&plan, &old_side, &new_side, options, &err);

	if (r == 0)
		r = element_plan_check(&plan, &err);
	assert_true(r < 0);
	assert_string_equal(err.text, want);
}

static void refused(struct types *t, int from, int to, const char *want)
{
	says_no(t, from, to, false, &(struct element_options){.nr_merge = 0}, want);
}

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
	assert_int_equal(element_plan_init(&plan, &old_side, &new_side, &prefix, &err),
			 0);
	assert_int_equal(element_plan_check(&plan, &err), 0);
	element_plan_key(&plan, "12345678", key);
	assert_memory_equal(key, "12345678\0\0\0\0", 12);
}

static void policies_are_set(void **state)
{
	struct types *t = *state;
	int id = STRUCT(t, 16, {"packets", t->u64, 0, 0}, {"seen", t->u32, 64, 0},
			{"ttl", t->u16, 96, 0});
	const char *const good[] = {"seen=overwrite", "packets=keep-new"};
	const char *const bad[] = {"ttl=add"}, *const near[] = {"packet=add"};
	const char *const word[] = {"seen=overwrit"}, *const none[] = {"seen"};
	struct element_side s = side(t, id, false);
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;
	auto_free char *text = NULL;

	assert_int_equal(
		element_plan_init(&plan, &s, &s,
				  &(struct element_options){.merge = good, .nr_merge = 2},
				  &err),
		0);
	text = plan_text(&plan, false);
	assert_string_equal(
		text,
		"packets kept keep-new u64 > u64; seen kept overwrite u32 > u32; ttl kept keep-new u16 > u16");
	assert_int_equal(plan.nr_deltas, 0);
	assert_true(plan.value_same);
	says_no(t, id, id, false, &(struct element_options){.merge = bad, .nr_merge = 1},
		"member 'ttl' (u16) cannot be added up: only aligned integers of 32 or 64 bits can, outside of unions");
	says_no(t, id, id, false, &(struct element_options){.merge = near, .nr_merge = 1},
		"no member 'packet' in the value; did you mean 'packets'?");
	says_no(t, id, id, false, &(struct element_options){.merge = word, .nr_merge = 1},
		"unknown policy 'overwrit': expected add, keep-new or overwrite; did you mean 'overwrite'?");
	says_no(t, id, id, false, &(struct element_options){.merge = none, .nr_merge = 1},
		"'seen': expected MEMBER=add|keep-new|overwrite");
}

static bool adds_at_8(void *ctx, uint32_t offset, uint32_t size)
{
	(void)ctx;
	return offset == 8 && size == 8;
}

static void without_btf(void **state)
{
	struct element_side old_side = {
		.key_size = 4, .value_size = 16, .adds = adds_at_8};
	struct element_side new_side = {
		.key_size = 4, .value_size = 24, .adds = adds_at_8};
	struct element_options options = {.copy_prefix = false};
	auto_element_plan plan = {.nr_rows = 0}, refusing = {.nr_rows = 0};
	auto_element_merge merge = {.adds = false};
	auto_free char *text = NULL;
	auto_err err = ERR_INIT;
	unsigned char value[24];

	(void)state;
	assert_int_equal(
		element_plan_init(&refusing, &old_side, &new_side, &options, &err), 0);
	assert_true(element_plan_check(&refusing, &err) < 0);
	assert_string_equal(
		err.text,
		"member 'value' of the value: 16 B cannot become 24 B: its members are not described by BTF on both sides; --copy-prefix copies the bytes that both have");
	err_release(&err);
	options.copy_prefix = true;
	assert_int_equal(element_plan_init(&plan, &old_side, &new_side, &options, &err),
			 0);
	text = plan_text(&plan, false);
	assert_string_equal(
		text,
		"value converted keep-new 16 B > 24 B; bytes[8-15] kept add u64 > u64");
	element_plan_value(&plan, "0123456789abcdef", value);
	assert_memory_equal(value, "0123456789abcdef\0\0\0\0\0\0\0\0", 24);
	element_merge_init(&merge, &plan);
	element_plan_merge(&plan, "aaaaaaaa\0\0\0\0\0\0\0\0", "bbbbbbbb\7\0\0\0\0\0\0\0",
			   "aaaaaaaa\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", &merge);
	assert_true(merge.adds && merge.sets);
	assert_int_equal(plan.nr_deltas, 1);
	assert_int_equal(merge.mask[7], 0xff);
	assert_int_equal(merge.mask[8], 0);
	assert_memory_equal(merge.bytes, "bbbbbbbb", 8);
}

static void prefix_only_without_btf(void **state)
{
	struct types *t = *state;

	says_no(t, t->u32, t->u64, false, &(struct element_options){.copy_prefix = true},
		"both definitions have BTF, which says more than --copy-prefix; leave it out");
}

static void doubts_are_said(void **state)
{
	struct types *t = *state;
	struct element_side old_side = side(t, t->u64, false), new_side = old_side;
	const struct element_options options = {.nr_merge = 0};
	auto_element_plan plan = {.nr_rows = 0}, other = {.nr_rows = 0};
	auto_err err = ERR_INIT;

	old_side.adds = NULL;
	old_side.adds_doubt = "program 'acct' hands the value to a function";
	assert_int_equal(element_plan_init(&plan, &old_side, &new_side, &options, &err),
			 0);
	assert_int_equal(plan.rows[1].policy, ELEMENT_KEEP_NEW);
	assert_string_equal(plan.rows[1].why,
			    "not added up: program 'acct' hands the value to a function");
	old_side.adds = adds_at_8;
	old_side.adds_doubt = NULL;
	assert_int_equal(element_plan_init(&other, &old_side, &new_side, &options, &err),
			 0);
	assert_string_equal(other.rows[1].why, "only the new programs add to it");
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
		cmocka_unit_test_setup_teardown(policies_are_set, setup, teardown),
		cmocka_unit_test(without_btf),
		cmocka_unit_test_setup_teardown(prefix_only_without_btf, setup, teardown),
		cmocka_unit_test_setup_teardown(doubts_are_said, setup, teardown),
		cmocka_unit_test_setup_teardown(sizes_must_agree, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
