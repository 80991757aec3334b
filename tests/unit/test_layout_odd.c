/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layouts of types that no compiler writes, and those in which everything is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "btf_types.h"
#include "def/layout.h"

static int one_member(const struct btf_types *t, uint32_t size, const char *name,
		      int type)
{
	int id = btf__add_struct(t->btf, "one", size);

	btf__add_field(t->btf, name, type, 0, 0);
	return id;
}

static struct btf_type *type_at(const struct btf_types *t, int id)
{
	return (struct btf_type *)btf__type_by_id(t->btf, (uint32_t)id);
}

/* NULL: it has none. */
static void layout_is(const struct btf_types *t, int id, const char *name,
		      const char *members)
{
	struct layout *l = layout_from_btf(t->btf, (uint32_t)id);
	auto_strbuf text = STRBUF_INIT;

	if (!members) {
		if (l)
			fail_msg("%s, %u B", l->name, l->size);
		return;
	}
	assert_non_null(l);
	for (size_t i = 0; i < l->nr_members; i++) {
		sb_add_sep(&text, " ", l->members[i].path);
		sb_addf(&text, "@%u:", l->members[i].bit_offset);
		layout_member_describe(&l->members[i], &text);
	}
	assert_string_equal(l->name, name);
	assert_string_equal(sb_text(&text), members);
	layout_free(l);
}

static void names_that_are_lost(void **state)
{
	const struct btf_types *t = *state;
	int in = one_member(t, 4, "a", t->u32), alias;

	type_at(t, in)->name_off = INT32_MAX;
	layout_is(t, in, "struct (anonymous)", "a@0:u32");
	alias = btf__add_typedef(t->btf, "alias", in);
	layout_is(t, alias, "alias", "a@0:u32");
	type_at(t, alias)->name_off = 0;
	layout_is(t, alias, "struct (anonymous)", "a@0:u32");
	type_at(t, alias)->name_off = INT32_MAX;
	layout_is(t, alias, "struct (anonymous)", "a@0:u32");
	btf_members(type_at(t, in))[0].name_off = INT32_MAX;
	layout_is(t, in, "struct (anonymous)", "@0:u32");
}

static void names_that_lead_to_names(void **state)
{
	const struct btf_types *t = *state;
	int loop = (int)btf__type_cnt(t->btf), far = t->u32;

	btf__add_typedef(t->btf, "loop", loop);
	layout_is(t, loop, NULL, NULL);
	layout_is(t, one_member(t, 8, "a", loop), NULL, NULL);
	for (int i = 0; i < 31; i++)
		far = btf__add_const(t->btf, far);
	layout_is(t, one_member(t, 4, "a", far), "struct one", "a@0:u32");
	far = btf__add_const(t->btf, far);
	layout_is(t, one_member(t, 4, "a", far), NULL, NULL);
}

static void what_does_not_fit(void **state)
{
	const struct btf_types *t = *state;
	int half = btf__add_array(t->btf, t->u32, t->u8, 1U << 31);
	int square = btf__add_array(t->btf, t->u32, half, 1U << 31);
	int cube = btf__add_array(t->btf, t->u32, square, 1U << 31);
	int large = btf__add_union(t->btf, "large", 5);
	int huge = btf__add_union(t->btf, "huge", 1U << 29), far;

	btf__add_field(t->btf, "a", t->u32, 0, 0);
	layout_is(t, one_member(t, 4, "all", square), NULL, NULL);
	layout_is(t, one_member(t, 4, "all", cube), NULL, NULL);
	layout_is(t, one_member(t, 4, "u", large), NULL, NULL);
	layout_is(t, one_member(t, 5, "u", large), "struct one", "u@0:union 5 B");
	layout_is(t, one_member(t, 4, "u", huge), NULL, NULL);
	layout_is(t, one_member(t, 4, "wide", btf__add_int(t->btf, "u64", 8, 0)), NULL,
		  NULL);
	/* So far behind and so large that the end is a small number again. */
	far = btf__add_enum(t->btf, "far", 4);
	type_at(t, far)->size = UINT32_MAX / 8;
	far = btf__add_array(t->btf, t->u32, far, UINT32_MAX);
	for (int i = 0; i < 10; i++) {
		far = one_member(t, 4, "a", far);
		btf_members(type_at(t, far))[0].offset = UINT32_MAX;
	}
	layout_is(t, far, NULL, NULL);
}

