/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/confine.h"

/* What a child does with what it has left, as its exit status. */
static int confined(int (*fn)(void))
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		confine_to_memory(1000);
		_exit(fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int opens(void)
{
	return open("/", O_RDONLY) < 0 && errno == EPERM &&
			       socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == EPERM &&
			       kill(getppid(), 0) < 0
		       ? 7
		       : 1;
}

static int allocates(void)
{
	char *volatile small = malloc(100), *volatile big = malloc(100 << 20);

	if (!small || !big)
		return 1;
	memset(big, 1, 100 << 20);
	return 8;
}

static void only_memory_is_left(void **state)
{
	int status = confined(opens);

	(void)state;
	/* Where a kernel has no filters nothing is promised. */
	assert_true(WIFEXITED(status));
	if (access("/proc/sys/kernel/seccomp/actions_avail", F_OK) == 0)
		assert_int_equal(WEXITSTATUS(status), 7);
	status = confined(allocates);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_memory_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
