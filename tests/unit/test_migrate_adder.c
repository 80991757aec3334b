/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "btf/element_plan.h"
#include "load/migrate_adder.h"

static void check_sizes(uint32_t old_size, uint32_t new_size, const char *want)
{
	struct element_plan plan = {.old_value_size = old_size,
				    .new_value_size = new_size};
	auto_err err = ERR_INIT;

	assert_int_equal(migrate_adder_check(&plan, &err), want ? -EOPNOTSUPP : 0);
	if (want)
		assert_string_equal(err.text, want);
}

/* The program that adds has room for no more, of either side. */
static void values_that_are_too_large_are_refused(void **state)
{
	(void)state;
	check_sizes(8, 16, NULL);
	check_sizes(32760, 32760, NULL);
	check_sizes(
		32768, 8,
		"value_size 32768: values of more than 32760 bytes cannot be migrated while programs write them");
	check_sizes(
		8, 32761,
		"value_size 32761: values of more than 32760 bytes cannot be migrated while programs write them");
	check_sizes(
		32761, 65536,
		"value_size 65536: values of more than 32760 bytes cannot be migrated while programs write them");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_that_are_too_large_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
