/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/parcel.h"

static void parcel_fill(struct strbuf *out)
{
	parcel_add_number(out, 2);
	parcel_add_text(out, "maps");
	parcel_add_text(out, NULL);
	parcel_add_text(out, "");
	parcel_add_number(out, UINT64_MAX);
}

static void what_was_added_comes_back(void **state)
{
	auto_strbuf bytes = STRBUF_INIT;
	struct parcel p;

	(void)state;
	parcel_fill(&bytes);
	p = (struct parcel){.at = bytes.text, .end = bytes.text + bytes.len};
	assert_int_equal(parcel_count(&p), 2);
	assert_string_equal(parcel_text(&p), "maps");
	assert_null(parcel_text_or_null(&p));
	assert_string_equal(parcel_text_or_null(&p), "");
	assert_true(parcel_number(&p) == UINT64_MAX);
	assert_false(p.bad);
	assert_ptr_equal(p.at, p.end);
	assert_int_equal(parcel_number(&p), 0);
	assert_true(p.bad);
}

static void what_is_cut_is_bad(void **state)
{
	auto_strbuf bytes = STRBUF_INIT;

	(void)state;
	parcel_fill(&bytes);
	for (size_t n = 0; n < bytes.len; n++) {
		/* Memory of its own: a sanitizer sees who reads on behind it. */
		auto_free char *cut = malloc(n + 1);
		struct parcel p = {.at = cut, .end = cut + n};

		memcpy(cut, bytes.text, n);
		(void)parcel_number(&p);
		(void)parcel_text(&p);
		(void)parcel_text(&p);
		(void)parcel_text(&p);
		(void)parcel_number(&p);
		assert_true(p.bad);
		assert_string_equal(parcel_text(&p), "");
	}
}

static void numbers_out_of_range_are_bad(void **state)
{
	const uint64_t huge[] = {UINT64_MAX, 5};
	struct {
		uint64_t size;
		char text[8];
	} inside = {.size = 4, .text = "a\0b"};
	struct parcel p = {.at = (const char *)huge, .end = (const char *)(huge + 2)};

	(void)state;
	assert_int_equal(parcel_count(&p), 0);
	assert_true(p.bad);
	p = (struct parcel){.at = (const char *)(huge + 1),
			    .end = (const char *)(huge + 2)};
	assert_int_equal(parcel_up_to(&p, 4), 0);
	assert_true(p.bad);
	p = (struct parcel){.at = (const char *)huge, .end = (const char *)(huge + 2)};
	assert_null(parcel_text_or_null(&p));
	assert_true(p.bad);
	/* A text that ends before its length says. */
	p = (struct parcel){.at = (const char *)&inside,
			    .end = (const char *)(&inside + 1)};
	assert_null(parcel_text_or_null(&p));
	assert_true(p.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_comes_back),
		cmocka_unit_test(what_is_cut_is_bad),
		cmocka_unit_test(numbers_out_of_range_are_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
