/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* BTF that no compiler writes, and types that no plan brings together: refused, with why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "element_types.h"

/* The same on both sides: nothing to convert, and still no way to read it. */
static void cannot_follow(struct types *t, int type, const char *why)
{
	auto_free char *want =
		xasprintf("the BTF of the value cannot be followed: %s", why);

	refused(t, type, type, want);
}

static void members_have_to_fit(void **state)
{
	struct types *t = *state;
	const char *why = "members overlap, or one ends outside of its struct";
	int inner = STRUCT(t, 4, {"a", t->u64, 0, 0});
	int eight = btf__add_array(t->btf, t->u32, t->u8, 9);

	cannot_follow(t, STRUCT(t, 8, {"a", t->u32, 0, 0}, {"b", t->u32, 16, 0}), why);
	cannot_follow(t, STRUCT(t, 8, {"a", t->u32, 0, 3}, {"b", t->u32, 2, 3}), why);
	cannot_follow(t, STRUCT(t, 8, {"in", inner, 0, 0}), why);
	cannot_follow(t, STRUCT(t, 8, {NULL, inner, 0, 0}), why);
	cannot_follow(t, STRUCT(t, 8, {"all", eight, 0, 0}), why);
	/* What a member of 7 bits leaves is the next one's. */
	rows_are(t, STRUCT(t, 4, {"a", t->u32, 0, 7}, {"b", t->u32, 7, 1}),
		 STRUCT(t, 4, {"a", t->u32, 0, 7}, {"b", t->u32, 7, 1}),
		 "a kept keep-new u7 > u7; b kept keep-new u1 > u1");
}

static void types_have_to_be_there(void **state)
{
	struct types *t = *state;
	int proto = btf__add_func_proto(t->btf, t->u32);
	int loop = (int)btf__type_cnt(t->btf);

	cannot_follow(t, STRUCT(t, 8, {"a", 9999, 0, 0}),
		      "a member has a type that it does not describe");
	cannot_follow(t, STRUCT(t, 8, {"a", proto, 0, 0}),
		      "a member has a type without bytes");
	refused(t, STRUCT(t, 8, {"a", t->u32, 0, 0}), STRUCT(t, 8, {"a", 9999, 0, 0}),
		"the BTF of the value cannot be followed: a member has a type that it does not describe");
	refused(t, STRUCT(t, 8, {"a", t->u32, 0, 0}), STRUCT(t, 8, {"a", proto, 0, 0}),
		"the BTF of the value cannot be followed: a member has a type without bytes");
	/* A type that stands for itself. */
	btf__add_typedef(t->btf, "loop", loop);
	cannot_follow(t, STRUCT(t, 8, {"a", loop, 0, 0}),
		      "a member has a type that it does not describe");
}

static void nesting_has_an_end(void **state)
{
	struct types *t = *state;
	int named = t->u32, unnamed = t->u32, rows = t->u8;

	for (int i = 0; i < 40; i++) {
		named = STRUCT(t, 4, {"in", named, 0, 0});
		unnamed =
			add_struct(t, NULL, 4,
				   (const struct field[]){{i ? NULL : "x", unnamed, 0, 0},
							  {.name = NULL}});
		rows = btf__add_array(t->btf, t->u32, rows, 1);
	}
	cannot_follow(t, named, "it is nested too deeply");
	cannot_follow(t, unnamed, "it is nested too deeply");
	cannot_follow(t, STRUCT(t, 4, {"all", rows, 0, 0}),
		      "the size of an array cannot be told");
}

/* libbpf adds no such member. */
static int first_member_at(const struct types *t, int id, uint32_t bit)
{
	btf_members(btf__type_by_id(t->btf, (uint32_t)id))->offset = bit;
	return id;
}

static void a_union_stands_at_a_byte(void **state)
{
	struct types *t = *state;
	int one = btf__add_union(t->btf, "either", 4);

	btf__add_field(t->btf, "a", t->u32, 0, 0);
	cannot_follow(t, first_member_at(t, STRUCT(t, 8, {"u", one, 0, 0}), 4),
		      "a union is not at a byte");
}

#define KEEP "; keep its type, or rename it: then it begins at 0"

