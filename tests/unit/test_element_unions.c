/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Unions are copied as they are, if nothing in them has changed; unnamed ones go by a member. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "element_types.h"

/* A union of these members; name may be NULL. */
static int add_union(struct types *t, const char *name, uint32_t size,
		     const struct field *fields)
{
	int id = btf__add_union(t->btf, name, size);

	for (; fields->type; fields++)
		assert_int_equal(btf__add_field(t->btf, fields->name, fields->type, 0,
						fields->bits),
				 0);
	return id;
}
#define UNION(t, size, ...) \
	add_union(t, "either", size, (const struct field[]){__VA_ARGS__, {.name = NULL}})
#define UNNAMED(t, size, ...) \
	add_union(t, NULL, size, (const struct field[]){__VA_ARGS__, {.name = NULL}})

#define KEEP "; keep its type, or rename it: then it begins at 0"
#define SAME_ONLY                                                                   \
	"member 'u' of the value: union either cannot become union either: a union" \
	" is copied only if nothing in it has changed" KEEP

/* In a struct, as the only member: the way out is the same for all. */
static int holds(struct types *t, int type)
{
	return STRUCT(t, 32, {"u", type, 0, 0});
}

/* What may stand in a union, alike on both sides. */
static void what_has_not_changed_is_copied(void **state)
{
	struct types *t = *state;
	int bytes = btf__add_array(t->btf, t->u32, t->u8, 8);
	int other_bytes = btf__add_array(t->btf, t->u64, t->u8, 8);
	int inner = STRUCT(t, 8, {"a", t->u32, 0, 5}, {"b", t->f64, 64, 0});

	rows_are(t, holds(t, UNION(t, 8, {"n", t->u64, 0, 0}, {"all", bytes, 0, 0})),
		 holds(t, UNION(t, 8, {"n", t->u64, 0, 0}, {"all", other_bytes, 0, 0})),
		 "u kept keep-new union either > union either");
	rows_are(t, holds(t, UNION(t, 16, {"in", inner, 0, 0}, {"p", t->ptr, 0, 0})),
		 holds(t, UNION(t, 16, {"in", inner, 0, 0}, {"p", t->ptr, 0, 0})),
		 "u kept keep-new union either > union either");
}

static void what_has_changed_is_not(void **state)
{
	struct types *t = *state;
	int four = btf__add_array(t->btf, t->u32, t->u8, 4);
	int five = btf__add_array(t->btf, t->u32, t->u8, 5);
	int signed_four = btf__add_array(t->btf, t->u32, t->s8, 4);
	int begins = STRUCT(t, 8, {"a", t->u16, 0, 0});
	int moved = STRUCT(t, 8, {"a", t->u16, 16, 0});
	int proto = btf__add_func_proto(t->btf, t->u32);
	const int changed[][2] = {
		{UNION(t, 8, {"n", t->u64, 0, 0}),
		 UNION(t, 8, {"n", t->u64, 0, 0}, {"m", t->u8, 0, 0})},
		{UNION(t, 8, {"n", t->u32, 0, 0}), UNION(t, 4, {"n", t->u32, 0, 0})},
		{UNION(t, 8, {"n", t->u32, 0, 0}), UNION(t, 8, {"m", t->u32, 0, 0})},
		{UNION(t, 8, {"n", t->u32, 0, 0}), UNION(t, 8, {"n", t->s32, 0, 0})},
		{UNION(t, 8, {"n", t->u32, 0, 3}), UNION(t, 8, {"n", t->u32, 0, 4})},
		{UNION(t, 8, {"n", begins, 0, 0}), UNION(t, 8, {"n", moved, 0, 0})},
		{UNION(t, 8, {"n", begins, 0, 0}), UNION(t, 8, {"n", t->u64, 0, 0})},
		{UNION(t, 8, {"n", t->u64, 0, 0}), UNION(t, 8, {"n", begins, 0, 0})},
		{UNION(t, 8, {"n", four, 0, 0}), UNION(t, 8, {"n", five, 0, 0})},
		{UNION(t, 8, {"n", four, 0, 0}), UNION(t, 8, {"n", signed_four, 0, 0})},
		{UNION(t, 8, {"n", four, 0, 0}), UNION(t, 8, {"n", t->u32, 0, 0})},
		{UNION(t, 8, {"n", t->u32, 0, 0}), UNION(t, 8, {"n", four, 0, 0})},
		{UNION(t, 8, {"n", t->lock, 0, 0}), UNION(t, 8, {"n", t->lock, 0, 0})},
		{UNION(t, 8, {"n", t->u32, 0, 0}), UNION(t, 8, {"n", t->lock, 0, 0})},
		{UNION(t, 8, {"n", t->u32, 0, 0}), UNION(t, 8, {"n", 9999, 0, 0})},
		{UNION(t, 8, {"n", 9999, 0, 0}), UNION(t, 8, {"n", t->u32, 0, 0})},
	};

	for (size_t i = 0; i < array_size(changed); i++)
		refused(t, holds(t, changed[i][0]), holds(t, changed[i][1]), SAME_ONLY);
	refused(t, holds(t, UNION(t, 8, {"n", proto, 0, 0})),
		holds(t, UNION(t, 8, {"n", proto, 0, 0})),
		"the BTF of the value cannot be followed: a member has a type without bytes");
}

