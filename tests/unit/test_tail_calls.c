/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "fixture.h"

#include "legacy/tail_calls.h"

static void both_sides_are_c_integers(void **state)
{
	static const struct {
		const char *section;
		uint32_t id, key;
	} good[] = {
		{"42/0", 42, 0},
		{"0x2a/0x1", 42, 1},
		{"052/02", 42, 2},
		{" 42/ 3", 42, 3},
		{"+42/+4junk", 42, 4},
		{"0/5", 0, 5},
		{"-1/-1", UINT32_MAX, UINT32_MAX},
		{"4294967295/1", UINT32_MAX, 1},
		{"7/08", 7, 0}, /* octal ends in front of 8, as in tc */
	};

	(void)state;
	for (size_t i = 0; i < array_size(good); i++) {
		uint32_t id = 99, key = 99;

		assert_true(tail_calls_parse(good[i].section, &id, &key));
		assert_int_equal(id, good[i].id);
		assert_int_equal(key, good[i].key);
	}
}

static void other_names_are_no_tail_calls(void **state)
{
	static const char *const bad[] = {
		"",
		"/",
		"1",
		"1/",
		"/1",
		"1 /2",
		"x/1",
		"1/x",
		"1.0/2",
		"classifier",
		"tc/1",
		"cgroup/1",
		"4294967296/0",
		"0/4294967296",
		"99999999999999999999/1",
		"-2147483649/0",
	};

	(void)state;
	for (size_t i = 0; i < array_size(bad); i++) {
		uint32_t id = 99, key = 99;

		assert_false(tail_calls_parse(bad[i], &id, &key));
		assert_int_equal(id, 99);
		assert_int_equal(key, 99);
	}
}

static void names_that_were_meant_as_tail_calls_are_told(void **state)
{
	static const char *const almost[] = {"08/1", "4294967301/0", "0/4294967296",
					     "-2147483649/0", " 09/0x1"};
	static const char *const others[] = {"5/0", "0x2a/0x1", "tc/1",  "cgroup/1",
					     "x/1", "1/x",      "1 /2",  "1",
					     "",    "/1",       "add/1", "xdp/2"};

	(void)state;
	for (size_t i = 0; i < array_size(almost); i++)
		assert_true(tail_calls_almost(almost[i]));
	for (size_t i = 0; i < array_size(others); i++)
		assert_false(tail_calls_almost(others[i]));
}

static void sections_become_slots(void **state)
{
	static const struct {
		const char *section, *program;
		uint32_t id, key;
		int map;
	} want[] = {
		{"42/0", "decimal", 42, 0, 0},
		{"0x2a/0x1", "hexadecimal", 42, 1, 0},
		{"052/02", "octal", 42, 2, 0},
		{" 42/ 3", "blanks", 42, 3, 0},
		{"+42/+4junk", "signs", 42, 4, 0},
		{"77/0", "nobodys", 77, 0, -1},
		{"0xabcd/0", "cyclic_target", 0xabcd, 0, 1},
	};
	static const char *const files[] = {"tests/fixtures/tailcalls.o",
					    "tests/fixtures/tailcalls.nog.o"};

	(void)state;
	for (size_t f = 0; f < array_size(files); f++) {
		auto_fixture obj = fixture_load(files[f]);
		auto_err err = ERR_INIT;
		auto_release(object_def_release) struct object_def def = {.maps = NULL};
		struct object_def_opts opts = {.reader = MAPS_READER_TC};

		assert_int_equal(object_def_read(&def, obj.bytes, obj.size, &opts, &err),
				 0);
		assert_int_equal(def.nr_tail_calls, array_size(want));
		for (size_t i = 0; i < array_size(want); i++) {
			assert_string_equal(def.tail_calls[i].section, want[i].section);
			assert_string_equal(def.tail_calls[i].program, want[i].program);
			assert_int_equal(def.tail_calls[i].map_id, want[i].id);
			assert_int_equal(def.tail_calls[i].key, want[i].key);
			assert_int_equal(def.tail_calls[i].map, want[i].map);
		}
	}
}

static void a_key_behind_the_array_is_refused(void **state)
{
	auto_fixture obj = fixture_load("tests/fixtures/wrong_key.o");
	auto_err err = ERR_INIT;
	struct object_def_opts opts = {.reader = MAPS_READER_TC};
	struct object_def def;

	(void)state;
	assert_int_equal(object_def_read(&def, obj.bytes, obj.size, &opts, &err),
			 -EINVAL);
	assert_string_equal(
		err.text,
		"section '1/2': tail call key 2, map 'short_array' has 2 entries");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_are_c_integers),
		cmocka_unit_test(other_names_are_no_tail_calls),
		cmocka_unit_test(names_that_were_meant_as_tail_calls_are_told),
		cmocka_unit_test(sections_become_slots),
		cmocka_unit_test(a_key_behind_the_array_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
