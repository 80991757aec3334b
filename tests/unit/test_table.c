/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "view/table.h"

static const struct table_column columns[] = {
	{"NAME", false},
	{"ID", true},
	{"A LOAD WOULD", false},
};

static void add_table(struct strbuf *out, unsigned int width)
{
	auto_release(table_release) struct table t = {.columns = columns,
						      .nr_columns = array_size(columns)};

	table_add(&t, "a_name_that_is_far_longer_than_a_narrow_terminal_has_room_for");
	table_add(&t, "4294967295");
	table_add(&t, "reuse id 4294967295 at /sys/fs/bpf/tc/globals/some_name_of_a_map");
	table_out(&t, out, width);
}

/* What is left of a text without its blanks and newlines. */
static size_t letters_of(const char *text)
{
	size_t nr = 0;

	for (; *text; text++)
		nr += *text != ' ' && *text != '\n';
	return nr;
}

static void without_a_width_nothing_is_wrapped(void **state)
{
	auto_strbuf out = STRBUF_INIT;
	size_t lines = 0;

	(void)state;
	add_table(&out, 0);
	for (const char *c = sb_text(&out); *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 2);
}

/* A long name does not push the rest out of the terminal, and no number is broken. */
static void every_column_of_text_wraps(void **state)
{
	auto_strbuf out = STRBUF_INIT, whole = STRBUF_INIT;
	const char *line;

	(void)state;
	add_table(&out, 60);
	line = sb_text(&out);
	assert_non_null(strstr(line, "4294967295"));
	add_table(&whole, 0);
	assert_int_equal(letters_of(line), letters_of(sb_text(&whole)));
	while (*line) {
		size_t n = strcspn(line, "\n");

		assert_in_range(n, 1, 60);
		line += n + (line[n] == '\n');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_width_nothing_is_wrapped),
		cmocka_unit_test(every_column_of_text_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
