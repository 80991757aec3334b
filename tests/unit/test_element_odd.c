/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Types that libbpf's own functions do not write: names, places and sizes of no sense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "element_types.h"

#define KEEP      "; keep its type, or rename it: then it begins at 0"
#define CANNOT    "the BTF of the value cannot be followed: "
#define ONE(type) STRUCT(t, 16, {"m", type, 0, 0})

static struct btf_type *type_at(const struct types *t, int id)
{
	return (struct btf_type *)btf__type_by_id(t->btf, (uint32_t)id);
}

static int union_of(struct types *t, const char *name, const char *a, int type,
		    const char *b, int other)
{
	int id = btf__add_union(t->btf, name, 4);

	assert_int_equal(btf__add_field(t->btf, a, type, 0, 0), 0);
	assert_int_equal(btf__add_field(t->btf, b, other, 0, 0), 0);
	return id;
}

/* An offset into the strings that is behind their end. */
static int without_name(const struct types *t, int id)
{
	type_at(t, id)->name_off = INT32_MAX;
	return id;
}

static int first_without_name(const struct types *t, int id)
{
	btf_members(type_at(t, id))[0].name_off = INT32_MAX;
	return id;
}

static void names_that_are_no_names(void **state)
{
	struct types *t = *state;
	int in = without_name(t, add_struct(t, "in", 4,
					    (const struct field[]){{"a", t->u32, 0, 0},
								   {.name = NULL}}));
	int word = first_without_name(t, STRUCT(t, 4, {"a", t->u32, 0, 0}));
	int either =
		first_without_name(t, union_of(t, "either", "x", t->u32, "y", t->u32));
	int named = union_of(t, "either", "x", t->u32, "y", t->u32);
	int mode = add_enum(t, 4, 0, "BUSY", 1), same = add_enum(t, 4, 0, "BUSY", 1);

	btf_enum(type_at(t, mode))[0].name_off = INT32_MAX;
	refused(t, ONE(in), ONE(t->u64),
		"member 'm' of the value: struct 4 B cannot become u64: it is another kind of member" KEEP);
	refused(t, word, word, CANNOT "a member cannot be read");
	refused(t, ONE(either), ONE(named),
		"member 'm' of the value: union either cannot become union either: a union is copied only if nothing in it has changed" KEEP);
	refused(t, ONE(named), ONE(either),
		"member 'm' of the value: union either cannot become union either: a union is copied only if nothing in it has changed" KEEP);
	rows_are(t, mode, same,
		 "value kept keep-new enum state 32 bits > enum state 32 bits");
}

/* What has no name that can be read is not what an unnamed union is known by. */
static void unnamed_unions_are_known_by_names(void **state)
{
	struct types *t = *state;
	int odd = first_without_name(t, union_of(t, NULL, "x", t->u32, "y", t->u32));
	int plain = union_of(t, NULL, "y", t->u32, "z", t->u32);
	int bits = union_of(t, NULL, NULL, t->u32, "z", t->u32);
	int nothing = union_of(t, NULL, NULL, 9999, "w", t->u32);

	refused(t, STRUCT(t, 4, {NULL, odd, 0, 0}), STRUCT(t, 4, {NULL, plain, 0, 0}),
		"member 'y' of the value: union 4 B cannot become union 4 B: a union is copied only if nothing in it has changed" KEEP);
	refused(t, STRUCT(t, 4, {NULL, plain, 0, 0}), STRUCT(t, 4, {NULL, odd, 0, 0}),
		"member 'y' of the value: union 4 B cannot become union 4 B: a union is copied only if nothing in it has changed" KEEP);
	refused(t, STRUCT(t, 4, {NULL, bits, 0, 0}), STRUCT(t, 4, {NULL, plain, 0, 0}),
		"member 'z' of the value: union 4 B cannot become union 4 B: a union is copied only if nothing in it has changed" KEEP);
	refused(t, STRUCT(t, 4, {NULL, plain, 0, 0}), STRUCT(t, 4, {NULL, bits, 0, 0}),
		"member 'z' of the value: union 4 B cannot become union 4 B: a union is copied only if nothing in it has changed" KEEP);
	rows_are(t, STRUCT(t, 4, {NULL, nothing, 0, 0}),
		 STRUCT(t, 4, {NULL, plain, 0, 0}),
		 "y added > union 4 B; (unnamed) removed union 4 B");
	rows_are(t, STRUCT(t, 4, {NULL, plain, 0, 0}),
		 STRUCT(t, 4, {NULL, nothing, 0, 0}),
		 "(unnamed) added > union 4 B; y removed union 4 B");
}

