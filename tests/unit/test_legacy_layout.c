/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "legacy/legacy_layout.h"
#include "host_order.h"

enum { ELF = MAPDEF_ELF, DEF = MAPDEF_DEF, NO = -1 };

#define ARRAY BPF_MAP_TYPE_ARRAY
#define OUTER BPF_MAP_TYPE_ARRAY_OF_MAPS
#define REST  4, 8, 1

struct layout_case {
	size_t size;
	uint32_t words[12];
	enum maps_layout layout;
	enum maps_reader reader;
	int dialect; /* NO: refused */
	enum pin_scope scope;
	uint32_t id, flags;
	int64_t inner_index;
	int32_t inner_idx;
};

#define AUTO    MAPS_LAYOUT_AUTO
#define TOLD(x) MAPS_LAYOUT_##x
#define TC      MAPS_READER_TC
#define CG      MAPS_READER_CGROUP

static const struct layout_case cases[] = {
	/* 16 and 20: who asks decides. */
	{16, {ARRAY, REST}, AUTO, TC, ELF, PIN_SCOPE_NONE, 0, 0, -1, -1},
	{16, {ARRAY, REST}, AUTO, CG, DEF, PIN_SCOPE_NONE, 0, 0, -1, -1},
	{20, {ARRAY, REST, 1}, AUTO, TC, ELF, PIN_SCOPE_NONE, 0, 1, -1, -1},
	{20, {ARRAY, REST, 1}, AUTO, CG, DEF, PIN_SCOPE_NONE, 0, 1, -1, -1},
	{20, {ARRAY, REST, 1}, TOLD(ELF), CG, ELF, PIN_SCOPE_NONE, 0, 1, -1, -1},
	{20, {ARRAY, REST, 1}, TOLD(DEF), TC, DEF, PIN_SCOPE_NONE, 0, 1, -1, -1},
	/* 24: nobody knows until told. */
	{24, {ARRAY, REST, 0, 0}, AUTO, TC, NO, 0, 0, 0, 0, 0},
	{24, {ARRAY, REST, 0, 2}, AUTO, CG, NO, 0, 0, 0, 0, 0},
	{24, {ARRAY, REST, 9, 2}, TOLD(ELF), CG, ELF, PIN_SCOPE_GLOBAL, 9, 0, -1, -1},
	{24, {ARRAY, REST, 1, 2}, TOLD(DEF), TC, DEF, PIN_SCOPE_GLOBAL, 0, 1, -1, -1},
	{24, {OUTER, REST, 0, 3}, TOLD(SAMPLES), CG, DEF, PIN_SCOPE_NONE, 0, 0, 3, -1},
	/* 28: a zero tail as 20, else what the bytes give away. */
	{28, {ARRAY, REST, 1, 0, 0}, AUTO, TC, ELF, PIN_SCOPE_NONE, 0, 1, -1, -1},
	{28, {ARRAY, REST, 1, 0, 0}, AUTO, CG, DEF, PIN_SCOPE_NONE, 0, 1, -1, -1},
	{28, {OUTER, REST, 0, 0, 0}, AUTO, CG, DEF, PIN_SCOPE_NONE, 0, 0, 0, -1},
	{28, {OUTER, REST, 0, 1, 0}, AUTO, TC, DEF, PIN_SCOPE_NONE, 0, 0, 1, -1},
	{28, {OUTER, REST, 0, 5, 0}, AUTO, TC, NO, 0, 0, 0, 0, 0}, /* no map 5 */
	{28, {OUTER, REST, 0, 1, 2}, AUTO, TC, ELF, PIN_SCOPE_GLOBAL, 1, 0, -1, -1},
	{28, {ARRAY, REST, 4, 0, 1}, AUTO, TC, DEF, PIN_SCOPE_NONE, 0, 4, -1, -1},
	{28, {ARRAY, REST, 0, 7, 1}, AUTO, CG, ELF, PIN_SCOPE_OBJECT, 7, 0, -1, -1},
	{28, {ARRAY, REST, 0, 7, 2}, AUTO, TC, ELF, PIN_SCOPE_GLOBAL, 7, 0, -1, -1},
	{28, {ARRAY, REST, 0, 7, 3}, AUTO, TC, ELF, PIN_SCOPE_CUSTOM, 7, 0, -1, -1},
	{28, {ARRAY, REST, 0, 7, 4}, AUTO, TC, NO, 0, 0, 0, 0, 0},
	{28, {ARRAY, REST, 0, 7, 0}, AUTO, TC, NO, 0, 0, 0, 0, 0},
	{28, {ARRAY, REST, 0, 7, 4}, TOLD(ELF), CG, ELF, PIN_SCOPE_CUSTOM, 7, 0, -1, -1},
	{28, {ARRAY, REST, 0, 7, 4}, TOLD(DEF), CG, NO, 0, 0, 0, 0, 0},
	{28,
	 {ARRAY, REST, 0, 7, 4},
	 TOLD(SAMPLES),
	 CG,
	 DEF,
	 PIN_SCOPE_NONE,
	 0,
	 0,
	 -1,
	 -1},
	/* 32 and 36 are bpf_elf_map, whatever is asked for. */
	{32, {ARRAY, REST, 0, 7, 2, 0}, AUTO, CG, ELF, PIN_SCOPE_GLOBAL, 7, 0, -1, -1},
	{36, {ARRAY, REST, 0, 7, 2, 0, 3}, AUTO, CG, ELF, PIN_SCOPE_GLOBAL, 7, 0, -1, 3},
	{36,
	 {ARRAY, REST, 0, 7, 1, 0, -1u},
	 TOLD(DEF),
	 CG,
	 ELF,
	 PIN_SCOPE_OBJECT,
	 7,
	 0,
	 -1,
	 -1},
	/* Longer than known: zeros are harmless, the rest is not. */
	{40, {ARRAY, REST, 1}, AUTO, CG, DEF, PIN_SCOPE_NONE, 0, 1, -1, -1},
	{40, {ARRAY, REST, 0, 7, 2}, AUTO, CG, NO, 0, 0, 0, 0, 0},
	{40, {ARRAY, REST, 0, 7, 2}, TOLD(ELF), CG, ELF, PIN_SCOPE_GLOBAL, 7, 0, -1, 0},
	{40, {ARRAY, REST, 0, 0, 0, 0, 0, 1}, TOLD(ELF), CG, NO, 0, 0, 0, 0, 0},
	/* Shorter than anything, and no whole words. */
	{12, {ARRAY, 4, 8}, TOLD(DEF), CG, NO, 0, 0, 0, 0, 0},
	{18, {ARRAY, REST}, TOLD(DEF), CG, NO, 0, 0, 0, 0, 0},
};

