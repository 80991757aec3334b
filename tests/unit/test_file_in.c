/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file_in.h"

/* A pipe that holds size bytes of 'x', in writes of one each, and then ends. */
static int piped(size_t size)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(write(ends[1], "x", 1), 1);
	close(ends[1]);
	return ends[0];
}

static void all_of_it_is_read_and_ends_with_nul(void **state)
{
	(void)state;
	for (size_t size = 0; size < 3; size++) {
		auto_close int fd = piped(size);
		auto_free char *text = NULL;
		size_t got = 7;

		assert_int_equal(file_in_read(fd, 2, &text, &got), 0);
		assert_int_equal(got, size);
		assert_int_equal(strlen(text), size);
	}
}

static void more_than_the_bound_is_refused(void **state)
{
	auto_close int fd = piped(3);
	char *text = NULL;
	size_t got = 7;

	(void)state;
	assert_int_equal(file_in_read(fd, 2, &text, &got), -EFBIG);
	assert_null(text);
	assert_int_equal(got, 7);
}

static void errors_of_the_read_come_back(void **state)
{
	auto_free char *text = NULL;
	size_t got;

	(void)state;
	assert_int_equal(file_in_read(-1, 2, &text, &got), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_is_read_and_ends_with_nul),
		cmocka_unit_test(more_than_the_bound_is_refused),
		cmocka_unit_test(errors_of_the_read_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