static void other_kinds_do_not_meet(void **state)
{
	struct types *t = *state;
	int either = btf__add_union(t->btf, "either", 4), object, four, two, three;

	btf__add_field(t->btf, "a", t->u32, 0, 0);
	object = add_struct(t, "in", 4,
			    (const struct field[]){{"a", t->u32, 0, 0}, {.name = NULL}});
	four = btf__add_array(t->btf, t->u32, t->u8, 4);
	two = btf__add_array(t->btf, t->u32, four, 1);
	three = btf__add_array(t->btf, t->u32, object, 1);
#define ONE(type) STRUCT(t, 16, {"m", type, 0, 0})
	refused(t, ONE(object), ONE(either),
		"member 'm' of the value: struct in cannot become union either: it is another kind of member" KEEP);
	refused(t, ONE(object), ONE(t->u32),
		"member 'm' of the value: struct in cannot become u32: it is another kind of member" KEEP);
	refused(t, ONE(t->lock), ONE(t->timer),
		"member 'm' of the value: struct bpf_spin_lock cannot become struct bpf_timer: it is another kind of member" KEEP);
	refused(t, ONE(t->lock), ONE(t->u32),
		"member 'm' of the value: struct bpf_spin_lock cannot become u32: it is another kind of member" KEEP);
	refused(t, ONE(four), ONE(t->u32),
		"member 'm' of the value: u8[4] cannot become u32: it has another number of dimensions" KEEP);
	refused(t, ONE(four), ONE(two),
		"member 'm' of the value: u8[4] cannot become u8[1][4]: it has another number of dimensions" KEEP);
	refused(t, ONE(three), ONE(btf__add_array(t->btf, t->u32, either, 1)),
		"member 'm' of the value: struct in[1] cannot become union either[1]: it is another kind of member" KEEP);
	refused(t, ONE(t->flag), ONE(t->u8),
		"member 'm' of the value: bool cannot become u8: it is another kind of member" KEEP);
	refused(t, ONE(t->f64), ONE(btf__add_float(t->btf, "float", 4)),
		"member 'm' of the value: float64 cannot become float32: floats are not converted" KEEP);
}

static void very_wide_numbers_are_copied_only(void **state)
{
	struct types *t = *state;
	int u128 = btf__add_int(t->btf, "unsigned __int128", 16, 0);
	int from = STRUCT(t, 32, {"n", u128, 0, 0}), to;

	rows_are(t, from, STRUCT(t, 32, {"n", u128, 128, 0}),
		 "n kept keep-new u128 > u128");
	refused(t, STRUCT(t, 8, {"n", t->u64, 0, 0}), from,
		"member 'n' of the value: u64 cannot become u128: numbers of more than 64 bits are not converted" KEEP);
	/* Not whole bytes apart. */
	to = first_member_at(t, STRUCT(t, 32, {"n", u128, 0, 0}), 4);
	refused(t, from, to,
		"member 'n' of the value: u128 cannot become u128: numbers of more than 64 bits are not converted" KEEP);
}

static void enums_of_every_kind(void **state)
{
	struct types *t = *state;
	int below = add_enum(t, 4, -1, "BUSY", 1), less, wide, wider, small;

	less = btf__add_enum(t->btf, "state", 4);
	btf__add_enum_value(t->btf, "BUSY", 1);
	wide = btf__add_enum64(t->btf, "state", 8, false);
	btf__add_enum64_value(t->btf, "BUSY", UINT64_C(1) << 40);
	wider = btf__add_enum64(t->btf, "state", 8, false);
	btf__add_enum64_value(t->btf, "BUSY", UINT64_C(1) << 41);
	small = btf__add_enum(t->btf, NULL, 1);
	btf__add_enum_value(t->btf, "BUSY", 1);
	rows_are(t, below, less,
		 "value kept keep-new enum state 32 bits > enum state 32 bits");
	rows_are(t, wide, wide,
		 "value kept keep-new enum state 64 bits > enum state 64 bits");
	rows_are(t, small, less,
		 "value converted keep-new enum 8 bits > enum state 32 bits");
	refused(t, wide, wider,
		"member 'value' of the value: enum state 64 bits cannot become enum state 64 bits: 'BUSY' is 1099511627776 in the old enum, 2199023255552 in the new" KEEP);
	refused(t, small, t->u32,
		"member 'value' of the value: enum 8 bits cannot become u32: its size differs too" KEEP);
	refused(t, below, small,
		"member 'value' of the value: enum state 32 bits cannot become enum 8 bits: negative numbers would change" KEEP);
}

static int add_tagged_ptr(struct types *t, const char *tag)
{
	return btf__add_ptr(t->btf, btf__add_type_tag(t->btf, tag, t->u32));
}

