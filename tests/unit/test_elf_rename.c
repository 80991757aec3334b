/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "fixture.h"

#include <linux/btf.h>

#include "elf/elf_rename.h"
#include "elf_build.h"

/* Of the sections whose names begin with prefix; how many in *nr. */
static bool *chosen_sections(const struct elf_view *view, const char *prefix, size_t *nr)
{
	bool *ret = xcalloc(view->nr_sections, sizeof(*ret));

	*nr = 0;
	for (uint32_t i = 1; i < view->nr_sections; i++) {
		const char *name = view->sections[i].name;

		ret[i] = elf_section_is_code(&view->sections[i]) &&
			 strncmp(name, prefix, strlen(prefix)) == 0;
		*nr += ret[i];
	}
	return ret;
}

static size_t count_text(const struct elf_view *view, const char *section,
			 const char *text)
{
	const struct elf_section *s = &view->sections[elf_view_find(view, section)];
	size_t n = strlen(text) + 1, found = 0;

	for (uint64_t at = 0; at + n <= s->size; at++)
		found += memcmp(s->data + at, text, n) == 0;
	return found;
}

static int rename_bytes(void **ret, size_t *size, const struct fixture *f,
			const char *prefix, size_t *nr)
{
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	auto_err err = ERR_INIT;
	auto_free bool *sections = NULL;

	if (elf_view_open(&view, f->bytes, f->size, &err) < 0)
		return -1;
	sections = chosen_sections(&view, prefix, nr);
	return elf_rename(ret, size, &view, sections, &err);
}