static void what_is_in_it_may_be_nested_so_deep(void **state)
{
	struct types *t = *state;
	int deep = t->u32, holder;

	for (int i = 0; i < 40; i++)
		deep = STRUCT(t, 4, {"in", deep, 0, 0});
	holder = holds(t, UNION(t, 8, {"deep", deep, 0, 0}));
	refused(t, holder, holder,
		"the BTF of the value cannot be followed: it is nested too deeply");
}

/* --- unnamed --- */

static void unnamed_ones_meet_by_what_is_in_them(void **state)
{
	struct types *t = *state;
	int in = UNNAMED(t, 4, {"b", t->u32, 0, 0}, {"c", t->u16, 0, 0});
	int deep = UNNAMED(t, 4, {NULL, in, 0, 0}, {"a", t->u32, 0, 0});
	int bits =
		add_struct(t, NULL, 4,
			   (const struct field[]){{"low", t->u32, 0, 4}, {.name = NULL}});
	int other = UNNAMED(t, 4, {"x", t->u32, 0, 0});

	/* By one that is in an unnamed one itself. */
	rows_are(t, STRUCT(t, 8, {NULL, deep, 0, 0}),
		 STRUCT(t, 8, {"first", t->u32, 0, 0}, {NULL, deep, 32, 0}),
		 "first added > u32; b kept keep-new union 4 B > union 4 B");
	/* One that is new, and one that is gone, are called after their first member. */
	rows_are(t, STRUCT(t, 8, {"n", t->u32, 0, 0}, {NULL, in, 32, 0}),
		 STRUCT(t, 8, {"n", t->u32, 0, 0}, {NULL, other, 32, 0}),
		 "n kept add u32 > u32; x added > union 4 B; b removed union 4 B");
	rows_are(t, STRUCT(t, 8, {"n", t->u32, 0, 0}),
		 STRUCT(t, 8, {"n", t->u32, 0, 0}, {NULL, deep, 32, 0}),
		 "n kept add u32 > u32; (unnamed) added > union 4 B");
	/* Padding has no name and is no member. */
	rows_are(t, STRUCT(t, 8, {"n", t->u32, 0, 0}, {NULL, t->u32, 32, 8}),
		 STRUCT(t, 8, {"n", t->u32, 0, 0}, {NULL, bits, 32, 0}),
		 "n kept add u32 > u32; low added > u4");
}

static void in_a_union_on_one_side_only(void **state)
{
	struct types *t = *state;
	int in = UNNAMED(t, 4, {"a", t->u32, 0, 0}, {"b", t->u16, 0, 0});
	int none = UNNAMED(t, 4, {"x", t->u32, 0, 0});

	refused(t, STRUCT(t, 8, {"b", t->u16, 0, 0}),
		STRUCT(t, 8, {"n", t->u32, 0, 0}, {NULL, in, 32, 0}),
		"member 'b' of the value: u16 cannot become union 4 B: it is in a union on one side only" KEEP);
	refused(t, STRUCT(t, 8, {NULL, none, 0, 0}, {NULL, in, 32, 0}),
		STRUCT(t, 8, {"b", t->u16, 0, 0}),
		"member 'b' of the value: union 4 B cannot become u16: it is in a union on one side only" KEEP);
}

static void a_missing_member_of_a_key_is_refused(void **state)
{
	struct types *t = *state;
	const struct element_options options = {.nr_merge = 0};
	int in = UNNAMED(t, 4, {"a", t->u32, 0, 0});

	says_no(t, STRUCT(t, 8, {"n", t->u32, 0, 0}, {NULL, in, 32, 0}),
		STRUCT(t, 4, {"n", t->u32, 0, 0}), true, &options,
		"member 'a' of the key: union 4 B cannot be removed: keys that differ in it alone would become one; leave the key as it was");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_has_not_changed_is_copied, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_has_changed_is_not, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_in_it_may_be_nested_so_deep,
						setup, teardown),
		cmocka_unit_test_setup_teardown(unnamed_ones_meet_by_what_is_in_them,
						setup, teardown),
		cmocka_unit_test_setup_teardown(in_a_union_on_one_side_only, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_missing_member_of_a_key_is_refused,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
