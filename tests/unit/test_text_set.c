/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/text_list.h"
#include "base/text_set.h"

static void empty_has_nothing(void **state)
{
	struct text_set set = {.nr = 0};

	(void)state;
	assert_false(text_set_has(&set, ""));
	text_set_release(&set);
}

static void many_are_found_and_no_others(void **state)
{
	auto_text_list names = {.nr = 0};
	auto_text_set set = {.nr = 0};

	(void)state;
	for (int i = 0; i < 5000; i++) {
		auto_free char *name = xasprintf("/a/bench_%d", i);

		text_list_add(&names, name);
	}
	for (size_t i = 0; i < names.nr; i++)
		text_set_add(&set, names.items[i]);
	assert_int_equal(set.nr, 5000);
	for (int i = 0; i < 5000; i++) {
		auto_free char *there = xasprintf("/a/bench_%d", i);
		auto_free char *not_there = xasprintf("/a/bench_%dx", i);

		assert_true(text_set_has(&set, there));
		assert_false(text_set_has(&set, not_there));
	}
	assert_false(text_set_has(&set, ""));
}

static void one_is_kept_once(void **state)
{
	auto_text_set set = {.nr = 0};
	char same[] = "one";

	(void)state;
	text_set_add(&set, "one");
	text_set_add(&set, same);
	text_set_add(&set, "");
	assert_int_equal(set.nr, 2);
	assert_true(text_set_has(&set, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_has_nothing),
		cmocka_unit_test(many_are_found_and_no_others),
		cmocka_unit_test(one_is_kept_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
