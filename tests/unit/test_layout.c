/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <bpf/btf.h>
#include <cmocka.h>

#include "def/layout.h"

/* Types every test may refer to. */
struct types {
	struct btf *btf;
	int u32, u64, s32, chr, boolean;
};

static int setup(void **state)
{
	struct types *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->btf = btf__new_empty();
	assert_non_null(t->btf);
	t->u32 = btf__add_int(t->btf, "unsigned int", 4, 0);
	t->u64 = btf__add_int(t->btf, "unsigned long long", 8, 0);
	t->s32 = btf__add_int(t->btf, "int", 4, BTF_INT_SIGNED);
	t->chr = btf__add_int(t->btf, "unsigned char", 1, BTF_INT_CHAR);
	t->boolean = btf__add_int(t->btf, "_Bool", 1, BTF_INT_BOOL);
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

/* "rx@0:u64 tx@64:u32": every member with its bit offset. */
static char *spell(const struct layout *l)
{
	auto_strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < l->nr_members; i++) {
		sb_add_sep(&text, " ", l->members[i].path);
		sb_addf(&text, "@%u:", l->members[i].bit_offset);
		layout_member_describe(&l->members[i], &text);
	}
	return sb_take(&text);
}

static void assert_layout(const struct btf *btf, int id, const char *name,
			  const char *members)
{
	struct layout *l = layout_from_btf(btf, (uint32_t)id);
	auto_free char *text = NULL;

	assert_non_null(l);
	text = spell(l);
	assert_string_equal(l->name, name);
	assert_string_equal(text, members);
	layout_free(l);
}

static int assert_diff(const struct btf *btf, int pinned, int wanted, const char *text)
{
	struct layout *a = layout_from_btf(btf, (uint32_t)pinned);
	struct layout *b = layout_from_btf(btf, (uint32_t)wanted);
	auto_strbuf out = STRBUF_INIT;
	int r;

	assert_non_null(a);
	assert_non_null(b);
	r = layout_diff(a, b, &out);
	assert_string_equal(sb_text(&out), text);
	layout_free(a);
	layout_free(b);
	return r;
}

static int pair(struct btf *btf, const char *name, const char *m1, int t1, const char *m2,
		int t2, uint32_t offset2, uint32_t size)
{
	int id = btf__add_struct(btf, name, size);

	assert_int_equal(btf__add_field(btf, m1, t1, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, m2, t2, offset2, 0), 0);
	return id;
}

static void scalars_are_one_member_without_a_path(void **state)
{
	struct types *t = *state;
	int ptr = btf__add_ptr(t->btf, t->u32);

	assert_layout(t->btf, t->u32, "unsigned int", "@0:u32");
	assert_layout(t->btf, t->s32, "int", "@0:s32");
	assert_layout(t->btf, t->boolean, "_Bool", "@0:bool");
	assert_layout(t->btf, t->chr, "unsigned char", "@0:char");
	assert_layout(t->btf, ptr, "(anonymous)", "@0:pointer");
	assert_layout(t->btf, btf__add_float(t->btf, "double", 8), "double",
		      "@0:float 8 B");
}

static void typedefs_and_qualifiers_are_seen_through(void **state)
{
	struct types *t = *state;
	int alias = btf__add_typedef(t->btf, "__u32", t->u32);
	int volatile_alias = btf__add_volatile(t->btf, btf__add_const(t->btf, alias));
	int anonymous = pair(t->btf, NULL, "a", alias, "b", volatile_alias, 32, 8);
	int named = btf__add_typedef(t->btf, "pair_t", anonymous);

	assert_layout(t->btf, volatile_alias, "unsigned int", "@0:u32");
	assert_layout(t->btf, named, "pair_t", "a@0:u32 b@32:u32");
	assert_layout(t->btf, anonymous, "struct (anonymous)", "a@0:u32 b@32:u32");
}