static void sizes_and_bytes_decide(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		const struct layout_case *c = &cases[i];
		struct legacy_layout_opts opts = {c->layout, c->reader, .nr_maps = 2};
		struct legacy_words got = {.inner_index = 77};
		auto_err err = ERR_INIT;
		int r = legacy_layout_read(&got, (const unsigned char *)c->words, c->size,
					   NULL, 0, &opts, &err);

		if (r != (c->dialect == NO ? -EINVAL : 0))
			fail_msg("case %zu: %d: %s", i, r, err.text);
		if (c->dialect == NO) {
			assert_int_equal(got.inner_index, 77);
			assert_true(err.text[0]);
			continue;
		}
		if ((int)got.def.dialect != c->dialect || got.def.scope != c->scope ||
		    got.def.id != c->id || got.def.map_flags != c->flags ||
		    got.inner_index != c->inner_index ||
		    got.def.inner_idx != c->inner_idx)
			fail_msg("case %zu: dialect %d scope %d id %u flags %u %lld %d",
				 i, got.def.dialect, got.def.scope, got.def.id,
				 got.def.map_flags, (long long)got.inner_index,
				 got.def.inner_idx);
		assert_int_equal(got.def.type, c->words[0]);
		assert_int_equal(got.def.key_size, 4);
		assert_int_equal(got.def.value_size, 8);
		assert_int_equal(got.def.max_entries, 1);
		if (c->scope == PIN_SCOPE_CUSTOM)
			assert_int_equal(got.def.pin_id, c->words[6]);
	}
}