static int ints_in(struct types *t, int type, uint32_t nr)
{
	return btf__add_array(t->btf, t->u32, type, nr);
}

/* Of what is not there, of more than 4 GiB, or in more levels than libbpf follows. */
static void arrays_of_no_size(void **state)
{
	struct types *t = *state;
	const char *why = CANNOT "the size of an array cannot be told";
	int plain = ONE(ints_in(t, t->u8, 4)), deep = ints_in(t, t->u8, 4);
	int types[5] = {ints_in(t, 9999, 4),
			ints_in(t, ints_in(t, t->u64, 1U << 31), 1U << 31),
			ints_in(t, ints_in(t, t->u8, 1U << 31), 4),
			ints_in(t, btf__add_func_proto(t->btf, t->u32), 2)};

	for (int i = 0; i < 16; i++)
		deep = btf__add_typedef(t->btf, "row", ints_in(t, deep, 1));
	types[4] = deep;
	for (size_t i = 0; i < array_size(types); i++) {
		int named = STRUCT(t, 16, {"m", types[i], 0, 0}, {"n", t->u8, 8, 0});

		refused(t, named, named, why);
		refused(t, plain, named, why);
		refused(t, named, plain, why);
	}
	rows_are(t, STRUCT(t, 4, {"a", t->u32, 0, 0}),
		 STRUCT(t, 4, {"a", t->u32, 0, 0}, {"n", 9999, 32, 0}),
		 "a kept add u32 > u32; n added > void");
}

/* However many they are. */
static void elements_without_bytes(void **state)
{
	struct types *t = *state;
	int nothing = btf__add_struct(t->btf, "nothing", 0);
	int either = btf__add_union(t->btf, "either", 0);
	int in = STRUCT(t, 4, {"a", t->u32, 0, 0});
	int most = ints_in(t, nothing, UINT32_MAX), few = ints_in(t, nothing, 2);
	int unions = ints_in(t, either, UINT32_MAX), some = ints_in(t, in, 2);
#define LAST(type) STRUCT(t, 16, {"n", t->u64, 0, 0}, {"all", type, 64, 0})

	rows_are(t, LAST(most), LAST(most), "n kept add u64 > u64");
	rows_are(t, LAST(unions), LAST(unions), "n kept add u64 > u64");
	rows_are(t, LAST(few), LAST(some),
		 "n kept add u64 > u64; all added struct nothing[2] > struct value[2]");
	rows_are(t, LAST(some), LAST(few), "n kept add u64 > u64; all[].a removed u32");
}

/* What is wider than its bits would meet the next member. */
static void bitfields_are_integers(void **state)
{
	struct types *t = *state;
	const char *why = CANNOT "a bitfield is not an integer";
	int in = STRUCT(t, 4, {"a", t->u32, 0, 0}), mode = add_enum(t, 4, 0, "BUSY", 1);
	const int types[] = {in,     ints_in(t, t->u8, 4),
			     t->ptr, t->f64,
			     9999,   union_of(t, NULL, "a", t->u32, "b", t->u32)};

	for (size_t i = 0; i < array_size(types); i++) {
		int named = STRUCT(t, 8, {"m", types[i], 0, 8}, {"n", t->u8, 8, 0});
		int unnamed = STRUCT(t, 8, {NULL, types[i], 0, 8}, {"n", t->u8, 8, 0});
		int plain = STRUCT(t, 8, {"n", t->u8, 8, 0});

		refused(t, named, named, why);
		refused(t, unnamed, unnamed, why);
		refused(t, plain, named, why);
	}
	rows_are(t, ONE(mode), ONE(mode),
		 "m kept keep-new enum state 32 bits > enum state 32 bits");
	rows_are(t, STRUCT(t, 8, {"m", mode, 0, 8}, {NULL, t->u8, 8, 8}),
		 STRUCT(t, 8, {"m", mode, 8, 8}, {NULL, t->u8, 16, 8}),
		 "m kept keep-new enum state 8 bits > enum state 8 bits");
}