static void structs_are_flattened(void **state)
{
	struct types *t = *state;
	int inner = pair(t->btf, "inner", "x", t->u32, "y", t->u32, 32, 8);
	int outer = pair(t->btf, "outer", "in", inner, "z", t->u64, 64, 16);
	int flat = pair(t->btf, "flat", "a", t->u32, "b", t->u32, 32, 16);

	assert_int_equal(btf__add_field(t->btf, "c", t->u64, 64, 0), 0);
	assert_layout(t->btf, outer, "struct outer", "in.x@0:u32 in.y@32:u32 z@64:u64");
	/* The same bytes under other names. */
	assert_int_equal(assert_diff(t->btf, outer, flat, ""), 0);
}

static void one_byte_integers_may_be_marked_as_characters(void **state)
{
	struct types *t = *state;
	int byte = btf__add_int(t->btf, "unsigned char", 1, 0);
	int signed_byte = btf__add_int(t->btf, "signed char", 1, BTF_INT_SIGNED);
	int by_clang = pair(t->btf, "mac", "len", t->u32, "octet", byte, 32, 8);
	int by_gcc = pair(t->btf, "mac", "len", t->u32, "octet", t->chr, 32, 8);
	int with_sign = pair(t->btf, "mac", "len", t->u32, "octet", signed_byte, 32, 8);
	int with_bool = pair(t->btf, "mac", "len", t->u32, "octet", t->boolean, 32, 8);
	struct layout *a = layout_from_btf(t->btf, (uint32_t)by_clang);
	struct layout *b = layout_from_btf(t->btf, (uint32_t)by_gcc);
	auto_strbuf marks = STRBUF_INIT;

	assert_int_equal(assert_diff(t->btf, by_clang, by_gcc, ""), 0);
	assert_true(layout_marked_otherwise(a, b, &marks));
	assert_string_equal(sb_text(&marks), "'octet' u8/char");
	assert_false(layout_marked_otherwise(a, a, &marks));
	assert_int_equal(assert_diff(t->btf, with_sign, by_gcc,
				     "member 'octet' (bit 32) s8/char"),
			 1);
	assert_int_equal(assert_diff(t->btf, with_bool, by_gcc,
				     "member 'octet' (bit 32) bool/char"),
			 1);
	layout_free(a);
	layout_free(b);
}

static void anonymous_members_belong_to_their_parent(void **state)
{
	struct types *t = *state;
	int nameless = pair(t->btf, NULL, "x", t->u32, "y", t->u32, 32, 8);
	int outer = pair(t->btf, "outer", NULL, nameless, "z", t->u64, 64, 16);

	assert_layout(t->btf, outer, "struct outer", "x@0:u32 y@32:u32 z@64:u64");
}

static void unions_stand_themselves_and_their_leaves_overlap(void **state)
{
	struct types *t = *state;
	int u = btf__add_union(t->btf, "addr", 8);
	int outer;

	assert_int_equal(btf__add_field(t->btf, "v4", t->u32, 0, 0), 0);
	assert_int_equal(btf__add_field(t->btf, "v6", t->u64, 0, 0), 0);
	outer = pair(t->btf, "outer", "to", u, "n", t->u32, 64, 16);
	assert_layout(t->btf, outer, "struct outer",
		      "to@0:union 8 B to.v4@0:u32 to.v6@0:u64 n@64:u32");
}

static void arrays_multiply_and_arrays_of_structs_show_one_element(void **state)
{
	struct types *t = *state;
	int row = btf__add_array(t->btf, t->u32, t->u32, 3);
	int matrix = btf__add_array(t->btf, t->u32, row, 4);
	int flow = pair(t->btf, "flow", "src", t->u32, "dst", t->u32, 32, 8);
	int flows = btf__add_array(t->btf, t->u32, flow, 5);
	int table = pair(t->btf, "table", "m", matrix, "f", flows, 384, 88);

	assert_layout(t->btf, matrix, "unsigned int[3][4]", "@0:u32[12]");
	assert_layout(t->btf, table, "struct table",
		      "m@0:u32[12] f@384:struct 8 B[5] f[].src@384:u32 f[].dst@416:u32");
}

