/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What `share gc` lists: a row for each kind of pin, at each kind of place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "view/gc_view.h"

static struct idle_pin pins_at[] = {
	{.path = (char *)"/b/tc/globals/stats",
	 .place = IDLE_GLOBALS,
	 .kind = IDLE_MAP,
	 .id = 7,
	 .name = (char *)"stats",
	 .type = 1,
	 .age = 59,
	 .bytes = 4096,
	 .max_entries = 16,
	 .counted = true,
	 .entries = 3},
	{.path = (char *)"/b/tc/0123/odd",
	 .place = IDLE_OBJECT,
	 .kind = IDLE_MAP,
	 .id = 8,
	 .type = 999,
	 .age = 60,
	 .max_entries = 2},
	{.path = (char *)"/b/tc/keep/41/jumps",
	 .place = IDLE_KEEP,
	 .kind = IDLE_PROGRAM,
	 .id = 9,
	 .type = 3,
	 .program = 41,
	 .age = 3599},
	{.path = (char *)"/b/p",
	 .place = IDLE_ROOT,
	 .kind = IDLE_PROGRAM,
	 .id = 10,
	 .type = 999,
	 .age = 3600,
	 .mark = {.by = USAGE_OPEN, .id = 12, .comm = "cat"}},
	{.path = (char *)"/b/l",
	 .place = IDLE_NOWHERE,
	 .kind = IDLE_LINK,
	 .id = 11,
	 .type = 3,
	 .age = 86400},
	{.path = (char *)"/b/tc/none", .place = IDLE_NOWHERE, .kind = IDLE_EMPTY},
};
static char *hidden[] = {(char *)"links"};
static const struct idle_pins pins = {.items = pins_at,
				      .nr = sizeof(pins_at) / sizeof(*pins_at),
				      .hidden = hidden,
				      .nr_hidden = 1};

static void a_row_for_each_kind(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	gc_view_text(&out, &pins);
	assert_string_equal(
		sb_text(&out),
		"PATH                ID TYPE      AGE BYTES ENTRIES NOTE\n"
		"/b/tc/globals/stats  7 hash      59s  4096    3/16 -\n"
		"/b/tc/0123/odd       8 type 999   1m     -       2 -\n"
		"/b/tc/keep/41/jumps  9 sched_cls 59m     -       - -\n"
		"/b/p                10 type 999   1h     -       - process 12 (cat) has it open\n"
		"/b/l                11 link       1d     -       - severed link: what it was attached to is gone\n"
		"/b/tc/none           - -          0s     -       - empty directory\n");
}

static void all_of_it_in_json(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	gc_view_json(&out, &pins, "idle", JSON_COMPACT);
	assert_string_equal(
		sb_text(&out),
		"{\"idle\":[{\"path\":\"/b/tc/globals/stats\",\"place\":\"globals\",\"kind\":\"map\",\"id\":7,"
		"\"name\":\"stats\",\"type\":\"hash\",\"age\":59,\"bytes_memlock\":4096,\"max_entries\":16,"
		"\"entries\":3},{\"path\":\"/b/tc/0123/odd\",\"place\":\"object\",\"kind\":\"map\",\"id\":8,"
		"\"type\":999,\"age\":60,\"max_entries\":2},{\"path\":\"/b/tc/keep/41/jumps\",\"place\":\"keep\","
		"\"kind\":\"program\",\"id\":9,\"type\":\"sched_cls\",\"age\":3599,\"program\":41},"
		"{\"path\":\"/b/p\",\"place\":\"pin-root\",\"kind\":\"program\",\"id\":10,\"type\":999,\"age\":3600,"
		"\"in_use\":\"process 12 (cat) has it open\"},{\"path\":\"/b/l\","
		"\"place\":\"elsewhere\",\"kind\":\"link\",\"id\":11,\"type\":\"link\",\"age\":86400},"
		"{\"path\":\"/b/tc/none\",\"place\":\"elsewhere\",\"kind\":\"empty\",\"age\":0}],"
		"\"hidden\":[\"links\"]}\n");
}

static void what_was_removed(void **state)
{
	struct idle_pin odd = {.path = (char *)"/b/a\nb"};
	const struct idle_pins removed = {.items = &odd, .nr = 1};
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	gc_view_removed(&out, &removed);
	assert_string_equal(sb_text(&out), "removed '/b/a\\x0ab'\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_for_each_kind),
		cmocka_unit_test(all_of_it_in_json),
		cmocka_unit_test(what_was_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
