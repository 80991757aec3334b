/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "load/constants.h"

static int take(struct constants *c, char *word, struct err *err)
{
	struct args a = {.argv = &word, .argc = word ? 1 : 0};

	return constants_set(&a, c, err);
}

static void one_word_each(void **state)
{
	auto_release(constants_release) struct constants c = {.nr = 0};
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(take(&c, (char[]){"limit=5"}, &err), 0);
	assert_int_equal(take(&c, (char[]){"cfg.text=a=b"}, &err), 0);
	assert_int_equal(take(&c, (char[]){"none="}, &err), 0);
	assert_int_equal(c.nr, 3);
	assert_string_equal(c.items[0].name, "limit");
	assert_string_equal(c.items[0].value, "5");
	assert_string_equal(c.items[1].name, "cfg.text");
	assert_string_equal(c.items[1].value, "a=b");
	assert_string_equal(c.items[2].value, "");
}

static void words_that_are_none(void **state)
{
	static const char *const words[][2] = {
		{"limit", "set 'limit': expected NAME=VALUE in one word"},
		{"", "set '': expected NAME=VALUE in one word"},
		{"=5", "set: the name of a constant is missing"},
		{"twice=6", "set 'twice' is given twice"},
	};
	auto_release(constants_release) struct constants c = {.nr = 0};
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(take(&c, (char[]){"twice=5"}, &err), 0);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		assert_int_equal(take(&c, (char *)words[i][0], &err), -EINVAL);
		assert_string_equal(err.text, words[i][1]);
	}
	assert_int_equal(take(&c, NULL, &err), -EINVAL);
	assert_string_equal(err.text, "'set' needs a value: NAME=VALUE");
	assert_int_equal(c.nr, 1);
}

static void the_last_value_is_written_last(void **state)
{
	auto_release(constants_release) struct constants c = {.nr = 0};
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(constants_put(&c, "cfg", "{}", &err), 0);
	assert_int_equal(constants_put(&c, "cfg.x", "1", &err), 0);
	assert_int_equal(constants_put(&c, "cfg", "{y:2}", &err), 0);
	assert_int_equal(c.nr, 2);
	assert_string_equal(c.items[0].name, "cfg.x");
	assert_string_equal(c.items[1].name, "cfg");
	assert_string_equal(c.items[1].value, "{y:2}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_word_each),
		cmocka_unit_test(words_that_are_none),
		cmocka_unit_test(the_last_value_is_written_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