static void pointers_letters_and_wide_ones(void **state)
{
	struct types *t = *state;
	int held = add_tagged_ptr(t, "percpu_kptr"), user = add_tagged_ptr(t, "user");
	int to_const = btf__add_ptr(t->btf, btf__add_const(t->btf, t->u32));
	int rune = btf__add_int(t->btf, "rune", 1, BTF_INT_CHAR);
	int wide = btf__add_int(t->btf, "_Bool", 16, BTF_INT_BOOL);
	int gone = btf__add_fwd(t->btf, "gone", BTF_FWD_STRUCT);
	int proto = btf__add_func_proto(t->btf, t->u32);
	int four = btf__add_array(t->btf, t->u32, t->u8, 4);

	rows_are(t, ONE(to_const), ONE(user), "m kept keep-new pointer > pointer");
	rows_are(t, ONE(rune), ONE(t->u8), "m kept keep-new char > u8");
	rows_are(t, ONE(t->s8), ONE(rune), "m kept keep-new s8 > char");
	rows_are(t, STRUCT(t, 16, {"m", t->letter, 0, 3}),
		 STRUCT(t, 16, {"m", t->letter, 0, 3}), "m kept keep-new s3 > s3");
	refused(t, ONE(t->ptr), ONE(held),
		"member 'm' of the value: pointer cannot become kptr: the kernel does not let a kptr be copied" KEEP);
	refused(t, ONE(held), ONE(t->ptr),
		"member 'm' of the value: kptr cannot become pointer: the kernel does not let a kptr be copied" KEEP);
	refused(t, ONE(t->flag), ONE(wide),
		"member 'm' of the value: bool cannot become bool: too wide" KEEP);
	rows_are(t, ONE(t->flag), ONE(btf__add_int(t->btf, "_Bool", 8, BTF_INT_BOOL)),
		 "m converted keep-new bool > bool");
	refused(t, ONE(wide), ONE(t->flag),
		"member 'm' of the value: bool cannot become bool: too wide" KEEP);
	refused(t, ONE(t->f64), ONE(t->u64),
		"member 'm' of the value: float64 cannot become u64: it is another kind of member" KEEP);
	refused(t, ONE(four), ONE(gone),
		"member 'm' of the value: u8[4] cannot become gone: it has another number of dimensions" KEEP);
	refused(t, ONE(proto), ONE(four),
		"member 'm' of the value: unknown cannot become u8[4]: it has another number of dimensions" KEEP);
}

/* --- sizes and prefixes --- */

/* A plan with other sizes, or none of the types: what keeps it from being made. */
static void sizes_are(struct types *t, uint32_t key_size, uint32_t value_size,
		      const char *want)
{
	struct element_side old_side = side(t, t->u32, false);
	struct element_side new_side = old_side;
	const struct element_options options = {.nr_merge = 0};
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;

	new_side.key_size = key_size;
	new_side.value_size = value_size;
	assert_true(element_plan_init(&plan, &old_side, &new_side, &options, &err) < 0);
	assert_string_equal(err.text, want);
}

static void sizes_are_those_of_the_types(void **state)
{
	struct types *t = *state;

	sizes_are(t, 8, 4, "key_size 4/8 is not what BTF says: 4/4");
	sizes_are(t, 4, 8, "value_size 4/8 is not what BTF says: 4/4");
	sizes_are(t, UINT32_MAX, 4, "key_size is too large");
	sizes_are(t, 4, UINT32_MAX, "value_size is too large");
}

static void without_one_of_the_types_bytes_are_copied(void **state)
{
	struct types *t = *state;
	const struct element_options options = {.nr_merge = 0};

	for (int i = 0; i < 4; i++) {
		struct element_side sides[] = {side(t, t->u32, false),
					       side(t, t->u32, false)};
		auto_element_plan plan = {.nr_rows = 0};
		auto_free char *got = NULL;
		auto_err err = ERR_INIT;

		if (i < 2)
			sides[i].value_type = 0;
		else
			sides[i - 2].btf = NULL;
		assert_int_equal(element_plan_init(&plan, &sides[0], &sides[1], &options,
						   &err),
				 0);
		got = plan_text(&plan, false);
		assert_string_equal(got, "value kept add 4 B > 4 B");
	}
}

