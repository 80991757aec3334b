/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "view/gc_view.h"

#define HASH "0123456789abcdef0123456789abcdef01234567"

static void places(void **state)
{
	static const struct {
		const char *path;
		enum idle_place place;
		uint32_t program;
	} rows[] = {
		{"/m/tc/globals/x", IDLE_GLOBALS, 0},
		{"/m/tc/globals/d/x", IDLE_GLOBALS, 0},
		{"/m/tc/" HASH "/x", IDLE_OBJECT, 0},
		{"/m/tc/" HASH, IDLE_OBJECT, 0},
		{"/m/tc/keep/7/x", IDLE_KEEP, 7},
		{"/m/tc/keep/7", IDLE_KEEP, 7},
		{"/m/tc/keep/4294967295/x", IDLE_KEEP, 4294967295},
		{"/m/tc/keep/4294967296/x", IDLE_NOWHERE, 0},
		{"/m/tc/keep/99999999999999999999/x", IDLE_NOWHERE, 0},
		{"/m/tc/keep/07/x", IDLE_NOWHERE, 0},
		{"/m/tc/keep/0/x", IDLE_NOWHERE, 0},
		{"/m/tc/keep/-7/x", IDLE_NOWHERE, 0},
		{"/m/tc/keep/7/d/x", IDLE_NOWHERE, 0},
		{"/m/tc/keep/mine/x", IDLE_NOWHERE, 0},
		{"/m/tc/keep/", IDLE_NOWHERE, 0},
		{"/m/tc/keep", IDLE_NOWHERE, 0},
		{"/m/tc/keeper/7/x", IDLE_NOWHERE, 0},
		{"/m/tc/kept/7/x", IDLE_NOWHERE, 0},
		{"/m/tc/private/x", IDLE_NOWHERE, 0},
		{"/m/tc/globals", IDLE_NOWHERE, 0},
		{"/m/tc/globals2/x", IDLE_NOWHERE, 0},
		{"/m/tc/" HASH "8/x", IDLE_NOWHERE, 0},
		{"/m/tc/0123456789ABCDEF0123456789abcdef01234567/x", IDLE_NOWHERE, 0},
		{"/m/tc/x", IDLE_NOWHERE, 0},
		{"/m/tc", IDLE_NOWHERE, 0},
		{"/m/tcp/globals/x", IDLE_NOWHERE, 0},
		{"/m/globals/x", IDLE_NOWHERE, 0},
		{"/m2/tc/globals/x", IDLE_NOWHERE, 0},
		{"/other/tc/globals/x", IDLE_NOWHERE, 0},
		{"", IDLE_NOWHERE, 0},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		uint32_t program = 0;

		if (idle_place_of("/m", rows[i].path, &program) != rows[i].place)
			fail_msg("%s", rows[i].path);
		assert_int_equal(program, rows[i].program);
		assert_int_equal(idle_place_of("/m", rows[i].path, NULL), rows[i].place);
	}
}

static void names_of_programs(void **state)
{
	uint32_t program = 5;

	(void)state;
	assert_true(idle_pins_program("4294967295", &program));
	assert_int_equal(program, 4294967295);
	assert_false(idle_pins_program("4294967296", &program));
	assert_false(idle_pins_program("", &program));
	assert_false(idle_pins_program("0", &program));
	assert_false(idle_pins_program("7x", &program));
	assert_false(idle_pins_program("..", &program));
	assert_int_equal(program, 4294967295);
}

static void add(struct idle_pins *pins, const char *path, const struct idle_pin *row)
{
	struct idle_pin pin = *row;

	pin.path = xstrdup(path);
	pin.name = row->name ? xstrdup(row->name) : NULL;
	idle_pins_add(pins, &pin);
}

static void fill(struct idle_pins *pins)
{
	char stats[] = "stats", cls[] = "cls";

	add(pins, "/m/tc/keep/9",
	    &(struct idle_pin){
		    .place = IDLE_KEEP, .kind = IDLE_EMPTY, .program = 9, .age = 59});
	add(pins, "/m/tc/globals/stats",
	    &(struct idle_pin){.place = IDLE_GLOBALS,
			       .kind = IDLE_MAP,
			       .id = 27,
			       .name = stats,
			       .type = 1,
			       .age = 3 * 24 * 3600 + 5,
			       .bytes = 4096,
			       .max_entries = 1024,
			       .counted = true,
			       .entries = 12,
			       .mark = {.by = USAGE_PINNED_PROGRAM, .id = 5}});
	add(pins, "/m/tc/globals/cls\n",
	    &(struct idle_pin){.place = IDLE_GLOBALS,
			       .kind = IDLE_PROGRAM,
			       .id = 6,
			       .name = cls,
			       .type = 3,
			       .age = 7200});
	idle_pins_sort(pins);
}

static void text(void **state)
{
	auto_idle_pins pins = {.nr = 0};
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	gc_view_text(&out, &pins);
	assert_string_equal(sb_text(&out), "");
	fill(&pins);
	gc_view_text(&out, &pins);
	assert_string_equal(
		sb_text(&out),
		"PATH                  ID TYPE      AGE BYTES ENTRIES NOTE\n"
		"/m/tc/globals/cls\\x0a  6 sched_cls  2h     -       - -\n"
		"/m/tc/globals/stats   27 hash       3d  4096 12/1024 pinned program id "
		"5 "
		"uses it\n"
		"/m/tc/keep/9           - -         59s     -       - empty directory\n");
	sb_clear(&out);
	gc_view_removed(&out, &pins);
	assert_string_equal(sb_text(&out), "removed '/m/tc/globals/cls\\x0a'\n"
					   "removed '/m/tc/globals/stats'\n"
					   "removed '/m/tc/keep/9'\n");
}

static void json(void **state)
{
	auto_idle_pins pins = {.nr = 0};
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	gc_view_json(&out, &pins, "deleted", JSON_COMPACT);
	assert_string_equal(sb_text(&out), "{\"deleted\":[],\"hidden\":[]}\n");
	sb_clear(&out);
	fill(&pins);
	idle_pins_hide(&pins, "open files of 1 process");
	gc_view_json(&out, &pins, "idle", JSON_COMPACT);
	assert_string_equal(
		sb_text(&out),
		"{\"idle\":["
		"{\"path\":\"/m/tc/globals/cls\\n\",\"place\":\"globals\",\"kind\":"
		"\"program\",\"id\":6,\"name\":\"cls\",\"type\":\"sched_cls\",\"age\":"
		"7200},"
		"{\"path\":\"/m/tc/globals/"
		"stats\",\"place\":\"globals\",\"kind\":\"map\","
		"\"id\":27,\"name\":\"stats\",\"type\":\"hash\",\"age\":259205,"
		"\"bytes_memlock\":4096,\"max_entries\":1024,\"entries\":12,"
		"\"in_use\":\"pinned program id 5 uses it\"},"
		"{\"path\":\"/m/tc/keep/9\",\"place\":\"keep\",\"kind\":\"empty\","
		"\"age\":59,\"program\":9}],"
		"\"hidden\":[\"open files of 1 process\"]}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(names_of_programs),
		cmocka_unit_test(text),
		cmocka_unit_test(json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
