/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Events of a perf event array, as bpftool prints them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <json-c/json.h>

#include "view/event_view.h"

static const unsigned char bytes[18] = {0x30, 0x31, [8] = 0x38, [16] = 0xff};
static const struct event_row sample = {.type = 9,
					.cpu = 1,
					.index = 2,
					.time = 5378787666838,
					.data = bytes,
					.size = sizeof(bytes)};
static const struct event_row short_one = {
	.type = 9, .cpu = 0, .index = 0, .time = 7, .data = bytes, .size = 2};
static const struct event_row nothing = {.type = 9, .time = 7, .data = bytes};
static const struct event_row lost = {.type = 2, .lost = 3, .lost_id = 44};

static void an_event_is_a_line_and_its_bytes(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	event_view(&sample, BTF_TEXT, true, &out);
	event_view(&lost, BTF_TEXT, false, &out);
	event_view_end(BTF_TEXT, true, &out);
	assert_string_equal(sb_text(&out),
			    "== @5378.787666838 CPU: 1 index: 2 =====\n"
			    "30 31 00 00 00 00 00 00  38 00 00 00 00 00 00 00\n"
			    "ff 00\n"
			    "lost 3 events\n");
}

static void events_are_one_array(void **state)
{
	auto_strbuf out = STRBUF_INIT, none = STRBUF_INIT;

	(void)state;
	sb_add_char(&out, '[');
	event_view(&short_one, BTF_JSON, true, &out);
	event_view(&lost, BTF_JSON, false, &out);
	event_view_end(BTF_JSON, true, &out);
	assert_string_equal(sb_text(&out),
			    "[{\"type\":9,\"cpu\":0,\"index\":0,\"timestamp\":7,"
			    "\"data\":[48,49]},"
			    "{\"type\":2,\"cpu\":0,\"index\":0,"
			    "\"lost\":{\"id\":44,\"count\":3}}]\n");
	event_view_end(BTF_JSON, false, &none);
	assert_string_equal(sb_text(&none), "]\n");
}

/* Laid out or not, it is the same document. */
static void the_pretty_one_says_the_same(void **state)
{
	const struct event_row *rows[] = {&sample, &nothing, &lost};
	auto_strbuf flat = STRBUF_INIT, pretty = STRBUF_INIT;
	struct json_object *a, *b;

	(void)state;
	sb_add_char(&flat, '[');
	sb_add_char(&pretty, '[');
	for (size_t i = 0; i < array_size(rows); i++) {
		event_view(rows[i], BTF_JSON, i == 0, &flat);
		event_view(rows[i], BTF_PRETTY, i == 0, &pretty);
	}
	event_view_end(BTF_JSON, true, &flat);
	event_view_end(BTF_PRETTY, true, &pretty);
	a = json_tokener_parse(sb_text(&flat));
	b = json_tokener_parse(sb_text(&pretty));
	assert_non_null(a);
	assert_int_equal(json_object_array_length(a), array_size(rows));
	assert_true(json_object_equal(a, b));
	json_object_put(a);
	json_object_put(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_a_line_and_its_bytes),
		cmocka_unit_test(events_are_one_array),
		cmocka_unit_test(the_pretty_one_says_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