static void refusals_name_the_way_out(void **state)
{
	static const uint32_t words[71] = {ARRAY, REST, 0, 7, 9};
	static const struct {
		size_t size;
		const char *text;
	} wants[] = {
		{24, "--maps-layout elf|def|samples"},
		{28, "--maps-layout elf|def|samples"},
		{40, "array of definitions"},
		{280, "gobpf"},
		{284, "gobpf"},
		{276, "276 bytes is longer than any known one"},
		{12, "too small"},
	};

	(void)state;
	for (size_t i = 0; i < array_size(wants); i++) {
		struct legacy_layout_opts opts = {.nr_maps = 1};
		struct legacy_words got;
		auto_err err = ERR_INIT;

		assert_int_equal(legacy_layout_read(&got, (const unsigned char *)words,
						    wants[i].size, NULL, 0, &opts, &err),
				 -EINVAL);
		assert_non_null(strstr(err.text, wants[i].text));
	}
}

static void names_decide_in_any_order(void **state)
{
	/* pinning is one byte here, and nothing stands where it stood in any release. */
	struct btf_var_member members[] = {
		{"pinning", 0, 1},   {"max_elem", 4, 4}, {"size_value", 8, 2},
		{"size_key", 10, 2}, {"type", 12, 4},    {"flags", 16, 8},
		{"unused", 24, 4},
	};
	unsigned char bytes[28] = {
		[0] = 2, [4] = 100, [8] = 16, [10] = 4, [12] = ARRAY, [16] = 1};
	struct legacy_layout_opts opts = {.reader = CG};
	struct legacy_words got;
	auto_err err = ERR_INIT;

	(void)state;
	host_order(bytes, sizeof(bytes), "1111 4 22 4 4");
	assert_int_equal(legacy_layout_read(&got, bytes, sizeof(bytes), members,
					    array_size(members), &opts, &err),
			 -EINVAL);
	assert_string_equal(err.text,
			    "BTF: member 'flags' is not a number of up to 32 bits");
	members[5].size = 4;
	assert_int_equal(legacy_layout_read(&got, bytes, sizeof(bytes), members,
					    array_size(members), &opts, &err),
			 0);
	assert_int_equal(got.def.dialect, MAPDEF_ELF);
	assert_int_equal(got.def.scope, PIN_SCOPE_GLOBAL);
	assert_int_equal(got.def.max_entries, 100);
	assert_int_equal(got.def.value_size, 16);
	assert_int_equal(got.def.key_size, 4);
	assert_int_equal(got.def.type, ARRAY);
	assert_int_equal(got.def.map_flags, 1);
	assert_int_equal(got.def.inner_idx, -1);
	bytes[26] = 1;
	assert_int_equal(legacy_layout_read(&got, bytes, sizeof(bytes), members,
					    array_size(members), &opts, &err),
			 -EINVAL);
	assert_string_equal(err.text,
			    "member 'unused' is unknown and not zero, choose one: "
			    "--maps-layout elf|def|samples");
}

static int read_house(struct legacy_words *got, const uint32_t *words, size_t nr,
		      enum maps_layout layout, struct err *err)
{
	static const struct btf_var_member members[] = {
		{"type", 0, 4},      {"key_size", 4, 4},   {"value_size", 8, 4},
		{"entries", 12, 4},  {"map_flags", 16, 4}, {"number", 20, 4},
		{"strategy", 24, 4}, {"spare1", 28, 4},    {"spare2", 32, 4},
	};
	struct legacy_layout_opts opts = {.reader = TC, .layout = layout};

