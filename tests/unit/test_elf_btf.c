/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <linux/btf.h>

#include "elf_build.h"
#include "elf/elf_btf.h"
#include "elf/elf_view.h"

static const char names[] = "\0.maps\0deep";
enum { NAME_MAPS = 1, NAME_DEEP = 7 };

static void type_add(struct strbuf *types, uint32_t name, uint32_t kind, uint32_t nr,
		     uint32_t other)
{
	const struct btf_type t = {
		.name_off = name, .info = kind << 24 | nr, .size = other};

	sb_add_mem(types, &t, sizeof(t));
}

static struct btf_header header_of(const struct strbuf *types)
{
	return (struct btf_header){
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(struct btf_header),
		.type_len = (uint32_t)types->len,
		.str_off = (uint32_t)types->len,
		.str_len = sizeof(names),
	};
}

/* What is said of an object with these types and nothing else: 0, or a code and words. */
static int checked_by(struct btf_header h, const struct strbuf *types, struct err *err)
{
	auto_strbuf section = STRBUF_INIT;
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	struct elf_build b = {.nr_sections = 0};
	auto_free unsigned char *bytes = NULL;
	size_t size;

	sb_add_mem(&section, &h, sizeof(h));
	sb_add_mem(&section, types->text, types->len);
	sb_add_mem(&section, names, sizeof(names));
	elf_build_section(&b, ".BTF", SHT_PROGBITS, 0, section.text, section.len);
	bytes = elf_build_finish(&b, &size);
	assert_int_equal(elf_view_open(&view, bytes, size, err), 0);
	return elf_btf_check(&view, err);
}

static int checked(const struct strbuf *types, struct err *err)
{
	return checked_by(header_of(types), types, err);
}

static void more_maps_than_the_limit_are_refused(void **state)
{
	static const struct btf_var_secinfo vars[ELF_MAPS_MAX + 1];
	auto_strbuf types = STRBUF_INIT;
	auto_err err = ERR_INIT;

	(void)state;
	type_add(&types, NAME_MAPS, BTF_KIND_DATASEC, ELF_MAPS_MAX, 0);
	sb_add_mem(&types, vars, ELF_MAPS_MAX * sizeof(*vars));
	assert_int_equal(checked(&types, &err), 0);
	types.len = 0;
	type_add(&types, NAME_MAPS, BTF_KIND_DATASEC, ELF_MAPS_MAX + 1, 0);
	sb_add_mem(&types, vars, sizeof(vars));
	assert_int_equal(checked(&types, &err), -E2BIG);
	assert_string_equal(err.text, "16385 maps, more than 16384; use several objects");
	/* Of other variables there may be more. */
	types.len = 0;
	type_add(&types, NAME_DEEP, BTF_KIND_DATASEC, ELF_MAPS_MAX + 1, 0);
	sb_add_mem(&types, vars, sizeof(vars));
	assert_int_equal(checked(&types, &err), 0);
}

static void more_types_than_the_limit_are_refused(void **state)
{
	auto_strbuf types = STRBUF_INIT;
	auto_err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < ELF_TYPES_MAX - 1; i++)
		type_add(&types, 0, BTF_KIND_PTR, 0, 0);
	assert_int_equal(checked(&types, &err), 0);
	type_add(&types, 0, BTF_KIND_PTR, 0, 0);
	type_add(&types, 0, BTF_KIND_PTR, 0, 0);
	assert_int_equal(checked(&types, &err), -E2BIG);
	assert_string_equal(err.text, "more than 1048576 BTF types");
}

