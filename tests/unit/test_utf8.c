/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

static const struct {
	const char *text, *shown;
} utf8_cases[] = {
	{"", ""},
	{"eth0", "eth0"},
	{"a\nb\tc\x1b[2J\x7f", "a\\x0ab\\x09c\\x1b[2J\\x7f"},
	{"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x9d",
	 "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x9d"},
	/* U+0080 to U+009F; U+00A0 is a blank. */
	{"\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f\xc2\xa0"},
	/* Cut, overlong, a surrogate, a bare byte. */
	{"\xe2\x82", "\\xe2\\x82"},
	{"\xc0\x9b", "\\xc0\\x9b"},
	{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	{"\x9b\xff", "\\x9b\\xff"},
};

static void control_bytes_are_shown_in_every_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_size(utf8_cases); i++) {
		auto_strbuf out = STRBUF_INIT, scratch = STRBUF_INIT;
		char copy[64];

		utf8_add_visible(&out, utf8_cases[i].text);
		assert_string_equal(sb_text(&out), utf8_cases[i].shown);
		assert_string_equal(utf8_visible(utf8_cases[i].text, &scratch),
				    utf8_cases[i].shown);
		utf8_copy_visible(copy, sizeof(copy), utf8_cases[i].text);
		assert_string_equal(copy, utf8_cases[i].shown);
	}
}

static void what_is_plain_is_not_copied(void **state)
{
	auto_strbuf scratch = STRBUF_INIT;
	const char *text = "gr\xc3\xbcn";

	(void)state;
	assert_ptr_equal(utf8_visible(text, &scratch), text);
	assert_null(scratch.text);
}

static void lines_keep_newlines_and_tabs_alone(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	utf8_add_visible_lines(&out, "0: exit\n\t; x\x1b[0m\r\n");
	assert_string_equal(sb_text(&out), "0: exit\n\t; x\\x1b[0m\\x0d\n");
}

static void a_copy_ends_in_front_of_what_has_no_room(void **state)
{
	char copy[8];

	(void)state;
	for (size_t cap = 1; cap <= sizeof(copy); cap++) {
		memset(copy, 'x', sizeof(copy));
		utf8_copy_visible(copy, cap, "a\xe2\x82\xac\x1b");
		assert_string_equal(copy, cap < 2 ? "" : cap < 5 ? "a" : "a\xe2\x82\xac");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_bytes_are_shown_in_every_way),
		cmocka_unit_test(what_is_plain_is_not_copied),
		cmocka_unit_test(lines_keep_newlines_and_tabs_alone),
		cmocka_unit_test(a_copy_ends_in_front_of_what_has_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