static void kinds_that_are_rare(void **state)
{
	const struct btf_types *t = *state;
	int section = btf__add_datasec(t->btf, ".bss", 4), mode, proto;

	layout_is(t, section, ".bss", "@0:section 4 B");
	mode = btf__add_struct(t->btf, "one", 4);
	btf__add_field(t->btf, "m", t->state, 0, 3);
	btf__add_field(t->btf, "n", t->state, 8, 8);
	layout_is(t, mode, "struct one", "m@0:enum 3 bits n@8:enum 1 B");
	proto = btf__add_func_proto(t->btf, t->u32);
	layout_is(t, one_member(t, 4, "f", proto), NULL, NULL);
	layout_is(t, 9999, NULL, NULL);
	layout_is(t, 0, NULL, NULL);
}

/* --- two of them ----------------------------------------------------------------------- */

static void bytes_and_characters(void **state)
{
	const struct btf_types *t = *state;
	int letter = btf__add_int(t->btf, "char", 1, BTF_INT_CHAR);
	int wide = btf__add_int(t->btf, "wchar", 4, BTF_INT_CHAR);
	const struct {
		int pinned, wanted, differs;
		const char *diff, *marked;
	} pairs[] = {
		{letter, t->u8, 0, "", "'m' char/u8"},
		{t->u8, letter, 0, "", "'m' u8/char"},
		{letter, letter, 0, "", ""},
		{wide, t->u32, 1, "member 'm' (bit 0) char/u32", ""},
		{t->u32, wide, 1, "member 'm' (bit 0) u32/char", ""},
		{letter, t->yes, 1, "member 'm' (bit 0) char/bool", ""},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		struct layout *a = layout_from_btf(
			t->btf, (uint32_t)one_member(t, 4, "m", pairs[i].pinned));
		struct layout *b = layout_from_btf(
			t->btf, (uint32_t)one_member(t, 4, "m", pairs[i].wanted));
		auto_strbuf diff = STRBUF_INIT, marked = STRBUF_INIT;

		assert_int_equal(layout_diff(a, b, &diff), pairs[i].differs);
		assert_string_equal(sb_text(&diff), pairs[i].diff);
		if (!pairs[i].differs)
			assert_int_equal(layout_marked_otherwise(a, b, &marked),
					 *pairs[i].marked != '\0');
		assert_string_equal(sb_text(&marked), pairs[i].marked);
		layout_free(a);
		layout_free(b);
	}
}

static size_t lines_of(const struct layout *pinned, const struct layout *wanted,
		       const char *last)
{
	auto_strbuf out = STRBUF_INIT;
	size_t nr = 0;

	layout_table("value", pinned, wanted, &out);
	for (const char *at = sb_text(&out); (at = strchr(at, '\n')) != NULL; at++)
		nr++;
	assert_true(out.len > strlen(last));
	assert_string_equal(sb_text(&out) + out.len - strlen(last), last);
	return nr;
}

static void tables_have_an_end(void **state)
{
	const struct btf_types *t = *state;
	struct layout *most, *more;
	int id = btf__add_struct(t->btf, "most", 65);

	for (uint32_t i = 0; i < 64; i++)
		btf__add_field(t->btf, "m", t->u8, i * 8, 0);
	most = layout_from_btf(t->btf, (uint32_t)id);
	btf__add_field(t->btf, "last", t->u8, 64 * 8, 0);
	more = layout_from_btf(t->btf, (uint32_t)id);
	assert_int_equal(lines_of(most, NULL,
				  "    bit 504      u8 m                           -\n"),
			 65);
	assert_int_equal(
		lines_of(most, most,
			 "    bit 504      u8 m                           u8 m\n"),
		65);
	assert_int_equal(lines_of(more, NULL, "    and 1 more\n"), 66);
	assert_int_equal(lines_of(most, more, "    and 1 more\n"), 66);
	assert_int_equal(lines_of(more, most, "    and 1 more\n"), 66);
	layout_free(most);
	layout_free(more);
}

int main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, btf_types_setup, btf_types_teardown)
	const struct CMUnitTest tests[] = {
		CASE(names_that_are_lost),  CASE(names_that_lead_to_names),
		CASE(what_does_not_fit),    CASE(kinds_that_are_rare),
		CASE(bytes_and_characters), CASE(tables_have_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