static void sections_and_their_btf_have_new_names(void **state)
{
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	auto_fixture f = fixture_load("tests/fixtures/retyped.o");
	auto_err err = ERR_INIT;
	auto_free void *image = NULL;
	size_t size, nr;

	(void)state;
	assert_int_equal(rename_bytes(&image, &size, &f, "lsm/", &nr), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(elf_view_open(&view, image, size, &err), 0);
	assert_int_equal(elf_view_find(&view, "lsm/bpf"), 0);
	assert_int_not_equal(elf_view_find(&view, "retyped:lsm/bpf"), 0);
	assert_int_not_equal(elf_view_find(&view, "fexit/do_nanosleep"), 0);
	/* One for its functions, one for its lines. */
	assert_int_equal(count_text(&view, ".BTF", "retyped:lsm/bpf"), 2);
}

static void a_question_mark_is_left_out(void **state)
{
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	auto_fixture f = fixture_load("tests/fixtures/retyped.o");
	auto_err err = ERR_INIT;
	auto_free void *image = NULL;
	size_t size, nr;

	(void)state;
	assert_int_equal(rename_bytes(&image, &size, &f, "?fentry.s/", &nr), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(elf_view_open(&view, image, size, &err), 0);
	assert_int_not_equal(elf_view_find(&view, "retyped:fentry.s/do_nanosleep"), 0);
}

/* Every word of .BTF.ext and of the head of .BTF, larger and very large: refused or done. */
static void spoil_words(struct fixture *f, const char *section, uint64_t most,
			const uint32_t add)
{
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	auto_err err = ERR_INIT;
	struct elf_section s;

	assert_int_equal(elf_view_open(&view, f->bytes, f->size, &err), 0);
	s = view.sections[elf_view_find(&view, section)];
	for (uint64_t at = 0; at + 4 <= s.size && at < most; at += 4) {
		auto_free void *image = NULL;
		uint32_t old, word;
		size_t size, nr;

		memcpy(&old, f->bytes + s.offset + at, 4);
		word = old + add;
		memcpy(f->bytes + s.offset + at, &word, 4);
		if (rename_bytes(&image, &size, f, "f", &nr) == 0)
			assert_true(size > f->size);
		memcpy(f->bytes + s.offset + at, &old, 4);
	}
}

static void spoilt_btf_is_refused(void **state)
{
	static const uint32_t adds[] = {1, 4, 1 << 16, 1U << 31, UINT32_MAX};
	auto_fixture f = fixture_load("tests/fixtures/retyped.o");

	(void)state;
	for (size_t i = 0; i < sizeof(adds) / sizeof(*adds); i++) {
		spoil_words(&f, ".BTF", 24, adds[i]);
		spoil_words(&f, ".BTF.ext", UINT64_MAX, adds[i]);
	}
}

/* One word of .BTF.ext, and what is said of it. */
static void ext_is_refused(uint64_t at, uint32_t word)
{
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	auto_fixture f = fixture_load("tests/fixtures/retyped.o");
	auto_free bool *sections = NULL;
	auto_free void *image = NULL;
	auto_err err = ERR_INIT;
	size_t size, nr;

	assert_int_equal(elf_view_open(&view, f.bytes, f.size, &err), 0);
	sections = chosen_sections(&view, "f", &nr);
	memcpy(f.bytes + view.sections[elf_view_find(&view, ".BTF.ext")].offset + at,
	       &word, sizeof(word));
	assert_int_equal(elf_rename(&image, &size, &view, sections, &err), -EINVAL);
	assert_string_equal(err.text, ".BTF.ext is cut short");
}

/* Its header has at 4 its own size, at 12 that of the functions' table. */
static void a_table_that_is_cut_short_is_refused(void **state)
{
	(void)state;
	ext_is_refused(12, 1);
	ext_is_refused(12, 3);
	ext_is_refused(12, 1 << 20);
	ext_is_refused(12, 4 + 8 + 7);
	/* The records of a section. */
	ext_is_refused(12, 4 + 8);
}

/* One of the first table and one of the second name it; a table may be empty, or not be there. */
static void tables_that_are_not_there(void **state)
{
	static const struct {
		uint32_t header, sizes; /* of the header; tables that are not empty */
		size_t names;
	} heads[] = {{32, 3, 2}, {32, 1, 1}, {32, 2, 1},
		     {24, 3, 2}, {16, 1, 1}, {8, 0, 0}};

	(void)state;
	for (size_t i = 0; i < array_size(heads); i++) {
		auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
		auto_fixture f = fixture_load("tests/fixtures/retyped.o");
		auto_free void *image = NULL;
		auto_err err = ERR_INIT;
		unsigned char *ext;
		uint32_t words[6];
		size_t size, nr;

		assert_int_equal(elf_view_open(&view, f.bytes, f.size, &err), 0);
		ext = f.bytes + view.sections[elf_view_find(&view, ".BTF.ext")].offset;
		memcpy(words, ext, sizeof(words));
		/* The tables stay where they are. */
		for (size_t t = 0; t < 2; t++) {
			words[2 + 2 * t] += words[1] - heads[i].header;
			words[3 + 2 * t] *= heads[i].sizes >> t & 1;
		}
		words[1] = heads[i].header;
		memcpy(ext, words, sizeof(words));
		elf_view_release(&view);
		assert_int_equal(rename_bytes(&image, &size, &f, "lsm/", &nr), 0);
		assert_int_equal(elf_view_open(&view, image, size, &err), 0);
		assert_int_equal(count_text(&view, ".BTF", "retyped:lsm/bpf"),
				 heads[i].names);
	}
}

/* An object of one section of code, with this .BTF or none. */
static int rename_built(const void *btf, size_t btf_size, bool symbols, struct err *err)
{
	static const unsigned char code[16] = {0xb7, [8] = 0x95};
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	auto_release(elf_view_release) struct elf_view renamed = {.bytes = NULL};
	struct elf_build b = {.nr_sections = 0};
	unsigned int sec = elf_build_code(&b, "lsm/bpf", code, sizeof(code));
	auto_free unsigned char *bytes = NULL;
	auto_free bool *sections = NULL;
	auto_free void *image = NULL;
	size_t size, nr;
	int r;

	elf_build_symbol(&b, "prog", STB_GLOBAL, STT_FUNC, sec, 0, sizeof(code));
	if (btf)
		elf_build_section(&b, ".BTF", SHT_PROGBITS, 0, btf, btf_size);
	bytes = elf_build_finish(&b, &size);
	assert_int_equal(elf_view_open(&view, bytes, size, err), 0);
	if (!symbols)
		view.symtab = 0;
	sections = chosen_sections(&view, "lsm/", &nr);
	r = elf_rename(&image, &size, &view, sections, err);
	if (r == 0) {
		assert_int_equal(elf_view_open(&renamed, image, size, err), 0);
		assert_int_not_equal(elf_view_find(&renamed, "retyped:lsm/bpf"), 0);
	}
	return r;
}

static void names_at_the_end_of_btf(void **state)
{
	struct {
		struct btf_header header;
		char names[8];
	} btf = {.header = {.magic = BTF_MAGIC,
			    .version = BTF_VERSION,
			    .hdr_len = sizeof(btf.header),
			    .str_len = sizeof(btf.names)}};
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(rename_built(NULL, 0, true, &err), 0);
	assert_int_equal(rename_built(&btf, sizeof(btf), true, &err), 0);
	assert_int_equal(rename_built(NULL, 0, false, &err), -EINVAL);
	assert_string_equal(err.text, "no symbol table");
	err_release(&err);
	assert_int_equal(rename_built(&btf, sizeof(btf.header) - 1, true, &err), -EINVAL);
	assert_string_equal(err.text, ".BTF is cut short");
	err_release(&err);
	assert_int_equal(rename_built(&btf, sizeof(btf) - 1, true, &err), -EINVAL);
	assert_string_equal(err.text, ".BTF does not end in its names");
	err_release(&err);
	btf.names[7] = 'x';
	assert_int_equal(rename_built(&btf, sizeof(btf), true, &err), -EINVAL);
	assert_string_equal(err.text, ".BTF does not end in its names");
	err_release(&err);
	btf.header.str_len = 0;
	assert_int_equal(rename_built(&btf, sizeof(btf.header), true, &err), -EINVAL);
	assert_string_equal(err.text, ".BTF does not end in its names");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_and_their_btf_have_new_names),
		cmocka_unit_test(a_question_mark_is_left_out),
		cmocka_unit_test(spoilt_btf_is_refused),
		cmocka_unit_test(a_table_that_is_cut_short_is_refused),
		cmocka_unit_test(tables_that_are_not_there),
		cmocka_unit_test(names_at_the_end_of_btf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
