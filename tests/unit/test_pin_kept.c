/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "kernel/pin_kept.h"

/* A directory of its own, the working directory of the test, with x/pins in it. */
static int enter(void **state)
{
	char *dir = xstrdup("/tmp/pin_kept.XXXXXX");

	*state = dir;
	return mkdtemp(dir) && chdir(dir) == 0 && mkdir("x", 0700) == 0 &&
			       mkdir("x/pins", 0700) == 0
		       ? 0
		       : -1;
}

static int leave(void **state)
{
	auto_free char *command = xasprintf("rm -rf '%s'", (char *)*state);
	int r = chdir("/") == 0 ? system(command) : -1;

	free(*state);
	return r;
}

static int opened(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* What descriptors there are, as a number: the first that is free. */
static int first_free(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC);

	close(fd);
	return fd;
}

static void it_is_the_path_it_was_kept_for(void **state)
{
	struct pin_kept k = {.path = NULL};
	struct stat held, named;
	int before = first_free();

	(void)state;
	assert_false(pin_kept_is(&k, "x/pins"));
	pin_kept_set(&k, "x/pins", opened("x/pins"));
	assert_true(pin_kept_is(&k, "x/pins"));
	assert_false(pin_kept_is(&k, "x"));
	assert_false(pin_kept_is(&k, "x/pins/more"));
	assert_int_equal(fstat(k.fd, &held), 0);
	assert_int_equal(stat("x/pins", &named), 0);
	assert_true(held.st_ino == named.st_ino && held.st_dev == named.st_dev);
	pin_kept_drop(&k);
	assert_null(k.path);
	assert_false(pin_kept_is(&k, "x/pins"));
	pin_kept_drop(&k);
	assert_int_equal(first_free(), before);
}

/* Whoever removes, replaces or renames it is noticed. */
static void another_directory_of_its_name_is_not_it(void **state)
{
	struct pin_kept k = {.path = NULL};

	(void)state;
	pin_kept_set(&k, "x/pins", opened("x/pins"));
	assert_int_equal(rename("x/pins", "x/old"), 0);
	assert_false(pin_kept_is(&k, "x/pins"));
	assert_int_equal(mkdir("x/pins", 0700), 0);
	assert_false(pin_kept_is(&k, "x/pins"));
	assert_int_equal(rmdir("x/pins"), 0);
	assert_int_equal(symlink("old", "x/pins"), 0);
	assert_false(pin_kept_is(&k, "x/pins"));
	assert_int_equal(unlink("x/pins"), 0);
	assert_int_equal(rename("x/old", "x/pins"), 0);
	assert_true(pin_kept_is(&k, "x/pins"));
	pin_kept_drop(&k);
}

/* What was there when it was opened is gone, or has its name elsewhere. */
static void what_its_name_does_not_lead_to_is_not_kept(void **state)
{
	struct pin_kept k = {.path = NULL};
	int before = first_free(), fd;

	(void)state;
	assert_int_equal(symlink("pins", "x/link"), 0);
	pin_kept_set(&k, "x/link", opened("x/link"));
	assert_null(k.path);
	pin_kept_set(&k, "x/pins/", opened("x/pins"));
	assert_null(k.path);
	fd = opened("x/pins");
	assert_int_equal(rmdir("x/pins"), 0);
	pin_kept_set(&k, "x/pins", fd);
	assert_null(k.path);
	assert_int_equal(first_free(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_the_path_it_was_kept_for, enter,
						leave),
		cmocka_unit_test_setup_teardown(another_directory_of_its_name_is_not_it,
						enter, leave),
		cmocka_unit_test_setup_teardown(
			what_its_name_does_not_lead_to_is_not_kept, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
