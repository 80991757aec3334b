/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_scan.h"

enum { DEPTH = 4 };

static const char whole[] =
	" {\"a\": [1, {\"in\": true}, \"x\\u00e9\\ud83d\\ude00\\n\\/\"],\n \"b\":-1.5e3, "
	"\"c\":18446744073709551615, \"d\":{} , \"e\":null}\n";

static void scans(struct json_scan *ret, const char *text)
{
	auto_err err = ERR_INIT;

	if (json_scan_init(ret, text, strlen(text), DEPTH, &err) < 0)
		fail_msg("%s: %s", text, err.text);
}

static const struct json_scan_item *member(const struct json_scan *scan, const char *key,
					   size_t *next)
{
	size_t at = json_scan_member(scan, 0, key, next);

	if (!at)
		fail_msg("no member '%s'", key);
	return &scan->items[at];
}

static void members_are_found_in_any_order(void **state)
{
	static const char *const orders[] = {"abcde", "edcba", "caebd", "aabbe"};
	auto_json_scan scan = JSON_SCAN_INIT;

	(void)state;
	scans(&scan, whole);
	for (size_t i = 0; i < array_size(orders); i++) {
		size_t next = 0;

		for (const char *c = orders[i]; *c; c++) {
			const char key[] = {*c, '\0'};

			assert_int_equal(member(&scan, key, &next)->at[-1] == '"', false);
		}
		assert_int_equal(json_scan_member(&scan, 0, "in", &next), 0);
		assert_int_equal(json_scan_member(&scan, 0, "", &next), 0);
	}
}

static void values_are_what_they_are(void **state)
{
	auto_json_scan scan = JSON_SCAN_INIT;
	size_t next = 0;
	uint64_t number = 7;
	const struct json_scan_item *list;
	auto_free char *text = NULL;

	(void)state;
	scans(&scan, whole);
	list = member(&scan, "a", &next);
	assert_int_equal(list->kind, JSON_SCAN_ARRAY);
	assert_true(json_scan_number(&list[1], 1, &number));
	assert_int_equal(number, 1);
	assert_false(json_scan_number(&list[1], 0, &number));
	assert_int_equal(list[2].kind, JSON_SCAN_OBJECT);
	assert_true(json_scan_is(&list[4], "true"));
	assert_false(json_scan_is(&list[4], "false"));
	text = json_scan_text(&scan.items[list[2].end]);
	assert_string_equal(text, "x\xc3\xa9\xf0\x9f\x98\x80\n/");
	assert_int_equal(scan.items[list[2].end].end, list->end);
	assert_false(json_scan_number(member(&scan, "b", &next), UINT64_MAX, &number));
	assert_true(json_scan_number(member(&scan, "c", &next), UINT64_MAX, &number));
	assert_true(number == UINT64_MAX);
	assert_null(json_scan_text(member(&scan, "c", &next)));
	assert_true(json_scan_is(member(&scan, "e", &next), "null"));
}

static void refuses(const char *text, size_t size, const char *why)
{
	/* Behind its last byte is nothing that may be read. */
	auto_free char *exact = xmemdup(text, size);
	auto_json_scan scan = JSON_SCAN_INIT;
	auto_err err = ERR_INIT;

	assert_int_equal(json_scan_init(&scan, exact, size, DEPTH, &err), -EBADMSG);
	assert_null(scan.items);
	if (!strstr(err.text, why))
		fail_msg("'%.*s': '%s' lacks '%s'", (int)size, text, err.text, why);
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const texts[] = {
		"{,}",        "{\"a\"}", "{\"a\":}",  "[1,]",        "[1 2]",  "{'a':1}",
		"tru ",       "nil",     "\"\\x\"",   "\"\\u12g4\"", "\"\n\"", "[}",
		"{\"a\":1,}", "+1",      "{\"a\" 1}", "/* */ 1",     "NaN",    "]",
	};

	(void)state;
	for (size_t i = 0; i < array_size(texts); i++)
		refuses(texts[i], strlen(texts[i]), "unexpected character");
	for (size_t n = 1; n < strlen(whole) - 1; n++)
		refuses(whole, n, "cut off");
	refuses("1 1", 3, "more text");
	refuses("[[[[[1]]]]]", 11, "too deeply");
	refuses("\"a\0b\"", 5, "unexpected character");
}

static void a_text_that_is_none_is_null(void **state)
{
	static const char *const texts[] = {"\"a\\u0000b\"", "\"\\ud83d\"",
					    "\"\\ud83dx\"", "\"\\ude00\\ud83d\"",
					    "\"\\ud83d\\n\""};

	(void)state;
	for (size_t i = 0; i < array_size(texts); i++) {
		auto_json_scan scan = JSON_SCAN_INIT;

		scans(&scan, texts[i]);
		assert_null(json_scan_text(&scan.items[0]));
	}
}

static void numbers_have_bounds(void **state)
{
	static const struct {
		const char *text;
		bool fits;
	} numbers[] = {{"0", true},
		       {"18446744073709551615", true},
		       {"18446744073709551616", false},
		       {"99999999999999999999", false},
		       {"-1", false},
		       {"1.0", false},
		       {"1e2", false}};

	(void)state;
	for (size_t i = 0; i < array_size(numbers); i++) {
		auto_json_scan scan = JSON_SCAN_INIT;
		uint64_t number;

		scans(&scan, numbers[i].text);
		assert_int_equal(json_scan_number(&scan.items[0], UINT64_MAX, &number),
				 numbers[i].fits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found_in_any_order),
		cmocka_unit_test(values_are_what_they_are),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(a_text_that_is_none_is_null),
		cmocka_unit_test(numbers_have_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