static void members_of_a_prefix_keep_their_place(void **state)
{
	struct types *t = *state;
	const struct element_options options = {.prefix_key = true};
	const char *why =
		"member 'key' of the key: members of an LPM trie's key keep their place and size; leave the key as it was";
	int thin = STRUCT(t, 1, {"a", t->u8, 0, 0});
	int thick = STRUCT(t, 2, {"a", t->u8, 0, 0}, {"b", t->u8, 8, 0});
	int thins = btf__add_array(t->btf, t->u32, thin, 4);
	int thicks = btf__add_array(t->btf, t->u32, thick, 4);

	says_no(t, STRUCT(t, 8, {"prefixlen", t->u32, 0, 0}, {"n", t->u16, 32, 0}),
		STRUCT(t, 8, {"prefixlen", t->u32, 0, 0}, {"n", t->u32, 32, 0}), true,
		&options, why);
	says_no(t, STRUCT(t, 8, {"prefixlen", t->u32, 0, 0}, {"n", t->u16, 32, 0}),
		STRUCT(t, 8, {"prefixlen", t->u32, 0, 0}, {"n", t->u16, 48, 0}), true,
		&options, why);
	says_no(t, STRUCT(t, 8, {"prefixlen", t->u32, 0, 0}, {"all", thins, 32, 0}),
		STRUCT(t, 12, {"prefixlen", t->u32, 0, 0}, {"all", thicks, 32, 0}), true,
		&options, why);
}

static void what_was_empty_is_added(void **state)
{
	struct types *t = *state;
	int none = btf__add_array(t->btf, t->u32, t->u32, 0);
	int some = btf__add_array(t->btf, t->u32, t->u32, 2);

	rows_are(t, STRUCT(t, 8, {"n", t->u64, 0, 0}, {"all", none, 64, 0}),
		 STRUCT(t, 16, {"n", t->u64, 0, 0}, {"all", some, 64, 0}),
		 "n kept add u64 > u64; all added u32[0] > u32[2]");
	rows_are(t, STRUCT(t, 4, {"on", t->flag, 0, 1}),
		 STRUCT(t, 4, {"on", t->flag, 0, 3}),
		 "on converted keep-new bool:1 > bool:3");
}

/* --- sections --- */

static int add_section(struct types *t, uint32_t size, const char *const *names,
		       size_t nr)
{
	int vars[4], id;

	for (size_t i = 0; i < nr; i++)
		vars[i] =
			btf__add_var(t->btf, names[i], BTF_VAR_GLOBAL_ALLOCATED, t->u32);
	id = btf__add_datasec(t->btf, ".bss", size);
	for (size_t i = 0; i < nr; i++)
		btf__add_datasec_var_info(t->btf, vars[i], (uint32_t)i * 4, 4);
	return id;
}

static void variables_of_a_section_are_members(void **state)
{
	struct types *t = *state;
	int from = add_section(t, 8, (const char *const[]){"hits", "gone"}, 2);
	int to = add_section(t, 12, (const char *const[]){"fresh", "hits", "more"}, 3);
	int odd = btf__add_datasec(t->btf, ".bss", 8), past;

	btf__add_datasec_var_info(t->btf, t->u32, 0, 4);
	past = add_section(t, 4, (const char *const[]){"one", "two"}, 2);
	rows_are(
		t, from, to,
		"fresh added > u32; hits kept add u32 > u32; more added > u32; gone removed u32");
	cannot_follow(t, odd, "a member cannot be read");
	cannot_follow(t, past, "members overlap, or one ends outside of its struct");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(members_have_to_fit, setup, teardown),
		cmocka_unit_test_setup_teardown(types_have_to_be_there, setup, teardown),
		cmocka_unit_test_setup_teardown(nesting_has_an_end, setup, teardown),
		cmocka_unit_test_setup_teardown(a_union_stands_at_a_byte, setup,
						teardown),
		cmocka_unit_test_setup_teardown(other_kinds_do_not_meet, setup, teardown),
		cmocka_unit_test_setup_teardown(very_wide_numbers_are_copied_only, setup,
						teardown),
		cmocka_unit_test_setup_teardown(enums_of_every_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(pointers_letters_and_wide_ones, setup,
						teardown),
		cmocka_unit_test_setup_teardown(sizes_are_those_of_the_types, setup,
						teardown),
		cmocka_unit_test_setup_teardown(without_one_of_the_types_bytes_are_copied,
						setup, teardown),
		cmocka_unit_test_setup_teardown(members_of_a_prefix_keep_their_place,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_empty_is_added, setup, teardown),
		cmocka_unit_test_setup_teardown(variables_of_a_section_are_members, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
