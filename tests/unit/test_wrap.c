/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/wrap.h"

static void wrapped_is(const char *text, const char *want)
{
	auto_strbuf out = STRBUF_INIT;

	wrap_add(&out, text, 20);
	assert_string_equal(sb_text(&out), want);
}

static void what_fits_stays(void **state)
{
	(void)state;
	wrapped_is("", "");
	wrapped_is("\n\n", "\n\n");
	wrapped_is("twenty columns it is", "twenty columns it is");
	wrapped_is("\tsame  x\n  y", "\tsame  x\n  y");
}

static void lines_break_at_blanks(void **state)
{
	(void)state;
	wrapped_is("twenty-one columns it", "twenty-one columns\n        it");
	wrapped_is("\ttabs count for eight\nb", "\ttabs count\n\tfor eight\nb");
	wrapped_is("  two blanks are kept in front",
		   "  two blanks are\n          kept in\n          front");
}

static void words_are_never_cut(void **state)
{
	(void)state;
	wrapped_is("a_word_that_is_longer_than_a_line and",
		   "a_word_that_is_longer_than_a_line\n        and");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_stays),
		cmocka_unit_test(lines_break_at_blanks),
		cmocka_unit_test(words_are_never_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