/* As compilers before LLVM 8 did it: bits from the front of the int. */
static int int_at(struct types *t, const char *name, uint32_t bit, uint32_t bits)
{
	int id = btf__add_int(t->btf, name, 4, 0);

	*(uint32_t *)(type_at(t, id) + 1) = bit << 16 | bits;
	return id;
}

static void ints_that_begin_late(void **state)
{
	struct types *t = *state;
	const char *why = CANNOT "a member ends outside of it";
	int fits = int_at(t, "fits", 8, 24), late = int_at(t, "late", 9, 24);
	int plain = int_at(t, "plain", 0, 24);

	rows_are(t, fits, plain, "value kept keep-new u24 > u24");
	refused(t, late, plain, why);
	refused(t, plain, late, why);
	refused(t, ints_in(t, late, 2), ints_in(t, plain, 2), why);
	refused(t, ints_in(t, plain, 2), ints_in(t, late, 2), why);
	rows_are(t, ints_in(t, fits, 2), ints_in(t, plain, 2),
		 "value kept keep-new u24[2] > u24[2]");
}

static void kinds_the_other_way_round(void **state)
{
	struct types *t = *state;
	int either = union_of(t, "either", "a", t->u32, "b", t->s32), moved;
	int in = add_struct(t, "in", 4,
			    (const struct field[]){{"a", t->u32, 0, 0}, {.name = NULL}});
	int section = btf__add_datasec(t->btf, ".bss", 4);

	refused(t, ONE(t->u32), ONE(in),
		"member 'm' of the value: u32 cannot become struct in: it is another kind of member" KEEP);
	refused(t, ONE(either), ONE(in),
		"member 'm' of the value: union either cannot become struct in: it is another kind of member" KEEP);
	refused(t, ONE(t->u32), ONE(t->lock),
		"member 'm' of the value: u32 cannot become struct bpf_spin_lock: it is another kind of member" KEEP);
	refused(t, section, t->u32, CANNOT "a member has a type without bytes");
	moved = ONE(either);
	btf_members(type_at(t, moved))->offset = 4;
	refused(t, ONE(either), moved, CANNOT "a union is not at a byte");
}

static int section_of(struct types *t, int var, uint32_t offset)
{
	int id = btf__add_datasec(t->btf, ".bss", 8);

	btf__add_datasec_var_info(t->btf, var, offset, 4);
	return id;
}

static void places_that_no_number_holds(void **state)
{
	struct types *t = *state;
	int var = btf__add_var(t->btf, "hits", BTF_VAR_GLOBAL_ALLOCATED, t->u32);
	int in = STRUCT(t, 4, {"a", t->u32, 0, 0}), outer, section;

	section = section_of(t, 9999, 0);
	refused(t, section, section, CANNOT "a member cannot be read");
	section = section_of(t, var, UINT32_MAX / 8 + 1);
	refused(t, section, section, CANNOT "a member cannot be read");
	section = section_of(t, var, UINT32_MAX / 8);
	refused(t, section, section,
		CANNOT "members overlap, or one ends outside of its struct");
	btf_members(type_at(t, in))->offset = UINT32_MAX - 31;
	outer = STRUCT(t, 8, {NULL, in, 32, 0});
	refused(t, outer, outer, CANNOT "a member cannot be read");
}

/* --- enums and pointers ---------------------------------------------------------------- */

/* Before LLVM 15 no flag said that an enum has numbers below 0. */
static int add_old_enum(struct types *t, uint32_t size, int idle)
{
	int id = add_enum(t, size, idle, "BUSY", 1);

	type_at(t, id)->info &= ~(1U << 31);
	return id;
}

