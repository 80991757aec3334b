/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A directory by its descriptor: all of it, twice, and no descriptor is lost where it is none. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/dir_in.h"

static void all_names_twice(void **state)
{
	char path[] = "/tmp/dir_in.XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(path));

	auto_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(mkdirat(fd, "one", 0700), 0);
	assert_int_equal(mkdirat(fd, "..two", 0700), 0);
	for (int i = 0; i < 2; i++) {
		auto_dir DIR *dir = dir_in_open(fd);
		const struct dirent *e;
		int r = 1, seen = 0;

		assert_non_null(dir);
		while ((e = dir_in_next(dir, &r)))
			seen += strcmp(e->d_name, "one") == 0 ||
						strcmp(e->d_name, "..two") == 0
					? 1
					: 10;
		assert_int_equal(r, 0);
		assert_int_equal(seen, 2);
	}
	assert_int_equal(unlinkat(fd, "one", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(fd, "..two", AT_REMOVEDIR), 0);
	assert_int_equal(rmdir(path), 0);
}

/* The lowest number that is free. */
static int next_free(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

static void what_is_none_costs_nothing(void **state)
{
	auto_close int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const int before = next_free();

	(void)state;
	errno = 0;
	assert_null(dir_in_open(file));
	assert_int_equal(errno, ENOTDIR);
	assert_null(dir_in_open(-1));
	assert_int_equal(errno, EBADF);
	assert_int_equal(next_free(), before);
}

static void no_descriptor_left_is_an_error(void **state)
{
	auto_close int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct rlimit few, usual;
	DIR *dir;
	int code;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
	few = usual;
	few.rlim_cur = (rlim_t)next_free();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	dir = dir_in_open(fd);
	code = errno;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
	assert_null(dir);
	assert_int_equal(code, EMFILE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_names_twice),
		cmocka_unit_test(what_is_none_costs_nothing),
		cmocka_unit_test(no_descriptor_left_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
