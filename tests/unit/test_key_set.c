/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "load/key_set.h"

enum { KEY_MOST = 40 };

static void make_key(char *key, size_t size, uint32_t number)
{
	memset(key, 0, KEY_MOST);
	/* The last bytes differ: what is behind the last whole word counts too. */
	for (size_t i = 0; i < size && i < sizeof(number); i++)
		key[size - 1 - i] = (char)(number >> (8 * i));
}

/* Numbers below nr are added, even ones are seen, and some that are not there. */
static void check_keys(struct key_set *s, uint32_t nr)
{
	uint32_t missing = 0, kept = 0;
	char key[KEY_MOST];

	for (uint32_t part = 0; part < s->nr_parts; part++) {
		key_set_begin(s, part);
		for (uint32_t i = 0; i < nr; i++) {
			make_key(key, s->key_size, i);
			key_set_add(s, key);
			key_set_add(s, key);
		}
		kept += (uint32_t)key_set_missing(s);
		for (uint32_t i = 0; i < nr * 2; i += 2) {
			make_key(key, s->key_size, i);
			key_set_see(s, key);
			key_set_see(s, key);
		}
		missing += (uint32_t)key_set_missing(s);
		for (uint32_t i = 0; i < nr; i += 2) {
			make_key(key, s->key_size, i);
			assert_false(key_set_misses(s, key));
		}
		for (uint32_t i = 1; i < nr && s->nr_parts == 1; i += 2) {
			make_key(key, s->key_size, i);
			assert_true(key_set_misses(s, key));
		}
	}
	assert_int_equal(kept, nr);
	assert_int_equal(missing, nr / 2);
}

static void keys_of_all_sizes(void **state)
{
	static const size_t sizes[] = {2, 4, 7, 8, 9, 16, 40};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		auto_key_set s;

		key_set_init(&s, sizes[i], 5000);
		assert_int_equal(s.nr_parts, 1);
		check_keys(&s, 5000);
	}
}

static void more_than_there_is_room_for(void **state)
{
	uint64_t never = 0;
	auto_key_set s;

	(void)state;
	key_set_init(&s, sizeof(uint32_t), 10);
	key_set_begin(&s, 0);
	for (uint32_t i = 0; i < 5000; i++)
		key_set_add(&s, &i);
	assert_int_equal(key_set_missing(&s), 5000);
	for (uint32_t i = 0; i < 5000; i++)
		key_set_see(&s, &i);
	for (uint32_t i = 0; i < 5000; i++)
		never += key_set_misses(&s, &i);
	assert_int_equal(key_set_missing(&s), never);
	assert_in_range(never, 1, 4990);
}

static void a_part_at_a_time(void **state)
{
	auto_key_set s;

	(void)state;
	key_set_init(&s, 4, 3U << 20);
	assert_in_range(s.nr_parts, 3, 4);
	assert_in_range(s.room * sizeof(*s.slots), 1, 17 << 20);
	check_keys(&s, 20000);
}

static void the_first_key_is_none(void **state)
{
	auto_key_set s;
	const uint64_t zero = 0;

	(void)state;
	key_set_init(&s, sizeof(zero), 1);
	key_set_begin(&s, 0);
	key_set_see(&s, &zero);
	assert_int_equal(key_set_missing(&s), 0);
	key_set_add(&s, &zero);
	assert_true(key_set_misses(&s, &zero));
	key_set_see(&s, &zero);
	assert_int_equal(key_set_missing(&s), 0);
	assert_false(key_set_misses(&s, &zero));
}

/* However few they are, and whatever was asked in between: in the order in which it was said. */
static void one_after_the_other(void **state)
{
	auto_key_set s;

	(void)state;
	key_set_init(&s, sizeof(uint32_t), 100);
	key_set_begin(&s, 0);
	for (uint32_t i = 0; i < 100; i++) {
		const uint32_t late = i + 1000;

		key_set_add(&s, &i);
		assert_int_equal(key_set_missing(&s), i + 1);
		key_set_see(&s, &late);
		key_set_add(&s, &i);
	}
	for (uint32_t i = 0; i < 100; i++) {
		key_set_see(&s, &i);
		assert_false(key_set_misses(&s, &i));
		key_set_see(&s, &i);
	}
	assert_int_equal(key_set_missing(&s), 0);
}

static void a_new_part_knows_nothing(void **state)
{
	auto_key_set s;

	(void)state;
	key_set_init(&s, sizeof(uint32_t), 100);
	for (uint32_t round = 0; round < 3; round++) {
		key_set_begin(&s, 0);
		assert_int_equal(key_set_missing(&s), 0);
		for (uint32_t i = 0; i < 3; i++)
			key_set_add(&s, &i);
		/* Else what was added may wait still as the part ends. */
		if (round > 0)
			assert_int_equal(key_set_missing(&s), 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_all_sizes),
		cmocka_unit_test(more_than_there_is_room_for),
		cmocka_unit_test(a_part_at_a_time),
		cmocka_unit_test(the_first_key_is_none),
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(a_new_part_knows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
