/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <json-c/json.h>

#include "view/json_out.h"

/* Nesting, empty containers and every scalar, as the tools print them. */
static const char sample[] =
	"{\"id\":25,\"name\":\"mm\",\"none\":null,\"yes\":true,\"l\":[1,\"a\"],\"e\":[],"
	"\"o\":{},\"in\":[{\"k\":[1]},{\"k\":18446744073709551615}]}";

static void check(const char *json, enum json_layout layout, const char *expected)
{
	auto_json *root = json_tokener_parse(json);
	auto_strbuf out = STRBUF_INIT;

	assert_non_null(root);
	json_out(&out, root, layout);
	assert_string_equal(sb_text(&out), expected);
}

static void compact_is_one_line(void **state)
{
	(void)state;
	check(sample, JSON_COMPACT,
	      "{\"id\":25,\"name\":\"mm\",\"none\":null,\"yes\":true,\"l\":[1,\"a\"],"
	      "\"e\":[],"
	      "\"o\":{},\"in\":[{\"k\":[1]},{\"k\":18446744073709551615}]}\n");
	check("[]", JSON_COMPACT, "[]\n");
}

static void bpftool_layout(void **state)
{
	(void)state;
	check(sample, JSON_BPFTOOL,
	      "{\n"
	      "    \"id\": 25,\n"
	      "    \"name\": \"mm\",\n"
	      "    \"none\": null,\n"
	      "    \"yes\": true,\n"
	      "    \"l\": [1,\"a\"\n"
	      "    ],\n"
	      "    \"e\": [],\n"
	      "    \"o\": {},\n"
	      "    \"in\": [{\n"
	      "            \"k\": [1\n"
	      "            ]\n"
	      "        },{\n"
	      "            \"k\": 18446744073709551615\n"
	      "        }\n"
	      "    ]\n"
	      "}\n");
	/* bpftool 7.1: -p map dump of one hash entry. */
	check("[{\"key\":[\"0x01\",\"0x00\"],\"value\":[\"0x07\"]}]", JSON_BPFTOOL,
	      "[{\n"
	      "        \"key\": [\"0x01\",\"0x00\"\n"
	      "        ],\n"
	      "        \"value\": [\"0x07\"\n"
	      "        ]\n"
	      "    }\n"
	      "]\n");
}

static void tc_layout(void **state)
{
	(void)state;
	/* tc 6.1: -j -p filter show, with a bytecode filter. */
	check("[{\"pref\":7,\"chain\":0},{\"pref\":8,\"options\":{\"insns\":[{\"k\":1},"
	      "{\"k\":0}]}}]",
	      JSON_TC,
	      "[ {\n"
	      "        \"pref\": 7,\n"
	      "        \"chain\": 0\n"
	      "    },{\n"
	      "        \"pref\": 8,\n"
	      "        \"options\": {\n"
	      "            \"insns\": [ {\n"
	      "                    \"k\": 1\n"
	      "                },{\n"
	      "                    \"k\": 0\n"
	      "                } ]\n"
	      "        }\n"
	      "    } ]\n");
	check("[]", JSON_TC, "[ ]\n");
	check("[{\"options\":{}}]", JSON_TC, "[ {\n        \"options\": {}\n    } ]\n");
	check("{\"flags\":[\"UP\",\"DOWN\"]}", JSON_TC,
	      "{\n    \"flags\": [ \"UP\",\"DOWN\" ]\n}\n");
}

static void no_tree_is_null(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	json_out(&out, NULL, JSON_BPFTOOL);
	assert_string_equal(sb_text(&out), "null\n");
}

static void string_of(const char *text, const char *expected)
{
	auto_json *s = json_out_string(text);
	auto_strbuf out = STRBUF_INIT;

	json_out(&out, s, JSON_COMPACT);
	assert_string_equal(sb_text(&out), expected);
}

static void strings_stay_valid(void **state)
{
	(void)state;
	string_of("/sys/fs/bpf/x", "\"/sys/fs/bpf/x\"\n");
	string_of("a\"b\\c\n\x01", "\"a\\\"b\\\\c\\n\\u0001\"\n");
	string_of("gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x90\x9d",
		  "\"gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x90\x9d\"\n");
	/* stray, cut, overlong, surrogate, beyond U+10FFFF */
	string_of("a\x80z", "\"a\xef\xbf\xbdz\"\n");
	string_of("\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"\n");
	string_of("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"\n");
	string_of("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"\n");
	string_of("\xf4\x90\x80\x80",
		  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"\n");
	assert_null(json_out_string(NULL));
}

static void error_is(const struct err *err, const char *expected)
{
	auto_strbuf out = STRBUF_INIT;

	json_out_error(&out, err, JSON_COMPACT);
	assert_string_equal(sb_text(&out), expected);
}

static void errors_tell_as_much_as_their_command_may(void **state)
{
	auto_err err = ERR_INIT;

	(void)state;
	err_say(&err, -EEXIST, "differs");
	error_is(&err, "{\"error\":\"differs\"}\n");
	err.own = true;
	error_is(&err, "{\"error\":\"differs\",\"errno\":17,\"kind\":\"exists\"}\n");
	facts_text(&err.facts, "map", "stats");
	error_is(&err, "{\"error\":\"differs\",\"errno\":17,\"kind\":\"exists\"}\n");
	err_is(&err, ERR_CONFLICT);
	error_is(
		&err,
		"{\"error\":\"differs\",\"errno\":17,\"kind\":\"conflict\",\"map\":\"stats\"}\n");
}

static void facts_become_members_lists_and_elements(void **state)
{
	auto_release(facts_release) struct facts f = {.nr = 0}, copy = {.nr = 0};
	auto_json *o = json_object_new_object();
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	facts_text(&f, "map", "stats");
	facts_list(&f, "none");
	facts_list(&f, "users");
	for (unsigned int i = 7; i < 9; i++) {
		facts_next(&f);
		facts_number(&f, "program", i);
		facts_text(&f, "name", "x");
	}
	facts_list(&f, "last");
	facts_next(&f);
	facts_text(&f, "why", "y");
	facts_end(&f);
	facts_number(&f, "id", UINT64_MAX);
	facts_text(&copy, "old", "gone");
	facts_copy(&copy, &f);
	json_out_facts(o, &copy);
	json_out(&out, o, JSON_COMPACT);
	assert_string_equal(
		sb_text(&out),
		"{\"map\":\"stats\",\"none\":[],\"users\":[{\"program\":7,\"name\":\"x\"},{\"program\":8,\"name\":\"x\"}],\"last\":[{\"why\":\"y\"}],\"id\":18446744073709551615}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compact_is_one_line),
		cmocka_unit_test(bpftool_layout),
		cmocka_unit_test(tc_layout),
		cmocka_unit_test(no_tree_is_null),
		cmocka_unit_test(strings_stay_valid),
		cmocka_unit_test(errors_tell_as_much_as_their_command_may),
		cmocka_unit_test(facts_become_members_lists_and_elements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