/* Type 1 is an int, each later one a struct of the one before, or an array, or another name. */
static void levels_add(struct strbuf *types, int levels)
{
	const uint32_t bits = 32;

	type_add(types, NAME_DEEP, BTF_KIND_INT, 0, 4);
	sb_add_mem(types, &bits, sizeof(bits));
	for (int i = 0; i < levels; i++) {
		uint32_t below = (uint32_t)i + 1;
		const struct btf_member member = {.type = below};
		const struct btf_array array = {.type = below, .index_type = 1};

		if (i % 3 == 0) {
			type_add(types, NAME_DEEP, BTF_KIND_STRUCT, 2, 4);
			sb_add_mem(types, &member, sizeof(member));
			sb_add_mem(types, &member, sizeof(member));
		} else if (i % 3 == 1) {
			type_add(types, 0, BTF_KIND_ARRAY, 0, 0);
			sb_add_mem(types, &array, sizeof(array));
		} else {
			type_add(types, NAME_DEEP, BTF_KIND_TYPEDEF, 0, below);
		}
	}
}

static void members_of_members_have_a_limit(void **state)
{
	auto_strbuf types = STRBUF_INIT;
	auto_err err = ERR_INIT;

	(void)state;
	levels_add(&types, ELF_DEPTH_MAX);
	assert_int_equal(checked(&types, &err), 0);
	types.len = 0;
	levels_add(&types, ELF_DEPTH_MAX + 1);
	assert_int_equal(checked(&types, &err), -E2BIG);
	assert_string_equal(err.text,
			    "BTF type id 66 has more than 64 levels of members");
}

static void what_holds_itself_is_too_deep_but_not_what_points_to_itself(void **state)
{
	const struct btf_member self = {.type = 1}, pointer = {.type = 2};
	auto_strbuf types = STRBUF_INIT;
	auto_err err = ERR_INIT;

	(void)state;
	type_add(&types, NAME_DEEP, BTF_KIND_STRUCT, 1, 4);
	sb_add_mem(&types, &self, sizeof(self));
	assert_int_equal(checked(&types, &err), -E2BIG);
	types.len = 0;
	type_add(&types, NAME_DEEP, BTF_KIND_STRUCT, 1, 8);
	sb_add_mem(&types, &pointer, sizeof(pointer));
	type_add(&types, 0, BTF_KIND_PTR, 0, 1);
	assert_int_equal(checked(&types, &err), 0);
	/* A typedef of itself, and members that name what is not there. */
	type_add(&types, NAME_DEEP, BTF_KIND_TYPEDEF, 0, 3);
	assert_int_equal(checked(&types, &err), -E2BIG);
	types.len = 0;
	type_add(&types, NAME_DEEP, BTF_KIND_STRUCT, 1, 8);
	sb_add_mem(&types, &pointer, sizeof(pointer));
	assert_int_equal(checked(&types, &err), 0);
}

/* Cut anywhere it is no more than what stands before the cut, or nothing. */
static void damaged_types_are_left_to_others(void **state)
{
	auto_strbuf types = STRBUF_INIT;
	auto_err err = ERR_INIT;
	size_t all;

	(void)state;
	levels_add(&types, 3);
	all = types.len;
	for (types.len = 0; types.len < all; types.len++)
		assert_int_equal(checked(&types, &err), 0);
	type_add(&types, 0, 31, 0, 0);
	assert_int_equal(checked(&types, &err), 0);
}

/* The one type that is refused: it holds itself. */
static void itself_add(struct strbuf *types, uint32_t id, uint32_t before)
{
	const struct btf_member members[] = {{.type = before}, {.type = id}};

	type_add(types, NAME_DEEP, BTF_KIND_STRUCT, 2, 4);
	sb_add_mem(types, members, sizeof(members));
}