static void numbers_of_enums(void **state)
{
	struct types *t = *state;
	int below = add_old_enum(t, 1, -1), above = add_old_enum(t, 1, 1);
	int wide = add_old_enum(t, 4, -1), flagged = add_enum(t, 4, -1, "BUSY", 1);
	int other = add_old_enum(t, 4, -2);

	refused(t, below, add_old_enum(t, 4, 1),
		"member 'value' of the value: enum state 8 bits cannot become enum state 32 bits: negative numbers would change" KEEP);
	rows_are(t, below, wide,
		 "value converted keep-new enum state 8 bits > enum state 32 bits");
	rows_are(t, above, add_old_enum(t, 4, 1),
		 "value converted keep-new enum state 8 bits > enum state 32 bits");
	rows_are(t, wide, flagged,
		 "value kept keep-new enum state 32 bits > enum state 32 bits");
	refused(t, wide, other,
		"member 'value' of the value: enum state 32 bits cannot become enum state 32 bits: 'IDLE' is -1 in the old enum, -2 in the new" KEEP);
}

static void the_first_name_that_is_gone(void **state)
{
	struct types *t = *state;
	int from = add_enum(t, 4, 0, "BUSY", 1), to = btf__add_enum(t->btf, "state", 4);
	struct element_side old_side = side(t, from, false), new_side;
	auto_element_plan plan = {.nr_rows = 0};
	auto_err err = ERR_INIT;

	btf__add_enum_value(t->btf, "WORKING", 1);
	new_side = side(t, to, false);
	assert_int_equal(element_plan_init(&plan, &old_side, &new_side,
					   &(struct element_options){.nr_merge = 0},
					   &err),
			 0);
	assert_string_equal(plan.rows[1].why, "'IDLE' is not in the new enum");
}

static void pointers_and_their_tags(void **state)
{
	struct types *t = *state;
	int far = btf__add_type_tag(t->btf, "kptr", t->u32), near = far;

	/* A tag is looked for among the first 32. */
	for (int i = 0; i < 32; i++) {
		near = i < 31 ? btf__add_type_tag(t->btf, "user", near) : near;
		far = btf__add_type_tag(t->btf, "user", far);
	}
	rows_are(t, ONE(btf__add_ptr(t->btf, 9999)), ONE(t->ptr),
		 "m kept keep-new pointer > pointer");
	rows_are(t, ONE(btf__add_ptr(t->btf, far)), ONE(t->ptr),
		 "m kept keep-new pointer > pointer");
	refused(t, ONE(btf__add_ptr(t->btf, near)), ONE(t->ptr),
		"member 'm' of the value: kptr cannot become pointer: the kernel does not let a kptr be copied" KEEP);
}

static void where_a_lock_is(void **state)
{
	struct types *t = *state;
	int typed = btf__add_typedef(t->btf, "shut",
				     STRUCT(t, 12, {"n", t->u64, 0, 0},
					    {"l", t->lock, 64, 0}));
	int inside = STRUCT(t, 12, {"in", typed, 0, 0});
	int hidden = STRUCT(t, 24, {"a", 9999, 0, 0}, {"t", t->timer, 0, 0},
			    {"l", t->lock, 128, 0});

	assert_int_equal(element_lock_at(t->btf, (uint32_t)typed), 8);
	assert_int_equal(element_lock_at(t->btf, (uint32_t)hidden), 16);
	assert_int_equal(element_lock_at(t->btf, (uint32_t)inside), -1);
	assert_int_equal(element_lock_at(t->btf, (uint32_t)t->u32), -1);
	assert_int_equal(element_lock_at(t->btf, 9999), -1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(names_that_are_no_names),   CASE(unnamed_unions_are_known_by_names),
		CASE(arrays_of_no_size),         CASE(elements_without_bytes),
		CASE(bitfields_are_integers),    CASE(ints_that_begin_late),
		CASE(kinds_the_other_way_round), CASE(places_that_no_number_holds),
		CASE(numbers_of_enums),          CASE(the_first_name_that_is_gone),
		CASE(pointers_and_their_tags),   CASE(where_a_lock_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