static void a_flexible_array_has_no_leaves(void **state)
{
	struct types *t = *state;
	int flow = pair(t->btf, "flow", "src", t->u32, "dst", t->u32, 32, 8);
	int none = btf__add_array(t->btf, t->u32, flow, 0);
	int table = pair(t->btf, "table", "n", t->u32, "f", none, 32, 4);

	assert_layout(t->btf, table, "struct table", "n@0:u32 f@32:struct 8 B[0]");
}

static void bitfields_keep_their_width(void **state)
{
	struct types *t = *state;
	int id = btf__add_struct(t->btf, "bits", 4);

	assert_int_equal(btf__add_field(t->btf, "a", t->u32, 0, 3), 0);
	assert_int_equal(btf__add_field(t->btf, "b", t->u32, 3, 5), 0);
	assert_layout(t->btf, id, "struct bits", "a@0:u3 b@3:u5");
}

static void enums_are_their_size(void **state)
{
	struct types *t = *state;
	int e = btf__add_enum(t->btf, "state", 4);

	assert_int_equal(btf__add_enum_value(t->btf, "IDLE", 0), 0);
	assert_layout(t->btf, e, "enum state", "@0:enum 4 B");
	assert_int_equal(assert_diff(t->btf, e, t->u32, "enum 4 B/u32"), 1);
}

static void differences_name_the_member_and_both_sides(void **state)
{
	struct types *t = *state;
	int a = pair(t->btf, "s", "rx", t->u64, "tx", t->u64, 64, 16);
	int b = pair(t->btf, "s", "rx", t->u64, "tx", t->u32, 64, 16);
	int c = pair(t->btf, "s", "rx", t->u32, "tx", t->u64, 64, 16);
	int moved = pair(t->btf, "s", "rx", t->u64, "tx", t->u32, 96, 16);
	int small = pair(t->btf, "s", "rx", t->u32, "tx", t->u32, 32, 8);

	assert_int_equal(assert_diff(t->btf, a, a, ""), 0);
	assert_int_equal(assert_diff(t->btf, a, b, "member 'tx' (bit 64) u64/u32"), 1);
	assert_int_equal(assert_diff(t->btf, a, c, "member 'rx' (bit 0) u64/u32"), 1);
	assert_int_equal(assert_diff(t->btf, b, moved,
				     "member 'tx' (bit 96) u32 at bit 64/u32"),
			 1);
	assert_int_equal(assert_diff(t->btf, t->u32, t->s32, "u32/s32"), 1);
	assert_int_equal(assert_diff(t->btf, a, small, "size 16/8"), 1);
}

static void a_member_that_one_side_lacks_is_nothing(void **state)
{
	struct types *t = *state;
	int one = btf__add_struct(t->btf, "s", 16);
	int two;

	assert_int_equal(btf__add_field(t->btf, "rx", t->u64, 0, 0), 0);
	two = pair(t->btf, "s", "rx", t->u64, "tx", t->u32, 64, 16);
	assert_int_equal(
		assert_diff(t->btf, two, one, "member 'tx' (bit 64) u32/nothing"), 1);
	assert_int_equal(
		assert_diff(t->btf, one, two, "member 'tx' (bit 64) nothing/u32"), 1);
}

static void copies_do_not_share(void **state)
{
	struct types *t = *state;
	int id = pair(t->btf, "s", "rx", t->u64, "tx", t->u32, 64, 16);
	struct layout *l = layout_from_btf(t->btf, (uint32_t)id);
	struct layout *copy = layout_copy(l);
	auto_free char *text = NULL;

	layout_free(l);
	text = spell(copy);
	assert_string_equal(text, "rx@0:u64 tx@64:u32");
	assert_string_equal(copy->name, "struct s");
	layout_free(copy);
	assert_null(layout_copy(NULL));
	layout_free(NULL);
}

static void what_has_no_bytes_has_no_layout(void **state)
{
	struct types *t = *state;
	int fwd = btf__add_fwd(t->btf, "x", BTF_FWD_STRUCT);
	int proto = btf__add_func_proto(t->btf, 0);

	assert_null(layout_from_btf(t->btf, 0));
	assert_null(layout_from_btf(NULL, 1));
	assert_null(layout_from_btf(t->btf, 9999));
	assert_null(layout_from_btf(t->btf, (uint32_t)fwd));
	assert_null(layout_from_btf(t->btf, (uint32_t)proto));
}