/* Behind a type of each kind the next one is found. */
static void kinds_have_their_lengths(void **state)
{
	static const size_t lengths[] = {
		[BTF_KIND_INT] = 4,         [BTF_KIND_ARRAY] = 12,
		[BTF_KIND_STRUCT] = 2 * 12, [BTF_KIND_UNION] = 2 * 12,
		[BTF_KIND_ENUM] = 2 * 8,    [BTF_KIND_FUNC_PROTO] = 2 * 8,
		[BTF_KIND_VAR] = 4,         [BTF_KIND_DATASEC] = 2 * 12,
		[BTF_KIND_DECL_TAG] = 4,    [BTF_KIND_ENUM64] = 2 * 12,
	};
	static const char zeros[24];

	(void)state;
	for (uint32_t kind = BTF_KIND_INT; kind <= BTF_KIND_ENUM64; kind++) {
		auto_strbuf types = STRBUF_INIT;
		auto_err err = ERR_INIT;

		type_add(&types, NAME_DEEP, kind, 2, 0);
		sb_add_mem(&types, zeros, lengths[kind]);
		itself_add(&types, 2, 1);
		if (checked(&types, &err) != -E2BIG)
			fail_msg("kind %u", kind);
		assert_string_equal(err.text,
				    "BTF type id 2 has more than 64 levels of members");
	}
}

/* A member of no type, before the one that goes too deep. */
static void members_after_a_damaged_one_count(void **state)
{
	auto_strbuf types = STRBUF_INIT;
	auto_err err = ERR_INIT;

	(void)state;
	itself_add(&types, 1, 0);
	assert_int_equal(checked(&types, &err), -E2BIG);
}

static void damaged_headers_are_left_to_others(void **state)
{
	auto_strbuf types = STRBUF_INIT;
	struct btf_header h, damaged[6];
	auto_err err = ERR_INIT;

	(void)state;
	itself_add(&types, 1, 1);
	h = header_of(&types);
	assert_int_equal(checked_by(h, &types, &err), -E2BIG);
	for (size_t i = 0; i < array_size(damaged); i++)
		damaged[i] = h;
	damaged[0].magic ^= 1;
	damaged[1].type_len += sizeof(names) + 1;
	damaged[2].str_len += 1;
	damaged[3].str_len = 0;
	/* Names that do not end. */
	damaged[4].str_len -= 1;
	damaged[5].type_off = UINT32_MAX;
	for (size_t i = 0; i < array_size(damaged); i++)
		if (checked_by(damaged[i], &types, &err) != 0)
			fail_msg("%zu: %s", i, err.text);
}

static void more_symbols_than_the_limit_are_refused(void **state)
{
	const size_t more = ((size_t)ELF_SYMBOLS_MAX + 1) * sizeof(Elf64_Sym);
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	struct elf_build b = {.nr_sections = 0};
	auto_err err = ERR_INIT;
	auto_free unsigned char *bytes = NULL, *large = NULL;
	Elf64_Ehdr header;
	size_t size;

	(void)state;
	bytes = elf_build_finish(&b, &size);
	large = xcalloc(1, size + more);
	memcpy(large, bytes, size);
	memcpy(&header, large, sizeof(header));
	for (int i = 0; i < header.e_shnum; i++) {
		unsigned char *at =
			large + header.e_shoff + (size_t)i * sizeof(Elf64_Shdr);
		Elf64_Shdr section;

		memcpy(&section, at, sizeof(section));
		if (section.sh_type != SHT_SYMTAB)
			continue;
		section.sh_offset = size;
		section.sh_size = more;
		memcpy(at, &section, sizeof(section));
	}
	assert_int_equal(elf_view_open(&view, large, size + more, &err), -E2BIG);
	assert_string_equal(err.text, "1048577 symbols, more than 1048576");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_maps_than_the_limit_are_refused),
		cmocka_unit_test(more_types_than_the_limit_are_refused),
		cmocka_unit_test(members_of_members_have_a_limit),
		cmocka_unit_test(
			what_holds_itself_is_too_deep_but_not_what_points_to_itself),
		cmocka_unit_test(damaged_types_are_left_to_others),
		cmocka_unit_test(kinds_have_their_lengths),
		cmocka_unit_test(members_after_a_damaged_one_count),
		cmocka_unit_test(damaged_headers_are_left_to_others),
		cmocka_unit_test(more_symbols_than_the_limit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
