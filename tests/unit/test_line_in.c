/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/line_in.h"

enum { PIECE = 512 }; /* what is read at once */

static void check_line(FILE *file, struct strbuf *line, const char *text, size_t len)
{
	assert_int_equal(line_in_read(file, line), 1);
	assert_int_equal(line->len, len);
	assert_memory_equal(line->text, text, len);
}

static void lines_come_one_by_one_with_their_ends(void **state)
{
	static char text[] = "one\n\n\0x\nlast";
	auto_file FILE *file = fmemopen(text, sizeof(text) - 1, "r");
	auto_strbuf line = STRBUF_INIT;

	(void)state;
	check_line(file, &line, "one\n", 4);
	check_line(file, &line, "\n", 1);
	check_line(file, &line, "\0x\n", 3);
	check_line(file, &line, "last", 4);
	assert_int_equal(line_in_read(file, &line), 0);
	assert_int_equal(line.len, 0);
	assert_int_equal(line_in_read(file, &line), 0);
}

/* Around the size in which a line is read, with a second line behind it. */
static void length_of_a_line_is_free(void **state)
{
	(void)state;
	for (size_t n = PIECE - 2; n <= PIECE + 2; n++) {
		auto_free char *text = xcalloc(n + 3, 1);
		auto_file FILE *file = NULL;
		auto_strbuf line = STRBUF_INIT;

		memset(text, 'x', n);
		memcpy(text + n, "\ny", 3);
		file = fmemopen(text, n + 2, "r");
		check_line(file, &line, text, n + 1);
		check_line(file, &line, "y", 1);
		assert_int_equal(line_in_read(file, &line), 0);
	}
}

/* Bytes of any value, most lines about as long as what is read at once. */
static void what_a_line_holds_does_not_end_it(void **state)
{
	static const char bytes[] = {'\0', 'x', '\377'};

	(void)state;
	srand(1);
	for (int round = 0; round < 2000; round++) {
		char text[4 * PIECE];
		size_t n = 1 + (size_t)rand() % (sizeof(text) - 1);
		auto_file FILE *file = fmemopen(text, n, "r");
		auto_strbuf line = STRBUF_INIT;

		for (size_t i = 0; i < n; i++)
			text[i] = rand() % PIECE ? bytes[rand() % 3] : '\n';
		for (const char *at = text; at < text + n; at += line.len) {
			size_t left = (size_t)(text + n - at);
			const char *end = memchr(at, '\n', left);

			check_line(file, &line, at, end ? (size_t)(end - at) + 1 : left);
		}
		assert_int_equal(line_in_read(file, &line), 0);
	}
}

static void line_without_end_is_refused(void **state)
{
	const size_t most = LINE_IN_MAX;

	(void)state;
	for (size_t n = most - 1; n <= most + 1; n++) {
		auto_free char *text = xcalloc(n + 1, 1);
		auto_file FILE *file = NULL;
		auto_strbuf line = STRBUF_INIT;

		memset(text, 'x', n);
		file = fmemopen(text, n, "r");
		assert_int_equal(line_in_read(file, &line), n <= most ? 1 : -EFBIG);
		if (n <= most)
			assert_int_equal(line.len, n);
	}
}

static void errors_of_a_read_come_back(void **state)
{
	auto_file FILE *file = fopen("/", "re");
	auto_strbuf line = STRBUF_INIT;

	(void)state;
	assert_non_null(file);
	assert_int_equal(line_in_read(file, &line), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_one_by_one_with_their_ends),
		cmocka_unit_test(length_of_a_line_is_free),
		cmocka_unit_test(what_a_line_holds_does_not_end_it),
		cmocka_unit_test(line_without_end_is_refused),
		cmocka_unit_test(errors_of_a_read_come_back),
	};

	return cmocka_run_group_tests_name("line_in", tests, NULL, NULL);
}