/* Each of these is BTF that no compiler writes. */
static void hostile_types_are_refused(void **state)
{
	struct types *t = *state;
	int next = btf__type_cnt(t->btf);
	int self = btf__add_typedef(t->btf, "loop", next);
	int outside = btf__add_struct(t->btf, "outside", 4);
	int missing, huge, deep, empty;

	assert_null(layout_from_btf(t->btf, (uint32_t)self));
	assert_int_equal(btf__add_field(t->btf, "far", t->u32, 64, 0), 0);
	assert_null(layout_from_btf(t->btf, (uint32_t)outside));
	missing = btf__add_struct(t->btf, "missing", 4);
	assert_int_equal(btf__add_field(t->btf, "m", 5000, 0, 0), 0);
	assert_null(layout_from_btf(t->btf, (uint32_t)missing));
	huge = btf__add_struct(t->btf, "huge", UINT32_MAX);
	assert_null(layout_from_btf(t->btf, (uint32_t)huge));

	/* 40 levels of one struct in another. */
	deep = pair(t->btf, "d", "a", t->u32, "b", t->u32, 32, 8);
	for (int i = 0; i < 40; i++) {
		int around = btf__add_struct(t->btf, "d", 8);

		assert_int_equal(btf__add_field(t->btf, "d", deep, 0, 0), 0);
		deep = around;
	}
	assert_null(layout_from_btf(t->btf, (uint32_t)deep));

	/* 30 levels, each twice the one below: 2^30 empty structs, and not a single
	 * member. */
	empty = btf__add_struct(t->btf, "e", 1);
	for (int i = 0; i < 30; i++)
		empty = pair(t->btf, "e", "a", empty, "b", empty, 0, 1);
	assert_null(layout_from_btf(t->btf, (uint32_t)empty));
}

static void over_4096_members_are_refused(void **state)
{
	struct types *t = *state;
	int row = btf__add_struct(t->btf, "row", 64), table;
	struct layout *l;

	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(btf__add_field(t->btf, "c", t->chr, i * 8, 0), 0);
	table = btf__add_struct(t->btf, "table", 64 * 64);
	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(btf__add_field(t->btf, "r", row, i * 512, 0), 0);
	l = layout_from_btf(t->btf, (uint32_t)table);
	assert_non_null(l);
	assert_int_equal(l->nr_members, 4096);
	layout_free(l);
	table = btf__add_struct(t->btf, "table", 64 * 65);
	for (unsigned int i = 0; i < 65; i++)
		assert_int_equal(btf__add_field(t->btf, "r", row, i * 512, 0), 0);
	assert_null(layout_from_btf(t->btf, (uint32_t)table));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(scalars_are_one_member_without_a_path,
						setup, teardown),
		cmocka_unit_test_setup_teardown(typedefs_and_qualifiers_are_seen_through,
						setup, teardown),
		cmocka_unit_test_setup_teardown(structs_are_flattened, setup, teardown),
		cmocka_unit_test_setup_teardown(
			one_byte_integers_may_be_marked_as_characters, setup, teardown),
		cmocka_unit_test_setup_teardown(anonymous_members_belong_to_their_parent,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			unions_stand_themselves_and_their_leaves_overlap, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			arrays_multiply_and_arrays_of_structs_show_one_element, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_flexible_array_has_no_leaves, setup,
						teardown),
		cmocka_unit_test_setup_teardown(bitfields_keep_their_width, setup,
						teardown),
		cmocka_unit_test_setup_teardown(enums_are_their_size, setup, teardown),
		cmocka_unit_test_setup_teardown(
			differences_name_the_member_and_both_sides, setup, teardown),
		cmocka_unit_test_setup_teardown(a_member_that_one_side_lacks_is_nothing,
						setup, teardown),
		cmocka_unit_test_setup_teardown(copies_do_not_share, setup, teardown),
		cmocka_unit_test_setup_teardown(what_has_no_bytes_has_no_layout, setup,
						teardown),
		cmocka_unit_test_setup_teardown(hostile_types_are_refused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(over_4096_members_are_refused, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
