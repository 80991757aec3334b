/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "def/pin_names.h"

static struct strbuf warnings;

static void keep_line(enum log_level level, const char *line)
{
	(void)level;
	sb_addf(&warnings, "%s\n", line);
}

static int setup(void **state)
{
	(void)state;
	sb_clear(&warnings);
	log_to(keep_line, LOG_WARN);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	log_to(NULL, LOG_WARN);
	sb_release(&warnings);
	return 0;
}

static struct pin_names parse(const char *text)
{
	struct pin_names names;

	pin_names_parse(&names, text, strlen(text), "/etc/db");
	return names;
}

static void lines_give_ids_a_path(void **state)
{
	struct pin_names names = parse("# comment\n"
				       "\n"
				       "3 tracing\n"
				       " \t4\tfoo/bar trailing words\n"
				       "   # indented comment\n"
				       "0x10 hex\n"
				       "010 octal\n"
				       "-1 last\n"
				       "4294967294 unsigned");

	(void)state;
	assert_int_equal(names.nr, 6);
	assert_string_equal(names.source, "/etc/db");
	assert_string_equal(pin_names_find(&names, 3), "tracing");
	assert_string_equal(pin_names_find(&names, 4), "foo/bar");
	assert_string_equal(pin_names_find(&names, 16), "hex");
	assert_string_equal(pin_names_find(&names, 8), "octal");
	assert_string_equal(pin_names_find(&names, UINT32_MAX), "last");
	assert_string_equal(pin_names_find(&names, UINT32_MAX - 1), "unsigned");
	assert_null(pin_names_find(&names, 5));
	assert_string_equal(sb_text(&warnings), "");
	pin_names_release(&names);
	assert_null(pin_names_find(&names, 3));
	assert_null(pin_names_find(NULL, 3));
}

static void the_last_line_of_an_id_wins(void **state)
{
	struct pin_names names = parse("3 a\n4 b\n3 c\n");

	(void)state;
	assert_int_equal(names.nr, 2);
	assert_string_equal(pin_names_find(&names, 3), "c");
	pin_names_release(&names);
}

static void reserved_ids_are_passed_over_with_a_warning(void **state)
{
	struct pin_names names = parse("0 a\n1 b\n2 c\n3 d\n");

	(void)state;
	assert_int_equal(names.nr, 1);
	assert_null(pin_names_find(&names, 2));
	assert_string_equal(pin_names_find(&names, 3), "d");
	assert_string_equal(sb_text(&warnings),
			    "/etc/db, line 1: id 0 is reserved, line ignored\n"
			    "/etc/db, line 2: id 1 is reserved, line ignored\n"
			    "/etc/db, line 3: id 2 is reserved, line ignored\n");
	pin_names_release(&names);
}

static void a_broken_line_ends_the_reading(void **state)
{
	static const char *const broken[] = {"4",
					     "4 ",
					     "word",
					     "x 4",
					     "99999999999 big",
					     "- x",
					     "4294967296 over",
					     "-2147483649 under",
					     "99999999999999999999 huge"};

	(void)state;
	for (size_t i = 0; i < array_size(broken); i++) {
		auto_free char *text = xasprintf("3 a\n%s\n5 after\n", broken[i]);
		struct pin_names names;

		sb_clear(&warnings);
		names = parse(text);
		assert_int_equal(names.nr, 1);
		assert_string_equal(pin_names_find(&names, 3), "a");
		assert_string_equal(sb_text(&warnings),
				    "/etc/db, line 2: not \"ID PATH\", rest of the file "
				    "ignored\n");
		pin_names_release(&names);
	}
}

static void the_first_and_last_ids(void **state)
{
	struct pin_names names = parse("4294967295 last\n-2147483648 middle\n");

	(void)state;
	assert_string_equal(pin_names_find(&names, UINT32_MAX), "last");
	assert_string_equal(pin_names_find(&names, 1U << 31), "middle");
	pin_names_release(&names);
	/* Of nobody's file. */
	pin_names_parse(&names, "1 a\nb", 5, NULL);
	assert_string_equal(
		sb_text(&warnings),
		"pin database, line 1: id 1 is reserved, line ignored\n"
		"pin database, line 2: not \"ID PATH\", rest of the file ignored\n");
	pin_names_release(&names);
}

static void bytes_are_not_text(void **state)
{
	struct pin_names names;
	static const char bytes[] = "3 a\0b\n4 c\r\n5 d";

	(void)state;
	pin_names_parse(&names, bytes, sizeof(bytes) - 1, NULL);
	assert_string_equal(pin_names_find(&names, 3), "a");
	assert_string_equal(pin_names_find(&names, 4), "c");
	assert_string_equal(pin_names_find(&names, 5), "d");
	assert_null(names.source);
	pin_names_release(&names);
	/* Cut at every length, in memory that ends there. */
	for (size_t n = 0; n < sizeof(bytes); n++) {
		char *cut = malloc(n ? n : 1);

		memcpy(cut, bytes, n);
		pin_names_parse(&names, cut, n, NULL);
		pin_names_release(&names);
		free(cut);
	}
	pin_names_release(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_give_ids_a_path, setup, teardown),
		cmocka_unit_test_setup_teardown(the_last_line_of_an_id_wins, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			reserved_ids_are_passed_over_with_a_warning, setup, teardown),
		cmocka_unit_test_setup_teardown(a_broken_line_ends_the_reading, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_first_and_last_ids, setup, teardown),
		cmocka_unit_test_setup_teardown(bytes_are_not_text, setup, teardown),
	};

	return cmocka_run_group_tests_name("pin_names", tests, NULL, NULL);
}