	return legacy_layout_read(got, (const unsigned char *)words, nr * 4, members, nr,
				  &opts, err);
}

static void names_of_ones_own_leave_it_to_the_bytes(void **state)
{
	static const uint32_t elf[] = {ARRAY, REST, 0, 7, 2, 0, 0};
	static const uint32_t owner[] = {ARRAY, REST, 0, 7, 1000, 0, 0};
	struct legacy_words got;
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(read_house(&got, elf, 9, AUTO, &err), 0);
	assert_int_equal(got.def.dialect, MAPDEF_ELF);
	assert_int_equal(got.def.scope, PIN_SCOPE_GLOBAL);
	assert_int_equal(got.def.max_entries, 1);
	/* 20 bytes are the same in every layout, 28 are not. */
	assert_int_equal(read_house(&got, elf, 5, AUTO, &err), 0);
	assert_int_equal(got.def.max_entries, 1);
	assert_int_equal(read_house(&got, elf, 7, AUTO, &err), -EINVAL);
	assert_non_null(strstr(err.text, "--maps-layout"));
	assert_int_equal(read_house(&got, elf, 7, TOLD(ELF), &err), 0);
	assert_int_equal(got.def.scope, PIN_SCOPE_GLOBAL);
	/* Somebody's number is no pin scope. */
	assert_int_equal(read_house(&got, owner, 9, AUTO, &err), -EINVAL);
}

static void a_layout_that_is_told_wins_over_names(void **state)
{
	static const struct btf_var_member members[] = {
		{"type", 0, 4},         {"key_size", 4, 4},   {"value_size", 8, 4},
		{"max_entries", 12, 4}, {"map_flags", 16, 4}, {"id", 20, 4},
		{"pinning", 24, 4},
	};
	static const uint32_t words[] = {ARRAY, REST, BPF_F_NUMA_NODE, 0, 2};
	struct legacy_layout_opts opts = {.reader = CG};
	struct legacy_words got;
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(legacy_layout_read(&got, (const unsigned char *)words, 28,
					    members, 7, &opts, &err),
			 0);
	assert_int_equal(got.def.scope, PIN_SCOPE_GLOBAL);
	assert_false(got.def.scope_guessed);
	opts.layout = MAPS_LAYOUT_SAMPLES;
	assert_int_equal(legacy_layout_read(&got, (const unsigned char *)words, 28,
					    members, 7, &opts, &err),
			 0);
	assert_int_equal(got.def.scope, PIN_SCOPE_NONE);
	assert_int_equal(got.def.numa_node, 2);
}

static void names_that_lie_are_refused(void **state)
{
	static const struct btf_var_member outside[] = {{"type", 18, 4}};
	static const struct btf_var_member twice[] = {{"key_size", 0, 4},
						      {"size_key", 4, 4}};
	static const struct btf_var_member few[] = {{"type", 0, 4}};
	static const unsigned char bytes[20] = {[19] = 1};
	struct legacy_layout_opts opts = {.reader = CG};
	struct legacy_words got;
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(legacy_layout_read(&got, bytes, 20, outside, 1, &opts, &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "'type' lies outside"));
	assert_int_equal(legacy_layout_read(&got, bytes, 20, twice, 2, &opts, &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "'size_key' repeats another one"));
	assert_int_equal(legacy_layout_read(&got, bytes, 20, few, 1, &opts, &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "bytes 4 to 19"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_and_bytes_decide),
		cmocka_unit_test(refusals_name_the_way_out),
		cmocka_unit_test(names_decide_in_any_order),
		cmocka_unit_test(names_of_ones_own_leave_it_to_the_bytes),
		cmocka_unit_test(a_layout_that_is_told_wins_over_names),
		cmocka_unit_test(names_that_lie_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
