/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Objects that are wrong, on purpose or by damage: one line each, and never a crash. */
#include <bpf/libbpf.h>
#include <string.h>

#include "fixture.h"
#include "host_order.h"
#include "legacy/object_def.h"

#define DIR "tests/fixtures/"

static int read_as(const void *bytes, size_t size, struct err *err)
{
	struct object_def_opts opts = {.reader = MAPS_READER_TC};
	struct object_def def;
	int r = object_def_read(&def, bytes, size, &opts, err);

	if (r == 0)
		object_def_release(&def);
	return r;
}

static void each_mistake_has_its_words(void **state)
{
	static const struct {
		const char *file, *text;
	} cases[] = {
		{DIR "wrong_tail.o",
		 "map 'coloured': member 'shade' is unknown and not zero, choose one: --maps-layout elf|def|samples"},
		{DIR "wrong_tail.nog.o", "map 'coloured': a definition of 28 bytes "
					 "without BTF could be several things, "
					 "choose one: --maps-layout elf|def|samples"},
		{DIR "wrong_array.o", "map 'list': an array of definitions cannot be "
				      "loaded, each map needs a variable "
				      "of its own"},
		{DIR "wrong_name.o", "section 'maps': definition at offset 0: map name "
				     "'../outside' has a '/'"},
		{DIR "wrong_small.o",
		 "map 'small': a definition of 12 bytes is too small, the "
		 "smallest known has 16"},
		{DIR "def24.nog.o", "map 'pinned24': a definition of 24 bytes without "
				    "BTF could be several things, "
				    "choose one: --maps-layout elf|def|samples"},
		{DIR "mixed.nog.o", "maps in section '.maps' need BTF, rebuild with -g"},
		{DIR "elf36.eb.o",
		 BY_ORDER(
			 "built for a big-endian machine, rebuild with -target bpfel",
			 "built for a little-endian machine, rebuild with -target bpfeb")},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		auto_fixture f = fixture_load(cases[i].file);
		auto_err err = ERR_INIT;

		assert_true(read_as(f.bytes, f.size, &err) < 0);
		assert_string_equal(err.text, cases[i].text);
	}
}

static void no_object_at_all(void **state)
{
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(read_as("", 0, &err), -ENOEXEC);
	assert_string_equal(err.text, "not an ELF file");
	assert_int_equal(read_as("\177ELF", 4, &err), -ENOEXEC);
	assert_string_equal(err.text, "truncated: 4 bytes are less than an ELF header");
}

static void cut_everywhere(void **state)
{
	static const char *const files[] = {DIR "mixed.o", DIR "statics.nog.o"};

	(void)state;
	for (size_t f = 0; f < array_size(files); f++) {
		auto_fixture whole = fixture_load(files[f]);

		for (size_t n = 0; n < whole.size; n++) {
			/* Exactly n bytes, so that a sanitizer sees one more. */
			auto_free void *cut = xmemdup(whole.bytes, n);
			auto_err err = ERR_INIT;

			assert_true(read_as(cut, n, &err) < 0);
			assert_true(err.text[0]);
		}
	}
}

/* The same bytes every time: a failure can be found again. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void changed_anywhere(void **state)
{
	static const char *const files[] = {DIR "mixed.o", DIR "nested_elf.o", DIR "kv.o",
					    DIR "tailcalls.nog.o",
					    DIR "statics.nog.bare.o"};
	uint32_t seed = 1;

	(void)state;
	for (size_t f = 0; f < array_size(files); f++) {
		auto_fixture file = fixture_load(files[f]);
		auto_free unsigned char *bytes = xmemdup(file.bytes, file.size);

		for (int i = 0; i < 1500; i++) {
			size_t at = next_random(&seed) % file.size;
			auto_err err = ERR_INIT;

			bytes[at] = (unsigned char)next_random(&seed);
			if (read_as(bytes, file.size, &err) < 0)
				assert_true(err.text[0] && !strchr(err.text, '\n'));
			bytes[at] = file.bytes[at];
		}
	}
}

/* The tables, where a byte means most, one after the other. */
static void changed_in_the_tables(void **state)
{
	auto_fixture file = fixture_load(DIR "mixed.o");
	size_t tables = 4096;

	(void)state;
	assert_true(file.size > tables);
	for (size_t at = file.size - tables; at < file.size; at++) {
		static const unsigned char values[] = {0, 1, 0x7f, 0xff};
		unsigned char kept = file.bytes[at];

		for (size_t v = 0; v < array_size(values); v++) {
			auto_err err = ERR_INIT;

			file.bytes[at] = values[v];
			if (read_as(file.bytes, file.size, &err) < 0)
				assert_true(err.text[0]);
		}
		file.bytes[at] = kept;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_has_its_words),
		cmocka_unit_test(no_object_at_all),
		cmocka_unit_test(cut_everywhere),
		cmocka_unit_test(changed_anywhere),
		cmocka_unit_test(changed_in_the_tables),
	};

	libbpf_set_print(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
